//! Lock waits and deadlocks, by what waited for what.

use super::occurrences::Occurrences;
use crate::lang::id::QueryId;
use crate::model::event::{LockObject, LockStep};
use crate::model::workload::capped::{Capped, Member};
use crate::model::workload::examples::Place;
use crate::model::workload::stats::smaller;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use xxhash_rust::xxh3::xxh3_64;

/// Groups of waits and of deadlocks kept, each.
const MAX_GROUPS: usize = 1000;
/// Classes kept of those that last ran in the sessions that held a lock.
const MAX_HOLDERS: usize = 8;
/// Deadlocks kept that a status told.
const MAX_REPEATED: usize = 1000;
/// How far the clocks of a log and of a status are apart at most, in microseconds: of whole seconds.
const CLOCKS_APART_US: u64 = 1_000_000;
/// Longest name kept of a table or mode, in bytes.
const MAX_NAME_BYTES: usize = 128;

/// A wait as it is added.
#[derive(Debug)]
pub(in crate::model) struct Wait<'a> {
    pub step: LockStep,
    pub mode: &'a [u8],
    pub object: LockObject,
    pub table: Option<&'a [u8]>,
    pub waited_us: u64,
    pub queue: u32,
    pub class: Option<QueryId>,
    pub holder: Option<QueryId>,
    pub time: Option<Timestamp>,
    pub place: Place,
}

/// Waits of one class for one kind of lock.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct WaitGroup {
    /// The class that waited, when the log says.
    pub class: Option<QueryId>,
    /// The mode it asked for.
    pub mode: Box<str>,
    /// On what kind of thing.
    pub object: LockObject,
    /// The table, when the log says it by name.
    pub table: Option<Box<str>>,
    /// Waits that were logged while they lasted.
    pub waiting: u64,
    /// Waits that ended in the lock.
    pub acquired: u64,
    /// Waits that ended without it.
    pub failed: u64,
    /// Time of the waits that ended, in microseconds.
    pub waited_us: u64,
    /// The longest wait logged, in microseconds.
    pub longest_us: u64,
    /// The longest queue logged.
    pub queue: u32,
    /// What the holders' sessions had last logged before the waits, with how often. Never proof of
    /// the cause. The smallest ids are kept.
    pub holders: BTreeMap<QueryId, u64>,
    /// First and last time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
    /// The longest wait logged, the earliest of equals: order and place.
    pub example: (Reverse<u64>, Option<Timestamp>, Place),
}

impl Member for WaitGroup {
    type Rest = u64;

    fn merge(&mut self, other: Self) {
        self.waiting += other.waiting;
        self.acquired += other.acquired;
        self.failed += other.failed;
        self.waited_us = self.waited_us.saturating_add(other.waited_us);
        self.longest_us = self.longest_us.max(other.longest_us);
        self.queue = self.queue.max(other.queue);
        for (class, count) in other.holders {
            *self.holders.entry(class).or_default() += count;
        }
        while self.holders.len() > MAX_HOLDERS {
            self.holders.pop_last();
        }
        self.first = smaller(self.first, other.first);
        self.last = self.last.max(other.last);
        self.example = self.example.min(other.example);
    }

    fn fold(self, rest: &mut u64) {
        *rest += self.waiting + self.acquired + self.failed;
    }
}

/// One process of a deadlock.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct DeadlockPart {
    /// The class of its statement, when the log says.
    pub class: Option<QueryId>,
    /// The mode it waited for.
    pub mode: Box<str>,
    /// On what kind of thing.
    pub object: LockObject,
    /// The table of that, when the log says it by name.
    pub table: Option<Box<str>>,
    /// The index of that, when the log says it by name.
    pub index: Option<Box<str>>,
}

/// Deadlocks with the same participants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct DeadlockGroup {
    /// Everyone in the cycle, sorted; empty where the log does not say.
    pub parts: Vec<DeadlockPart>,
    /// The table of the cancelled one, when the log says it by name.
    pub table: Option<Box<str>>,
    /// How many.
    pub count: u64,
    /// First time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
    /// The earliest one: time, place, and the class of the cancelled statement.
    pub example: (Option<Timestamp>, Place, Option<QueryId>),
}

impl Member for DeadlockGroup {
    type Rest = u64;

    fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.first = smaller(self.first, other.first);
        self.last = self.last.max(other.last);
        self.example = self.example.min(other.example);
    }

    fn fold(self, rest: &mut u64) {
        *rest += self.count;
    }
}

/// Lock waits and deadlocks of one server.
#[derive(Clone, Debug, Default)]
pub struct Locks {
    /// Waits that were logged while they lasted; sum and max in microseconds waited by then.
    pub waiting: Occurrences,
    /// Waits that ended in the lock; sum and max in microseconds.
    pub acquired: Occurrences,
    /// Waits that ended without it; sum and max in microseconds.
    pub failed: Occurrences,
    /// Deadlocks.
    pub deadlocks: Occurrences,
    groups: Capped<WaitGroup, MAX_GROUPS>,
    cycles: Capped<DeadlockGroup, MAX_GROUPS>,
    /// Those that a status told, however often, by key and time. They count once all is read.
    repeated: BTreeMap<(u64, Option<Timestamp>), DeadlockGroup>,
}

impl Locks {
    pub(in crate::model) fn add_wait(&mut self, wait: &Wait<'_>) {
        let of_step = match wait.step {
            LockStep::Waiting => &mut self.waiting,
            LockStep::Acquired => &mut self.acquired,
            LockStep::Failed => &mut self.failed,
        };
        of_step.add(wait.time, wait.waited_us, wait.place);
        let mode = name(wait.mode);
        let table = wait.table.map(name);
        let class = wait.class.map_or(0, |id| id.0);
        let key = format!("{class:x}\0{mode}\0{}\0{table:?}", wait.object.word());
        let is = |step| u64::from(wait.step == step);
        let is_over = wait.step != LockStep::Waiting;
        // Who still waits tells who holds; once the lock is had, others may have got it before.
        let holder = wait.holder.filter(|_| !is_over);
        self.groups.add(
            xxh3_64(key.as_bytes()),
            WaitGroup {
                class: wait.class,
                mode,
                object: wait.object,
                table,
                waiting: is(LockStep::Waiting),
                acquired: is(LockStep::Acquired),
                failed: is(LockStep::Failed),
                waited_us: if is_over { wait.waited_us } else { 0 },
                longest_us: wait.waited_us,
                queue: wait.queue,
                holders: holder.into_iter().map(|class| (class, 1)).collect(),
                first: wait.time,
                last: wait.time,
                example: (Reverse(wait.waited_us), wait.time, wait.place),
            },
        );
    }

    pub(in crate::model) fn add_deadlock(
        &mut self,
        parts: Vec<DeadlockPart>,
        table: Option<&[u8]>,
        example: (Option<Timestamp>, Place, Option<QueryId>),
    ) {
        self.deadlocks.add(example.0, 0, example.1);
        let (key, group) = cycle(parts, table, example);
        self.cycles.add(key, group);
    }

    /// Adds a deadlock that a status tells until there is another one.
    pub(in crate::model) fn add_repeated_deadlock(
        &mut self,
        parts: Vec<DeadlockPart>,
        table: Option<&[u8]>,
        example: (Option<Timestamp>, Place, Option<QueryId>),
    ) {
        let (key, group) = cycle(parts, table, example);
        self.keep_repeated((key, example.0), group);
    }

    fn keep_repeated(&mut self, key: (u64, Option<Timestamp>), group: DeadlockGroup) {
        match self.repeated.entry(key) {
            Entry::Vacant(free) => {
                free.insert(group);
            }
            Entry::Occupied(mut mine) => {
                let example = &mut mine.get_mut().example;
                *example = (*example).min(group.example);
            }
        }
        while self.repeated.len() > MAX_REPEATED {
            self.repeated.pop_last();
        }
    }

    /// Counts the deadlocks that statuses told, but for those that the log told at their time.
    pub(in crate::model) fn count_repeated(&mut self) {
        for ((key, time), group) in std::mem::take(&mut self.repeated) {
            let near = |at: Option<Timestamp>| {
                at.zip(time).is_some_and(|(at, time)| at.0.abs_diff(time.0) <= CLOCKS_APART_US)
            };
            let is_told = self.cycles.get_mut(key).is_some_and(|told| {
                near(told.first) || near(told.last) || (told.first < time && time < told.last)
            });
            if !is_told {
                self.deadlocks.add(group.example.0, 0, group.example.1);
                self.cycles.add(key, group);
            }
        }
    }

    pub(in crate::model) fn merge(&mut self, other: Locks) {
        self.waiting.merge(&other.waiting);
        self.acquired.merge(&other.acquired);
        self.failed.merge(&other.failed);
        self.deadlocks.merge(&other.deadlocks);
        self.groups.merge(other.groups, |rest, theirs| *rest += theirs);
        self.cycles.merge(other.cycles, |rest, theirs| *rest += theirs);
        for (key, group) in other.repeated {
            self.keep_repeated(key, group);
        }
    }

    /// Waits by class and lock, most time waited first.
    pub fn groups(&self) -> Vec<&WaitGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|g| {
            (
                Reverse((g.waited_us, g.waiting, g.longest_us)),
                (g.class, &g.mode, g.object, &g.table),
            )
        });
        groups
    }

    /// Records of waits that are in no group, because there were too many.
    pub fn folded_waits(&self) -> u64 {
        self.groups.rest
    }

    /// Deadlocks by participants, most frequent first.
    pub fn cycles(&self) -> Vec<&DeadlockGroup> {
        let mut cycles: Vec<_> = self.cycles.values().collect();
        cycles.sort_by_key(|c| (Reverse(c.count), c.first, &c.parts, &c.table));
        cycles
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let waits = self.groups.values_mut().map(|group| &mut group.example.2);
        let all = [&mut self.waiting, &mut self.acquired, &mut self.failed, &mut self.deadlocks];
        waits
            .chain(self.cycles.values_mut().map(|cycle| &mut cycle.example.1))
            .chain(self.repeated.values_mut().map(|cycle| &mut cycle.example.1))
            .chain(all.into_iter().filter_map(|o| o.largest.place_mut()))
    }
}

/// A deadlock as a group of its own, and the key of its group.
fn cycle(
    mut parts: Vec<DeadlockPart>,
    table: Option<&[u8]>,
    example: (Option<Timestamp>, Place, Option<QueryId>),
) -> (u64, DeadlockGroup) {
    parts.sort_unstable();
    let table = table.map(name);
    let key = xxh3_64(format!("{parts:?}\0{table:?}").as_bytes());
    let (first, last) = (example.0, example.0);
    (key, DeadlockGroup { parts, table, count: 1, first, last, example })
}

/// A name as it is kept.
pub(in crate::model) fn name(text: &[u8]) -> Box<str> {
    let text = String::from_utf8_lossy(text);
    text[..text.floor_char_boundary(MAX_NAME_BYTES)].into()
}
