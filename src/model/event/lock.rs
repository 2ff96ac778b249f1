//! Waits for locks, and deadlocks.

use std::borrow::Cow;

/// A process waited for a lock longer than `deadlock_timeout`.
#[derive(Clone, Debug)]
pub struct LockWait<'a> {
    /// Whether it still waits.
    pub step: LockStep,
    /// The mode it asked for: `ShareLock`, `AccessExclusiveLock` …
    pub mode: Cow<'a, [u8]>,
    /// What it wants to lock.
    pub object: LockObject,
    /// The table, when the log says it by name (in CONTEXT).
    pub table: Option<Cow<'a, [u8]>>,
    /// How long it had waited when this was written, in microseconds.
    pub waited_us: u64,
    /// How many processes waited in the queue; 0 when not logged.
    pub queue: u32,
    /// The statement that waited, when the log says.
    pub statement: Option<Cow<'a, [u8]>>,
    /// The first process that held the lock, when the log says.
    pub holder: Option<Holder<'a>>,
}

/// How far a wait is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LockStep {
    /// Still waiting: each wait is logged once so.
    Waiting,
    /// The lock was had after the wait.
    Acquired,
    /// It was given up after the wait: timeout, cancel or deadlock.
    Failed,
}

/// A process that held a lock, and what it had last done. That is what was last logged of it before
/// the wait was, never proof of the cause.
#[derive(Clone, Debug, Default)]
pub struct Holder<'a> {
    /// Its process id.
    pub pid: u64,
    /// Its last logged statement, when there is one.
    pub statement: Option<Cow<'a, [u8]>>,
}

/// What kind of thing a lock is on.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum LockObject {
    /// A table or index.
    Relation,
    /// The right to extend a table.
    Extension,
    /// A row.
    Tuple,
    /// An index record or the gap before it, as InnoDB locks them.
    Record,
    /// Another transaction's end: mostly a row it changed.
    Transaction,
    /// A virtual transaction's end.
    VirtualTransaction,
    /// A number or key that applications agreed on.
    Advisory,
    /// Anything else.
    Other,
}

impl LockObject {
    /// The server's own word.
    pub fn word(self) -> &'static str {
        match self {
            LockObject::Relation => "relation",
            LockObject::Extension => "extension of relation",
            LockObject::Tuple => "tuple",
            LockObject::Record => "record",
            LockObject::Transaction => "transaction",
            LockObject::VirtualTransaction => "virtual transaction",
            LockObject::Advisory => "advisory lock",
            LockObject::Other => "other object",
        }
    }
}

/// A deadlock, as the one that was cancelled tells it.
#[derive(Clone, Debug)]
pub struct Deadlock<'a> {
    /// Everyone in the cycle, in the order logged. Empty when DETAIL is missing.
    pub participants: Vec<Participant<'a>>,
    /// The statement that was cancelled, when the log says.
    pub statement: Option<Cow<'a, [u8]>>,
    /// The table of the cancelled one, when the log says it by name (in CONTEXT).
    pub table: Option<Cow<'a, [u8]>>,
    /// It is the latest one that a status tells again and again: not one more each time.
    pub is_repeated: bool,
}

/// One process of a deadlock.
#[derive(Clone, Debug)]
pub struct Participant<'a> {
    /// Its process id.
    pub pid: u64,
    /// The mode it waited for.
    pub mode: Cow<'a, [u8]>,
    /// What it wanted to lock.
    pub object: LockObject,
    /// The table of that, when the log says it by name.
    pub table: Option<Cow<'a, [u8]>>,
    /// The index of that, when the log says it by name.
    pub index: Option<Cow<'a, [u8]>>,
    /// The process it waited for.
    pub blocked_by: u64,
    /// Its statement, when the server's log says.
    pub statement: Option<Cow<'a, [u8]>>,
}
