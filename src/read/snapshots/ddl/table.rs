//! `CREATE TABLE`: what stands in its parentheses and behind them.

use super::change::{Change, Like, TableDraft};
use super::column::column;
use super::constraint::{Item, is_item, item};
use super::cursor::Cursor;
use super::index::keys;
use super::statement::Unread;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{KeyPart, Part, PartitionKey, TableKind};
use std::collections::BTreeSet;

/// No server takes a table with more columns and constraints.
const ITEMS_MAX: usize = 8192;

/// Reads `CREATE … TABLE …` from that word on. `None`: it is no table that stays.
pub fn create_table(whole: Cursor<'_>, mut cursor: Cursor<'_>) -> Result<Option<Change>, Unread> {
    let before = whole.until(&cursor);
    let mut table = TableDraft::default();
    let is_virtual = before.is_at(&["create", "virtual"]);
    if before.is_at(&["create", "foreign"]) {
        table.definition.kind = TableKind::Foreign;
    } else if before.is_at(&["create", "unlogged"]) {
        table.definition.options.push("UNLOGGED".into());
    }
    cursor.skip(1);
    let if_absent = cursor.eat_if_exists();
    let name = cursor.table_name().ok_or(Unread::name("a table"))?;
    let made = |table| Ok(Some(Change::Create { name: name.clone(), if_absent, table }));
    if is_virtual {
        table.definition.options.push(format!("VIRTUAL {}", cursor.shown()).into());
        return made(table);
    }
    if cursor.eat(&["partition", "of"]) {
        table.definition.kind = TableKind::Partition;
        let parent = cursor.table_name().ok_or(Unread::name("a table"))?;
        table.like.push(Like::parent(parent.clone()));
        table.definition.parent = Some(parent);
    } else if cursor.eat(&["of"]) {
        // A typed table: its columns are the type's.
        cursor.table_name();
    } else if cursor.eat(&["like"]) {
        like(&mut cursor, &mut table);
        return made(table);
    }
    if cursor.mark_at(0) == Some("(") {
        let group = cursor.group().ok_or(Unread::group())?;
        if !group.is_at(&["select"]) && !group.is_at(&["with"]) {
            body(group, &mut table)?;
        }
    } else if !ends_without_columns(&cursor, &table) {
        return Err(Unread::group());
    }
    options(&mut cursor, &mut table);
    made(table)
}

/// Whether a table without columns of its own may go on like that.
fn ends_without_columns(cursor: &Cursor<'_>, table: &TableDraft) -> bool {
    let words = ["as", "select", "with", "engine", "using", "default", "charset", "comment"];
    table.definition.parent.is_some() || words.iter().any(|word| cursor.is_at(&[word]))
}

fn body(group: Cursor<'_>, table: &mut TableDraft) -> Result<(), Unread> {
    let mut not_null = BTreeSet::new();
    let entries = group.items();
    if entries.len() > ITEMS_MAX {
        return Err(Unread(format!("more than {ITEMS_MAX} columns and constraints").into()));
    }
    for mut entry in entries {
        if entry.is_at(&["like"]) && entry.mark_at(1).is_none() {
            entry.skip(1);
            like(&mut entry, table);
        } else if is_item(&entry) {
            match item(entry)? {
                Item::Constraint(constraint) => table.constraints.push(constraint),
                Item::Index(index) => table.indexes.push(index),
                Item::NotNull(column) => {
                    not_null.insert(column);
                }
                Item::Nothing => {}
            }
        } else {
            let read = column(entry)?;
            table.definition.columns.push(read.column);
            table.constraints.extend(read.constraints);
        }
    }
    for column in &mut table.definition.columns {
        column.is_not_null |= not_null.contains(&column.name);
    }
    Ok(())
}

/// `LIKE t INCLUDING ALL`; MySQL's takes all.
fn like(cursor: &mut Cursor<'_>, table: &mut TableDraft) {
    let Some(name) = cursor.table_name() else { return };
    let mut like = Like::new(name, cursor.dialect == Dialect::Mysql);
    while !cursor.is_at_end() {
        let is_including = cursor.eat(&["including"]);
        if is_including || cursor.eat(&["excluding"]) {
            let word = cursor.word_at(0).unwrap_or_default().to_ascii_lowercase();
            match word.as_str() {
                "all" => like = Like::new(like.table, is_including),
                "defaults" => like.defaults = is_including,
                "identity" => like.identities = is_including,
                "generated" => like.generated = is_including,
                "indexes" => like.indexes = is_including,
                _ => {}
            }
        }
        cursor.skip_one();
    }
    table.like.push(like);
}

/// What stands behind the columns.
fn options(cursor: &mut Cursor<'_>, table: &mut TableDraft) {
    let is_mysql = cursor.dialect == Dialect::Mysql;
    while !cursor.is_at_end() {
        let definition = &mut table.definition;
        let begin = *cursor;
        if cursor.eat(&["inherits"]) {
            for mut parent in cursor.group().map(|group| group.items()).unwrap_or_default() {
                let Some(parent) = parent.table_name() else { continue };
                table.like.push(Like::parent(parent.clone()));
                definition.parent.get_or_insert(parent);
            }
        } else if cursor.is_at(&["for", "values"]) {
            definition.bounds = Some(bounds(cursor));
        } else if definition.parent.is_some() && cursor.eat(&["default"]) {
            definition.bounds = Some("DEFAULT".into());
        } else if cursor.eat(&["partition", "by"]) {
            partition_by(cursor, table);
            return;
        } else if cursor.eat(&["with"]) && !is_mysql {
            let options = cursor.group().map(|group| group.items()).unwrap_or_default();
            definition.options.extend(options.iter().map(Cursor::shown));
        } else if cursor.eat(&["without", "rowid"]) || cursor.eat(&["strict"]) {
            definition.options.push(begin.until(cursor).shown().to_uppercase().into());
        } else if cursor.eat(&["as"]) || cursor.is_at(&["select"]) {
            return;
        } else if is_mysql && cursor.word_at(0).is_some() {
            mysql_option(cursor, table);
            continue;
        } else {
            // SERVER … OPTIONS (…), TABLESPACE, USING, ON COMMIT.
            cursor.skip_one();
        }
    }
}

/// `ENGINE=InnoDB`, `DEFAULT CHARSET=utf8mb4`, `COMMENT='…'`: a name and a value.
fn mysql_option(cursor: &mut Cursor<'_>, table: &mut TableDraft) {
    let definition = &mut table.definition;
    cursor.eat(&["default"]);
    let mut words = vec![cursor.token_text().to_ascii_uppercase()];
    cursor.skip(1);
    while cursor.mark_at(0) != Some("=") && cursor.word_at(0).is_some() {
        let is_pair =
            matches!(words.last().map(String::as_str), Some("CHARACTER" | "DATA" | "INDEX"));
        if !is_pair {
            break;
        }
        words.push(cursor.token_text().to_ascii_uppercase());
        cursor.skip(1);
    }
    cursor.eat_mark("=");
    let name = words.join(" ");
    let value = cursor.token_text();
    match name.as_str() {
        "ENGINE" | "TYPE" => {
            definition.storage_engine = Some(value.trim_matches(['\'', '`']).to_lowercase().into());
        }
        "AUTO_INCREMENT" => definition.next_number = value.parse().ok(),
        // What people wrote, and where files or other servers are.
        "COMMENT" | "CONNECTION" | "DATA DIRECTORY" | "INDEX DIRECTORY" | "PASSWORD" => {}
        "UNION" => {
            cursor.group();
            return;
        }
        _ => definition.options.push(format!("{name}={value}").into()),
    }
    cursor.skip(1);
    cursor.eat_mark(",");
}

/// The bounds of a partition, `FOR VALUES FROM (…) TO (…)`.
pub fn bounds(cursor: &mut Cursor<'_>) -> Box<str> {
    let begin = *cursor;
    while !cursor.is_at_end() && !is_behind_bounds(cursor) {
        cursor.skip_one();
    }
    begin.until(cursor).shown()
}

fn is_behind_bounds(cursor: &Cursor<'_>) -> bool {
    cursor.is_at(&["partition", "by"])
        || cursor.is_at(&["using"])
        || cursor.is_at(&["tablespace"])
        || (cursor.is_at(&["with"]) && cursor.word_at(1).is_none())
        || cursor.is_at(&["server"])
}

/// How a table is partitioned, and what follows that.
pub fn partition_by(cursor: &mut Cursor<'_>, table: &mut TableDraft) {
    let definition = &mut table.definition;
    definition.kind = TableKind::Partitioned;
    let mut method = String::new();
    while let Some(word) = cursor.word_at(0) {
        if !method.is_empty() {
            method.push(' ');
        }
        method.push_str(&word.to_lowercase());
        cursor.skip(1);
    }
    let group = cursor.group();
    let named = group.and_then(keys).filter(|_| cursor.dialect != Dialect::Mysql);
    let keys: Vec<Box<str>> = match (named, group) {
        (Some(keys), _) => keys
            .into_iter()
            .map(|key| match key.part {
                KeyPart::Column(text) | KeyPart::Expression(text) => text,
            })
            .collect(),
        (None, Some(group)) => group.items().iter().map(|item| plain(*item)).collect(),
        (None, None) => Vec::new(),
    };
    definition.partition_key = Some(PartitionKey { method: method.into(), keys });
    if cursor.dialect == Dialect::Mysql {
        parts(cursor, table);
    } else {
        options_behind_key(cursor, table);
    }
}

fn options_behind_key(cursor: &mut Cursor<'_>, table: &mut TableDraft) {
    while !cursor.is_at_end() {
        if cursor.eat(&["with"]) {
            let options = cursor.group().map(|group| group.items()).unwrap_or_default();
            table.definition.options.extend(options.iter().map(Cursor::shown));
        } else {
            cursor.skip_one();
        }
    }
}

/// A name without quotes; an expression as it is.
fn plain(item: Cursor<'_>) -> Box<str> {
    let mut rest = item;
    rest.name().filter(|_| rest.is_at_end()).unwrap_or_else(|| item.bare().shown())
}

/// MySQL's `PARTITIONS 4`, `SUBPARTITION BY …` and the list of partitions.
fn parts(cursor: &mut Cursor<'_>, table: &mut TableDraft) {
    while !cursor.is_at_end() {
        let is_list = cursor.mark_at(0) == Some("(");
        if !is_list {
            if cursor.eat(&["subpartition", "by"]) {
                while cursor.word_at(0).is_some() {
                    cursor.skip(1);
                }
                cursor.group();
                continue;
            }
            cursor.skip(1);
            continue;
        }
        let list = cursor.group().map(|group| group.items()).unwrap_or_default();
        for mut part in list {
            if !part.eat(&["partition"]) {
                continue;
            }
            let Some(name) = part.name() else { continue };
            let begin = part;
            if part.eat(&["values"]) {
                part.eat(&["less", "than"]);
                part.eat(&["in"]);
                part.skip_one();
            }
            let bounds = begin.until(&part).shown();
            table.definition.parts.push(Part { name, bounds });
        }
    }
}
