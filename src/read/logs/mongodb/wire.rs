//! Operations as a client sent them before all were commands, and the commands that versions from
//! 3.2 on make of them: a query becomes a `find`, an insert an `insert`, an update or a removal the
//! `{q, u}` of its own record, a batch of a cursor the command that opened it.
//!
//! Owns the members' old names, too, which text logs and the profiler's documents share.

use super::statement::parts;
use crate::lang::mongo::ejson::push_string;
use crate::read::logs::json::{Members, Value};

/// Members of the document around an old query, and where a `find` command has them.
const QUERY_PARTS: [(&[u8], &str); 12] = [
    (b"query", "filter"),
    (b"$query", "filter"),
    (b"orderby", "sort"),
    (b"$orderby", "sort"),
    (b"$hint", "hint"),
    (b"$min", "min"),
    (b"$max", "max"),
    (b"$maxTimeMS", "maxTimeMS"),
    (b"$comment", "comment"),
    (b"$returnKey", "returnKey"),
    (b"$showDiskLoc", "showRecordId"),
    (b"$readPreference", "$readPreference"),
];

/// Numbers that have another name today.
const RENAMED: [(&[u8], &str); 4] = [
    (b"nscanned", "keysExamined"),
    (b"nscannedObjects", "docsExamined"),
    (b"nupdated", "nMatched"),
    (b"upsert", "nUpserted"),
];

/// The name that a number has today.
pub(super) fn renamed(name: &[u8]) -> Option<&'static str> {
    RENAMED.iter().find(|(old, _)| *old == name).map(|(_, new)| *new)
}

/// An operation as it was sent.
#[derive(Clone, Copy, Default, Debug)]
pub(super) struct Wire<'a> {
    /// `query`, `getmore`, `insert`, `update`, `remove`, `killcursors`.
    pub kind: &'a [u8],
    /// The namespace.
    pub namespace: &'a [u8],
    /// What was asked for, as Extended JSON; none without conditions.
    pub query: Option<&'a [u8]>,
    /// How it was to change.
    pub update: Option<&'a [u8]>,
    /// The cursor's number.
    pub cursor_id: Option<&'a [u8]>,
    /// Results that were passed over.
    pub skip: Option<&'a [u8]>,
    /// Results that were asked for: below zero, in one batch.
    pub limit: Option<&'a [u8]>,
    /// The record says which command opened the cursor.
    pub has_origin: bool,
}

impl Wire<'_> {
    /// Appends `,"command":{…}` and what belongs to it, as a later version has them in an object.
    pub fn write(&self, out: &mut Vec<u8>) {
        match self.kind {
            b"query" => {
                out.extend_from_slice(b",\"command\":");
                self.write_find(out);
            }
            b"getmore" => {
                out.extend_from_slice(b",\"command\":{\"getMore\":");
                out.extend_from_slice(self.cursor_id.unwrap_or(b"0"));
                out.push(b',');
                self.write_collection("collection", out);
                self.write_database(out);
                out.push(b'}');
                if self.query.is_some() && !self.has_origin {
                    out.extend_from_slice(b",\"originatingCommand\":");
                    self.write_find(out);
                }
            }
            b"insert" => {
                out.extend_from_slice(b",\"command\":{");
                self.write_collection("insert", out);
                if let Some(document) = self.query {
                    out.extend_from_slice(b",\"documents\":[");
                    out.extend_from_slice(document);
                    out.push(b']');
                }
                self.write_database(out);
                out.push(b'}');
            }
            b"update" | b"remove" => {
                out.extend_from_slice(b",\"command\":{\"q\":");
                out.extend_from_slice(self.query.unwrap_or(b"{}"));
                if let Some(update) = self.update {
                    out.extend_from_slice(b",\"u\":");
                    out.extend_from_slice(update);
                }
                out.push(b'}');
            }
            b"killcursors" => {
                out.extend_from_slice(b",\"command\":{");
                self.write_collection("killCursors", out);
                self.write_database(out);
                out.push(b'}');
            }
            _ => {}
        }
    }

    /// The collection as a member of this name.
    fn write_collection(&self, name: &str, out: &mut Vec<u8>) {
        push_string(name.as_bytes(), out);
        out.push(b':');
        push_string(parts(self.namespace).1, out);
    }

    fn write_database(&self, out: &mut Vec<u8>) {
        push_name("$db", out);
        push_string(parts(self.namespace).0, out);
    }

    /// The `find` command for an old query.
    fn write_find(&self, out: &mut Vec<u8>) {
        out.push(b'{');
        self.write_collection("find", out);
        match self.query.filter(|query| !is_withheld(query)) {
            Some(query) if wrapped(query).is_some() => {
                for member in Members::of(query).into_iter().flatten() {
                    let known = QUERY_PARTS.iter().find(|(name, _)| *name == member.key);
                    if let Some((_, name)) = known {
                        push_name(name, out);
                        push_json(member.value, out);
                    }
                }
            }
            Some(query) => {
                push_name("filter", out);
                out.extend_from_slice(query);
            }
            None => {}
        }
        for (number, name) in [(self.skip, "skip"), (self.limit, "limit")] {
            let number = number.map(|number| number.strip_prefix(b"-").unwrap_or(number));
            if let Some(number) = number.filter(|number| *number != b"0") {
                push_name(name, out);
                out.extend_from_slice(number);
            }
        }
        self.write_database(out);
        out.push(b'}');
    }
}

/// Whether the server put a note in the place of a document that was too large.
pub(super) fn is_withheld(json: &[u8]) -> bool {
    json.starts_with(br#"{"$msg":"#)
}

/// What stands in `{ query: { … }, orderby: … }`, the document around a query with options; `None`
/// for a plain one. The server, too, goes by the first name.
pub(super) fn wrapped(query: &[u8]) -> Option<&[u8]> {
    let first = Members::of(query)?.next()?;
    match first.value {
        Value::Object(inside) if matches!(first.key, b"query" | b"$query") => Some(inside),
        _ => None,
    }
}

/// Appends the name of a further member.
pub(super) fn push_name(name: &str, out: &mut Vec<u8>) {
    out.push(b',');
    push_string(name.as_bytes(), out);
    out.push(b':');
}

/// Appends a value as it stands.
pub(super) fn push_json(value: Value<'_>, out: &mut Vec<u8>) {
    match value {
        Value::String(text) => {
            out.push(b'"');
            out.extend_from_slice(text.raw());
            out.push(b'"');
        }
        Value::Object(raw) | Value::Array(raw) | Value::Word(raw) => out.extend_from_slice(raw),
    }
}
