//! All lines below one node, or below the plan, as properties: those that several lines make together
//! (workers, grouping sets, JIT, the tables that a statement changes) are put together here.

use super::line;
use super::node;
use super::property::{Sink, split_list, titled};
use crate::model::plan::{Actual, Properties, Value};
use crate::read::plans::Builder;
use crate::read::plans::tree::number_or_text;

/// A line of a block.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// How far it is indented.
    pub column: usize,
    /// The text.
    pub text: &'a str,
}

/// The name under which a line is kept of which nothing is known.
const UNKNOWN: &str = "text";

/// No server starts more workers for one node; beyond, lines of one are not put together.
const MAX_WORKERS: usize = 1024;

/// What the lines of a block say.
pub fn properties(entries: &[Entry<'_>], builder: &Builder) -> Properties {
    let mut sink = Sink { builder, out: Properties::default() };
    let mut workers: Vec<(u64, Properties)> = Vec::new();
    let mut targets: Vec<Value> = Vec::new();
    let mut at = 0;
    while let Some(entry) = entries.get(at) {
        at += 1;
        let inner = || deeper(entries, at, entry.column);
        if let Some((number, rest)) = worker(entry.text) {
            let inner = inner();
            add_worker(&mut workers, number, rest, inner, builder);
            at += inner.len();
        } else if let Some(sets) = grouping_sets(entries, at - 1, builder) {
            sink.out.push("Grouping Sets", Value::List(sets.0.into()));
            at = sets.1;
        } else if let Some(target) = target(entry.text) {
            targets.push(target);
            let goes_on = entries.get(at).is_some_and(|next| self::target(next.text).is_some());
            if !goes_on {
                let all = std::mem::take(&mut targets);
                sink.out.push("Target Tables", Value::List(all.into()));
            }
        } else {
            match line::property(entry.text) {
                Some(("JIT", "")) => {
                    let inner = inner();
                    sink.out.push("JIT", Value::Group(jit(inner)));
                    at += inner.len();
                }
                // A heading: what is below it is its own.
                Some((key @ ("Planning" | "Serialization"), value)) => {
                    let inner = inner();
                    let mut group = serialization(value);
                    for (name, value) in properties(inner, builder) {
                        group.push(name, value);
                    }
                    if !group.is_empty() {
                        sink.out.push(key, Value::Group(group));
                    }
                    at += inner.len();
                }
                Some((key, value)) => sink.property(key, value),
                None => {
                    let value = sink.text(UNKNOWN, entry.text);
                    sink.out.push(UNKNOWN, value);
                }
            }
        }
    }
    if !workers.is_empty() {
        let groups = workers.into_iter().map(|(_, worker)| Value::Group(worker));
        sink.out.push("Workers", Value::List(groups.collect()));
    }
    sink.out
}

/// The entries from a place on that are indented more than a column.
fn deeper<'e, 'a>(entries: &'e [Entry<'a>], from: usize, column: usize) -> &'e [Entry<'a>] {
    let rest = entries.get(from..).unwrap_or_default();
    let count = rest.iter().take_while(|next| next.column > column).count();
    rest.get(..count).unwrap_or_default()
}

/// `Worker 0:  …` and, up to 12, `JIT for worker 0:`.
fn worker(text: &str) -> Option<(u64, &str)> {
    let rest = text.strip_prefix("Worker ").or_else(|| text.strip_prefix("JIT for worker "))?;
    let (number, rest) = rest.split_once(':')?;
    let rest = if text.starts_with("JIT") { "JIT:" } else { rest.trim() };
    Some((number.parse().ok()?, rest))
}

fn add_worker(
    workers: &mut Vec<(u64, Properties)>,
    number: u64,
    rest: &str,
    inner: &[Entry<'_>],
    builder: &Builder,
) {
    let last = workers.len().saturating_sub(MAX_WORKERS);
    let known = workers.iter().skip(last).position(|(known, _)| *known == number);
    let at = known.map(|at| at + last).unwrap_or_else(|| {
        let mut group = Properties::default();
        group.push("Worker Number", Value::Number(number as f64));
        workers.push((number, group));
        workers.len() - 1
    });
    let Some((_, group)) = workers.get_mut(at) else { return };
    let mut entries: Vec<Entry<'_>> = Vec::with_capacity(inner.len() + 1);
    match rest.strip_prefix("actual ") {
        Some(numbers) => push_measured(numbers, group),
        None if rest.is_empty() => {}
        None => entries.push(Entry { column: 0, text: rest }),
    }
    entries.extend(inner.iter().cloned());
    // Workers hold no workers, so that this goes one level down only.
    entries.retain(|entry| worker(entry.text).is_none());
    for (name, value) in properties(&entries, builder) {
        group.push(name, value);
    }
}

fn push_measured(numbers: &str, group: &mut Properties) {
    if let Actual::Ran(ran) = node::measured(numbers) {
        let quantities = [
            ("Actual Startup Time", ran.first_ms),
            ("Actual Total Time", ran.total_ms),
            ("Actual Rows", ran.rows),
        ];
        for (name, quantity) in quantities {
            if let Some(quantity) = quantity {
                group.push(name, Value::Number(quantity.value));
            }
        }
        group.push("Actual Loops", Value::Number(ran.loops as f64));
    }
}

/// `Inlining false, …` and `Generation 0.340 ms (Deform 0.100 ms), …` below `JIT:`.
fn jit(entries: &[Entry<'_>]) -> Properties {
    let mut group = Properties::default();
    for (key, value) in entries.iter().filter_map(|entry| line::property(entry.text)) {
        if key == "Functions" {
            group.push(key, number_or_text(node::leading_number(value)));
            continue;
        }
        let mut inner = Properties::default();
        for (name, value) in split_list(value).into_iter().filter_map(|one| one.split_once(' ')) {
            inner.push(name, jit_value(value));
        }
        group.push(key, Value::Group(inner));
    }
    group
}

fn jit_value(value: &str) -> Value {
    match value {
        "true" | "false" => Value::Flag(value == "true"),
        _ => {
            let total = number_or_text(node::leading_number(value));
            // From 17 on, generating says how much of it was for reading rows.
            match value.split_once("(Deform ") {
                None => total,
                Some((_, deform)) => {
                    let mut parts = Properties::default();
                    parts.push("Deform", number_or_text(node::leading_number(deform)));
                    parts.push("Total", total);
                    Value::Group(parts)
                }
            }
        }
    }
}

/// `time=1.000 ms  output=12kB  format=text`, what sending the rows would have taken.
fn serialization(value: &str) -> Properties {
    let mut group = Properties::default();
    for (name, value) in value.split_whitespace().filter_map(|word| word.split_once('=')) {
        match name {
            "time" => group.push("Time", number_or_text(node::leading_number(value))),
            "output" => group.push("Output Volume", number_or_text(node::leading_number(value))),
            _ => group.push(titled(name), Value::Text(value.into())),
        }
    }
    group
}

/// A table that a statement changes, where it changes several: `Update on orders_1 o_1`.
fn target(text: &str) -> Option<Value> {
    const WORDS: [&str; 7] = [
        "Insert",
        "Update",
        "Delete",
        "Merge",
        "Foreign Insert",
        "Foreign Update",
        "Foreign Delete",
    ];
    let node = node::read(text);
    let relation = node.relation.as_deref().filter(|_| WORDS.contains(&node.native))?;
    let (schema, name) = relation.rsplit_once('.').map_or((None, relation), |(s, n)| (Some(s), n));
    let mut group = Properties::default();
    group.push("Relation Name", Value::Text(name.into()));
    if let Some(schema) = schema {
        group.push("Schema", Value::Text(schema.into()));
    }
    group.push("Alias", Value::Text(node.alias.as_deref().unwrap_or(name).into()));
    Some(Value::Group(group))
}

/// Grouping sets from an entry on, and the entry behind them: more than one key line, or hashed ones,
/// or the empty set. A single key line is a plain `Group Key`.
fn grouping_sets(
    entries: &[Entry<'_>],
    start: usize,
    builder: &Builder,
) -> Option<(Vec<Value>, usize)> {
    let key = |at: usize| {
        let entry = entries.get(at)?;
        let (key, value) = line::property(entry.text)?;
        matches!(key, "Group Key" | "Hash Key" | "Sort Key").then_some((entry.column, key, value))
    };
    let (column, first, value) = key(start).filter(|(_, first, _)| *first != "Sort Key")?;
    let is_set = first == "Hash Key" || value == "()" || key(start + 1).is_some();
    if !is_set {
        return None;
    }
    let sink = Sink { builder, out: Properties::default() };
    let mut sets: Vec<Value> = Vec::new();
    let mut at = start;
    while let Some((_, name, value)) = key(at).filter(|(at, _, _)| *at == column) {
        let mut set = Properties::default();
        if name == "Sort Key" {
            set.push(name, sink.list(name, value));
            at += 1;
        }
        let (inner, mut keys) = (key(at), Vec::new());
        let (depth, plural) = match inner {
            Some((depth, "Hash Key", _)) => (depth, "Hash Keys"),
            Some((depth, _, _)) => (depth, "Group Keys"),
            None => (column, "Group Keys"),
        };
        let singular = plural.trim_end_matches('s');
        // Sets that are hashed are a group each.
        while let Some((_, _, value)) = key(at).filter(|(d, k, _)| *d == depth && *k == singular) {
            if value != "()" {
                keys.push(sink.list("Group Key", value));
            }
            at += 1;
            if plural == "Hash Keys" {
                break;
            }
        }
        if !keys.is_empty() {
            set.push(plural, Value::List(keys.into()));
        }
        if !set.is_empty() {
            sets.push(Value::Group(set));
        }
    }
    (at > start).then_some((sets, at))
}
