//! The attributes of a class: its flags and words, a table of its numbers, and where its log splits
//! the time, a table of that. What says nothing, since every run has zero, no or nothing there, is
//! only counted.

use super::table::{Side, Table};
use super::{item, operations, paragraph, targeting};
use crate::judge::words;
use crate::model::event::{Engine, Known};
use crate::report::escape;
use crate::report::phrases::{amount, dash, either};
use crate::report::types::{Attribute, Measure, Number, Query};

/// Attributes of numbers that have a row, and lines of flags and words each.
const MAX_ROWS: usize = 40;
/// Values of a word.
const VALUES: usize = 5;
/// Characters of a name.
const NAME: usize = 60;
/// Characters of a value: the longest hash that a server logs has 64.
const VALUE: usize = 80;

pub fn write(query: &Query, out: &mut String) {
    // What time was spent on has a table of its own.
    let split = |known: &&Known| query.spent.iter().any(|part| part.what == known.name());
    let known = Known::ALL
        .iter()
        .filter(|known| !split(known))
        .filter_map(|known| Some((known.title().to_owned(), query.attributes.get(known.name())?)));
    let others = query
        .attributes
        .iter()
        .filter(|(name, _)| Known::of_name(name.as_bytes()).is_none() && !is_step(name))
        .filter(|(_, attribute)| !is_usual(query, attribute))
        .map(|(name, attribute)| (escape::cell_code(name, NAME), attribute));
    let all: Vec<(String, &Attribute)> = known.chain(others).collect();
    let telling: Vec<_> = all.iter().filter(|(_, attribute)| says_something(attribute)).collect();
    targeting::write(query, out);
    for (title, attribute) in telling.iter().take(MAX_ROWS) {
        flag_or_word(query, title, attribute, out);
    }
    numbers(query, &telling, out);
    operations::spent(query, out);
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

/// What MongoDB says of every run of a class, and what has no title, is the usual case.
fn is_usual(query: &Query, attribute: &Attribute) -> bool {
    let always = |yes: u64| query.engine == Engine::Mongodb && yes == query.calls;
    matches!(attribute, Attribute::Flags { yes, .. } if always(*yes))
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

fn flag_or_word(query: &Query, title: &str, attribute: &Attribute, out: &mut String) {
    let shared = query.engine == Engine::Mongodb;
    match attribute {
        Attribute::Numbers { .. } => {}
        // MongoDB logs most flags only where they are set.
        Attribute::Flags { records, yes, .. } if shared && yes == records => {
            let share = words::percent(*yes as f64 / query.calls.max(1) as f64);
            let of = either(query.calls, "call", "calls");
            item(out, &lower(title), &format!("in {} of the {of} ({share})", words::count(*yes)));
        }
        Attribute::Flags { records, share, .. } => {
            let of = either(*records, "record that says so", "records that say so");
            item(out, &lower(title), &format!("yes in {} of the {of}", words::percent(*share)));
        }
        Attribute::Words { records, values, other_calls } => {
            let list = values.iter().take(VALUES).map(|value| {
                let name = escape::code(&escape::clipped(&value.name, VALUE));
                match shared && value.calls < *records {
                    true => {
                        let share = words::percent(value.calls as f64 / *records as f64);
                        format!("{name} {} ({share})", words::count(value.calls))
                    }
                    false => format!("{name} {}", words::count(value.calls)),
                }
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

/// Rows or documents per call by the first of these names, for the tables of classes: `None` where
/// no record says it.
pub fn per_call(query: &Query, names: &[&str]) -> Option<String> {
    match names.iter().find_map(|name| query.attributes.get(*name))? {
        Attribute::Numbers { mean, .. } => mean.map(|mean| amount(Measure::Count, mean)),
        _ => None,
    }
}
