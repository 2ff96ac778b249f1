//! Read-only catalog queries that a fix begins with, where a log alone cannot decide. They run on
//! every supported version (12 and later) with no more rights than reading the table.

use super::ident::{literal, regclass, unquoted};

/// The indexes that a table has, with their definitions.
pub fn indexes_of(table: &str) -> String {
    format!(
        "SELECT indexrelid::regclass AS index, indisvalid AS valid, \
         pg_get_indexdef(indexrelid) AS definition\n\
         FROM pg_index WHERE indrelid = {};",
        regclass(table)
    )
}

/// The columns of a table with their types and average widths in bytes, widest first.
pub fn widths_of(table: &str) -> String {
    let table = regclass(table);
    format!(
        "SELECT a.attname AS column, format_type(a.atttypid, a.atttypmod) AS type, \
         s.avg_width AS avg_width_bytes\n\
         FROM pg_attribute a\n\
         JOIN pg_class c ON c.oid = a.attrelid\n\
         JOIN pg_namespace n ON n.oid = c.relnamespace\n\
         LEFT JOIN pg_stats s ON s.schemaname = n.nspname AND s.tablename = c.relname \
         AND s.attname = a.attname\n\
         WHERE a.attrelid = {table} AND a.attnum > 0 AND NOT a.attisdropped\n\
         ORDER BY s.avg_width DESC NULLS LAST, a.attnum;"
    )
}

/// Whether columns, given with their tables, are declared NOT NULL.
pub fn not_null(columns: &[(&str, &str)]) -> String {
    let wanted: Vec<_> = columns
        .iter()
        .map(|(table, column)| format!("({}, {})", regclass(table), literal(&unquoted(column))))
        .collect();
    format!(
        "SELECT attrelid::regclass AS table, attname AS column, attnotnull AS not_null\n\
         FROM pg_attribute WHERE (attrelid::regclass, attname) IN ({});",
        wanted.join(", ")
    )
}
