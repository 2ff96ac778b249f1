//! Indexes: `CREATE INDEX` of any dialect, the keys of MySQL's tables, and lists of keys wherever they
//! stand.

use super::change::{Change, IndexDraft};
use super::cursor::Cursor;
use super::statement::Unread;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{IndexDefinition, IndexKey, KeyPart, NullsOrder};

/// What may stand behind keys and has a value that is not noted.
const WITH_VALUE: &[&str] = &[
    "tablespace",
    "comment",
    "key_block_size",
    "algorithm",
    "lock",
    "engine_attribute",
    "secondary_engine_attribute",
];

/// No server takes an index with more keys.
const KEYS_MAX: usize = 2000;

/// Reads `CREATE … INDEX …` behind its first word.
pub fn create_index(whole: Cursor<'_>, mut cursor: Cursor<'_>) -> Result<Change, Unread> {
    let mut definition = IndexDefinition::default();
    while !cursor.eat(&["index"]) {
        if cursor.eat(&["unique"]) {
            definition.is_unique = true;
        } else if let Some(word) = cursor.word_at(0) {
            if matches!(word.to_ascii_lowercase().as_str(), "fulltext" | "spatial" | "vector") {
                definition.method = word.to_ascii_lowercase().into();
            }
            cursor.skip(1);
        } else {
            return Err(Unread::at("CREATE INDEX"));
        }
    }
    cursor.eat(&["concurrently"]);
    let if_absent = cursor.eat_if_exists();
    let mut name = None;
    let mut schema = None;
    if !cursor.is_at(&["on"]) {
        let told = cursor.table_name().ok_or(Unread::name("an index"))?;
        (schema, name) = (told.schema, Some(told.name));
    }
    using(&mut cursor, &mut definition);
    if !cursor.eat(&["on"]) {
        return Err(Unread::at("ON"));
    }
    let only = cursor.eat(&["only"]);
    let mut table = cursor.table_name().ok_or(Unread::name("a table"))?;
    // SQLite says the schema before the index.
    table.schema = table.schema.or(schema);
    using(&mut cursor, &mut definition);
    let group = cursor.group().ok_or(Unread::group())?;
    definition.keys = keys(group).ok_or(Unread::at("a key"))?;
    behind_keys(&mut cursor, &mut definition);
    definition.ddl = Some(whole.shown());
    Ok(Change::CreateIndex { table, only, if_absent, index: IndexDraft { name, definition } })
}

/// `USING method`, if it follows.
pub fn using(cursor: &mut Cursor<'_>, definition: &mut IndexDefinition) {
    if cursor.is_at(&["using"])
        && cursor.word_at(1).is_some_and(|w| !w.eq_ignore_ascii_case("index"))
    {
        cursor.skip(1);
        if let Some(method) = cursor.name() {
            definition.method = method.to_lowercase().into();
        }
    }
}

/// What may stand behind the keys of an index, up to something else.
pub fn behind_keys(cursor: &mut Cursor<'_>, definition: &mut IndexDefinition) {
    loop {
        if cursor.eat(&["include"]) {
            definition.include = cursor.names().unwrap_or_default();
        } else if cursor.eat(&["nulls", "not", "distinct"]) {
            definition.nulls_are_equal = true;
        } else if cursor.eat(&["nulls", "distinct"])
            || cursor.eat(&["visible"])
            || cursor.eat(&["not", "ignored"])
        {
        } else if cursor.eat_any(&["invisible", "ignored"]) {
            definition.is_visible = false;
        } else if cursor.is_at(&["using"]) && cursor.dialect == Dialect::Mysql {
            using(cursor, definition);
        } else if cursor.eat(&["with", "parser"]) {
            cursor.skip(1);
        } else if cursor.eat(&["with"]) {
            cursor.skip_one();
        } else if cursor.eat(&["using", "index", "tablespace"]) || cursor.eat_any(WITH_VALUE) {
            cursor.eat_mark("=");
            cursor.skip(1);
        } else if cursor.eat(&["where"]) {
            let begin = *cursor;
            let ends = ["deferrable", "initially"];
            while !cursor.is_at_end() && !ends.iter().any(|word| cursor.is_at(&[word])) {
                cursor.skip_one();
            }
            definition.predicate = Some(begin.until(cursor).bare().shown());
        } else {
            return;
        }
    }
}

/// The keys in a list of them; `None` where there is none, or one that is nothing.
pub fn keys(group: Cursor<'_>) -> Option<Vec<IndexKey>> {
    let items = group.items();
    let keys: Option<Vec<_>> = items.into_iter().take(KEYS_MAX + 1).map(key).collect();
    keys.filter(|keys| (1..=KEYS_MAX).contains(&keys.len()))
}

fn key(mut item: Cursor<'_>) -> Option<IndexKey> {
    let begin = item;
    if begin.is_at_end() {
        return None;
    }
    let mut key = IndexKey::column("");
    let name = item.name();
    let follows = item.mark_at(0);
    let is_expression = match (&name, follows) {
        (None, _) | (Some(_), Some(".")) => true,
        // A function, unless it is the length of MySQL's prefix.
        (Some(_), Some("(")) => begin.dialect != Dialect::Mysql,
        (Some(_), Some(_)) => true,
        (Some(_), None) => false,
    };
    if is_expression {
        item = begin;
        while !item.is_at_end() && !is_behind_expression(&begin, &item) {
            item.skip_one();
        }
        key.part = KeyPart::Expression(begin.until(&item).bare().shown());
    } else {
        key.part = KeyPart::Column(name?);
        if begin.dialect == Dialect::Mysql {
            key.prefix_length = item.group().and_then(|length| length.token_text().parse().ok());
        }
    }
    attributes(&mut item, &mut key);
    Some(key)
}

/// Whether the expression of a key ends at a place.
fn is_behind_expression(begin: &Cursor<'_>, item: &Cursor<'_>) -> bool {
    let is_word = |word: &str| item.is_at(&[word]);
    let ends = is_word("collate") || is_word("asc") || is_word("desc") || is_word("nulls");
    // PostgreSQL's are calls or in parentheses: what follows one is an operator class.
    let is_class = begin.dialect == Dialect::Postgres
        && item.left() < begin.left()
        && item.word_at(0).is_some()
        && !begin.until(item).shown().ends_with('.');
    ends || is_class || (item.is_at(&["with"]) && begin.dialect == Dialect::Postgres)
}

fn attributes(item: &mut Cursor<'_>, key: &mut IndexKey) {
    while !item.is_at_end() {
        if item.eat(&["collate"]) {
            key.collation = item.table_name().map(|name| name.name);
        } else if item.eat(&["asc"]) {
        } else if item.eat(&["desc"]) {
            key.is_descending = true;
        } else if item.eat(&["nulls", "first"]) {
            key.nulls = Some(NullsOrder::First);
        } else if item.eat(&["nulls", "last"]) {
            key.nulls = Some(NullsOrder::Last);
        } else if item.eat_any(&["with", "without"]) {
            // An exclusion's operator, or a period that may not overlap.
            return;
        } else if let Some(class) = item.table_name() {
            key.operator_class = Some(class.name);
            item.group();
        } else {
            item.skip_one();
        }
    }
}
