//! What happened to the server: counts, sums and timelines by kind, and errors by message.

use super::examples::Place;
use super::stats::smaller;
use super::threshold::Threshold;
use super::timeline::Timeline;
use crate::lang::id::QueryId;
use crate::lang::literals::mask_message;
use crate::time::Timestamp;
use hashbrown::HashMap;
use std::cmp::Reverse;
use xxhash_rust::xxh3::xxh3_64;

/// Distinct error messages kept.
const MAX_ERROR_GROUPS: usize = 1000;
/// Longest message kept, in bytes.
const MAX_MESSAGE_BYTES: usize = 300;

/// Occurrences of one kind of incident.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Occurrences {
    /// How many.
    pub count: u64,
    /// The sum of the number that goes with the kind (microseconds or bytes).
    pub sum: u64,
    /// The largest one.
    pub max: u64,
    /// When.
    pub timeline: Timeline,
}

impl Occurrences {
    pub(super) fn add(&mut self, time: Option<Timestamp>, amount: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(amount);
        self.max = self.max.max(amount);
        if let Some(time) = time {
            self.timeline.add(time.0, 1, amount);
        }
    }

    fn merge(&mut self, other: &Occurrences) {
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
        self.timeline.merge(&other.timeline);
    }
}

/// Errors with one masked message.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ErrorGroup {
    /// The engine's word: ERROR, FATAL, PANIC.
    pub severity: &'static str,
    /// SQLSTATE or the engine's code; empty when not logged.
    pub code: Box<str>,
    /// The message without its literals.
    pub message: Box<str>,
    /// How many.
    pub count: u64,
    /// First and last time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
    /// The earliest occurrence's place and the class of its statement, when logged.
    pub example: (Option<Timestamp>, Place, Option<QueryId>),
}

/// Everything that happened beside queries.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    /// Connections that came in.
    pub received: Occurrences,
    /// Connections that were authorized.
    pub authorized: Occurrences,
    /// Connections that were refused.
    pub refused: Occurrences,
    /// Sessions that ended.
    pub disconnected: Occurrences,
    /// Processes that were still waiting for a lock; sum and max in microseconds.
    pub lock_waits: Occurrences,
    /// Deadlocks.
    pub deadlocks: Occurrences,
    /// Temporary files; sum and max in bytes.
    pub temp_files: Occurrences,
    /// Checkpoints and restartpoints; sum and max in microseconds.
    pub checkpoints: Occurrences,
    /// Automatic vacuums; sum and max in microseconds.
    pub autovacuum: Occurrences,
    /// Error records of every severity from ERROR up.
    pub errors: Occurrences,
    /// Of these, cancelled statements.
    pub cancelled: Occurrences,
    groups: HashMap<u64, ErrorGroup>,
    threshold: Threshold,
    /// Errors whose message was folded because there were too many different ones.
    pub folded_errors: u64,
}

/// An error as it is added.
pub(super) struct ErrorRecord<'a> {
    pub severity: &'static str,
    pub code: &'a [u8],
    pub message: &'a [u8],
    pub time: Option<Timestamp>,
    pub place: Place,
    pub statement: Option<QueryId>,
}

impl Incidents {
    pub(super) fn add_error(&mut self, error: &ErrorRecord<'_>, scratch: &mut String) {
        self.errors.add(error.time, 0);
        scratch.clear();
        let message = &error.message[..error.message.len().min(4 * MAX_MESSAGE_BYTES)];
        mask_message(message, scratch);
        let text = &scratch[..scratch.floor_char_boundary(MAX_MESSAGE_BYTES)];
        let code = String::from_utf8_lossy(&error.code[..error.code.len().min(16)]);
        let key = xxh3_64(format!("{}\0{code}\0{text}", error.severity).as_bytes());
        let example = (error.time, error.place, error.statement);
        let group = ErrorGroup {
            severity: error.severity,
            code: code.into(),
            message: text.into(),
            count: 1,
            first: error.time,
            last: error.time,
            example,
        };
        self.put(key, group);
    }

    fn put(&mut self, key: u64, group: ErrorGroup) {
        if let Some(mine) = self.groups.get_mut(&key) {
            mine.count += group.count;
            mine.first = smaller(mine.first, group.first);
            mine.last = mine.last.max(group.last);
            mine.example = mine.example.min(group.example);
        } else if self.threshold.keeps(key) {
            self.groups.insert(key, group);
            while self.groups.len() > MAX_ERROR_GROUPS {
                self.halve();
            }
        } else {
            self.folded_errors += group.count;
        }
    }

    fn halve(&mut self) {
        self.threshold.halve();
        let (threshold, mut folded) = (self.threshold, 0);
        self.groups.retain(|key, group| {
            let stays = threshold.keeps(*key);
            folded += if stays { 0 } else { group.count };
            stays
        });
        self.folded_errors += folded;
    }

    pub(super) fn merge(&mut self, other: Incidents) {
        let Incidents {
            received,
            authorized,
            refused,
            disconnected,
            lock_waits,
            deadlocks,
            temp_files,
            checkpoints,
            autovacuum,
            errors,
            cancelled,
            groups,
            threshold,
            folded_errors,
        } = other;
        for (mine, theirs) in [
            (&mut self.received, received),
            (&mut self.authorized, authorized),
            (&mut self.refused, refused),
            (&mut self.disconnected, disconnected),
            (&mut self.lock_waits, lock_waits),
            (&mut self.deadlocks, deadlocks),
            (&mut self.temp_files, temp_files),
            (&mut self.checkpoints, checkpoints),
            (&mut self.autovacuum, autovacuum),
            (&mut self.errors, errors),
            (&mut self.cancelled, cancelled),
        ] {
            mine.merge(&theirs);
        }
        self.folded_errors += folded_errors;
        while self.threshold.is_above(threshold) {
            self.halve();
        }
        for (key, group) in groups {
            self.put(key, group);
        }
    }

    /// Where the examples of errors stand, for changing it.
    pub(super) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        self.groups.values_mut().map(|group| &mut group.example.1)
    }

    /// Errors by message, most frequent first.
    pub fn error_groups(&self) -> Vec<&ErrorGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|g| (Reverse(g.count), &g.severity, &g.code, &g.message));
        groups
    }
}
