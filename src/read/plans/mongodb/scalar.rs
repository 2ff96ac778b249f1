//! Values of Extended JSON in a tree: numbers with their type (`{"$numberLong": "5"}`) are numbers,
//! other wrapped values the text in them.

use crate::model::plan::{Properties, Value};
use crate::read::plans::tree::{Ref, Scalar, number_or_text};

/// Nested deeper, details are left out.
const MAX_DEPTH: usize = 16;
const NUMBERS: [&str; 4] = ["$numberInt", "$numberLong", "$numberDouble", "$numberDecimal"];

/// A number as it stands in the text, of whatever type.
fn digits<'t>(value: Ref<'t, '_>) -> Option<&'t str> {
    match value.scalar() {
        Scalar::Number(_) | Scalar::Text(_) => value.text(),
        Scalar::Object => {
            let only = value.children().next()?;
            NUMBERS.contains(&only.key()).then(|| only.text())?
        }
        _ => None,
    }
}

/// A number of any type, or a text that is one (DocumentDB prints such).
pub(in crate::read) fn number(value: Ref<'_, '_>) -> Option<f64> {
    digits(value)?.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// How far the truth may lie from a time: whole numbers are cut off, fractions are rounded.
pub(super) fn within(value: Ref<'_, '_>) -> f64 {
    let decimals = digits(value).and_then(|text| text.split_once('.')).map_or(0, |(_, d)| d.len());
    match i32::try_from(decimals) {
        Ok(0) | Err(_) => 1.0,
        Ok(decimals) => 0.5 * 10f64.powi(-decimals),
    }
}

/// A member that is a number.
pub(super) fn member_number(value: Ref<'_, '_>, name: &str) -> Option<f64> {
    value.get(name).and_then(number)
}

/// A member that is a text.
pub(super) fn member_text<'t>(value: Ref<'t, '_>, name: &str) -> Option<&'t str> {
    match value.get(name)?.scalar() {
        Scalar::Text(text) => Some(text),
        _ => None,
    }
}

/// Whether a value was left out by what printed the document.
pub(super) fn is_elided(value: Ref<'_, '_>) -> bool {
    value.is_object() && value.get("$elided").is_some()
}

/// A value with all that is in it, as it stands.
pub(super) fn to_value(value: Ref<'_, '_>) -> Value {
    to_value_within(value, MAX_DEPTH)
}

fn to_value_within(value: Ref<'_, '_>, depth: usize) -> Value {
    if value.is_object()
        && let Some(digits) = digits(value)
    {
        return number_or_text(digits);
    }
    match value.scalar() {
        Scalar::Object | Scalar::Array if depth == 0 => Value::Text("…".into()),
        Scalar::Array => {
            Value::List(value.children().map(|item| to_value_within(item, depth - 1)).collect())
        }
        Scalar::Object => {
            let mut group = Properties::default();
            for member in value.children() {
                group.push(member.key(), to_value_within(member, depth - 1));
            }
            Value::Group(group)
        }
        _ => value.to_value(),
    }
}
