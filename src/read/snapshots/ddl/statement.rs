//! One statement of a dump: what it changes in a schema. Tables, alterations, indexes and columns
//! have files of their own.

use super::alter::{alter_index, alter_table};
use super::change::{Change, TableDraft};
use super::cursor::{Cursor, Tokens};
use super::index::create_index;
use super::table::create_table;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{TableKind, TableName};
use std::borrow::Cow;

/// Why a statement cannot be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread(pub Cow<'static, str>);

impl Unread {
    /// This should stand in it and does not.
    pub fn at(what: &'static str) -> Self {
        Unread(format!("{what} does not follow where it must").into())
    }

    /// A name should stand in it and does not.
    pub fn name(of: &'static str) -> Self {
        Unread(format!("the name of {of} is missing").into())
    }

    /// Parentheses should stand in it and do not, or do not close.
    pub fn group() -> Self {
        Unread("what should stand in parentheses is missing or cut off".into())
    }
}

/// What a statement changes: several things where it says several; none where it is no part of a
/// schema.
pub fn read_statement(text: &str, dialect: Dialect) -> Result<Vec<Change>, Unread> {
    let tokens = Tokens::of(text, dialect);
    let whole = tokens.cursor();
    let mut cursor = whole;
    let one = |change: Change| Ok(vec![change]);
    if cursor.eat(&["create"]) {
        return create(whole, cursor).map(|change| change.into_iter().collect());
    }
    if cursor.eat(&["alter"]) {
        cursor.eat_any(&["foreign", "materialized", "online", "ignore"]);
        if cursor.eat_any(&["table", "view"]) {
            return alter_table(whole, cursor);
        }
        if cursor.eat(&["index"]) {
            return Ok(alter_index(cursor).into_iter().collect());
        }
        return Ok(Vec::new());
    }
    if cursor.eat(&["drop"]) {
        return drop(cursor).map(|change| change.into_iter().collect());
    }
    if cursor.eat(&["rename"]) {
        return Ok(rename(cursor));
    }
    if cursor.eat(&["use"]) {
        return one(Change::UseSchema(Some(cursor.name().ok_or(Unread::name("a schema"))?)));
    }
    if cursor.eat_any(&["set", "select"]) {
        return Ok(search_path(cursor).into_iter().collect());
    }
    if cursor.eat(&["insert"]) {
        return Ok(statistics(cursor).into_iter().collect());
    }
    Ok(Vec::new())
}

fn create(whole: Cursor<'_>, mut cursor: Cursor<'_>) -> Result<Option<Change>, Unread> {
    let mut if_temporary = false;
    let mut kind = TableKind::View;
    // Up to what is made: what stands before it says how.
    let begin = cursor;
    while let Some(word) = cursor.word_at(0) {
        match word.to_ascii_lowercase().as_str() {
            "table" => return if if_temporary { Ok(None) } else { create_table(whole, cursor) },
            "index" => return create_index(whole, begin).map(Some),
            "view" => {
                cursor.skip(1);
                return if if_temporary { Ok(None) } else { create_view(cursor, kind).map(Some) };
            }
            "database" | "schema" if cursor.dialect == Dialect::Mysql => {
                cursor.skip(1);
                cursor.eat_if_exists();
                let name = cursor.name().ok_or(Unread::name("a schema"))?;
                return Ok(Some(Change::UseSchema(Some(name))));
            }
            "database" | "schema" => return Ok(None),
            "temp" | "temporary" => if_temporary = true,
            "materialized" => kind = TableKind::MaterializedView,
            _ => {}
        }
        cursor.skip(1);
        // DEFINER = `user`@`host`.
        while !cursor.is_at_end() && cursor.word_at(0).is_none() {
            cursor.skip(1);
        }
    }
    Ok(None)
}

fn create_view(mut cursor: Cursor<'_>, kind: TableKind) -> Result<Change, Unread> {
    cursor.eat_if_exists();
    let name = cursor.table_name().ok_or(Unread::name("a view"))?;
    let mut table = TableDraft::default();
    table.definition.kind = kind;
    if cursor.mark_at(0) == Some("(") {
        let names = cursor.names().ok_or(Unread::group())?;
        let column = |name| crate::model::catalog::Column { name, ..Default::default() };
        table.definition.columns = names.into_iter().map(column).collect();
    }
    Ok(Change::Create { name, if_absent: false, table })
}

fn drop(mut cursor: Cursor<'_>) -> Result<Option<Change>, Unread> {
    cursor.eat_any(&["temporary", "materialized", "foreign", "online"]);
    let is_index = cursor.eat(&["index"]);
    if !is_index && !cursor.eat_any(&["table", "tables", "view"]) {
        return Ok(None);
    }
    cursor.eat(&["concurrently"]);
    cursor.eat_if_exists();
    let mut names = Vec::new();
    loop {
        names.push(cursor.table_name().ok_or(Unread::name("what is dropped"))?);
        if !cursor.eat_mark(",") {
            break;
        }
    }
    if !is_index {
        return Ok(Some(Change::DropTables(names)));
    }
    let table = if cursor.eat(&["on"]) { cursor.table_name() } else { None };
    Ok(Some(Change::DropIndexes(names, table)))
}

/// MySQL's RENAME TABLE a TO b, c TO d.
fn rename(mut cursor: Cursor<'_>) -> Vec<Change> {
    cursor.eat_any(&["table", "tables"]);
    cursor.eat_if_exists();
    let mut changes = Vec::new();
    while let Some(table) = cursor.table_name() {
        if !cursor.eat(&["to"]) {
            break;
        }
        let Some(to) = cursor.table_name() else { break };
        let action = super::change::Action::Rename { schema: to.schema, name: Some(to.name) };
        changes.push(Change::Alter { table, only: true, actions: vec![action] });
        cursor.eat_mark(",");
    }
    changes
}

/// `SET search_path = shop, pg_catalog`, or `pg_catalog.set_config('search_path', '', false)`.
fn search_path(mut cursor: Cursor<'_>) -> Option<Change> {
    cursor.eat_any(&["session", "local"]);
    let first = if cursor.eat(&["search_path"]) {
        if !cursor.eat_mark("=") {
            cursor.eat(&["to"]);
        }
        cursor.name().or_else(|| cursor.string())
    } else {
        let function = cursor.table_name()?;
        let mut arguments = cursor.group().filter(|_| &*function.name == "set_config")?;
        if &*arguments.string()? != "search_path" {
            return None;
        }
        arguments.eat_mark(",");
        let path = arguments.string()?;
        path.split(',').next().map(|first| first.trim().trim_matches('"').into())
    };
    let no_schema = ["", "$user", "default", "pg_catalog"];
    Some(Change::UseSchema(first.filter(|name| !no_schema.contains(&&**name))))
}

/// `INSERT INTO sqlite_stat1 VALUES('t','i','1000 10 1')`.
fn statistics(mut cursor: Cursor<'_>) -> Option<Change> {
    if !(cursor.eat(&["into"]) && cursor.eat(&["sqlite_stat1"]) && cursor.eat(&["values"])) {
        return None;
    }
    let mut values = cursor.group()?;
    let table = TableName::new(None, &values.string()?);
    values.eat_mark(",");
    let index = values.string();
    if index.is_none() {
        values.skip(1);
    }
    values.eat_mark(",");
    let numbers = values.string()?;
    let mut numbers = numbers.split(' ').map_while(|word| word.parse::<f64>().ok());
    let rows = numbers.next()?;
    Some(Change::Statistics { table, index, rows, rows_per_key: numbers.next() })
}
