//! Whether a JSON document is a plan of MySQL or MariaDB: reads its members up to the first that tells.

use super::{names, operation};
use crate::lang::json::string_end;
use memchr::memmem;

/// Which of the two structures it has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Structure {
    /// Blocks in blocks: MySQL's version 1, and MariaDB.
    Blocks,
    /// Operations with their inputs: MySQL's version 2.
    Operations,
}

/// The structure of the plan that a text begins with; else how far it was read in vain, with no
/// bracket on the way.
pub fn structure_of(json: &str) -> Result<Structure, usize> {
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
