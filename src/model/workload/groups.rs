//! A second grouping beside classes: numbers by the value of one dimension, with a cap that keeps
//! merging exact (the values with the smallest hashes stay, the rest is summed).

use super::capped::{Capped, Member};
use super::stats::Stats;
use crate::time::Timestamp;
use xxhash_rust::xxh3::xxh3_64;

/// Values kept.
const MAX_GROUPS: usize = 10_000;

/// The numbers of one value.
#[derive(Clone, Debug)]
struct Group {
    value: Box<str>,
    stats: Stats,
}

impl Member for Group {
    type Rest = Stats;

    fn merge(&mut self, other: Self) {
        self.stats.merge(&other.stats);
    }

    fn fold(self, rest: &mut Stats) {
        rest.merge(&self.stats);
    }
}

/// Numbers by value.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    members: Capped<Group, MAX_GROUPS>,
    /// Runs without a value.
    without: Stats,
}

impl Groups {
    pub(super) fn add(
        &mut self,
        value: Option<&str>,
        time: Option<Timestamp>,
        duration_us: Option<u64>,
        slow_from_us: u64,
    ) {
        let Some(value) = value else {
            return self.without.add(time, duration_us, slow_from_us);
        };
        let key = xxh3_64(value.as_bytes());
        if let Some(group) = self.members.get_mut(key) {
            return group.stats.add(time, duration_us, slow_from_us);
        }
        let mut stats = Stats::default();
        stats.add(time, duration_us, slow_from_us);
        self.members.add(key, Group { value: value.into(), stats });
    }

    pub(super) fn merge(&mut self, other: Groups) {
        self.without.merge(&other.without);
        self.members.merge(other.members, |rest, theirs| rest.merge(&theirs));
    }

    /// Value and numbers, most time first; last, without a value, the runs that have none and those
    /// that were folded.
    pub fn ranked(&self) -> Vec<(Option<&str>, &Stats)> {
        let mut ranked: Vec<_> =
            self.members.values().map(|group| (Some(&*group.value), &group.stats)).collect();
        ranked.sort_by_key(|(value, s)| (std::cmp::Reverse((s.total_us, s.calls)), *value));
        ranked.extend(
            [&self.without, &self.members.rest]
                .into_iter()
                .filter(|s| s.calls > 0)
                .map(|s| (None, s)),
        );
        ranked
    }
}
