//! The statement that would make an index again: for those that stood inside of a table, came with a
//! partition or got another name.

use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{IndexDefinition, IndexKey, KeyPart, NullsOrder, TableName};

/// A name between the quotes of its dialect.
fn quoted(name: &str, dialect: Dialect) -> String {
    let quote = if dialect == Dialect::Mysql { '`' } else { '"' };
    format!("{quote}{}{quote}", name.replace(quote, &format!("{quote}{quote}")))
}

/// A table's name with its schema.
pub fn quoted_table(table: &TableName, dialect: Dialect) -> String {
    let schema = table.schema.as_ref().map(|schema| format!("{}.", quoted(schema, dialect)));
    format!("{}{}", schema.unwrap_or_default(), quoted(&table.name, dialect))
}

/// The statement that makes an index; `None` where none does: SQLite's own indexes, exclusions.
pub fn index_statement(
    table: &TableName,
    name: &str,
    index: &IndexDefinition,
    dialect: Dialect,
) -> Option<Box<str>> {
    let is_constraint = index.constraint.is_some() || index.is_primary;
    let is_own = dialect == Dialect::Sqlite && name.starts_with("sqlite_autoindex_");
    if index.is_exclusion || is_own {
        return None;
    }
    let table = quoted_table(table, dialect);
    let name = quoted(name, dialect);
    let keys: Vec<String> = index.keys.iter().map(|key| shown(key, dialect)).collect();
    let keys = keys.join(", ");
    let include: Vec<String> = index.include.iter().map(|name| quoted(name, dialect)).collect();
    let mut tail = match include.is_empty() {
        true => String::new(),
        false => format!(" INCLUDE ({})", include.join(", ")),
    };
    let made = match dialect {
        Dialect::Mysql => {
            let kind = match &*index.method {
                _ if index.is_primary => "PRIMARY KEY".to_owned(),
                _ if index.is_unique => format!("UNIQUE KEY {name}"),
                "fulltext" | "spatial" | "vector" => {
                    format!("{} KEY {name}", index.method.to_uppercase())
                }
                _ => format!("KEY {name}"),
            };
            let method = if &*index.method == "hash" { " USING HASH" } else { "" };
            let hidden = if index.is_visible { "" } else { " INVISIBLE" };
            format!("ALTER TABLE {table} ADD {kind} ({keys}){method}{hidden}")
        }
        Dialect::Postgres if is_constraint => {
            let kind = match (index.is_primary, index.nulls_are_equal) {
                (true, _) => "PRIMARY KEY",
                (false, true) => "UNIQUE NULLS NOT DISTINCT",
                (false, false) => "UNIQUE",
            };
            format!("ALTER TABLE ONLY {table} ADD CONSTRAINT {name} {kind} ({keys}){tail}")
        }
        Dialect::Postgres | Dialect::Sqlite => {
            let unique = if index.is_unique { "UNIQUE " } else { "" };
            let method = match dialect {
                Dialect::Postgres => format!(" USING {}", index.method),
                _ => String::new(),
            };
            if index.nulls_are_equal {
                tail.push_str(" NULLS NOT DISTINCT");
            }
            if let Some(predicate) = &index.predicate {
                tail.push_str(&format!(" WHERE {predicate}"));
            }
            format!("CREATE {unique}INDEX {name} ON {table}{method} ({keys}){tail}")
        }
    };
    Some(made.into())
}

fn shown(key: &IndexKey, dialect: Dialect) -> String {
    let mut out = match &key.part {
        KeyPart::Column(name) => quoted(name, dialect),
        KeyPart::Expression(text) => format!("({text})"),
    };
    if let Some(length) = key.prefix_length {
        out.push_str(&format!("({length})"));
    }
    if let Some(collation) = &key.collation {
        out.push_str(&format!(" COLLATE {}", quoted(collation, dialect)));
    }
    if let Some(class) = &key.operator_class {
        out.push_str(&format!(" {}", quoted(class, dialect)));
    }
    if key.is_descending {
        out.push_str(" DESC");
    }
    match key.nulls {
        Some(NullsOrder::First) => out.push_str(" NULLS FIRST"),
        Some(NullsOrder::Last) => out.push_str(" NULLS LAST"),
        None => {}
    }
    out
}
