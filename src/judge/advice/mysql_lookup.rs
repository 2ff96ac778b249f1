//! Read-only queries for MySQL and MariaDB that a fix begins with, where a log alone cannot decide.
//! They run on MySQL 5.7 and MariaDB 10.2 and later; what only one of both has says so.

use super::ident::{parts, unquoted};
use super::mysql_names::{literal, of_plan, quoted_part, schema_of, table, table_literal};
use crate::judge::evidence::ClassEvidence;
use crate::judge::finding::{Fix, FixKind};

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

/// The ten statements with the largest sum of a column of the digest table.
pub fn statements_by(column: &str) -> String {
    format!(
        "SELECT schema_name, digest_text, count_star, {column}\n\
         FROM performance_schema.events_statements_summary_by_digest\n\
         ORDER BY {column} DESC LIMIT 10;"
    )
}

/// The columns of a table with their types and collations.
pub fn columns_of(name: &str) -> String {
    format!("SHOW FULL COLUMNS FROM {};", of_plan(Some(name)))
}

/// What a table is partitioned by, and how many rows each partition has.
pub fn partitions_of(name: &str) -> String {
    let parts = parts(name);
    let (schema, table) = match parts.as_slice() {
        [schema, table] => (literal(schema), literal(table)),
        _ => ("DATABASE()".to_owned(), literal(name)),
    };
    format!(
        "SELECT partition_name, partition_method, partition_expression, partition_description, \
         table_rows\nFROM information_schema.partitions\n\
         WHERE table_schema = {schema} AND table_name = {table}\nORDER BY partition_ordinal_position;"
    )
}

/// Has the server count what its optimizer goes by: the keys of a table, and how the values of
/// columns are distributed. Without the table's own name it is left open.
pub fn statistics_of(name: Option<&str>, columns: &[String], is_mariadb: bool) -> Fix {
    let table = of_plan(name);
    let columns: Vec<_> = columns.iter().map(|column| quoted_part(&unquoted(column))).collect();
    let columns = columns.join(", ");
    let (text, undo, note) = match (columns.is_empty(), is_mariadb) {
        (true, _) => (format!("ANALYZE TABLE {table};"), String::new(), ""),
        (false, true) => (
            format!("ANALYZE TABLE {table} PERSISTENT FOR COLUMNS ({columns}) INDEXES ALL;"),
            format!(
                "DELETE FROM mysql.column_stats WHERE db_name = DATABASE() AND table_name = {};",
                name.map_or("'{1}'".to_owned(), |name| literal(
                    &parts(name).pop().unwrap_or_default()
                ))
            ),
            " PERSISTENT FOR reads the whole table once; the optimizer takes the histograms into account \
             where optimizer_use_condition_selectivity is 4 (the default from 10.4.1 on).",
        ),
        (false, false) => (
            format!("ANALYZE TABLE {table};\nANALYZE TABLE {table} UPDATE HISTOGRAM ON {columns};"),
            format!("ANALYZE TABLE {table} DROP HISTOGRAM ON {columns};"),
            " Histograms are of MySQL 8.0 and later, serve columns without an index, and are not kept up \
             to date by themselves before 8.4 (AUTO UPDATE).",
        ),
    };
    Fix {
        kind: FixKind::Sql,
        text,
        undo,
        note: format!(
            "Run it where little is written to the table, and look at the plan again.{note}"
        ),
        complete: name.is_some(),
    }
}

/// How many temporary tables the session made, in memory and on disk.
pub fn temporary_tables() -> String {
    "SHOW SESSION STATUS LIKE 'Created\\_tmp%tables';".to_owned()
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
