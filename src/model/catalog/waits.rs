//! What sessions were seen doing, in samples of the server's list of sessions: a profile of waits.
//!
//! A sample is one look at all sessions. Counted is in how many samples something was seen, so that
//! profiles of the same server add up in any order. Bounded: past [`KEPT_MAX`] kinds, those with the
//! smallest hashes stay and the others are counted together.

use crate::lang::id::QueryId;
use crate::model::workload::threshold::Threshold;
use crate::time::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use xxhash_rust::xxh3::xxh3_64;

/// So many kinds of waits are kept apart.
const KEPT_MAX: usize = 2_000;

/// A statement is kept up to so many bytes.
const STATEMENT_MAX: usize = 200;

/// Whose statement something is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Doer {
    /// A class of statements.
    Class(QueryId),
    /// A statement by the server's own number for it, where its text is not shown.
    ServerId(i64),
    /// A session whose statement is not shown.
    Session(u64),
}

impl std::fmt::Display for Doer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Doer::Class(id) => id.fmt(f),
            Doer::ServerId(id) => id.fmt(f),
            Doer::Session(id) => write!(f, "session {id}"),
        }
    }
}

/// What a session was seen doing.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Wait {
    /// The statement that it ran.
    pub doer: Option<Doer>,
    /// The kind of event that it waited for, as the server names it; `None` where it named none.
    pub event_type: Option<Box<str>>,
    /// The event; `None` where it waited for nothing that the server tells of.
    pub event: Option<Box<str>>,
    /// The state of the session: `active`, `idle in transaction`, `Query`.
    pub state: Option<Box<str>>,
    /// What kept it waiting.
    pub blocked_by: Option<Doer>,
}

impl Wait {
    /// The classes that it is about.
    fn classes(&self) -> impl Iterator<Item = QueryId> {
        let both = self.doer.into_iter().chain(self.blocked_by);
        both.filter_map(|doer| match doer {
            Doer::Class(id) => Some(id),
            Doer::ServerId(_) | Doer::Session(_) => None,
        })
    }

    fn hash(&self) -> u64 {
        xxh3_64(format!("{self:?}").as_bytes())
    }
}

/// A profile of waits.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct WaitProfile {
    /// How many samples there were.
    pub samples: u64,
    /// When the first was taken.
    pub first: Option<Timestamp>,
    /// When the last was taken.
    pub last: Option<Timestamp>,
    /// Kinds of waits that found no room, each as often as it was seen.
    pub folded: u64,
    /// In how many samples each kind was seen.
    seen: BTreeMap<Wait, u64>,
    /// The normalised statements of the classes that were seen.
    statements: BTreeMap<QueryId, Box<str>>,
    threshold: Threshold,
}

impl WaitProfile {
    /// Adds one look at all sessions. `statement` gives the normalised statement of a class.
    pub fn add_sample<'s>(
        &mut self,
        taken: Option<Timestamp>,
        waits: BTreeSet<Wait>,
        statement: impl Fn(QueryId) -> Option<&'s str>,
    ) {
        let first = self.first.into_iter().chain(taken).min();
        self.first = first;
        self.last = self.last.max(taken);
        self.samples += 1;
        for class in waits.iter().flat_map(Wait::classes) {
            let Some(text) = statement(class) else { continue };
            let text = || text.get(..text.floor_char_boundary(STATEMENT_MAX)).unwrap_or_default();
            self.statements.entry(class).or_insert_with(|| text().into());
        }
        waits.into_iter().for_each(|wait| self.add(wait, 1));
        self.forget_statements();
    }

    /// The normalised statement of a class, its beginning if it is long.
    pub fn statement(&self, class: QueryId) -> Option<&str> {
        self.statements.get(&class).map(AsRef::as_ref)
    }

    /// Adds all samples of another profile.
    pub fn merge(&mut self, other: WaitProfile) {
        self.first = self.first.into_iter().chain(other.first).min();
        self.last = self.last.max(other.last);
        self.samples += other.samples;
        self.folded += other.folded;
        self.threshold = self.threshold.lower(other.threshold);
        self.fold();
        other.seen.into_iter().for_each(|(wait, samples)| self.add(wait, samples));
        self.statements.extend(other.statements);
        self.forget_statements();
    }

    /// What was seen, and in how many samples.
    pub fn seen(&self) -> impl Iterator<Item = (&Wait, u64)> {
        self.seen.iter().map(|(wait, samples)| (wait, *samples))
    }

    fn add(&mut self, wait: Wait, samples: u64) {
        if !self.threshold.keeps(wait.hash()) {
            self.folded += samples;
            return;
        }
        *self.seen.entry(wait).or_default() += samples;
        while self.seen.len() > KEPT_MAX {
            self.threshold.halve();
            self.fold();
        }
    }

    /// Forgets the statements of classes of which nothing is kept.
    fn forget_statements(&mut self) {
        if self.threshold != Threshold::default() {
            let kept: BTreeSet<QueryId> = self.seen.keys().flat_map(Wait::classes).collect();
            self.statements.retain(|class, _| kept.contains(class));
        }
    }

    /// Folds what the threshold does not keep.
    fn fold(&mut self) {
        let (threshold, folded) = (self.threshold, &mut self.folded);
        self.seen.retain(|wait, samples| {
            let is_kept = threshold.keeps(wait.hash());
            *folded += if is_kept { 0 } else { *samples };
            is_kept
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A look at so many sessions, each of its own kind.
    fn look(at: i64, sessions: std::ops::Range<u64>) -> WaitProfile {
        let mut profile = WaitProfile::default();
        let wait = |id| Wait { doer: Some(Doer::Class(QueryId(id))), ..Wait::default() };
        let waits = sessions.map(wait).collect();
        profile.add_sample(Some(Timestamp(at)), waits, |_| Some("select ?"));
        profile
    }

    #[test]
    fn profiles_merge_to_the_same_in_any_order_and_stay_small() {
        let parts =
            [look(3, 0..1_500), look(1, 1_000..2_600), look(2, 0..40), look(9, 2_500..4_000)];
        let merged = |order: [usize; 4]| {
            let mut whole = WaitProfile::default();
            order.into_iter().for_each(|at| whole.merge(parts[at].clone()));
            whole
        };
        let whole = merged([0, 1, 2, 3]);
        assert_eq!(
            (whole.samples, whole.first, whole.last),
            (4, Some(Timestamp(1)), Some(Timestamp(9)))
        );
        let seen: u64 = whole.seen().map(|(_, samples)| samples).sum();
        assert!(whole.seen().count() <= KEPT_MAX && whole.folded > 0);
        assert_eq!(whole.statements.len(), whole.seen().count());
        assert_eq!(seen + whole.folded, 1_500 + 1_600 + 40 + 1_500);
        for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            assert_eq!(merged(order), whole, "{order:?}");
        }
    }
}
