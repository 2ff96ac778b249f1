//! Values of a document as details of a plan, without their literals and without what the text form
//! leaves unsaid.

use super::super::super::Builder;
use super::super::super::tree::{Ref, Scalar, number_or_text};
use super::super::names::{is_plain, is_unsaid_at_zero};
use super::super::references;
use crate::model::plan::{Properties, Value};

/// Values nested deeper than this are left out: details are flat but for workers, sort groups and
/// what extensions add.
const MAX_DEPTH: usize = 32;
/// Members whose values are texts, whatever they look like: ids, settings as they were set, and
/// expressions. XML does not tell `1` from `'1'`, and YAML and JSON do.
const TEXTS: [&str; 6] =
    ["Cache Key", "Function Call", "Output", "Query Identifier", "Query Parameters", "Settings"];

fn is_text(name: &str) -> bool {
    TEXTS.contains(&name)
        || ["Cond", "Key", "Keys", "Filter"]
            .iter()
            .any(|word| name.ends_with(word) && !name.starts_with("Rows Removed"))
}

/// A value of a name; `None` where it says nothing.
pub fn value(builder: &Builder, name: &str, at: Ref<'_, '_>) -> Option<Value> {
    let kind = Kind { is_plain: is_plain(name), is_text: is_text(name) };
    within(builder, name, at, kind, MAX_DEPTH)
}

/// What is known of texts from the names above them.
#[derive(Clone, Copy)]
struct Kind {
    is_plain: bool,
    is_text: bool,
}

fn text_value(builder: &Builder, text: &str, kind: Kind) -> Value {
    Value::Text(if kind.is_plain { text.into() } else { references::masked(builder, text) })
}

fn within(
    builder: &Builder,
    name: &str,
    at: Ref<'_, '_>,
    kind: Kind,
    depth: usize,
) -> Option<Value> {
    let value = match at.scalar() {
        Scalar::Null => Value::Nothing,
        Scalar::Bool(false) if is_unsaid_at_zero(name) => return None,
        Scalar::Bool(flag) if kind.is_text => {
            Value::Text(if *flag { "true" } else { "false" }.into())
        }
        Scalar::Bool(flag) => Value::Flag(*flag),
        Scalar::Number(text) if kind.is_text => text_value(builder, text, kind),
        Scalar::Number(text) => match number_or_text(text) {
            Value::Number(0.0) if is_unsaid_at_zero(name) => return None,
            number => number,
        },
        Scalar::Text(text) => text_value(builder, text, kind),
        Scalar::Object | Scalar::Array if depth == 0 => Value::Text("…".into()),
        Scalar::Array => {
            let item = |item| within(builder, name, item, kind, depth - 1);
            let items: Box<[Value]> = at.children().filter_map(item).collect();
            match items.is_empty() {
                true => return None,
                false => Value::List(items),
            }
        }
        Scalar::Object => {
            let mut group = Properties::default();
            for member in at.children() {
                let name = member.key();
                let kind = Kind {
                    is_plain: kind.is_plain || is_plain(name),
                    is_text: kind.is_text || is_text(name),
                };
                if let Some(value) = within(builder, name, member, kind, depth - 1) {
                    group.push(name, value);
                }
            }
            match group.is_empty() {
                true => return None,
                false => Value::Group(group),
            }
        }
    };
    Some(value)
}
