//! A column and what stands beside it.

use super::change::ColumnDraft;
use super::constraint::{check, foreign, of_column, references};
use super::cursor::Cursor;
use super::statement::Unread;
use super::types::type_name;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Column, Identity};

/// Reads a column of a table: its name, type and constraints, up to the end of what is given.
pub fn column(mut cursor: Cursor<'_>) -> Result<ColumnDraft, Unread> {
    let name = cursor.name().ok_or(Unread::name("a column"))?;
    Ok(column_behind_name(&mut cursor, name))
}

/// Reads a column behind its name.
pub fn column_behind_name(cursor: &mut Cursor<'_>, name: Box<str>) -> ColumnDraft {
    let mut column = Column { name, ..Column::default() };
    // Typed tables and partitions repeat no types.
    cursor.eat(&["with", "options"]);
    let (type_name, has_sequence) = type_name(cursor, is_behind_value);
    column.type_name = type_name;
    let mut draft = ColumnDraft { column, constraints: Vec::new() };
    if has_sequence {
        let is_mysql = cursor.dialect == Dialect::Mysql;
        let column = &mut draft.column;
        column.identity = Some(if is_mysql { Identity::AutoIncrement } else { Identity::Sequence });
        column.is_not_null = true;
        if is_mysql {
            draft.constraints.push(of_column(None, &column.name, false, false));
        }
    }
    let mut constraint_name = None;
    while !cursor.is_at_end() {
        if cursor.eat(&["constraint"]) {
            constraint_name = cursor.name();
            continue;
        }
        attribute(cursor, &mut draft, constraint_name.take());
    }
    draft
}

fn attribute(cursor: &mut Cursor<'_>, draft: &mut ColumnDraft, name: Option<Box<str>>) {
    let ColumnDraft { column, constraints } = draft;
    let is_mysql = cursor.dialect == Dialect::Mysql;
    if cursor.eat(&["not", "null"]) {
        column.is_not_null = true;
    } else if cursor.eat(&["not", "valid"]) {
        if let Some(last) = constraints.last_mut() {
            last.constraint.is_validated = false;
        }
    } else if cursor.eat(&["default"]) {
        let default = value(cursor);
        if default.to_ascii_lowercase().starts_with("nextval(") {
            column.identity = Some(Identity::Sequence);
        }
        column.default = Some(default);
    } else if cursor.is_at(&["generated", "always", "as", "identity"])
        || cursor.is_at(&["generated", "by", "default"])
    {
        column.identity = Some(Identity::Identity);
        column.is_not_null = true;
        while !cursor.is_at_end() && !cursor.eat(&["identity"]) {
            cursor.skip(1);
        }
        cursor.group();
    } else if cursor.eat(&["generated", "always", "as"]) || cursor.eat(&["as"]) {
        column.generated = cursor.group().map(|expression| expression.bare().shown());
    } else if cursor.eat_any(&["auto_increment", "autoincrement"]) {
        column.identity = Some(if is_mysql { Identity::AutoIncrement } else { Identity::RowId });
    } else if cursor.eat(&["primary", "key"]) || (is_mysql && cursor.eat(&["key"])) {
        cursor.eat(&["asc"]);
        let is_falling = cursor.eat(&["desc"]);
        let mut key = of_column(name, &column.name, true, false);
        if let Some(first) = key.index.as_mut().and_then(|index| index.keys.first_mut()) {
            first.is_descending = is_falling;
        }
        constraints.push(key);
    } else if cursor.eat(&["unique"]) {
        cursor.eat(&["key"]);
        let nulls_are_equal = cursor.eat(&["nulls", "not", "distinct"]);
        constraints.push(of_column(name, &column.name, false, nulls_are_equal));
    } else if cursor.eat(&["check"]) {
        if let Some(condition) = cursor.group() {
            constraints.push(check(name, condition));
        }
    } else if cursor.is_at(&["references"]) {
        match references(cursor) {
            Some(found) => constraints.push(foreign(name, vec![column.name.clone()], found)),
            None => cursor.skip(1),
        }
    } else if cursor.eat(&["collate"]) {
        cursor.eat_mark("=");
        column.collation = cursor.table_name().map(|name| name.name);
    } else if cursor.eat(&["comment"]) || cursor.eat(&["character", "set"]) {
        cursor.skip(1);
    } else if cursor.eat(&["on", "update"]) {
        value(cursor);
    } else {
        cursor.skip_one();
    }
}

/// A value that a column gets: its first token always belongs to it.
pub fn value(cursor: &mut Cursor<'_>) -> Box<str> {
    let begin = *cursor;
    cursor.skip_one();
    while !cursor.is_at_end() && !is_behind_value(cursor) {
        cursor.skip_one();
    }
    begin.until(cursor).shown()
}

/// Whether a word that follows ends a type or a value of a column.
fn is_behind_value(cursor: &Cursor<'_>) -> bool {
    let Some(word) = cursor.word_at(0) else { return false };
    let is_next = |next: &str| cursor.is_word_at(1, next);
    let is_mysql = cursor.dialect == Dialect::Mysql;
    match word.to_ascii_lowercase().as_str() {
        "constraint" | "not" | "null" | "default" | "unique" | "check" | "references"
        | "generated" | "collate" | "auto_increment" | "autoincrement" | "comment"
        | "deferrable" | "initially" | "storage" | "compression" => true,
        "primary" => is_next("key"),
        "as" => cursor.mark_at(1) == Some("("),
        "on" => is_next("update") || is_next("conflict"),
        "character" => is_next("set"),
        "with" | "without" => is_next("system") || is_next("options"),
        "key" | "charset" | "visible" | "invisible" | "virtual" | "stored" | "persistent"
        | "column_format" | "srid" | "first" | "after" | "engine_attribute" => is_mysql,
        "options" => cursor.mark_at(1) == Some("("),
        "using" => true,
        _ => false,
    }
}
