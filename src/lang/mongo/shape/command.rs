//! What a command document runs: operation, namespace, and the members that matter.
//!
//! Looks through what stands around a command: `explain`, the wrappers of OP_QUERY (`$query`,
//! `query` with `orderby`), the envelope of drivers and servers.

use super::super::doc::{Doc, Kind, Value};
use super::place::Table;
use super::{kinds, tables};
use std::borrow::Cow;

/// So many wrappers stand around a command at most.
const MAX_WRAPPERS: usize = 4;

/// What a command does. The words are those of commands, in one spelling.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub enum Op {
    /// `find`, and queries before there was such a command.
    Find,
    /// `aggregate`.
    Aggregate,
    /// `count`.
    Count,
    /// `distinct`.
    Distinct,
    /// `update`, of one statement or several.
    Update,
    /// `delete`, of one statement or several.
    Delete,
    /// `findAndModify`.
    FindAndModify,
    /// `insert`.
    Insert,
    /// `getMore`.
    GetMore,
    /// `mapReduce`.
    MapReduce,
    /// `bulkWrite`: writes of any kind to several collections.
    BulkWrite,
    /// Any other command, by its name.
    Command(String),
    /// No command.
    #[default]
    Unknown,
}

/// The spellings of the operations that have a table of their own.
const OPS: &[(&str, Op)] = &[
    ("find", Op::Find),
    ("aggregate", Op::Aggregate),
    ("count", Op::Count),
    ("distinct", Op::Distinct),
    ("update", Op::Update),
    ("delete", Op::Delete),
    ("findAndModify", Op::FindAndModify),
    ("insert", Op::Insert),
    ("getMore", Op::GetMore),
    ("mapReduce", Op::MapReduce),
    ("bulkWrite", Op::BulkWrite),
    ("findandmodify", Op::FindAndModify),
    ("mapreduce", Op::MapReduce),
    ("getmore", Op::GetMore),
    ("unknown", Op::Unknown),
];

impl Op {
    /// The operation of a command's name.
    pub(super) fn of(name: &[u8]) -> Op {
        match OPS.iter().find(|(spelling, _)| spelling.as_bytes() == name) {
            Some((_, op)) => op.clone(),
            None => Op::Command(String::from_utf8_lossy(name).into_owned()),
        }
    }

    /// Its name.
    pub fn word(&self) -> &str {
        match self {
            Op::Command(name) => name,
            _ => OPS.iter().find(|(_, op)| op == self).map_or("", |(word, _)| *word),
        }
    }

    /// The members that matter.
    pub(in crate::lang::mongo) fn table(&self) -> &'static Table {
        match self {
            Op::Find => &tables::FIND,
            Op::Aggregate => &tables::AGGREGATE,
            Op::Count => &tables::COUNT,
            Op::Distinct => &tables::DISTINCT,
            Op::Update => &tables::UPDATES,
            Op::Delete => &tables::DELETES,
            Op::FindAndModify => &tables::FIND_AND_MODIFY,
            Op::Insert | Op::Unknown => &tables::NOTHING,
            Op::GetMore => &tables::GET_MORE,
            Op::MapReduce => &tables::MAP_REDUCE,
            Op::BulkWrite => &tables::BULK_WRITE,
            Op::Command(name) => tables::command(name),
        }
    }
}

/// A command without what stands around it.
pub(in crate::lang::mongo) struct Command<'d> {
    pub op: Op,
    /// The database, `None` if the command does not name it.
    pub database: Option<Cow<'d, [u8]>>,
    /// The collection.
    pub collection: Option<Cow<'d, [u8]>>,
    /// Where its members are: the command, before it a query that wraps others.
    pub documents: [Option<Value<'d>>; 2],
    /// The member that names it.
    pub name: Option<Value<'d>>,
    /// Parts are missing.
    pub is_cut: bool,
}

impl<'d> Command<'d> {
    /// The command of a document.
    pub fn of(doc: Doc<'d>) -> Command<'d> {
        let root = doc.root();
        let mut command = root;
        let mut database = root.get("$db");
        for _ in 0..MAX_WRAPPERS {
            let Some(inner) = unwrapped(command) else { break };
            command = inner;
            database = inner.get("$db").or(database);
        }
        let name = name_of(command);
        let op = match name {
            Some(name) => op_of(command, name),
            None => Op::Unknown,
        };
        let mut found = Command {
            op,
            database: database.and_then(name_text),
            collection: None,
            documents: [Some(command), None],
            name,
            is_cut: doc.is_cut || root.kind() == Kind::Elided || root.get("$elided").is_some(),
        };
        found.collection = found.find_collection(command);
        match (&found.op, wrapped_query(command)) {
            (Op::Find, Some(query)) => found.documents = [Some(query), Some(command)],
            (Op::Command(group), _) if group == "group" => found.documents = [found.name, None],
            _ => {}
        }
        found
    }

    fn find_collection(&mut self, command: Value<'d>) -> Option<Cow<'d, [u8]>> {
        let named = self.name.and_then(name_text);
        match &self.op {
            Op::GetMore => command.get("collection").and_then(name_text),
            Op::BulkWrite => {
                let mut all =
                    command.get("nsInfo")?.children().filter_map(|ns| name_text(ns.get("ns")?));
                let first = all.next()?;
                if all.any(|other| other != first) {
                    return Some(Cow::Borrowed(b"$cmd.bulkWrite"));
                }
                let dot = memchr::memchr(b'.', &first)?;
                self.database = Some(Cow::Owned(first.get(..dot)?.to_vec()));
                Some(Cow::Owned(first.get(dot + 1..)?.to_vec()))
            }
            Op::Aggregate if named.is_none() => Some(Cow::Borrowed(b"$cmd.aggregate")),
            Op::Command(name) if name == "group" => name_text(self.name?.get("ns")?),
            Op::Command(name) if tables::names_namespace(name) => {
                let named = named?;
                let dot = memchr::memchr(b'.', &named)?;
                self.database = Some(Cow::Owned(named.get(..dot)?.to_vec()));
                Some(Cow::Owned(named.get(dot + 1..)?.to_vec()))
            }
            Op::Command(name) if !tables::names_collection(name) => Some(Cow::Borrowed(b"$cmd")),
            Op::Unknown => None,
            _ => named.filter(|_| !self.name.is_some_and(|name| is_statement(&name.key()))),
        }
    }
}

/// The text of a string that is a name, and not masked.
fn name_text(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    value.string().filter(|_| kinds::is_own_string(value))
}

/// The command that a document wraps.
pub(in crate::lang::mongo) fn unwrapped(command: Value<'_>) -> Option<Value<'_>> {
    let first = name_of(command)?;
    if first.kind() != Kind::Object {
        return None;
    }
    let name = first.key();
    let is_command = |inner: Value<'_>| {
        inner.first().is_some_and(|first| {
            first.kind() == Kind::String && OPS.iter().any(|(name, _)| first.has_key(name))
        })
    };
    match name.as_ref() {
        b"explain" => Some(first),
        b"$query" | b"query" if is_command(first) => Some(first),
        _ => None,
    }
}

/// The member that names a command: the first that is none of the envelope's. Printers that sort
/// members put `$db` first; then it is the one that is an operation's name.
fn name_of(command: Value<'_>) -> Option<Value<'_>> {
    let mut members = command.children().filter(|member| !is_envelope(&member.key()));
    let first = members.next()?;
    let is_sorted = command.first().is_some_and(|member| member.key().starts_with(b"$"));
    if is_sorted && matches!(Op::of(&first.key()), Op::Command(_)) {
        let is_name = |member: &Value<'_>| {
            member.kind() == Kind::String && !matches!(Op::of(&member.key()), Op::Command(_))
        };
        return members.find(is_name).or(Some(first));
    }
    Some(first)
}

/// Whether the value behind the name of a command is a name.
pub(in crate::lang::mongo) fn is_named(op: &Op) -> bool {
    match op {
        Op::Command(name) => tables::names_collection(name) || tables::names_namespace(name),
        Op::GetMore | Op::Unknown => false,
        _ => true,
    }
}

/// Members of a statement of `update` or `delete` that may stand alone.
fn is_statement(name: &[u8]) -> bool {
    matches!(name, b"q" | b"u" | b"$query" | b"query")
}

fn op_of(command: Value<'_>, name: Value<'_>) -> Op {
    match name.key().as_ref() {
        b"q" | b"u" if command.get("u").is_some() || command.get("multi").is_some() => Op::Update,
        b"q" => Op::Delete,
        b"$query" | b"query" if name.kind() == Kind::Object => Op::Find,
        name => Op::of(name),
    }
}

/// The document with `$query` or `query` and `orderby`, if a find has one for a filter or is one.
pub(in crate::lang::mongo) fn wrapped_query(command: Value<'_>) -> Option<Value<'_>> {
    let query = command.get("filter")?;
    is_wrapper(query).then_some(query)
}

/// Whether a document wraps a query.
pub(in crate::lang::mongo) fn is_wrapper(query: Value<'_>) -> bool {
    let Some(first) = query.first() else { return false };
    let has_order = || query.get("orderby").is_some() || query.get("$orderby").is_some();
    first.has_key("$query")
        || (first.has_key("query") && first.kind() == Kind::Object && has_order())
}

/// Members of any command that say nothing about its shape: sessions, times, concerns, and what
/// servers add for each other.
pub(in crate::lang::mongo) fn is_envelope(name: &[u8]) -> bool {
    match name {
        [b'$', ..] => ENVELOPE_OF_SERVERS.iter().any(|known| known.as_bytes() == name),
        _ => ENVELOPE.iter().any(|known| known.as_bytes() == name),
    }
}

const ENVELOPE: &[&str] = &[
    "apiDeprecationErrors",
    "apiStrict",
    "apiVersion",
    "autocommit",
    "batchSize",
    "bypassDocumentValidation",
    "clientOperationKey",
    "comment",
    "coordinator",
    "cursor",
    "databaseVersion",
    "let",
    "lsid",
    "maxAwaitTimeMS",
    "maxTimeMS",
    "maxTimeMSOpOnly",
    "mayBypassWriteBlocking",
    "noCursorTimeout",
    "operationTime",
    "ordered",
    "readConcern",
    "readOnce",
    "runtimeConstants",
    "shardVersion",
    "signature",
    "singleBatch",
    "startTransaction",
    "stmtId",
    "stmtIds",
    "tracking_info",
    "txnNumber",
    "txnRetryCounter",
    "verbosity",
    "writeConcern",
];

const ENVELOPE_OF_SERVERS: &[&str] = &[
    "$audit",
    "$client",
    "$clusterTime",
    "$comment",
    "$configServerState",
    "$configTime",
    "$db",
    "$elided",
    "$explain",
    "$gleStats",
    "$impersonatedUser",
    "$maxTimeMS",
    "$oplogQueryData",
    "$queryOptions",
    "$readPreference",
    "$replData",
    "$tenant",
    "$topologyTime",
];
