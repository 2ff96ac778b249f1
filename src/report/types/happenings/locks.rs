//! Lock waits and deadlocks.

use super::super::At;
use super::{Concerned, Occurred};
use crate::model::facts::Source;
use serde::Serialize;

/// Waits for locks that were logged while they lasted.
#[derive(Clone, Debug, Serialize)]
pub struct LockWaits {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Time waited when the lines were written.
    pub total_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// By class and lock, most time first.
    pub items: Vec<LockItem>,
    /// Records that are in no item.
    pub omitted: u64,
    /// Locks that were not had because nobody wanted to wait.
    pub not_available: u64,
}

/// The waits of one class for one kind of lock.
#[derive(Clone, Debug, Serialize)]
pub struct LockItem {
    /// The server.
    pub server: String,
    /// The class that waited.
    #[serde(flatten)]
    pub concerned: Concerned,
    /// The mode it asked for.
    pub mode: String,
    /// On what kind of thing.
    pub object: &'static str,
    /// The table, when the log names it.
    pub table: Option<String>,
    /// Waits that were logged while they lasted.
    pub waiting: u64,
    /// Waits that ended in the lock.
    pub acquired: u64,
    /// Waits that ended without it.
    pub failed: u64,
    /// Time of the waits that ended.
    pub waited_ms: f64,
    /// The longest wait logged.
    pub longest_ms: f64,
    /// The longest queue logged.
    pub queue: u32,
    /// What the holders' sessions had last logged before: never proof of the cause.
    pub holders: Vec<Held>,
    /// First time.
    pub first: Option<At>,
    /// Last time.
    pub last: Option<At>,
    /// Where the longest is logged.
    pub source: Source,
}

/// What sessions that held a lock had last logged before.
#[derive(Clone, Debug, Serialize)]
pub struct Held {
    /// The class.
    pub query_id: String,
    /// Its fingerprint.
    pub fingerprint: String,
    /// In how many waits.
    pub count: u64,
}

/// Deadlocks.
#[derive(Clone, Debug, Serialize)]
pub struct Deadlocks {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// By participants, most frequent first.
    pub items: Vec<DeadlockItem>,
}

/// Deadlocks with the same participants.
#[derive(Clone, Debug, Serialize)]
pub struct DeadlockItem {
    /// The server.
    pub server: String,
    /// How many.
    pub count: u64,
    /// The table of the cancelled one, when the log names it.
    pub table: Option<String>,
    /// The class that was cancelled first.
    #[serde(flatten)]
    pub concerned: Concerned,
    /// Everyone in the cycle.
    pub participants: Vec<DeadlockPart>,
    /// First time.
    pub first: Option<At>,
    /// Last time.
    pub last: Option<At>,
    /// Where the first is logged.
    pub source: Source,
}

/// One process of a deadlock.
#[derive(Clone, Debug, Serialize)]
pub struct DeadlockPart {
    /// The class of its statement.
    #[serde(flatten)]
    pub concerned: Concerned,
    /// The mode it waited for.
    pub mode: String,
    /// On what kind of thing.
    pub object: &'static str,
    /// The table of that, when the log says it by name.
    pub table: Option<String>,
    /// The index of that, when the log says it by name.
    pub index: Option<String>,
}
