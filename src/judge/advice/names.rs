//! Identifiers in generated SQL, as the server of a class reads them.

use super::{ident, mysql_names};
use crate::judge::evidence::ClassEvidence;
use crate::lang::sql::lexer::Dialect;

/// A column as it may stand in SQL.
pub fn column(class: &ClassEvidence<'_>, name: &str) -> String {
    match class.server.engine.dialect() {
        Some(Dialect::Mysql) => mysql_names::column(name),
        _ => ident::column(name),
    }
}

/// A table as it may stand in SQL, schema included.
pub fn table(class: &ClassEvidence<'_>, name: &str) -> String {
    match class.server.engine.dialect() {
        Some(Dialect::Mysql) => mysql_names::table(class, name),
        _ => ident::quoted(name),
    }
}

/// A parameter that a fix leaves open, as rewrites write it.
pub fn parameter(class: &ClassEvidence<'_>, number: u32) -> String {
    match class.server.engine.dialect() {
        Some(Dialect::Mysql) => format!(":p{number}"),
        _ => format!("${number}"),
    }
}
