//! Is a text a schema dump, and of which engine?

use super::change::Change;
use super::pasted::pasted;
use super::splitter::{Splitter, What};
use super::statement::read_statement;
use crate::lang::sql::lexer::{Dialect, Lexer, TokenKind};
use crate::model::event::Engine;
use memchr::memmem;

/// The program that wrote a dump says so.
const SIGNED_SCORE: u8 = 92;
/// Statements that make tables or indexes and little else.
const STATEMENTS_SCORE: u8 = 70;
/// Statements in frames of `SHOW CREATE TABLE`.
const PASTED_SCORE: u8 = 72;
/// Statements that are looked at to decide.
const STATEMENTS_MAX: usize = 400;

/// How statements stand in a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Framing {
    /// One behind another, each ended by a delimiter.
    Plain,
    /// In the output of a client.
    Pasted,
}

/// What a text was taken for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Guess {
    /// How sure, 0 to 100.
    pub score: u8,
    /// The dialect of its statements.
    pub dialect: Dialect,
    /// The engine.
    pub engine: Engine,
    /// How statements stand in it.
    pub framing: Framing,
}

/// What dumps begin with.
const SIGNATURES: &[(&str, Engine)] = &[
    ("-- PostgreSQL database dump", Engine::Postgres),
    ("-- PostgreSQL database cluster dump", Engine::Postgres),
    ("/*M!999999\\- enable the sandbox mode */", Engine::Mariadb),
    ("/*!999999\\- enable the sandbox mode */", Engine::Mariadb),
    ("-- MariaDB dump ", Engine::Mariadb),
    ("-- MySQL dump ", Engine::Mysql),
    ("PRAGMA foreign_keys=OFF;\nBEGIN TRANSACTION;", Engine::Sqlite),
];

/// So far a dump's signature may stand behind its start, in bytes.
const SIGNATURE_WITHIN: usize = 512;

/// Words that only one dialect has, in lower case.
const MARKS: &[(Dialect, &[&str])] = &[
    (
        Dialect::Postgres,
        &[
            "alter table only",
            "using btree",
            "using gin",
            "using gist",
            "using brin",
            "::",
            "serial",
            "timestamptz",
            "with time zone",
            "jsonb",
            "search_path",
            "create extension",
            "pg_catalog",
            "as identity",
            "character varying",
            "owner to",
            "concurrently",
            "text[]",
            "$$",
            "partition of",
            "include (",
            "materialized view",
            " inet",
            "bytea",
            "create domain",
            "as enum",
        ],
    ),
    (
        Dialect::Mysql,
        &[
            "`",
            "engine=",
            "engine =",
            "auto_increment",
            "/*!",
            "delimiter ",
            "unsigned",
            "charset",
            "fulltext",
            "tinyint",
            "mediumtext",
            "on update current_timestamp",
            "modify column",
            "change column",
            "longtext",
        ],
    ),
    (
        Dialect::Sqlite,
        &[
            "autoincrement",
            "without rowid",
            "pragma ",
            "sqlite_",
            "integer primary key",
            "create virtual table",
            "create table [",
            ") strict",
            "on conflict",
        ],
    ),
];

/// Words of dialects that are not read.
const FOREIGN: &[&str] = &[
    "[dbo]",
    "dbo.",
    "\ngo\n",
    "\ngo\r\n",
    "nvarchar",
    "varchar2",
    "number(",
    "identity(1",
    "nonclustered",
    "segment creation",
    "pctfree",
    "uniqueidentifier",
    "create or replace package",
    "engine = mergetree",
    "engine=mergetree",
];

/// First words of statements that stand in dumps and migrations.
const VERBS: &[&str] = &[
    "create",
    "alter",
    "drop",
    "insert",
    "replace",
    "update",
    "delete",
    "set",
    "select",
    "use",
    "grant",
    "revoke",
    "comment",
    "copy",
    "begin",
    "commit",
    "start",
    "lock",
    "unlock",
    "pragma",
    "analyze",
    "truncate",
    "do",
    "call",
    "refresh",
    "rename",
    "security",
    "reset",
    "end",
    "rollback",
    "with",
    "vacuum",
    "reindex",
    "flush",
    "savepoint",
    "release",
    "delimiter",
    "merge",
];

/// What the text of a sample is.
pub fn guess(text: &[u8], is_whole: bool) -> Guess {
    let begin = text.get(..SIGNATURE_WITHIN.min(text.len())).unwrap_or_default();
    let lines = String::from_utf8_lossy(begin).replace("\r\n", "\n");
    let signed = SIGNATURES.iter().find(|(signature, _)| lines.contains(signature));
    if let Some((_, engine)) = signed {
        let dialect = dialect_of(*engine);
        let score =
            if reads_like_statements(text, dialect, is_whole, true) { SIGNED_SCORE } else { 0 };
        return Guess { score, dialect, engine: *engine, framing: Framing::Plain };
    }
    if memmem::find(text, b"CREATE TABLE `").is_some() {
        let statements = pasted(text);
        let reads = |text: &[u8]| {
            let changes = read_statement(&String::from_utf8_lossy(text), Dialect::Mysql);
            changes.is_ok_and(|changes| !changes.is_empty())
        };
        if statements.first().is_some_and(|one| reads(&one.text)) {
            let (dialect, engine) = (Dialect::Mysql, Engine::Mysql);
            return Guess { score: PASTED_SCORE, dialect, engine, framing: Framing::Pasted };
        }
    }
    let lower = text.to_ascii_lowercase();
    let count = |words: &[&str]| {
        words.iter().filter(|word| memmem::find(&lower, word.as_bytes()).is_some()).count()
    };
    let mut best = (Dialect::Postgres, 0);
    for (dialect, words) in MARKS {
        let marks = count(words);
        if marks > best.1 {
            best = (*dialect, marks);
        }
    }
    let (dialect, marks) = best;
    let engine = match dialect {
        Dialect::Postgres => Engine::Postgres,
        Dialect::Mysql => Engine::Mysql,
        Dialect::Sqlite => Engine::Sqlite,
    };
    let is_dump =
        count(FOREIGN) <= marks / 2 && reads_like_statements(text, dialect, is_whole, false);
    let score = if is_dump { STATEMENTS_SCORE } else { 0 };
    Guess { score, dialect, engine, framing: Framing::Plain }
}

fn dialect_of(engine: Engine) -> Dialect {
    match engine {
        Engine::Mysql | Engine::Mariadb => Dialect::Mysql,
        Engine::Sqlite => Dialect::Sqlite,
        _ => Dialect::Postgres,
    }
}

/// Whether all that stands in a text is statements, and, where nobody signed it, some of them make or
/// change tables, which can be read.
fn reads_like_statements(text: &[u8], dialect: Dialect, is_whole: bool, is_signed: bool) -> bool {
    let mut splitter = Splitter::new(dialect);
    let (mut at, mut seen, mut good, mut bad) = (0, 0, 0, 0);
    while let Some(piece) = splitter.step(text, at, is_whole) {
        let bytes = text.get(piece.text).unwrap_or_default();
        at = piece.next;
        seen += 1;
        if seen > STATEMENTS_MAX {
            break;
        }
        match piece.what {
            What::Comment if is_log_comment(bytes) => return false,
            What::Comment => {}
            What::Statement => match read_statement(&String::from_utf8_lossy(bytes), dialect) {
                Ok(changes) if changes.iter().any(makes) => good += 1,
                Ok(_) => {}
                Err(_) => bad += 1,
            },
            What::Passed if !begins_as_statement(bytes, dialect) => bad += 1,
            What::Passed | What::Data | What::Open | What::TooLong => {}
        }
        // Prose is known by its first words.
        if bad > 3 && bad > good {
            return false;
        }
    }
    is_signed || (good > 0 && bad * 10 <= good)
}

/// What the logs of MySQL have for comments.
fn is_log_comment(comment: &[u8]) -> bool {
    [&b"# Time:"[..], b"# User@Host", b"# at ", b"#2", b"# Query_time"]
        .iter()
        .any(|begin| comment.starts_with(begin))
}

fn begins_as_statement(statement: &[u8], dialect: Dialect) -> bool {
    let mut lexer = Lexer::new(statement, dialect);
    let Some(token) = lexer.next_significant() else { return true };
    let word = statement.get(token.start..token.end).unwrap_or_default();
    // A query in parentheses is none that a dump has.
    token.kind == TokenKind::Word
        && VERBS.iter().any(|verb| word.eq_ignore_ascii_case(verb.as_bytes()))
}

fn makes(change: &Change) -> bool {
    matches!(change, Change::Create { .. } | Change::CreateIndex { .. } | Change::Alter { .. })
}
