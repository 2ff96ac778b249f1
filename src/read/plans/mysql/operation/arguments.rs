//! The arguments of operations that access no table.

use super::{Operation, Rest};
use crate::model::plan::{Operator, Value};
use crate::read::plans::mysql::scan;
use std::borrow::Cow;

/// Reads what stands behind the words of an operation, and gives what is left.
pub fn read<'a>(operation: &mut Operation<'a>, rest: Rest, text: &'a str) -> &'a str {
    match rest {
        Rest::Bare | Rest::Access | Rest::Words => return text,
        Rest::Name => one_name(operation, text),
        Rest::Tables => tables(operation, text),
        Rest::Condition => push_text(operation, "condition", argument(text)),
        Rest::Sort => sort(operation, argument(text)),
        Rest::Functions => return functions(operation, text),
        Rest::Limit => return limit(operation, argument(text)),
        Rest::HashJoin => return hash_join(operation, text),
        Rest::Strategy => return strategy(operation, text),
        Rest::Materialize => return materialize(operation, text),
        Rest::Cause => return cause(operation, text),
        Rest::Groups => push_list(operation, "group_items", &scan::split(text, ", ")),
        Rest::Weedout => return weedout(operation, text),
    }
    ""
}

/// An operation of unknown words: those that can be neither a name nor a literal are its native
/// words, the whole is kept as a detail.
pub fn unknown(text: &str) -> Operation<'_> {
    let is_word = |c: char| c.is_ascii_alphabetic() || matches!(c, ' ' | '-' | '/' | '<' | '>');
    let end = text.find(|c: char| !is_word(c)).unwrap_or(text.len());
    let mut native = text.get(..end).unwrap_or_default();
    // A word that ends in something else is a name or a literal, but for `Words: arguments`.
    if !matches!(text.as_bytes().get(end), None | Some(b':')) {
        native = native.rsplit_once(' ').map_or("", |(words, _)| words);
    }
    for word in [" on ", " from ", " in ", " into ", " using "] {
        native = native.split_once(word).map_or(native, |(words, _)| words);
    }
    let native = native.trim();
    Operation {
        native: Cow::Borrowed(if native.is_empty() { "(unknown)" } else { native }),
        operator: Operator::Other,
        relation: None,
        index: None,
        details: vec![("operation", Value::Text(text.into()))],
        is_known: false,
    }
}

fn push_text(operation: &mut Operation<'_>, name: &'static str, text: &str) {
    operation.details.push((name, Value::Text(text.into())));
}

fn push_list(operation: &mut Operation<'_>, name: &'static str, items: &[&str]) {
    let items = items.iter().map(|item| Value::Text((*item).into())).collect();
    operation.details.push((name, Value::List(items)));
}

fn push_flag(operation: &mut Operation<'_>, name: &'static str) {
    operation.details.push((name, Value::Flag(true)));
}

/// What stands behind the colon.
fn argument(text: &str) -> &str {
    text.strip_prefix(':').unwrap_or(text).trim()
}

/// The inside of parentheses at the start of a text, and what follows them.
fn parenthesised(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    let (group, behind) = text.starts_with('(').then(|| scan::group(text))?;
    let inside = group.strip_prefix('(')?;
    Some((inside.strip_suffix(')').unwrap_or(inside), behind))
}

/// `t`, `k`, or `(row from t)`. What joins and removes duplicates names an index.
fn one_name<'a>(operation: &mut Operation<'a>, text: &'a str) {
    let inside = parenthesised(text).map_or(text, |(inside, _)| inside);
    let name = inside.strip_prefix("row from ").unwrap_or(inside).trim();
    match operation.operator {
        Operator::NestedLoop | Operator::Unique => operation.index = Some(name),
        _ => operation.relation = Some(name),
    }
}

/// `t1 (immediate), t2 (buffered)`: the first is the relation, all with their ways are a detail.
fn tables<'a>(operation: &mut Operation<'a>, text: &'a str) {
    let first = scan::split(text, ", ").first().copied().unwrap_or(text);
    let (name, how) = first.rsplit_once(" (").unwrap_or((first, ""));
    operation.relation = Some(name);
    if !how.is_empty() || first.len() < text.len() {
        push_text(operation, "tables", text);
    }
}

fn sort(operation: &mut Operation<'_>, text: &str) {
    let chunk = text.rsplit_once(", limit input to ").and_then(|(fields, limit)| {
        let limit = limit.strip_suffix(" row(s) per chunk")?.parse().ok()?;
        Some((fields, limit))
    });
    let (fields, limit) = chunk.map_or((text, None), |(fields, limit)| (fields, Some(limit)));
    if operation.native.contains("row IDs") {
        push_flag(operation, "row_ids");
    }
    if operation.native.contains("duplicate removal") {
        push_flag(operation, "duplicate_removal");
    }
    push_list(operation, "sort_fields", &scan::split(fields, ", "));
    if let Some(limit) = limit {
        operation.details.push(("per_chunk_limit", Value::Number(limit)));
    }
}

fn functions<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    if operation.native.starts_with("Group") {
        push_flag(operation, "group_by");
    }
    for (word, flag) in [
        ("rollup", "rollup"),
        ("cube", "cube"),
        ("multi-pass", "multi_pass"),
        ("buffering", "buffering"),
    ] {
        if operation.native.contains(word) {
            push_flag(operation, flag);
        }
    }
    if let Some((note, behind)) = parenthesised(text) {
        // `(no aggregates)`, `(computed in earlier step)`: words of the plan.
        let native = format!("{} ({note})", operation.native);
        operation.native = Cow::Owned(native);
        return behind;
    }
    if let Some(functions) = text.strip_prefix(':') {
        push_list(operation, "functions", &scan::split(functions.trim(), ", "));
        return "";
    }
    text
}

/// `5 row(s)`, `5/10 row(s)`. The JSON form counts the rows left out into the limit.
fn limit<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    let (numbers, rest) = text.split_once(" row(s)").unwrap_or((text, ""));
    let (limit, offset) = match (numbers.split_once('/'), &*operation.native) {
        (Some((limit, offset)), _) => (limit.parse::<f64>(), offset.parse::<f64>()),
        (None, "Offset") => return push_offset(operation, numbers, rest).unwrap_or(text),
        (None, _) => (numbers.parse(), Ok(0.0)),
    };
    let (Ok(limit), Ok(offset)) = (limit, offset) else { return text };
    operation.details.push(("limit", Value::Number(limit + offset)));
    operation.details.push(("limit_offset", Value::Number(offset)));
    match rest.trim() {
        "(no early end due to SQL_CALC_FOUND_ROWS)" => {
            push_flag(operation, "count_all_rows");
            ""
        }
        _ => rest,
    }
}

fn push_offset<'a>(operation: &mut Operation<'_>, number: &str, rest: &'a str) -> Option<&'a str> {
    let offset = number.parse().ok()?;
    operation.details.push(("limit_offset", Value::Number(offset)));
    Some(rest)
}

/// ` (FirstMatch)`, ` (LooseScan)`.
fn strategy<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    match parenthesised(text) {
        Some((strategy @ ("FirstMatch" | "LooseScan"), behind)) => {
            push_text(operation, "semijoin_strategy", &strategy.to_ascii_lowercase());
            behind
        }
        _ => text,
    }
}

fn hash_join<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    let (joins, extra) = match scan::split_once(text, ", extra conditions: ") {
        Some((joins, extra)) => (joins, Some(extra)),
        None => (text, None),
    };
    let joins = strategy(operation, joins).trim();
    let is_none = joins.is_empty() || joins == "(no condition)";
    let conditions = if is_none { Vec::new() } else { scan::split(joins, ", ") };
    push_list(operation, "hash_condition", &conditions);
    if let Some(extra) = extra {
        push_list(operation, "extra_condition", &scan::split(extra, " and "));
    }
    ""
}

fn materialize<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    let mut native = operation.native.clone().into_owned();
    let mut rest = text;
    if let Some(behind) = rest.strip_prefix(" CTE ") {
        let ends = [" if needed", " with deduplication", " ("];
        let end = ends.iter().filter_map(|end| behind.find(end)).min().unwrap_or(behind.len());
        let (name, behind) = behind.split_at_checked(end).unwrap_or((behind, ""));
        native.push_str(" CTE");
        operation.relation = Some(name);
        rest = behind;
    }
    for words in [" if needed", " with deduplication"] {
        if let Some(behind) = rest.strip_prefix(words) {
            native.push_str(words);
            rest = behind;
        }
    }
    operation.native = Cow::Owned(native);
    if operation.native.ends_with("deduplication") {
        push_flag(operation, "deduplication");
    }
    while let Some((inside, behind)) = parenthesised(rest) {
        match inside.strip_prefix("invalidate on row from ") {
            Some(tables) => {
                push_list(operation, "cache_invalidators", &scan::split(tables, "; "));
            }
            // `(query plan printed elsewhere)`.
            None => operation.native.to_mut().push_str(&format!(" ({inside})")),
        }
        rest = behind;
    }
    rest
}

/// `(Impossible WHERE)`, `(no matching row in const table), aggregated into one output row`.
fn cause<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    let Some((cause, behind)) = parenthesised(text) else { return text };
    push_text(operation, "zero_rows_cause", cause);
    match behind {
        ", aggregated into one output row" => "",
        _ => behind,
    }
}

/// `t rows using temporary table (weedout)`, `(t1, t2) rows using …`.
fn weedout<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    let Some((tables, words)) = text.split_once(" rows using ") else { return text };
    operation.native = Cow::Owned(format!("{} rows using {words}", operation.native));
    let tables = parenthesised(tables).map_or(tables, |(inside, _)| inside);
    push_list(operation, "tables", &scan::split(tables, ", "));
    ""
}
