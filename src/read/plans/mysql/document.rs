//! Finds MySQL's and MariaDB's plans in JSON within any text.
//!
//! In: text. Out: where the next document stands, what it is dressed in, and whose it is. Clients put
//! the document behind `EXPLAIN: ` or `| ` on its first line and leave its lines as they are, so it is
//! taken from its first bracket on. What they do to its bytes is undone here: escaped line ends of
//! batch mode, a JSON string, doubled quotes of CSV. What the members mean is the readers'.

use super::{names, operation};
use crate::lang::json::{push_unescaped, string_end};
use crate::model::event::Engine;
use memchr::{memchr, memmem};
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// What a client made of the document's bytes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Dress {
    /// Nothing.
    Plain,
    /// One line: `\n`, `\t` and `\\` stand for themselves (`mysql --batch`).
    Batch,
    /// It is a string of another JSON document.
    Quoted,
    /// It is a field of a CSV file: quotes are doubled.
    Doubled,
}

/// Which of the two structures it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Structure {
    /// Blocks in blocks: MySQL's version 1, and MariaDB.
    Blocks,
    /// Operations with their inputs: MySQL's version 2.
    Operations,
}

/// A document in a text.
#[derive(Clone, Debug)]
pub struct Document<'a> {
    /// Where its first bracket stands.
    pub start: usize,
    /// One past its last bracket, or where it is cut.
    pub end: usize,
    /// Its JSON, undressed.
    pub json: Cow<'a, str>,
    /// Its structure.
    pub structure: Structure,
    /// Whose it is.
    pub engine: Engine,
}

/// The first document at or behind a place. In linear time.
pub fn next(text: &str, mut at: usize) -> Option<Document<'_>> {
    let bytes = text.as_bytes();
    loop {
        at += memchr(b'{', bytes.get(at..)?)?;
        match document_at(text, at) {
            Ok(document) => return Some(document),
            Err(behind) => at = behind.max(at + 1),
        }
    }
}

/// The document that a bracket opens, or where to look on.
fn document_at(text: &str, start: usize) -> Result<Document<'_>, usize> {
    let none = start + 1;
    let dress = dress_at(text.as_bytes(), start + 1).ok_or(none)?;
    let rest = text.get(start..).ok_or(none)?;
    if dress == Dress::Plain {
        let structure = structure_of(rest).map_err(|read| start + read)?;
        let len = length(rest);
        let json = rest.get(..len).ok_or(none)?;
        let engine = engine_of(json, structure);
        return Ok(Document {
            start,
            end: start + len,
            json: Cow::Borrowed(json),
            structure,
            engine,
        });
    }
    let (json, len) = undressed(rest, dress);
    let structure = structure_of(&json).map_err(|_| start + len)?;
    let engine = engine_of(&json, structure);
    Ok(Document { start, end: start + len, json: Cow::Owned(json), structure, engine })
}

/// What stands behind a bracket tells the dress; `None` if no member of a plan can follow.
fn dress_at(bytes: &[u8], mut at: usize) -> Option<Dress> {
    let mut dress = Dress::Plain;
    loop {
        match (bytes.get(at)?, bytes.get(at + 1)) {
            (b' ' | b'\t' | b'\r' | b'\n', _) => at += 1,
            (b'\\', Some(b'n' | b't' | b'r')) => {
                dress = Dress::Batch;
                at += 2;
            }
            (b'\\', Some(b'"')) => return Some(Dress::Quoted),
            (b'"', Some(b'"')) => return Some(Dress::Doubled),
            (b'"', Some(b'a'..=b'z')) => return Some(dress),
            _ => return None,
        }
    }
}

/// The JSON of a dressed document, and how many bytes of the text it takes.
fn undressed(text: &str, dress: Dress) -> (String, usize) {
    let bytes = text.as_bytes();
    let len = match dress {
        Dress::Plain | Dress::Batch => memchr(b'\n', bytes),
        Dress::Quoted => string_end(bytes),
        Dress::Doubled => doubled_end(bytes),
    };
    let len = len.unwrap_or(bytes.len()).min(bytes.len());
    let raw = text.get(..len).unwrap_or(text);
    let json = match dress {
        Dress::Doubled => raw.replace("\"\"", "\""),
        Dress::Plain | Dress::Batch | Dress::Quoted => {
            let mut plain = Vec::with_capacity(raw.len());
            let _ = push_unescaped(raw.as_bytes(), &mut plain);
            String::from_utf8_lossy(&plain).into_owned()
        }
    };
    (json, len)
}

/// Where a CSV field ends: at a quote that is not doubled.
fn doubled_end(bytes: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += memchr(b'"', bytes.get(at..)?)?;
        if bytes.get(at + 1) != Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// How long a document is. A cut one ends where the next begins, if one does.
fn length(text: &str) -> usize {
    let bytes = text.as_bytes();
    let mut depth = 0_usize;
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return at;
                }
            }
            b'"' => {
                let rest = bytes.get(at..).unwrap_or_default();
                let len = string_end(rest).map_or(rest.len(), |end| end + 1);
                let string = bytes.get(at..at + len).unwrap_or(rest);
                let mut lines = memchr::memchr_iter(b'\n', string).map(|line| at + line + 1);
                if let Some(next) = lines.find(|line| starts_anew(bytes, *line)) {
                    return next;
                }
                at += string.len();
            }
            b'/' if bytes.get(at) == Some(&b'*') => {
                let rest = bytes.get(at..).unwrap_or_default();
                at += memmem::find(rest, b"*/").map_or(rest.len(), |end| end + 2);
            }
            b'\n' if starts_anew(bytes, at) => return at,
            _ => {}
        }
    }
    bytes.len()
}

/// Whether a line begins another document, or another row of a client's output.
fn starts_anew(bytes: &[u8], line: usize) -> bool {
    let rest = bytes.get(line..).unwrap_or_default();
    [&b"{"[..], b"| {", b"EXPLAIN: {", b"ANALYZE: {", b"**********"]
        .iter()
        .any(|start| rest.starts_with(start))
}

/// The structure of the plan that a text begins with; else how far it was read in vain, with no
/// bracket on the way.
fn structure_of(json: &str) -> Result<Structure, usize> {
    let mut reader = Heads { bytes: json.as_bytes(), at: 1 };
    match reader.is_plan() {
        Some(structure) => Ok(structure),
        None => Err(reader.at),
    }
}

/// Reads the members of a document up to the first that tells what it is.
struct Heads<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Heads<'a> {
    fn is_plan(&mut self) -> Option<Structure> {
        // What the members of the innermost object told: an operation that is known, any other word
        // of an operation, and whether the object is the plan of a statement.
        let (mut has_known, mut has_operation, mut has_other, mut is_in_plan) =
            (false, false, false, false);
        loop {
            let next = self.byte()?;
            if next == b'}' {
                return (is_in_plan && has_operation).then_some(Structure::Operations);
            }
            let key = self.string()?;
            if self.byte()? != b':' {
                return None;
            }
            self.at += 1;
            let value = self.byte()?;
            match (key, value) {
                (b"query_block", b'{') => {
                    self.at += 1;
                    let first = self.string()?;
                    return is_member_of_block(first).then_some(Structure::Blocks);
                }
                (b"query_optimization", b'{') => {
                    let rest = self.bytes.get(self.at..).unwrap_or_default();
                    let near = rest.get(..rest.len().min(400)).unwrap_or_default();
                    let is_plan = memmem::find(near, b"\"query_block\"").is_some();
                    return is_plan.then_some(Structure::Blocks);
                }
                (b"query_plan", b'{') => {
                    self.at += 1;
                    is_in_plan = true;
                    (has_known, has_operation, has_other) = (false, false, false);
                    continue;
                }
                (b"operation", b'"') => {
                    let words = self.string()?;
                    has_operation = true;
                    has_known = std::str::from_utf8(words)
                        .is_ok_and(|words| operation::read(words).is_known);
                }
                (_, b'"') => {
                    self.string()?;
                    has_other |= is_member_of_operation(key);
                }
                (_, b'[') => {
                    self.at += 1;
                    if self.byte()? == b'{' {
                        if !key.starts_with(b"inputs") {
                            return None;
                        }
                        has_other = true;
                        if !(has_operation && (has_known || is_in_plan)) {
                            self.at += 1;
                            (has_known, has_operation, has_other) = (false, false, false);
                            continue;
                        }
                    } else {
                        self.flat_items()?;
                    }
                }
                (_, b'{') => return None,
                _ => {
                    self.word();
                    has_other |= is_member_of_operation(key);
                }
            }
            if has_operation && (is_in_plan || has_known && has_other) {
                return Some(Structure::Operations);
            }
            if self.byte()? == b',' {
                self.at += 1;
            }
        }
    }

    /// The next byte that is not blank, without taking it.
    fn byte(&mut self) -> Option<u8> {
        while let Some(b' ' | b'\t' | b'\r' | b'\n') = self.bytes.get(self.at) {
            self.at += 1;
        }
        self.bytes.get(self.at).copied()
    }

    /// Takes a string, as it stands between its quotes.
    fn string(&mut self) -> Option<&'a [u8]> {
        if self.byte()? != b'"' {
            return None;
        }
        let rest = self.bytes.get(self.at + 1..)?;
        let len = string_end(rest)?;
        self.at += len + 2;
        rest.get(..len)
    }

    /// Takes a number, or a word.
    fn word(&mut self) {
        let is_part =
            |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'+' | b'.');
        while self.bytes.get(self.at).is_some_and(is_part) {
            self.at += 1;
        }
    }

    /// Takes the items of a list of texts and numbers, and its end.
    fn flat_items(&mut self) -> Option<()> {
        loop {
            match self.byte()? {
                b']' => {
                    self.at += 1;
                    return Some(());
                }
                b'"' => {
                    self.string()?;
                }
                b'{' | b'[' => return None,
                _ => self.at += 1,
            }
        }
    }
}

/// Whether a query block may begin with a member of that name.
fn is_member_of_block(name: &[u8]) -> bool {
    const FIRST: [&str; 9] = [
        "select_id",
        "message",
        "operation",
        "cost",
        "cost_info",
        "r_loops",
        "r_total_time_ms",
        "having_condition",
        "const_condition",
    ];
    std::str::from_utf8(name).is_ok_and(|name| FIRST.contains(&name) || names::kind(name).is_some())
}

/// Whether operations of version 2 have a member of that name.
fn is_member_of_operation(name: &[u8]) -> bool {
    [&b"access_type"[..], b"table_name", b"json_schema_version"].contains(&name)
        || name.starts_with(b"estimated_")
        || name.starts_with(b"actual_")
}

/// Whose document it is. Each product has members that the other never had; where a plan has none of
/// either, MySQL 5.6 and MariaDB are told apart by how they print a table.
fn engine_of(json: &str, structure: Structure) -> Engine {
    static MARIADB: LazyLock<Regex> = LazyLock::new(|| {
        members(
            "r_[a-z_]+|filesort|temporary_table|block-nl-join|read_sorted_file|expression_cache|\
             materialized|materialization|subqueries|window_functions_computation|\
             range-checked-for-each-record|rowid_filter|query_optimization|having_condition|\
             const_condition|recursive_union|duplicate_removal|operation|cost|loops",
        )
    });
    static MYSQL: LazyLock<Regex> = LazyLock::new(|| {
        members(
            "cost_info|ordering_operation|grouping_operation|windowing|buffer_result|\
             materialized_from_subquery|[a-z_]+_subqueries|rows_examined_per_scan|used_columns|\
             rows_produced_per_join|dependent|cacheable|using_temporary_table|using_filesort",
        )
    });
    // MySQL prints the key's length behind its parts, and a condition in brackets with all names
    // quoted; it never prints a loop over one table.
    static LIKE_MYSQL: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#""used_key_parts"\s*:\s*\[[^\]]*\],\s*"key_length"|_condition"\s*:\s*"\(+[`<]"#)
    });
    static MESSAGE_OF_BLOCK: LazyLock<Regex> = LazyLock::new(|| {
        pattern(r#""query_block"\s*:\s*\{\s*("select_id"\s*:\s*\d+,\s*)?"message""#)
    });
    match structure {
        Structure::Operations => Engine::Mysql,
        Structure::Blocks => {
            let is_like_mysql = || {
                MYSQL.is_match(json)
                    || json.contains("} /*")
                    || LIKE_MYSQL.is_match(json)
                    || MESSAGE_OF_BLOCK.is_match(json)
            };
            match !MARIADB.is_match(json) && is_like_mysql() {
                true => Engine::Mysql,
                false => Engine::Mariadb,
            }
        }
    }
}

/// Finds a member of one of these names.
fn members(names: &str) -> Regex {
    pattern(&format!(r#""(?:{names})"\s*:"#))
}

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a fixed pattern compiles")
}
