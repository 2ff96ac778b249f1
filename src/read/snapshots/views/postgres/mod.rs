//! PostgreSQL's views.

pub mod indexes;
pub mod server;
pub mod statements;
pub mod tables;

use super::View;
use crate::model::catalog::TableName;

/// The table that a row is about, by the names that views have for it.
fn table_of(row: &View<'_>) -> Option<TableName> {
    let name = ["relname", "tablename", "table_name"].iter().find_map(|name| row.text(name))?;
    let schema = ["schemaname", "nspname", "table_schema"].iter().find_map(|name| row.text(name));
    Some(TableName::new(schema, name))
}
