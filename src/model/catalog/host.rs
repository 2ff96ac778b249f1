//! The machine that a server runs on, as tools of its operating system tell.

use crate::model::workload::examples::Place;
use crate::time::Timestamp;
use std::cmp::Reverse;

/// Parts of a whole in which shares are counted, so that sums stay exact.
const WHOLE_PPM: f64 = 1e6;

/// How busy the processors were, all together, over samples.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CpuUse {
    /// Samples.
    pub samples: u64,
    /// Sum of the busy shares, in parts per million.
    pub sum_ppm: u64,
    /// The busiest sample, in parts per million.
    pub max_ppm: u32,
    /// When that was, where the samples have times: the first of equals.
    pub max_at: Option<Timestamp>,
    /// The first time.
    pub first: Option<Timestamp>,
    /// The last time.
    pub last: Option<Timestamp>,
    /// Where the first of them stands.
    pub place: Place,
}

impl CpuUse {
    /// One sample: a share of 0 to 1; `None` where it is none.
    pub fn of(share: f64, time: Option<Timestamp>, place: Place) -> Option<Self> {
        let ppm = (0.0..=1.0).contains(&share).then(|| (share * WHOLE_PPM).round() as u32)?;
        Some(CpuUse {
            samples: 1,
            sum_ppm: u64::from(ppm),
            max_ppm: ppm,
            max_at: time,
            first: time,
            last: time,
            place,
        })
    }

    /// Adds other samples.
    pub fn merge(&mut self, other: &CpuUse) {
        self.samples = self.samples.saturating_add(other.samples);
        self.sum_ppm = self.sum_ppm.saturating_add(other.sum_ppm);
        let rank = |one: &CpuUse| (one.max_ppm, one.max_at.is_some(), Reverse(one.max_at));
        if rank(self) < rank(other) {
            (self.max_ppm, self.max_at) = (other.max_ppm, other.max_at);
        }
        self.first = [self.first, other.first].into_iter().flatten().min();
        self.last = self.last.max(other.last);
        self.place = self.place.min(other.place);
    }

    /// The mean busy share, 0 to 1.
    pub fn mean_share(&self) -> f64 {
        self.sum_ppm as f64 / self.samples.max(1) as f64 / WHOLE_PPM
    }

    /// The busiest share, 0 to 1.
    pub fn max_share(&self) -> f64 {
        f64::from(self.max_ppm) / WHOLE_PPM
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_add_up_in_any_order() {
        let place = |offset| Place { source: 0, offset, line_in_chunk: 0 };
        let one = |share, at| CpuUse::of(share, at, place(1)).expect("a share");
        let all = [
            one(0.5, Some(Timestamp(3))),
            one(0.9, None),
            one(0.9, Some(Timestamp(2))),
            one(0.9, Some(Timestamp(7))),
        ];
        let sum = |order: [usize; 4]| {
            let mut sum = all[order[0]].clone();
            order[1..].iter().for_each(|at| sum.merge(&all[*at]));
            sum
        };
        let whole = sum([0, 1, 2, 3]);
        for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
            assert_eq!(sum(order), whole);
        }
        assert_eq!((whole.samples, whole.max_at), (4, Some(Timestamp(2))));
        assert!((whole.mean_share() - 0.8).abs() < 1e-9);
        assert!(
            CpuUse::of(1.2, None, place(0)).is_none()
                && CpuUse::of(f64::NAN, None, place(0)).is_none()
        );
    }
}
