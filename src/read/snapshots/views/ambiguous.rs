//! Rows whose table's name fits more than one: without its schema, nobody knows which is meant.

use crate::read::snapshots::tabular::ResultSet;
use std::collections::{BTreeMap, BTreeSet};

/// Columns that say which schema a table is in.
const SCHEMA: [&str; 5] =
    ["schemaname", "nspname", "table_schema", "object_schema", "index_schema"];
/// Columns that say which table, or which of its parts, and when.
const KEY: [&str; 9] = [
    "relname",
    "tablename",
    "indexrelname",
    "indexname",
    "attname",
    "conname",
    "inherited",
    "captured_at",
    "host",
];

/// Takes the rows out of a result set that name the same table, or the same part of it, twice; and
/// gives the names of those tables.
pub fn take_out(set: &mut ResultSet) -> BTreeSet<Box<str>> {
    let place = |name: &&str| {
        set.columns.iter().position(|column| column.trim().eq_ignore_ascii_case(name))
    };
    let table = ["relname", "tablename"].iter().find_map(place);
    let Some(table) = table.filter(|_| SCHEMA.iter().find_map(place).is_none()) else {
        return BTreeSet::new();
    };
    let places: Vec<usize> = KEY.iter().filter_map(place).collect();
    let mut counts: BTreeMap<Vec<Option<Box<str>>>, usize> = BTreeMap::new();
    let key = |cells: &[Option<Box<str>>]| -> Vec<Option<Box<str>>> {
        places.iter().map(|place| cells.get(*place).cloned().flatten()).collect()
    };
    for row in &set.rows {
        *counts.entry(key(&row.cells)).or_default() += 1;
    }
    let name = |cells: &[Option<Box<str>>]| cells.get(table).cloned().flatten();
    let is_twice = |cells: &[Option<Box<str>>]| counts.get(&key(cells)).is_some_and(|n| *n > 1);
    let doubtful = set.rows.iter().filter(|row| is_twice(&row.cells));
    let names: BTreeSet<Box<str>> = doubtful.filter_map(|row| name(&row.cells)).collect();
    // What is known of its parts elsewhere in the table is as doubtful.
    set.rows.retain(|row| name(&row.cells).is_none_or(|name| !names.contains(&name)));
    names
}
