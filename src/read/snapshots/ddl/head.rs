//! What a statement is about, told from its first words: whether it may change a schema at all.

use crate::lang::sql::lexer::{Dialect, Lexer, Token, TokenKind};

/// So much of a statement's begin is looked at, in bytes.
pub const HEAD_BYTES: usize = 256;
/// Words that are looked at.
const WORDS_MAX: usize = 24;

/// What a statement is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Head {
    /// Tables, indexes, views, or which schema is meant by names without one.
    Schema,
    /// A routine: statements stand in it.
    Routine,
    /// PostgreSQL's COPY: lines of data may follow.
    Copy,
    /// Something else: data, rights, settings.
    Other,
}

/// What the statement that begins a text is about.
pub fn head_of(text: &[u8], dialect: Dialect) -> Head {
    let mut lexer = Lexer::new(text, dialect);
    let mut words = Words { text, lexer: &mut lexer, seen: 0 };
    let Some(first) = words.next() else { return Head::Other };
    match first.as_str() {
        "alter" | "drop" => match words.find(|word| OBJECTS.contains(&word)).as_deref() {
            Some("table" | "index" | "view") => Head::Schema,
            _ => Head::Other,
        },
        "create" => match words.find(|word| OBJECTS.contains(&word)).as_deref() {
            Some("table" | "index" | "view" | "database" | "schema") => Head::Schema,
            Some("function" | "procedure" | "trigger" | "event" | "package") => Head::Routine,
            _ => Head::Other,
        },
        "rename" if words.next().is_some_and(|word| word == "table" || word == "tables") => {
            Head::Schema
        }
        "use" if dialect == Dialect::Mysql => Head::Schema,
        "set" | "select" if dialect == Dialect::Postgres => {
            let is_path = words.find(|word| matches!(word, "search_path" | "set_config"));
            if is_path.is_some() { Head::Schema } else { Head::Other }
        }
        "insert" if dialect == Dialect::Sqlite => {
            let is_stat = words.find(|word| matches!(word, "values" | "sqlite_stat1"));
            if is_stat.is_some_and(|word| word == "sqlite_stat1") {
                Head::Schema
            } else {
                Head::Other
            }
        }
        "copy" if dialect == Dialect::Postgres => Head::Copy,
        _ => Head::Other,
    }
}

/// The kinds of objects that decide: the first that a statement names is what it is about.
const OBJECTS: &[&str] = &[
    "table",
    "index",
    "view",
    "database",
    "schema",
    "function",
    "procedure",
    "trigger",
    "event",
    "package",
    "sequence",
    "type",
    "domain",
    "extension",
    "role",
    "user",
    "statistics",
    "policy",
    "publication",
    "subscription",
    "server",
    "operator",
    "aggregate",
    "cast",
    "collation",
    "rule",
    "language",
    "conversion",
    "access",
    "wrapper",
    "tablespace",
    "text",
    "default",
    "system",
];

/// The words of a statement, in lower case.
struct Words<'a, 'b> {
    text: &'a [u8],
    lexer: &'b mut Lexer<'a>,
    seen: usize,
}

impl Words<'_, '_> {
    fn next(&mut self) -> Option<String> {
        while self.seen < WORDS_MAX {
            self.seen += 1;
            let Token { kind, start, end, .. } = self.lexer.next_significant()?;
            match kind {
                // What follows is another statement.
                TokenKind::Punct(b';') => return None,
                TokenKind::Word => {
                    let word = String::from_utf8_lossy(self.text.get(start..end)?);
                    return Some(word.to_ascii_lowercase());
                }
                _ => {}
            }
        }
        None
    }

    fn find(&mut self, is_wanted: impl Fn(&str) -> bool) -> Option<String> {
        while let Some(word) = self.next() {
            if is_wanted(&word) {
                return Some(word);
            }
        }
        None
    }
}
