//! JSON in a column of its own: `json_agg`, `row_to_json` and the like, as any client prints them.

use super::{ResultSet, Row, json};

/// The rows that stand in the only column of a table, else the table as it is.
pub fn unwrapped(set: ResultSet) -> ResultSet {
    let is_json = |row: &Row| matches!(row.cells.as_slice(), [Some(cell)] if cell.trim_start().starts_with(['[', '{']));
    if set.columns.len() > 1 || set.rows.is_empty() || !set.rows.iter().all(is_json) {
        return set;
    }
    let mut records = json::Records::default();
    for row in &set.rows {
        let cell = row.cells.iter().flatten().next().map_or("", |cell| cell.trim());
        if !records.add_value(cell, row.line) {
            return set;
        }
    }
    match records.into_set("json") {
        Some(inner) => ResultSet { title: set.title, start: set.start, end: set.end, ..inner },
        None => set,
    }
}
