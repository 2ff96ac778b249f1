//! What an operation may wait for: which number of the log tells it, from which share of the time on it
//! is the class's trouble, what it means and what to do. A table of texts, for `waiting-operations`.

use crate::judge::advice::mongodb_lookup;
use crate::judge::advice::rewrite;
use crate::judge::finding::{Fix, Severity};
use crate::model::event::Known;

/// One kind of waiting.
pub(super) struct Wait {
    /// The numbers that tell it.
    pub known: &'static [Known],
    /// What operations do, after "operations".
    pub what: &'static str,
    /// Share of the class's time from which it is the trouble.
    pub min_share: f64,
    /// The most severe that it can be.
    pub at_most: Severity,
    /// What it means.
    pub meaning: &'static str,
    /// What to look at, and what that shows.
    pub look: Option<Look>,
    /// What to do, and a word of caution.
    pub advice: (&'static str, &'static str),
}

/// A command that only looks, and what it shows.
pub(super) type Look = (fn() -> String, &'static str);

impl Wait {
    /// What to do about it.
    pub fn fixes(&self) -> Vec<Fix> {
        let look = self.look.map(|(text, note)| mongodb_lookup::fix(text(), note));
        look.into_iter().chain([rewrite::code(self.advice.0, self.advice.1)]).collect()
    }
}

/// All of them, the most certain first.
pub(super) static WAITS: &[Wait] = &[
    Wait {
        known: &[Known::LockWait],
        what: "wait for locks",
        min_share: 0.4,
        at_most: Severity::High,
        meaning: "Ordinary reads and writes do not wait for one another's locks: something held the collection \
                  or the database as a whole, such as an index build at its beginning or end, a drop, a rename \
                  or collMod, or a transaction that all of them wait for.",
        look: Some((
            mongodb_lookup::running,
            "Who runs and who waits just now, to be run while it happens: what has run longest is a place to \
             start, never proof.",
        )),
        advice: (
            "Change collections and build indexes at quiet hours, and keep transactions short: before a \
             change of a collection look for open ones.",
            "Waits of nested resources are added up by the server's own counting: the sum may be more than \
             the time that passed.",
        ),
    },
    Wait {
        known: &[Known::QueueWait],
        what: "wait for a ticket in the queues",
        min_share: 0.5,
        at_most: Severity::High,
        meaning: "More operations were at work than the server lets work at once: those that hold the tickets \
                  are slow or many. The class that waits is seldom the one to blame.",
        look: Some((
            mongodb_lookup::engine,
            "Tickets that are out and left, and how full the cache is, to be taken while it happens.",
        )),
        advice: (
            "Make cheaper what holds the tickets: the classes with most time of their own, scans and sorts \
             first.",
            "More tickets help hardly ever: the server sets their number by itself since 7.0.",
        ),
    },
    Wait {
        known: &[Known::StorageRead],
        what: "wait for pages from the disk",
        min_share: 0.3,
        at_most: Severity::High,
        meaning: "What it reads was not in the cache.",
        look: Some((
            mongodb_lookup::engine,
            "How full the cache is: it should stay below 80 % of its limit, what is dirty below 5 %.",
        )),
        advice: (
            "Let it read less: an index that narrows more, or one that holds all fields that are returned. \
             Only then more memory or faster disks.",
            "The first runs after a start read everything from the disk: leave the first hour out.",
        ),
    },
    Wait {
        known: &[Known::CacheWait],
        what: "wait for room in the cache",
        min_share: 0.1,
        at_most: Severity::High,
        meaning: "The storage engine could not clear its cache as fast as it was filled, so that operations had \
                  to help or to wait.",
        look: Some((
            mongodb_lookup::engine,
            "How full the cache is, and how much of it is dirty: above 95 % and 20 % operations have to help.",
        )),
        advice: (
            "Write less at once: smaller batches, fewer documents in a transaction, no transactions that stay \
             open; and let scans read less.",
            "Long transactions keep old versions of documents in the cache, be they of other classes.",
        ),
    },
    Wait {
        known: &[Known::FlowControlWait],
        what: "wait for flow control",
        min_share: 0.3,
        at_most: Severity::High,
        meaning: "The primary holds writes back because the majority of the members is behind by some seconds.",
        look: Some((
            mongodb_lookup::replication,
            "How far the members are behind, and whether flow control is at work.",
        )),
        advice: (
            "Find what holds the secondaries up: slower disks, reads that run there, an index build, the \
             network. The log of a secondary shows slow oplog application.",
            "Switching flow control off lets the members fall behind until they cannot follow any more.",
        ),
    },
    Wait {
        known: &[Known::WriteConcernWait],
        what: "wait for the write concern",
        min_share: 0.3,
        at_most: Severity::Medium,
        meaning: "The write was done here and waited until other members had it too.",
        look: Some((mongodb_lookup::replication, "How far the members are behind.")),
        advice: (
            "Put writes that belong together into one command (bulkWrite, insertMany): it waits once. Look \
             why members are behind, or far away.",
            "A weaker write concern is no remedy: what is acknowledged may then be lost by an election.",
        ),
    },
    Wait {
        known: &[Known::OplogSlotTime],
        what: "hold oplog slots while they write",
        min_share: 0.5,
        at_most: Severity::Low,
        meaning: "Between the time that a write has its place in the oplog and its end nothing behind it can be \
                  read by secondaries: long writes hold up replication.",
        look: None,
        advice: (
            "Make the writes smaller: fewer documents in a command or a transaction, smaller documents, \
             fewer indexes.",
            "Time that an oplog slot is held is mostly work, not waiting.",
        ),
    },
    Wait {
        known: &[Known::PrepareConflictWait],
        what: "wait for prepared transactions",
        min_share: 0.3,
        at_most: Severity::Medium,
        meaning: "A transaction over several shards was about to commit, and what it changed cannot be read \
                  until it has.",
        look: None,
        advice: (
            "Keep transactions on one shard where they can be, by the shard key, and make them short.",
            "Which transaction it was the log of this member may not show.",
        ),
    },
    Wait {
        known: &[Known::SearchWait],
        what: "wait for the search server",
        min_share: 0.7,
        at_most: Severity::Low,
        meaning: "The time is spent in mongot, beside the database.",
        look: None,
        advice: (
            "Look at the search index and at what the query asks of it: fewer fields, a limit, stored source \
             in place of looking documents up.",
            "The log of the database does not show what the search server does.",
        ),
    },
    Wait {
        known: &[Known::RemoteWait],
        what: "wait for shards",
        min_share: 0.9,
        at_most: Severity::Info,
        meaning: "A router works by asking shards: the log of the shards shows where the time goes.",
        look: None,
        advice: (
            "Read the logs of the shards together with this one. Where a query goes to all of them, the shard \
             key in its predicates sends it to one.",
            "Of a router this is no trouble by itself.",
        ),
    },
];
