//! Names of tables, columns and indexes of a catalog in generated SQL, as their engine takes them.
//!
//! They stand in the catalog as the server stores them, so nothing is folded here; they come from
//! files of strangers, so all that needs it is quoted, and none breaks its line.

use super::{ident, mysql_names, sqlite_index};
use crate::judge::evidence::TableEvidence;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::TableName;
use crate::model::event::Engine;

/// One part of a name.
pub fn part(engine: Engine, name: &str) -> String {
    match engine.dialect() {
        Some(Dialect::Mysql) => mysql_names::quoted_part(name),
        Some(Dialect::Sqlite) => sqlite_index::quoted_part(name),
        _ => ident::quoted_part(name),
    }
}

/// A table, with its schema where it needs one.
pub fn of_name(engine: Engine, name: &TableName) -> String {
    in_schema(engine, name, &name.name)
}

/// The table of evidence.
pub fn table(table: &TableEvidence<'_>) -> String {
    of_name(table.server.engine, table.name)
}

/// A column of the table.
pub fn column(table: &TableEvidence<'_>, name: &str) -> String {
    part(table.server.engine, name)
}

/// Columns of the table with commas between them.
pub fn columns(table: &TableEvidence<'_>, names: &[Box<str>]) -> String {
    names.iter().map(|name| column(table, name)).collect::<Vec<_>>().join(", ")
}

/// An index of the table, where it stands by itself: in PostgreSQL it lives in the table's schema.
pub fn index(table: &TableEvidence<'_>, name: &str) -> String {
    match table.server.engine {
        Engine::Postgres | Engine::Sqlite => in_schema(table.server.engine, table.name, name),
        engine => part(engine, name),
    }
}

/// A name for a sentence, marked as code.
pub fn words(name: &str) -> String {
    format!("`{}`", ident::shown(name).replace('`', "'"))
}

/// The table in a sentence, marked as code.
pub fn table_words(table: &TableEvidence<'_>) -> String {
    words(&table.name.shown())
}

/// Columns in a sentence.
pub fn columns_words(names: &[Box<str>]) -> String {
    names.iter().map(|name| words(name)).collect::<Vec<_>>().join(", ")
}

fn in_schema(engine: Engine, table: &TableName, name: &str) -> String {
    // The first schema of every search path, and of every SQLite file.
    let by_default = match engine {
        Engine::Postgres => "public",
        Engine::Sqlite => "main",
        _ => "",
    };
    match table.schema.as_deref().filter(|schema| *schema != by_default) {
        Some(schema) => format!("{}.{}", part(engine, schema), part(engine, name)),
        None => part(engine, name),
    }
}
