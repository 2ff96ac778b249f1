//! Durations by size: log-linear buckets with 64 steps an octave, so that a bucket's mean is within
//! 1.6 % of any value in it. Counts and sums are integers, so merging is exact in any order.
//!
//! Sparse on purpose: most classes of a busy log have a handful of calls.

mod places;

use super::reserve_few;
use places::Places;
use serde::Serialize;

/// Steps per octave as a power of two.
const STEP_BITS: u32 = 6;
/// Values below this have a bucket each.
const LINEAR: u64 = 1 << (STEP_BITS + 1);
/// The declared relative error of a percentile, as a share.
pub const RELATIVE_ERROR: f64 = 0.016;

/// One bucket that holds something.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
pub struct Bucket {
    index: u16,
    /// How many values fell into it.
    pub count: u64,
    /// Their sum, in microseconds.
    pub sum_us: u64,
}

impl Bucket {
    /// The largest value of the bucket, in microseconds.
    pub fn upper_us(&self) -> u64 {
        upper(self.index)
    }

    /// The mean of what fell into it, in microseconds.
    pub fn mean_us(&self) -> f64 {
        self.sum_us as f64 / self.count.max(1) as f64
    }
}

/// Buckets from which finding one is worth some memory.
const MANY: usize = 32;

/// A histogram of microseconds.
#[derive(Clone, Debug, Default)]
pub struct Histogram {
    buckets: Vec<Bucket>,
    // Boxed: most histograms have few buckets.
    places: Option<Box<Places>>,
}

impl PartialEq for Histogram {
    fn eq(&self, other: &Self) -> bool {
        self.buckets == other.buckets
    }
}

impl Eq for Histogram {}

impl Histogram {
    /// Adds one value.
    pub fn add(&mut self, value_us: u64) {
        self.put(index(value_us), 1, value_us);
    }

    /// Adds all of another histogram.
    pub fn merge(&mut self, other: &Histogram) {
        if self.buckets.is_empty() {
            self.clone_from(other);
            return;
        }
        for bucket in &other.buckets {
            self.put(bucket.index, bucket.count, bucket.sum_us);
        }
    }

    fn put(&mut self, index: u16, count: u64, sum_us: u64) {
        match self.find(index) {
            Ok(at) => {
                let bucket = &mut self.buckets[at];
                bucket.count += count;
                bucket.sum_us = bucket.sum_us.saturating_add(sum_us);
            }
            Err(at) => {
                reserve_few(&mut self.buckets);
                self.buckets.insert(at, Bucket { index, count, sum_us });
                if let Some(places) = &mut self.places {
                    places.insert(index, at);
                } else if self.buckets.len() > MANY {
                    let indices = self.buckets.iter().map(|bucket| bucket.index);
                    self.places = Some(Box::new(Places::of(indices)));
                }
            }
        }
    }

    /// The place of a bucket, or where it belongs. A busy class fills the buckets of its usual
    /// durations without gaps, so the place is mostly the distance from the first, or a few before.
    fn find(&self, index: u16) -> Result<usize, usize> {
        let first = self.buckets.first().map_or(0, |b| b.index);
        let distance = usize::from(index.saturating_sub(first));
        let guess = distance.min(self.buckets.len().saturating_sub(1));
        let near = self.buckets.get(guess.saturating_sub(3)..=guess).unwrap_or_default();
        match near.iter().rposition(|b| b.index == index) {
            Some(at) => Ok(guess.saturating_sub(3) + at),
            None => match &self.places {
                Some(places) => places.find(index),
                None => self.buckets.binary_search_by_key(&index, |b| b.index),
            },
        }
    }

    /// The buckets that hold something, smallest values first.
    pub fn buckets(&self) -> &[Bucket] {
        &self.buckets
    }

    /// How many values it holds.
    pub fn count(&self) -> u64 {
        self.buckets.iter().map(|b| b.count).sum()
    }

    /// The value below or at which the share `q` (0 to 1) of all values lies (nearest rank), in
    /// microseconds, within [`RELATIVE_ERROR`]; `None` when empty.
    pub fn quantile_us(&self, q: f64) -> Option<f64> {
        let count = self.count();
        if count == 0 {
            return None;
        }
        let rank = ((q * count as f64).ceil() as u64).clamp(1, count);
        let mut seen = 0;
        self.buckets
            .iter()
            .find(|b| {
                seen += b.count;
                seen >= rank
            })
            .map(Bucket::mean_us)
    }
}

/// The bucket of a value.
fn index(value: u64) -> u16 {
    if value < LINEAR {
        return value as u16;
    }
    let octave = 63 - value.leading_zeros(); // at least STEP_BITS + 1
    let step = (value >> (octave - STEP_BITS)) & ((1 << STEP_BITS) - 1);
    let base = LINEAR as u32 + (octave - STEP_BITS - 1) * (1 << STEP_BITS);
    (base + step as u32) as u16
}

/// The largest value of a bucket.
fn upper(index: u16) -> u64 {
    let index = u64::from(index);
    if index < LINEAR {
        return index;
    }
    let octave = (index - LINEAR) / (1 << STEP_BITS) + u64::from(STEP_BITS) + 1;
    let step = (index - LINEAR) % (1 << STEP_BITS);
    let width = 1u64 << (octave - u64::from(STEP_BITS));
    let lower = (1u64 << octave) + step * width;
    lower.saturating_add(width - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn buckets_tile_the_numbers() {
        for value in (0..100_000).chain([u64::MAX, u64::MAX / 3, 1 << 40]) {
            let at = index(value);
            assert!(value <= upper(at), "{value} lies above its bucket");
            assert!(at == 0 || value > upper(at - 1), "{value} lies below its bucket");
        }
    }

    proptest! {
        #[test]
        fn quantiles_keep_the_declared_error(mut values in prop::collection::vec(1u64..1 << 44, 1..300), q in 0.01f64..1.0) {
            let mut histogram = Histogram::default();
            values.iter().for_each(|v| histogram.add(*v));
            values.sort_unstable();
            let rank = ((q * values.len() as f64).ceil() as usize).clamp(1, values.len());
            let (truth, got) = (values[rank - 1] as f64, histogram.quantile_us(q).unwrap());
            prop_assert!((got - truth).abs() <= truth * RELATIVE_ERROR, "{got} for {truth}");
        }

        #[test]
        fn merging_is_adding(a in prop::collection::vec(any::<u32>(), 0..50), b in prop::collection::vec(any::<u32>(), 0..50)) {
            let of = |values: &[u32]| { let mut h = Histogram::default(); values.iter().for_each(|v| h.add(u64::from(*v))); h };
            let (mut left, mut right) = (of(&a), of(&b));
            left.merge(&of(&b));
            right.merge(&of(&a));
            prop_assert_eq!(&left, &right);
            prop_assert_eq!(left, of(&[a, b].concat()));
        }
    }
}
