//! The statement that an operation ran: one command document with its `$db`, whatever the record
//! holds of it.
//!
//! A command's own line holds it already. A write's own line holds `{q, u, multi}` only, a later
//! batch of a cursor the command that opened it, an old or a cut record a text.

use super::operation::Operation;
use crate::lang::mongo::ejson::push_string;
use crate::lang::mongo::shell;
use crate::read::logs::json::{End, Members, Value};
use memchr::memmem::Finder;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Within so many bytes of a command's end its database stands where drivers write it.
const DATABASE_BYTES: usize = 48;
static DATABASE: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"\"$db\""));

/// What an operation ran.
#[derive(Debug)]
pub(super) struct Statement<'a> {
    /// One command document, with its `$db`.
    pub text: Cow<'a, [u8]>,
    /// The command's name; of a later batch that of the command that opened the cursor.
    pub name: &'a [u8],
    /// It is a later batch of a cursor.
    pub is_later_batch: bool,
    /// It is a write's own record, inside the command that asked for it.
    pub is_inner_write: bool,
    /// The record holds a part of it only.
    pub is_cut: bool,
}

impl<'a> Statement<'a> {
    /// The statement of an operation.
    pub fn of(operation: &'a Operation<'_>) -> Statement<'a> {
        match operation.command {
            Some(Value::Object(raw)) => match name_of(raw) {
                Some(b"$truncated") => Statement::of_text(operation, text_of(raw)),
                Some(b"q") => Statement::inner_write(operation, raw),
                Some(b"getMore") => match operation.originating {
                    Some(origin) => Statement::later_batch(operation, origin),
                    None => Statement::command(operation, raw, b"getMore"),
                },
                Some(name) => Statement::command(operation, raw, name),
                None => Statement::nameless(operation),
            },
            Some(Value::String(text)) => Statement::of_text(operation, text.text()),
            _ => Statement::nameless(operation),
        }
    }

    /// A command of its own record, whole.
    fn plain(text: Cow<'a, [u8]>, name: &'a [u8]) -> Statement<'a> {
        Statement { text, name, is_later_batch: false, is_inner_write: false, is_cut: false }
    }

    fn command(operation: &Operation<'_>, raw: &'a [u8], name: &'a [u8]) -> Statement<'a> {
        let text = with_database(raw, &operation.namespace);
        Statement::plain(text, name)
    }

    fn later_batch(operation: &Operation<'_>, origin: &'a [u8]) -> Statement<'a> {
        let name = name_of(origin).unwrap_or(b"getMore");
        Statement { is_later_batch: true, ..Statement::command(operation, origin, name) }
    }

    fn inner_write(operation: &'a Operation<'_>, raw: &[u8]) -> Statement<'a> {
        let (name, list) = match operation.kind {
            b"remove" | b"delete" => (&b"delete"[..], &b"deletes"[..]),
            _ => (&b"update"[..], &b"updates"[..]),
        };
        let (database, collection) = parts(&operation.namespace);
        let mut text = Vec::with_capacity(raw.len() + 64);
        text.extend_from_slice(b"{\"");
        text.extend_from_slice(name);
        text.extend_from_slice(b"\":");
        push_string(collection, &mut text);
        text.extend_from_slice(b",\"");
        text.extend_from_slice(list);
        text.extend_from_slice(b"\":[");
        text.extend_from_slice(raw);
        text.extend_from_slice(b"],\"$db\":");
        push_string(database, &mut text);
        text.push(b'}');
        let text = Cow::Owned(text);
        Statement { is_inner_write: true, ..Statement::plain(text, name) }
    }

    /// Of a command of which the server only kept the beginning of its text, or its name.
    fn of_text(operation: &'a Operation<'_>, text: Cow<'_, [u8]>) -> Statement<'a> {
        let mut document = Vec::with_capacity(text.len() + 64);
        if text.trim_ascii_start().starts_with(b"{") {
            shell::to_ejson(text.trim_ascii_start(), &mut document);
        } else {
            document.push(b'{');
            push_string(&text, &mut document);
            document.extend_from_slice(b":1}");
        }
        let is_cut = text.trim_ascii_start().starts_with(b"{");
        let text = with_database(&document, &operation.namespace).into_owned();
        Statement { is_cut, ..Statement::plain(Cow::Owned(text), operation.kind) }
    }

    /// Of a record that says of its command no more than the kind and the namespace.
    fn nameless(operation: &'a Operation<'_>) -> Statement<'a> {
        let (database, collection) = parts(&operation.namespace);
        let name: &[u8] = match operation.kind {
            b"query" => b"find",
            b"remove" => b"delete",
            b"getmore" => b"getMore",
            b"" => b"none",
            kind => kind,
        };
        let mut text = b"{\"".to_vec();
        text.extend_from_slice(name);
        text.extend_from_slice(b"\":");
        if name == b"getMore" {
            text.extend_from_slice(b"0,\"collection\":");
        }
        push_string(collection, &mut text);
        text.extend_from_slice(b",\"$db\":");
        push_string(database, &mut text);
        text.push(b'}');
        let text = Cow::Owned(text);
        Statement::plain(text, name)
    }
}

/// The name of a command: its first member. Printers that sort members put `$db` first, and others
/// before a write's `q`; then it is the one that is an operation's name.
fn name_of(raw: &[u8]) -> Option<&[u8]> {
    const NAMES: [&[u8]; 12] = [
        b"find",
        b"aggregate",
        b"getMore",
        b"update",
        b"delete",
        b"insert",
        b"q",
        b"hello",
        b"isMaster",
        b"ismaster",
        b"replSetHeartbeat",
        b"replSetUpdatePosition",
    ];
    let (first, _) = Members::of(raw)?.key()?;
    let is_beside_write = matches!(first, b"collation" | b"hint" | b"limit" | b"multi");
    if !(first.starts_with(b"$") || is_beside_write) || first == b"$truncated" {
        return Some(first);
    }
    let mut members = Members::of(raw)?;
    members.find(|member| NAMES.contains(&member.key)).map(|member| member.key).or(Some(first))
}

/// Database and collection of a namespace.
pub(super) fn parts(namespace: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memchr(b'.', namespace) {
        Some(dot) => (&namespace[..dot], &namespace[dot + 1..]),
        None => (namespace, b""),
    }
}

/// A command with the database of its namespace, where it names none itself.
fn with_database<'a>(raw: &'a [u8], namespace: &[u8]) -> Cow<'a, [u8]> {
    // It mostly stands last.
    let last = raw.get(raw.len().saturating_sub(DATABASE_BYTES)..).unwrap_or_default();
    if DATABASE.find(last).is_some() || DATABASE.find(raw).is_some() {
        return Cow::Borrowed(raw);
    }
    let (database, _) = parts(namespace);
    let mut closed = Vec::new();
    let is_whole = Members::of(raw).is_some_and(|members| members.read_to_end().0 == End::Closed);
    if !is_whole {
        shell::to_ejson(raw, &mut closed);
    }
    let open = if is_whole { raw.trim_ascii_end() } else { &closed };
    let open = open.strip_suffix(b"}").unwrap_or(open).trim_ascii_end();
    let mut text = Vec::with_capacity(raw.len() + database.len() + 16);
    text.extend_from_slice(open);
    text.extend_from_slice(if open.ends_with(b"{") { b"\"$db\":" } else { b",\"$db\":" });
    push_string(database, &mut text);
    text.push(b'}');
    Cow::Owned(text)
}

/// The text in `{"$truncated": "…"}`.
fn text_of(raw: &[u8]) -> Cow<'_, [u8]> {
    match Members::of(raw).and_then(|mut members| members.next()).map(|member| member.value) {
        Some(Value::String(text)) => text.text(),
        _ => Cow::Borrowed(b""),
    }
}
