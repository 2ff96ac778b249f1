//! Views of MySQL and MariaDB.

pub mod indexes;
pub mod server;
pub mod sessions;
pub mod statements;
pub mod tables;

use super::View;
use crate::model::catalog::TableName;

/// Schemas of the server itself.
const OWN: [&str; 4] = ["mysql", "sys", "performance_schema", "information_schema"];

/// The table that a row is about; none of the server's own.
fn table_of(row: &View<'_>) -> Option<TableName> {
    let schema = ["table_schema", "object_schema"].iter().find_map(|name| row.text(name));
    let name = ["table_name", "object_name", "table"].iter().find_map(|name| row.text(name))?;
    let is_own =
        schema.is_some_and(|schema| OWN.iter().any(|own| own.eq_ignore_ascii_case(schema)));
    (!is_own).then(|| TableName::new(schema, name))
}
