//! Slow writes stand in the log twice: the write itself, and behind it, of the same connection, the
//! command that asked for it. The write shows what was done, so the command is left out.
//!
//! Owns [`Pairs`]: what each connection logged last, so that a command finds its write wherever the
//! chunks were cut. A command of which the chunk does not show what came before waits for the chunk
//! before. Connections share [`SLOTS`] places by a hash, whose last user counts: at worst, a command
//! whose place another connection took meanwhile counts beside its write.

use crate::time::Timestamp;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Places for connections.
const SLOTS: usize = 1024;
/// A command may end so long after its write, in microseconds, beyond the time it took: clocks of
/// records have milliseconds.
const LATENESS_US: i64 = 1_000_000;

/// A write, as it and its command tell it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Write<'a> {
    /// The connection.
    pub context: &'a [u8],
    /// `update` or `delete`.
    pub name: &'a [u8],
    /// Where it wrote, as `database.collection`.
    pub database: &'a [u8],
    /// The collection.
    pub collection: &'a [u8],
    /// When the record was written.
    pub time: Option<Timestamp>,
}

impl Write<'_> {
    fn key(&self) -> u64 {
        let seed = xxh3_64_with_seed(self.name, xxh3_64(self.context));
        xxh3_64_with_seed(self.collection, xxh3_64_with_seed(self.database, seed))
    }
}

/// What a connection logged last.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
enum Last {
    /// Nothing in these chunks.
    #[default]
    Unseen,
    /// No write.
    Other,
    /// A write: its key, and when it was logged.
    Write { key: u64, time: Option<Timestamp> },
}

/// Whether a command is the second record of a write.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Verdict {
    /// It is.
    Second,
    /// It is not: nothing else tells of its work.
    Only,
    /// The chunks before know.
    Unknown,
}

/// What each connection logged last in a run of chunks.
#[derive(Default, Debug)]
pub(super) struct Pairs {
    /// By place; empty before the first operation.
    last: Vec<Last>,
}

impl Pairs {
    /// Notes a write's own record.
    pub fn write(&mut self, write: &Write<'_>) {
        let last = Last::Write { key: write.key(), time: write.time };
        self.set(write.context, last);
    }

    /// Notes any other operation's record.
    pub fn other(&mut self, context: &[u8]) {
        self.set(context, Last::Other);
    }

    /// Judges a command that asked for a write and took so many microseconds, by what its connection
    /// logged before.
    pub fn judge(&self, command: &Write<'_>, duration_us: u64) -> Verdict {
        match self.last.get(slot(command.context)).copied().unwrap_or_default() {
            Last::Unseen => Verdict::Unknown,
            Last::Other => Verdict::Only,
            Last::Write { key, time } => match (time, command.time) {
                (Some(write), Some(end)) if key == command.key() => {
                    let took_us = i64::try_from(duration_us).unwrap_or(i64::MAX);
                    let begun = end.0.saturating_sub(took_us).saturating_sub(LATENESS_US);
                    if write.0 >= begun { Verdict::Second } else { Verdict::Only }
                }
                _ => Verdict::Only,
            },
        }
    }

    /// Adds what the following chunks know.
    pub fn append(&mut self, next: &Pairs) {
        if self.last.is_empty() {
            self.last.clone_from(&next.last);
            return;
        }
        for (mine, next) in self.last.iter_mut().zip(&next.last) {
            if *next != Last::Unseen {
                *mine = *next;
            }
        }
    }

    fn set(&mut self, context: &[u8], last: Last) {
        self.last.resize(SLOTS, Last::Unseen);
        self.last[slot(context)] = last;
    }
}

fn slot(context: &[u8]) -> usize {
    xxh3_64(context) as usize % SLOTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_belongs_to_the_write_before_it() {
        let write = |context, collection, ms: i64| Write {
            context,
            name: b"update",
            database: b"shop",
            collection,
            time: Some(Timestamp(ms * 1000)),
        };
        let (orders, users): (&[u8], &[u8]) = (b"orders", b"users");
        let mut pairs = Pairs::default();
        assert_eq!(pairs.judge(&write(b"conn1", orders, 10_000), 5), Verdict::Unknown);
        pairs.write(&write(b"conn1", orders, 10_000));
        for (context, collection, at_ms, took_ms, verdict) in [
            (&b"conn1"[..], orders, 10_001, 120, Verdict::Second),
            (b"conn1", orders, 11_100, 120, Verdict::Second),
            (b"conn1", orders, 11_200, 120, Verdict::Only),
            (b"conn1", orders, 60_000, 55_000, Verdict::Second),
            (b"conn1", users, 10_001, 120, Verdict::Only),
            (b"conn2", orders, 10_001, 120, Verdict::Unknown),
        ] {
            let command = write(context, collection, at_ms);
            assert_eq!(pairs.judge(&command, took_ms * 1000), verdict, "{at_ms}");
        }
        let mut next = Pairs::default();
        next.other(b"conn2");
        pairs.append(&next);
        assert_eq!(pairs.judge(&write(b"conn2", orders, 10_001), 5), Verdict::Only);
        assert_eq!(pairs.judge(&write(b"conn1", orders, 10_001), 5), Verdict::Second);
        pairs.other(b"conn1");
        assert_eq!(pairs.judge(&write(b"conn1", orders, 10_001), 5), Verdict::Only);
    }
}
