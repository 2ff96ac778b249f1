//! PostgreSQL's views.

pub mod indexes;
pub mod server;
pub mod sessions;
pub mod statements;
pub mod tables;

use super::View;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Catalog, Origin, TableName};
use crate::read::snapshots::ddl::draft::Draft;
use crate::read::snapshots::ddl::statement::read_statement;

/// The table that a row is about, by the names that views have for it.
fn table_of(row: &View<'_>) -> Option<TableName> {
    let name = ["relname", "tablename", "table_name"].iter().find_map(|name| row.text(name))?;
    let schema = ["schemaname", "nspname", "table_schema"].iter().find_map(|name| row.text(name));
    Some(TableName::new(schema, name))
}

/// What a statement that the server prints of a thing says of it; nothing where it cannot be read.
fn of_statement(statement: &str, origin: Origin) -> Catalog {
    let mut draft = Draft::new(Dialect::Postgres);
    for change in read_statement(statement, Dialect::Postgres).unwrap_or_default() {
        draft.apply(change, origin);
    }
    draft.finish()
}

/// A name as it stands in a statement.
fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
