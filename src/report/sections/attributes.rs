//! The attributes of a class: a table of its numbers, then its flags and words. What says nothing,
//! since every run has zero, no or nothing there, is only counted.

use super::table::{Side, Table};
use super::{item, paragraph};
use crate::judge::words;
use crate::model::event::Known;
use crate::report::escape;
use crate::report::phrases::{amount, dash, either};
use crate::report::types::{Attribute, Measure, Number, Query};

/// Attributes of numbers that have a row, and lines of flags and words each.
const MAX_ROWS: usize = 40;
/// Values of a word.
const VALUES: usize = 5;
/// Characters of a name.
const NAME: usize = 60;

pub fn write(query: &Query, out: &mut String) {
    let known = Known::ALL
        .iter()
        .filter_map(|known| Some((known.title().to_owned(), query.attributes.get(known.name())?)));
    let others = query
        .attributes
        .iter()
        .filter(|(name, _)| Known::of_name(name.as_bytes()).is_none() && !is_step(name))
        .map(|(name, attribute)| (escape::cell_code(name, NAME), attribute));
    let all: Vec<(String, &Attribute)> = known.chain(others).collect();
    let telling: Vec<_> = all.iter().filter(|(_, attribute)| says_something(attribute)).collect();
    for (title, attribute) in telling.iter().take(MAX_ROWS) {
        flag_or_word(title, attribute, out);
    }
    numbers(query, &telling, out);
    let silent = all.len() - telling.len();
    if silent > 0 {
        let text = either(silent as u64, "more attribute is", "more attributes are");
        paragraph(out, &format!("{text} zero or no in every run."));
    }
    if telling.len() > MAX_ROWS {
        let more = words::count((telling.len() - MAX_ROWS) as u64);
        paragraph(out, &format!("{more} more attributes are in the JSON report."));
    }
}

/// Steps of the extended protocol, which are no attributes of runs.
pub fn is_step(name: &str) -> bool {
    matches!(name, "parse_ms" | "bind_ms")
}

/// Whether any run has something there.
fn says_something(attribute: &Attribute) -> bool {
    match attribute {
        Attribute::Numbers { max, .. } => max.is_some_and(|Number(max)| max > 0.0),
        Attribute::Flags { yes, .. } => *yes > 0,
        Attribute::Words { values, other_calls, .. } => {
            *other_calls > 0 || values.iter().any(|value| !matches!(&*value.name, "" | "0"))
        }
    }
}

/// The records that carry an attribute, where these are not all runs.
fn of_records(query: &Query, records: u64) -> String {
    if records == query.calls { String::new() } else { words::count(records) }
}

fn numbers(query: &Query, telling: &[&(String, &Attribute)], out: &mut String) {
    let rows = telling.iter().take(MAX_ROWS).filter_map(|(title, attribute)| match attribute {
        Attribute::Numbers { unit, records, sum, mean, min, max, p95 } => {
            let cell = |value: &Option<Number>| value.map_or_else(dash, |n| amount(*unit, n));
            let cells =
                [title.clone(), amount(*unit, *sum), cell(mean), cell(p95), cell(min), cell(max)];
            Some((cells, of_records(query, *records)))
        }
        _ => None,
    });
    let rows: Vec<_> = rows.collect();
    if rows.is_empty() {
        return;
    }
    let some_lack_it = rows.iter().any(|(_, records)| !records.is_empty());
    let mut columns = vec![
        ("", Side::Left),
        ("sum", Side::Right),
        ("mean", Side::Right),
        ("p95", Side::Right),
        ("min", Side::Right),
        ("max", Side::Right),
    ];
    if some_lack_it {
        columns.push(("of so many records", Side::Right));
    }
    let mut table = Table::new(&columns);
    for (cells, records) in rows {
        table.row(cells.into_iter().chain([records]));
    }
    table.finish(out);
}

fn flag_or_word(title: &str, attribute: &Attribute, out: &mut String) {
    match attribute {
        Attribute::Numbers { .. } => {}
        Attribute::Flags { records, share, .. } => {
            let of = either(*records, "record that says so", "records that say so");
            item(out, &lower(title), &format!("yes in {} of the {of}", words::percent(*share)));
        }
        Attribute::Words { values, other_calls, .. } => {
            let list = values.iter().take(VALUES).map(|value| {
                let name = escape::code(&escape::clipped(&value.name, NAME));
                format!("{name} {}", words::count(value.calls))
            });
            let mut text = list.collect::<Vec<_>>().join(", ");
            let left = values.iter().skip(VALUES).map(|value| value.calls).sum::<u64>();
            if left + other_calls > 0 {
                text += &format!(", others {}", words::count(left + other_calls));
            }
            item(out, &lower(title), &text);
        }
    }
}

/// A title inside a line; names stay as they are.
fn lower(title: &str) -> String {
    let mut chars = title.chars();
    match chars.next() {
        Some(first) if !title.starts_with("InnoDB") => first.to_lowercase().chain(chars).collect(),
        _ => title.to_owned(),
    }
}

/// Rows per call, for the tables of classes: `None` where no record says it.
pub fn per_call(query: &Query, name: &str) -> Option<String> {
    match query.attributes.get(name)? {
        Attribute::Numbers { mean, .. } => mean.map(|mean| amount(Measure::Count, mean)),
        _ => None,
    }
}
