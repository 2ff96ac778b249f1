//! Read-only queries for MySQL and MariaDB that a fix begins with, where a log alone cannot decide.
//! They run on MySQL 5.7 and MariaDB 10.2 and later; what only one of both has says so.

use super::ident::unquoted;
use super::mysql_names::{literal, schema_of, table, table_literal};
use crate::judge::evidence::ClassEvidence;

/// The indexes that a table has.
pub fn indexes_of(class: &ClassEvidence<'_>, name: &str) -> String {
    format!("SHOW INDEX FROM {};", table(class, name))
}

/// The columns of a table with their types, those that may hold most first.
pub fn widths_of(class: &ClassEvidence<'_>, name: &str) -> String {
    format!(
        "SELECT column_name, column_type, character_maximum_length\n\
         FROM information_schema.columns\n\
         WHERE table_schema = {} AND table_name = {}\n\
         ORDER BY character_maximum_length DESC, ordinal_position;",
        schema_of(class, name),
        table_literal(class, name)
    )
}

/// Whether columns, given with their tables, are declared NOT NULL.
pub fn not_null(class: &ClassEvidence<'_>, columns: &[(&str, &str)]) -> String {
    about_columns(class, columns, "is_nullable")
}

/// How columns, given with their tables, compare texts.
pub fn collations(class: &ClassEvidence<'_>, columns: &[(&str, &str)]) -> String {
    about_columns(class, columns, "data_type, collation_name")
}

fn about_columns(class: &ClassEvidence<'_>, columns: &[(&str, &str)], what: &str) -> String {
    let wanted: Vec<_> = columns
        .iter()
        .map(|(table, column)| {
            format!(
                "({}, {}, {})",
                schema_of(class, table),
                table_literal(class, table),
                literal(&unquoted(column))
            )
        })
        .collect();
    format!(
        "SELECT table_name, column_name, {what}\nFROM information_schema.columns\n\
         WHERE (table_schema, table_name, column_name) IN ({});",
        wanted.join(", ")
    )
}

/// The transactions that are open just now, the oldest first.
pub fn open_transactions() -> String {
    "SELECT trx_mysql_thread_id, trx_state, trx_started, trx_wait_started, trx_rows_locked, \
     left(trx_query, 80) AS query\n\
     FROM information_schema.innodb_trx ORDER BY trx_started;"
        .to_owned()
}

/// The sessions by user, state and command, with how long the longest has been in it.
pub fn sessions() -> String {
    "SELECT user, command, state, count(*) AS sessions, max(time) AS longest_s\n\
     FROM information_schema.processlist\n\
     GROUP BY user, command, state ORDER BY sessions DESC;"
        .to_owned()
}
