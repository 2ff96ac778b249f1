//! A second grouping beside classes: numbers by the value of one dimension, with a cap that keeps
//! merging exact (the values with the smallest hashes stay, the rest is summed).

use super::stats::Stats;
use super::threshold::Threshold;
use crate::time::Timestamp;
use hashbrown::HashMap;
use xxhash_rust::xxh3::xxh3_64;

/// Values kept.
const MAX_GROUPS: usize = 10_000;

/// Numbers by value.
#[derive(Clone, Debug, Default)]
pub struct Groups {
    members: HashMap<u64, (Box<str>, Stats)>,
    threshold: Threshold,
    /// Runs of values that were folded.
    folded: Stats,
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
        let stats = match value {
            None => &mut self.without,
            Some(value) => {
                let key = xxh3_64(value.as_bytes());
                if !self.threshold.keeps(key) {
                    &mut self.folded
                } else {
                    &mut self
                        .members
                        .entry(key)
                        .or_insert_with(|| (value.into(), Stats::default()))
                        .1
                }
            }
        };
        stats.add(time, duration_us, slow_from_us);
        self.fit();
    }

    pub(super) fn merge(&mut self, other: Groups) {
        while self.threshold.is_above(other.threshold) {
            self.halve();
        }
        self.folded.merge(&other.folded);
        self.without.merge(&other.without);
        for (key, (value, stats)) in other.members {
            if !self.threshold.keeps(key) {
                self.folded.merge(&stats);
            } else {
                self.members
                    .entry(key)
                    .or_insert_with(|| (value, Stats::default()))
                    .1
                    .merge(&stats);
            }
        }
        self.fit();
    }

    fn fit(&mut self) {
        while self.members.len() > MAX_GROUPS {
            self.halve();
        }
    }

    fn halve(&mut self) {
        self.threshold.halve();
        let threshold = self.threshold;
        let folded = &mut self.folded;
        self.members.retain(|key, (_, stats)| {
            let stays = threshold.keeps(*key);
            if !stays {
                folded.merge(stats);
            }
            stays
        });
    }

    /// Value and numbers, most time first; last, without a value, the runs that have none and those
    /// that were folded.
    pub fn ranked(&self) -> Vec<(Option<&str>, &Stats)> {
        let mut ranked: Vec<_> =
            self.members.values().map(|(value, stats)| (Some(&**value), stats)).collect();
        ranked.sort_by_key(|(value, s)| (std::cmp::Reverse((s.total_us, s.calls)), *value));
        ranked.extend(
            [&self.without, &self.folded].into_iter().filter(|s| s.calls > 0).map(|s| (None, s)),
        );
        ranked
    }
}
