//! Constraints of tables and columns, and MySQL's keys among them.

use super::change::{ConstraintDraft, IndexDraft};
use super::cursor::Cursor;
use super::index::{behind_keys, keys, using};
use super::statement::Unread;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Constraint, ConstraintKind, IndexDefinition, IndexKey, References};

/// What stands in a table beside its columns.
pub enum Item {
    /// A constraint.
    Constraint(ConstraintDraft),
    /// An index.
    Index(IndexDraft),
    /// A column that takes no NULL.
    NotNull(Box<str>),
    /// Something that is not noted.
    Nothing,
}

/// Whether an item of a table is no column.
pub fn is_item(cursor: &Cursor<'_>) -> bool {
    let is_mysql = cursor.dialect == Dialect::Mysql;
    let first = cursor.word_at(0).unwrap_or_default().to_ascii_lowercase();
    match first.as_str() {
        "constraint" | "unique" | "exclude" => true,
        "primary" | "foreign" => cursor.is_word_at(1, "key"),
        "check" => cursor.mark_at(1) == Some("("),
        "not" => cursor.is_word_at(1, "null"),
        "key" | "index" | "fulltext" | "spatial" => is_mysql,
        "vector" => is_mysql && (cursor.is_word_at(1, "key") || cursor.is_word_at(1, "index")),
        "period" => is_mysql && cursor.is_word_at(1, "for"),
        _ => false,
    }
}

/// Reads an item that [`is_item`].
pub fn item(mut cursor: Cursor<'_>) -> Result<Item, Unread> {
    let whole = cursor;
    let mut name = None;
    if cursor.eat(&["constraint"]) {
        let is_named =
            !["primary", "unique", "foreign", "check"].iter().any(|w| cursor.is_at(&[w]));
        if is_named {
            cursor.eat_if_exists();
            name = Some(cursor.name().ok_or(Unread::name("a constraint"))?);
        }
    }
    if cursor.eat(&["not", "null"]) {
        return Ok(cursor.name().map_or(Item::Nothing, Item::NotNull));
    }
    if cursor.eat(&["period"]) {
        return Ok(Item::Nothing);
    }
    let mut item = body(&mut cursor, name, whole)?;
    if let Item::Constraint(draft) = &mut item {
        while !cursor.is_at_end() {
            if cursor.eat(&["not", "valid"]) || cursor.eat(&["not", "enforced"]) {
                draft.constraint.is_validated = false;
            }
            cursor.skip_one();
        }
    }
    Ok(item)
}

fn body(
    cursor: &mut Cursor<'_>,
    mut name: Option<Box<str>>,
    whole: Cursor<'_>,
) -> Result<Item, Unread> {
    if cursor.eat(&["check"]) {
        let condition = cursor.group().ok_or(Unread::group())?;
        return Ok(Item::Constraint(check(name, condition)));
    }
    if cursor.eat(&["foreign", "key"]) {
        cursor.eat_if_exists();
        let index = if cursor.mark_at(0) == Some("(") { None } else { cursor.name() };
        let columns = cursor.names().ok_or(Unread::group())?;
        let references = references(cursor).ok_or(Unread::at("REFERENCES"))?;
        return Ok(Item::Constraint(foreign(name.or(index), columns, references)));
    }
    let mut definition = IndexDefinition::default();
    let mut kind = None;
    if cursor.eat(&["primary", "key"]) {
        kind = Some(ConstraintKind::Primary);
        (definition.is_primary, definition.is_unique) = (true, true);
    } else if cursor.eat(&["unique"]) {
        kind = Some(ConstraintKind::Unique);
        definition.is_unique = true;
    } else if cursor.eat(&["exclude"]) {
        kind = Some(ConstraintKind::Exclusion);
        definition.is_exclusion = true;
    } else {
        for method in ["fulltext", "spatial", "vector"] {
            if cursor.eat(&[method]) {
                definition.method = method.into();
            }
        }
    }
    let is_mysql = cursor.dialect == Dialect::Mysql;
    if cursor.eat(&["using", "index"]) {
        let index = cursor.name().ok_or(Unread::name("an index"))?;
        let mut draft = with_index(name.or(Some(index.clone())), kind, definition);
        draft.using_index = Some(index);
        draft.index = None;
        return Ok(Item::Constraint(draft));
    }
    if is_mysql {
        cursor.eat_any(&["key", "index"]);
        cursor.eat_if_exists();
        if cursor.mark_at(0) != Some("(") && !cursor.is_at(&["using"]) {
            name = Some(cursor.name().ok_or(Unread::name("a key"))?);
        }
    }
    if cursor.eat(&["nulls", "not", "distinct"]) {
        definition.nulls_are_equal = true;
    }
    cursor.eat(&["nulls", "distinct"]);
    using(cursor, &mut definition);
    let group = cursor.group().ok_or(Unread::group())?;
    definition.keys = keys(group).ok_or(Unread::at("a key"))?;
    behind_keys(cursor, &mut definition);
    if is_mysql || definition.is_exclusion {
        // The rest of the statement that would make it alone; the table is not known here.
        definition.ddl = Some(format!("ADD {}", whole.shown()).into());
    }
    Ok(match kind {
        Some(_) => Item::Constraint(with_index(name, kind, definition)),
        None => Item::Index(IndexDraft { name, definition }),
    })
}

/// A constraint that stands on an index.
fn with_index(
    name: Option<Box<str>>,
    kind: Option<ConstraintKind>,
    definition: IndexDefinition,
) -> ConstraintDraft {
    let columns = definition.keys.iter().filter_map(IndexKey::column_name).map(Into::into);
    let constraint = Constraint {
        kind: kind.unwrap_or(ConstraintKind::Unique),
        columns: columns.collect(),
        is_validated: true,
    };
    ConstraintDraft { name, constraint, index: Some(definition), using_index: None }
}

/// The primary key or a unique constraint of one column.
pub fn of_column(
    name: Option<Box<str>>,
    column: &str,
    is_primary: bool,
    nulls_are_equal: bool,
) -> ConstraintDraft {
    let definition = IndexDefinition {
        keys: vec![IndexKey::column(column)],
        is_unique: true,
        is_primary,
        nulls_are_equal,
        ..IndexDefinition::default()
    };
    let kind = if is_primary { ConstraintKind::Primary } else { ConstraintKind::Unique };
    with_index(name, Some(kind), definition)
}

/// A condition.
pub fn check(name: Option<Box<str>>, condition: Cursor<'_>) -> ConstraintDraft {
    let constraint = Constraint {
        kind: ConstraintKind::Check(condition.bare().shown()),
        columns: Vec::new(),
        is_validated: true,
    };
    ConstraintDraft { name, constraint, index: None, using_index: None }
}

/// A foreign key.
pub fn foreign(
    name: Option<Box<str>>,
    columns: Vec<Box<str>>,
    references: References,
) -> ConstraintDraft {
    let kind = ConstraintKind::Foreign(references);
    let constraint = Constraint { kind, columns, is_validated: true };
    ConstraintDraft { name, constraint, index: None, using_index: None }
}

/// `REFERENCES table (columns) ON DELETE … ON UPDATE …`, if it follows.
pub fn references(cursor: &mut Cursor<'_>) -> Option<References> {
    if !cursor.eat(&["references"]) {
        return None;
    }
    let table = cursor.table_name()?;
    let columns = match cursor.mark_at(0) {
        Some("(") => cursor.names()?,
        _ => Vec::new(),
    };
    let mut references = References { table, columns, on_delete: None, on_update: None };
    loop {
        if cursor.eat(&["match"]) {
            cursor.skip(1);
        } else if cursor.eat(&["on", "delete"]) {
            references.on_delete = action(cursor);
        } else if cursor.eat(&["on", "update"]) {
            references.on_update = action(cursor);
        } else {
            return Some(references);
        }
    }
}

/// What a foreign key does; `None` if nothing.
fn action(cursor: &mut Cursor<'_>) -> Option<Box<str>> {
    for (words, shown) in [
        (&["cascade"][..], Some("cascade")),
        (&["restrict"], Some("restrict")),
        (&["no", "action"], None),
        (&["set", "null"], Some("set null")),
        (&["set", "default"], Some("set default")),
    ] {
        if cursor.eat(words) {
            // PostgreSQL 15: only these columns of the key.
            if words.len() == 2 {
                cursor.group();
            }
            return shown.map(Into::into);
        }
    }
    None
}
