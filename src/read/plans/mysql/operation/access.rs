//! How a table is accessed: `o using k (a = 1) over (b > 2) (reverse), with index condition: …`.

use super::Operation;
use crate::model::plan::{Operator, Value};
use crate::read::plans::mysql::scan;

/// Reads what stands behind `… on `, and gives what is left.
pub fn read<'a>(operation: &mut Operation<'a>, text: &'a str) -> &'a str {
    let (table, mut rest) = name(text, &[" using ", " in secondary engine ", " over ", " (", ", "]);
    operation.relation = Some(table);
    // Tables in angle brackets are the plan's own: `<temporary>`, `<subquery2>`.
    if table.starts_with('<') && operation.operator.reads_table() {
        operation.operator = Operator::DerivedScan;
    }
    if let Some(behind) = rest.strip_prefix(" in secondary engine ") {
        let (engine, behind) = name(behind, &[" ", ", "]);
        text_detail(operation, "secondary_engine", engine);
        rest = behind;
    }
    if let Some(behind) = rest.strip_prefix(" using ") {
        let (index, behind) = name(behind, &[" (", " over ", ", "]);
        operation.index = Some(index);
        if ["intersect(", "union(", "sort_union("].iter().any(|merge| index.starts_with(merge)) {
            operation.operator = Operator::BitmapCombine;
        }
        rest = behind;
    }
    while rest.starts_with(" (") {
        let (group, behind) = scan::group(rest.trim_start());
        let inside = group.strip_prefix('(').unwrap_or(group);
        let inside = inside.strip_suffix(')').unwrap_or(inside);
        match (inside, inside.strip_suffix("; iterate backwards")) {
            ("reverse", _) => operation.details.push(("reverse", Value::Flag(true))),
            // A word of the plan, which stays in its native words as it changes what is done.
            ("re-planned for each iteration", _) => {
                operation.native.to_mut().push_str(" (re-planned for each iteration)");
            }
            (_, Some(condition)) => {
                text_detail(operation, "lookup_condition", condition);
                operation.details.push(("reverse", Value::Flag(true)));
            }
            _ => text_detail(operation, "lookup_condition", inside),
        }
        rest = behind;
    }
    let (mut rest, condition) = match scan::split_once(rest, ", with index condition: ") {
        Some((before, condition)) => (before, Some(condition)),
        None => (rest, None),
    };
    if let Some(ranges) = rest.strip_prefix(" over ") {
        let (ranges, is_reverse) = match ranges.strip_suffix(" (reverse)") {
            Some(ranges) => (ranges, true),
            None => (ranges, false),
        };
        operation.details.push(("ranges", Value::List(Box::new([Value::Text(ranges.into())]))));
        if is_reverse {
            operation.details.push(("reverse", Value::Flag(true)));
        }
        rest = "";
    }
    if let Some(condition) = condition {
        text_detail(operation, "pushed_index_condition", condition);
    }
    if let Some(message) = rest.strip_prefix(", ") {
        // What the storage engine says: `with pushed condition: …`, `child of … in pushed join`.
        text_detail(operation, "message", message);
        rest = "";
    }
    rest
}

/// A name up to the first of such words, and the rest with these.
fn name<'a>(text: &'a str, ends: &[&str]) -> (&'a str, &'a str) {
    let end = ends.iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

fn text_detail(operation: &mut Operation<'_>, name: &'static str, text: &str) {
    operation.details.push((name, Value::Text(text.into())));
}
