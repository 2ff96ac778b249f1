//! Canonical text of whole commands: `find shop.orders {filter: {status: ?}, limit: ?}`.
//!
//! Operation, namespace, the members that matter as one document (none where nothing matters), and
//! ` …` behind what is not all of what was run. Reads its own text back, to the same text.

use super::super::doc::{Arena, Doc, Kind, Value};
use super::command::{Command, Op};
use super::place::{Place, Table};
use super::writer::{Scratch, Voice, Writer};
use super::{names, tables};

/// Stands behind the text of a command of which parts are missing.
const TRUNCATED: &str = " …";
/// Stands for what a command does not say.
const UNKNOWN: &[u8] = b"?";

/// Writes fingerprints. Keep one per thread: its buffers are reused.
#[derive(Default, Debug)]
pub struct Normaliser {
    arena: Arena,
    scratch: Scratch,
}

/// What of a command is no part of its members.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Head {
    pub op: Op,
    /// Database and collection.
    pub namespace: Vec<u8>,
    pub truncated: bool,
    /// Where the document begins in what was written.
    pub document: usize,
}

impl Normaliser {
    /// Appends the fingerprint of a command to `out`; returns whether it is marked as truncated.
    ///
    /// `command` is one document of Extended JSON. `database` is the one that it ran in, in case it
    /// does not say so itself (`$db`).
    pub fn write(&mut self, command: &[u8], database: Option<&str>, out: &mut Vec<u8>) -> bool {
        self.write_as(Voice::Fingerprint, command, database, out).truncated
    }

    pub(super) fn write_as(
        &mut self,
        voice: Voice,
        command: &[u8],
        database: Option<&str>,
        out: &mut Vec<u8>,
    ) -> Head {
        let Some(doc) = Doc::read(command, &mut self.arena) else {
            let namespace = database.map_or(UNKNOWN, str::as_bytes).to_vec();
            let head = Head { op: Op::Unknown, namespace, truncated: true, document: 0 };
            return write_command(head, &[], voice, None, None, &mut self.scratch, out);
        };
        let found = Command::of(doc);
        let database = found.database.as_deref().or(database.map(str::as_bytes));
        let mut namespace = database.unwrap_or(UNKNOWN).to_vec();
        if let Some(collection) = &found.collection {
            namespace.push(b'.');
            namespace.extend_from_slice(collection);
        }
        let is_all_known = matches!(found.op, Op::Insert | Op::GetMore)
            && database.is_some()
            && found.collection.is_some();
        let head =
            Head { op: found.op, namespace, truncated: found.is_cut && !is_all_known, document: 0 };
        let [first, second] = found.documents;
        let documents: &[Value<'_>] = match (&first, &second) {
            (Some(first), Some(second)) => &[*first, *second],
            (Some(only), None) => &[*only],
            _ => &[],
        };
        let scratch = &mut self.scratch;
        let namespaces = match head.op {
            Op::BulkWrite => documents.iter().find_map(|document| document.get("nsInfo")),
            _ => None,
        };
        write_command(head, documents, voice, found.name, namespaces, scratch, out)
    }

    /// Reads canonical text and appends it as it would be written; `None` if it is none.
    pub(super) fn rewrite(&mut self, voice: Voice, text: &str, out: &mut Vec<u8>) -> Option<Head> {
        let (text, truncated) = match text.strip_suffix(TRUNCATED) {
            Some(text) => (text, true),
            None => (text, false),
        };
        let (op, rest) = self.read_word(text.as_bytes())?;
        let (namespace, rest) = self.read_word(rest.strip_prefix(b" ")?)?;
        let head = Head { op: Op::of(&op), namespace, truncated, document: 0 };
        let Some(document) = rest.strip_prefix(b" ") else {
            return rest
                .is_empty()
                .then(|| write_command(head, &[], voice, None, None, &mut self.scratch, out));
        };
        let doc = Doc::read_fingerprint(document, &mut self.arena)?;
        let is_whole =
            doc.root().kind() == Kind::Object && !doc.is_cut && doc.read_bytes == document.len();
        is_whole
            .then(|| write_command(head, &[doc.root()], voice, None, None, &mut self.scratch, out))
    }

    /// A name between quotes, or up to a blank.
    fn read_word<'t>(&mut self, text: &'t [u8]) -> Option<(Vec<u8>, &'t [u8])> {
        if text.starts_with(b"\"") {
            let doc = Doc::read_fingerprint(text, &mut self.arena)?;
            return Some((doc.root().text().into_owned(), text.get(doc.read_bytes..)?));
        }
        let end = memchr::memchr(b' ', text).unwrap_or(text.len());
        (end > 0).then(|| Some((text.get(..end)?.to_vec(), text.get(end..)?))).flatten()
    }
}

/// Appends a whole command. `name` is the member that names it, which is no part of its text.
fn write_command(
    mut head: Head,
    documents: &[Value<'_>],
    voice: Voice,
    name: Option<Value<'_>>,
    namespaces: Option<Value<'_>>,
    scratch: &mut Scratch,
    out: &mut Vec<u8>,
) -> Head {
    write_word(head.op.word().as_bytes(), out);
    out.push(b' ');
    write_word(&head.namespace, out);
    let end = out.len();
    let mut writer =
        Writer { out, scratch, voice, truncated: false, name, distinct: 0, namespaces };
    writer.push(" ");
    head.document = end + 1;
    match head.op {
        Op::Update => writer.statements(documents, "updates", &tables::UPDATE),
        Op::Delete => writer.statements(documents, "deletes", &tables::DELETE),
        _ => writer.table(documents, head.op.table()),
    }
    head.truncated |= writer.truncated;
    if out.get(end..) == Some(b" {}") {
        out.truncate(end);
    }
    finish(head, out)
}

fn finish(head: Head, out: &mut Vec<u8>) -> Head {
    if head.truncated {
        out.extend_from_slice(TRUNCATED.as_bytes());
    }
    head
}

/// An operation or a namespace: bare where it is one word.
fn write_word(word: &[u8], out: &mut Vec<u8>) {
    let is_bare = |b: &u8| matches!(b, b'!'..=b'~') && !matches!(b, b'"' | b'{' | b'\\');
    match !word.is_empty() && word.iter().all(is_bare) {
        true => out.extend_from_slice(word),
        false => names::write_quoted(word, out),
    }
}

impl Writer<'_, '_> {
    /// The statements of a write: the only one as it is, several as a list. Drivers send them apart,
    /// so that the log of a write may have none: `{updates: ?}`.
    fn statements(&mut self, documents: &[Value<'_>], name: &str, table: &'static Table) {
        let list = documents.iter().find_map(|document| document.get(name));
        let is_statement = |document: &&Value<'_>| {
            ["q", "u"]
                .iter()
                .any(|name| table.known(name.as_bytes()).is_some() && document.get(name).is_some())
        };
        let alone = documents.iter().find(is_statement).filter(|_| list.is_none());
        if let Some(statement) = alone {
            return self.table(&[*statement], table);
        }
        let start = self.out.len();
        self.push("{");
        self.push(name);
        self.push(": ");
        let text = self.out.len();
        match list {
            Some(list) => self.value(list, Place::Tables(table)),
            None => self.push("?"),
        }
        let is_statement = |text: &[u8]| text.starts_with(b"[{q: ") || text.starts_with(b"[{u: ");
        let is_one = list.is_some_and(|list| list.kind() == Kind::Array)
            && self.distinct == 1
            && self.out.get(text..).is_some_and(is_statement);
        if is_one {
            self.out.pop();
            self.out.drain(start..text + 1);
        } else {
            self.push("}");
        }
    }
}
