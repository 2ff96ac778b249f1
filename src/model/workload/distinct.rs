//! How many different things were seen: exact while they fit, an unbiased estimate after.

use super::threshold::Threshold;
use hashbrown::HashSet;

/// A set of hashes that keeps those below a threshold only.
#[derive(Clone, Debug)]
pub struct Distinct {
    hashes: HashSet<u64>,
    capacity: usize,
    threshold: Threshold,
}

impl Distinct {
    /// An empty set that keeps so many hashes before its threshold is halved.
    pub fn with_capacity(capacity: usize) -> Self {
        Distinct { hashes: HashSet::new(), capacity, threshold: Threshold::default() }
    }

    /// Adds a well-mixed hash.
    pub fn add(&mut self, hash: u64) {
        if self.threshold.keeps(hash) && self.hashes.insert(hash) {
            while self.hashes.len() > self.capacity {
                self.halve();
            }
        }
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: &Distinct) {
        while self.threshold.is_above(other.threshold) {
            self.halve();
        }
        other.hashes.iter().for_each(|hash| self.add(*hash));
    }

    /// The number of different things; exact when [`Distinct::is_exact`].
    pub fn count(&self) -> u64 {
        self.hashes.len() as u64 * self.threshold.weight()
    }

    /// Whether nothing was left out.
    pub fn is_exact(&self) -> bool {
        self.threshold.weight() == 1
    }

    /// The share of the smaller set that also stands in the other, estimated from what both would
    /// have kept; 0 when either is empty.
    pub fn overlap(&self, other: &Distinct) -> f64 {
        let threshold = self.threshold.lower(other.threshold);
        let below = |set: &Distinct| set.hashes.iter().filter(|h| threshold.keeps(**h)).count();
        let smaller = below(self).min(below(other));
        let common = self
            .hashes
            .iter()
            .filter(|h| threshold.keeps(**h) && other.hashes.contains(*h))
            .count();
        common as f64 / smaller.max(1) as f64
    }

    fn halve(&mut self) {
        self.threshold.halve();
        self.hashes.retain(|hash| self.threshold.keeps(*hash));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use xxhash_rust::xxh3::xxh3_64;

    #[test]
    fn counts_stay_close_and_splits_agree() {
        let hash = |n: u64| xxh3_64(&n.to_le_bytes());
        let of = |range: std::ops::Range<u64>| {
            let mut set = Distinct::with_capacity(1000);
            range.for_each(|n| set.add(hash(n)));
            set
        };
        assert_eq!(of(0..900).count(), 900);
        let whole = of(0..50_000);
        assert!(!whole.is_exact() && whole.count().abs_diff(50_000) < 5_000, "{}", whole.count());
        let mut joined = of(20_000..50_000);
        joined.merge(&of(0..30_000));
        assert_eq!(joined.count(), whole.count());
        assert!((of(0..2_000).overlap(&whole) - 1.0).abs() < 1e-9);
        assert_eq!(of(0..2_000).overlap(&of(2_000..9_000)), 0.0);
    }
}
