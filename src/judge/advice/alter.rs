//! Changes of columns' types, with what each costs: a rewrite, a lock, and the staged way around both.

use super::{catalog_names as names, ident};
use crate::judge::evidence::TableEvidence;
use crate::judge::finding::{Fix, FixKind};
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Column, Identity};
use crate::model::event::Engine;

/// A column and what becomes of it. Expressions stand for `{column}` where the column's name goes.
#[derive(Clone, Debug)]
pub struct Change<'a> {
    /// The column.
    pub column: &'a Column,
    /// Its new type.
    pub to: String,
    /// How PostgreSQL turns old values into new ones, where it does not by itself.
    pub using: Option<&'static str>,
    /// The same for the way back.
    pub back: Option<&'static str>,
}

impl<'a> Change<'a> {
    /// To a type that old values turn into by themselves, there and back.
    pub fn plain(column: &'a Column, to: &str) -> Self {
        Change { column, to: to.to_owned(), using: None, back: None }
    }
}

/// How a change goes through without the long lock.
const STAGED: &str = "On a large table in use go in stages: add a column of the new type, let a \
    trigger fill it on writes, fill the old rows in batches, then swap the names in one short \
    transaction.";

/// One ALTER TABLE for all columns. `note` comes before what it costs.
pub fn types(table: &TableEvidence<'_>, changes: &[Change<'_>], note: &str) -> Fix {
    let (text, undo, costs) = match table.dialect() {
        Some(Dialect::Mysql) => of_mysql(table, changes),
        _ => of_postgres(table, changes),
    };
    let complete = !text.contains("{1}");
    let note = if note.is_empty() { String::new() } else { format!("{note} ") };
    Fix { kind: FixKind::Sql, text, undo, note: format!("{note}{costs} {STAGED}"), complete }
}

fn of_postgres(
    table: &TableEvidence<'_>,
    changes: &[Change<'_>],
) -> (String, String, &'static str) {
    let clause = |column: &Column, to: &str, using: Option<&str>| {
        let name = names::column(table, &column.name);
        let using =
            using.map_or(String::new(), |how| format!(" USING {}", how.replace("{column}", &name)));
        format!("\n  ALTER COLUMN {name} TYPE {to}{using}")
    };
    let there = changes.iter().map(|c| clause(c.column, &c.to, c.using)).collect::<Vec<_>>();
    let back = changes.iter().map(|c| clause(c.column, &type_sql(c.column), c.back));
    let sql = names::table(table);
    (
        format!("SET lock_timeout = '5s';\nALTER TABLE {sql}{};", there.join(",")),
        format!("ALTER TABLE {sql}{};", back.collect::<Vec<_>>().join(",")),
        "It rewrites the table and its indexes under a lock that stops reads and writes, and views on \
         the columns have to be dropped first.",
    )
}

fn of_mysql(table: &TableEvidence<'_>, changes: &[Change<'_>]) -> (String, String, &'static str) {
    let clause = |column: &Column, to: &str| {
        let name = names::column(table, &column.name);
        format!("\n  MODIFY COLUMN {name} {to}{}", attributes(column))
    };
    let there = changes.iter().map(|c| clause(c.column, &c.to)).collect::<Vec<_>>();
    let back = changes.iter().map(|c| clause(c.column, &type_sql(c.column)));
    let sql = names::table(table);
    (
        format!("SET SESSION lock_wait_timeout = 5;\nALTER TABLE {sql}{};", there.join(",")),
        format!("ALTER TABLE {sql}{};", back.collect::<Vec<_>>().join(",")),
        "MODIFY states the whole column: add its comment, character set and ON UPDATE, where it has \
         them, as SHOW CREATE TABLE prints them. It copies the table, and nobody writes to it \
         meanwhile; replicas lag for as long (pt-online-schema-change or gh-ost do it in stages).",
    )
}

/// The type of a column as its server prints it.
fn type_sql(column: &Column) -> String {
    ident::shown(&column.type_name)
}

/// What stands behind a type in MySQL's definition of a column.
fn attributes(column: &Column) -> String {
    let null = if column.is_not_null { " NOT NULL" } else { "" };
    let default = column
        .default
        .as_deref()
        .map_or(String::new(), |default| format!(" DEFAULT {}", ident::shown(default)));
    let counted = match column.identity {
        Some(Identity::AutoIncrement) => " AUTO_INCREMENT",
        _ => "",
    };
    format!("{null}{default}{counted}")
}

/// A wider type for a column that counts up, without locking the table for long: PostgreSQL's way in
/// stages. The rows are filled in batches, the columns swapped at the end.
pub fn widened(table: &TableEvidence<'_>, column: &Column) -> Vec<Fix> {
    if table.server.engine != Engine::Postgres {
        let to = match column.type_name.contains("unsigned") {
            true => "bigint unsigned",
            false => "bigint",
        };
        let note =
            "The columns that refer to it have to become as wide in the same step, or before.";
        return vec![types(table, &[Change::plain(column, to)], note)];
    }
    let raw = |end: &str| format!("{}{end}", column.name);
    let (sql, old) = (names::table(table), names::column(table, &column.name));
    let new = names::column(table, &raw("_wide"));
    let name = names::column(table, &format!("{}_{}_wide", table.name.name, column.name));
    let text = format!(
        "ALTER TABLE {sql} ADD COLUMN {new} bigint;\n\
         CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS \
         'BEGIN NEW.{new} := NEW.{old}; RETURN NEW; END';\n\
         CREATE TRIGGER {name} BEFORE INSERT OR UPDATE ON {sql}\n  \
         FOR EACH ROW EXECUTE FUNCTION {name}();\n\
         UPDATE {sql} SET {new} = {old} WHERE ctid = ANY (ARRAY(\n  \
         SELECT ctid FROM {sql} WHERE {new} IS NULL AND {old} IS NOT NULL LIMIT 10000));"
    );
    let undo = format!(
        "DROP TRIGGER {name} ON {sql};\nDROP FUNCTION {name}();\nALTER TABLE {sql} DROP COLUMN {new};"
    );
    let staged = Fix {
        kind: FixKind::Sql,
        text,
        undo,
        note: "In stages, for a table in use. Repeat the last statement, each time in a transaction of \
               its own, until it changes no row, with VACUUM now and then. Then, in a quiet hour: build \
               a unique index on the new column CONCURRENTLY, and in one transaction drop trigger and \
               old column and give the new one its name, default, sequence and primary key. Columns \
               that refer to it go the same way first."
            .to_owned(),
        complete: true,
    };
    let note = "Short of rows or in a maintenance window, in one step. A sequence of its own \
                (serial) stays as narrow as it was: ALTER SEQUENCE … AS bigint. Columns that refer to \
                it have to become as wide.";
    vec![staged, types(table, &[Change::plain(column, "bigint")], note)]
}
