//! `ALTER TABLE` and `ALTER INDEX`: what they change, clause by clause.

use super::change::{Action, Change};
use super::column::{column, value};
use super::constraint::{Item, is_item, item};
use super::cursor::Cursor;
use super::statement::Unread;
use super::table::bounds;
use super::types::type_name;
use crate::lang::sql::lexer::Dialect;

/// Reads `ALTER TABLE` behind these words.
pub fn alter_table(whole: Cursor<'_>, mut cursor: Cursor<'_>) -> Result<Vec<Change>, Unread> {
    cursor.eat_if_exists();
    let only = cursor.eat(&["only"]);
    let table = cursor.table_name().ok_or(Unread::name("a table"))?;
    cursor.eat_mark("*");
    let mut actions = Vec::new();
    for clause in cursor.items() {
        read_clause(clause, &mut actions)?;
    }
    // A constraint that stands alone is made by the statement as it is.
    if let [Action::AddConstraint(draft)] = actions.as_mut_slice()
        && let Some(index) = &mut draft.index
    {
        index.ddl = Some(whole.shown());
    }
    if let [Action::AddIndex(draft)] = actions.as_mut_slice() {
        draft.definition.ddl = Some(whole.shown());
    }
    Ok(match actions.is_empty() {
        true => Vec::new(),
        false => vec![Change::Alter { table, only, actions }],
    })
}

/// Reads `ALTER INDEX` behind these words: what attaches it to a partitioned table's changes nothing
/// that is noted.
pub fn alter_index(mut cursor: Cursor<'_>) -> Option<Change> {
    cursor.eat_if_exists();
    let index = cursor.table_name()?;
    let to = if cursor.eat(&["rename", "to"]) { cursor.name() } else { None };
    to.map(|to| Change::RenameIndex { index, to })
}

fn read_clause(mut cursor: Cursor<'_>, actions: &mut Vec<Action>) -> Result<(), Unread> {
    let word = cursor.word_at(0).unwrap_or_default().to_ascii_lowercase();
    match word.as_str() {
        "add" => {
            cursor.skip(1);
            add(cursor, actions)?;
        }
        "drop" => {
            cursor.skip(1);
            actions.extend(drop(cursor));
        }
        "alter" => {
            cursor.skip(1);
            actions.extend(alter(cursor));
        }
        "modify" | "change" => {
            cursor.skip(1);
            cursor.eat(&["column"]);
            cursor.eat_if_exists();
            let mut old = cursor;
            let name = old.name().ok_or(Unread::name("a column"))?;
            let read = column(if word == "change" { old } else { cursor })?;
            actions.push(Action::ChangeColumn(name, read));
        }
        "rename" => {
            cursor.skip(1);
            actions.extend(rename(cursor));
        }
        _ => actions.extend(other(cursor)),
    }
    Ok(())
}

fn add(mut cursor: Cursor<'_>, actions: &mut Vec<Action>) -> Result<(), Unread> {
    if cursor.eat(&["partition"]) || cursor.eat(&["system", "versioning"]) {
        return Ok(());
    }
    if is_item(&cursor) {
        actions.extend(match item(cursor)? {
            Item::Constraint(draft) => Some(Action::AddConstraint(draft)),
            Item::Index(draft) => Some(Action::AddIndex(draft)),
            Item::NotNull(column) => Some(Action::SetNotNull(column, true)),
            Item::Nothing => None,
        });
        return Ok(());
    }
    cursor.eat(&["column"]);
    cursor.eat_if_exists();
    if let Some(group) = cursor.group() {
        for entry in group.items() {
            actions.push(Action::AddColumn(column(entry)?));
        }
        return Ok(());
    }
    actions.push(Action::AddColumn(column(cursor)?));
    Ok(())
}

fn drop(mut cursor: Cursor<'_>) -> Option<Action> {
    if cursor.eat(&["primary", "key"]) {
        return Some(Action::DropPrimaryKey);
    }
    if cursor.eat_any(&["partition", "system"]) {
        return None;
    }
    let is_mysql = cursor.dialect == Dialect::Mysql;
    let is_constraint = cursor.eat_any(&["constraint", "check"]) || cursor.eat(&["foreign", "key"]);
    let is_index = !is_constraint && is_mysql && cursor.eat_any(&["index", "key"]);
    cursor.eat(&["column"]);
    cursor.eat_if_exists();
    let name = cursor.name()?;
    Some(match (is_constraint, is_index) {
        (true, _) => Action::DropConstraint(name),
        (_, true) => Action::DropIndex(name),
        _ => Action::DropColumn(name),
    })
}

fn alter(mut cursor: Cursor<'_>) -> Option<Action> {
    if cursor.dialect == Dialect::Mysql && cursor.eat(&["index"]) {
        cursor.eat_if_exists();
        let name = cursor.name()?;
        let is_hidden = cursor.eat_any(&["invisible", "ignored"]);
        return Some(Action::SetVisible(name, !is_hidden));
    }
    cursor.eat(&["column"]);
    let name = cursor.name()?;
    if cursor.eat(&["set", "default"]) {
        return Some(Action::SetDefault(name, Some(value(&mut cursor))));
    }
    if cursor.eat(&["drop", "default"]) {
        return Some(Action::SetDefault(name, None));
    }
    if cursor.eat(&["set", "not", "null"]) {
        return Some(Action::SetNotNull(name, true));
    }
    if cursor.eat(&["drop", "not", "null"]) {
        return Some(Action::SetNotNull(name, false));
    }
    if cursor.eat(&["drop", "identity"]) {
        return Some(Action::DropIdentity(name));
    }
    if cursor.eat(&["add", "generated"]) {
        return Some(Action::AddIdentity(name));
    }
    if cursor.eat(&["type"]) || cursor.eat(&["set", "data", "type"]) {
        let ends = |at: &Cursor<'_>| at.is_at(&["using"]) || at.is_at(&["collate"]);
        return Some(Action::SetType(name, type_name(&mut cursor, ends).0));
    }
    None
}

fn rename(mut cursor: Cursor<'_>) -> Option<Action> {
    let is_index = cursor.dialect == Dialect::Mysql && cursor.eat_any(&["index", "key"]);
    let is_constraint = cursor.eat(&["constraint"]);
    if !is_index && !is_constraint && (cursor.eat(&["to"]) || cursor.eat(&["as"])) {
        let name = cursor.table_name()?;
        return Some(Action::Rename { schema: name.schema, name: Some(name.name) });
    }
    cursor.eat(&["column"]);
    let old = cursor.name()?;
    let new = if cursor.eat(&["to"]) { cursor.name()? } else { return None };
    Some(match (is_index, is_constraint) {
        (true, _) => Action::RenameIndex(old, new),
        (_, true) => Action::RenameConstraint(old, new),
        _ => Action::RenameColumn(old, new),
    })
}

fn other(mut cursor: Cursor<'_>) -> Option<Action> {
    if cursor.eat(&["attach", "partition"]) {
        let child = cursor.table_name()?;
        return Some(Action::Attach(child, bounds(&mut cursor)));
    }
    if cursor.eat(&["detach", "partition"]) {
        return cursor.table_name().map(Action::Detach);
    }
    if cursor.eat(&["cluster", "on"]) {
        return cursor.name().map(Action::ClusterOn);
    }
    if cursor.eat(&["replica", "identity", "using", "index"]) {
        return cursor.name().map(Action::ReplicaIdentity);
    }
    if cursor.eat(&["validate", "constraint"]) {
        return cursor.name().map(Action::Validate);
    }
    if cursor.eat(&["inherit"]) {
        return cursor.table_name().map(Action::Inherit);
    }
    if cursor.eat(&["set", "schema"]) {
        return Some(Action::Rename { schema: Some(cursor.name()?), name: None });
    }
    if cursor.eat(&["auto_increment"]) {
        cursor.eat_mark("=");
        return cursor.token_text().parse().ok().map(Action::NextNumber);
    }
    None
}
