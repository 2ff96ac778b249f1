//! How many of something were open at once: sampled at the boundaries of intervals, so that parts
//! merge by adding. What begins and ends between two boundaries is not seen; the report says so.

use super::timeline::WIDTHS_S;

/// The most intervals between the first and the last boundary.
const MAX_BOUNDARIES: i64 = 1024;

/// A difference array over interval boundaries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Concurrency {
    /// Index into [`WIDTHS_S`].
    width: usize,
    /// Boundary number and how many more are open from it on; sorted by number.
    changes: Vec<(i64, i64)>,
}

/// The boundary at or after a time, of those that a wider width keeps.
fn ceil(number: i64, by: i64) -> i64 {
    -(number.saturating_neg().div_euclid(by))
}

impl Concurrency {
    /// Adds something that was open from a time up to another, in microseconds since the epoch.
    pub fn add(&mut self, from_us: i64, to_us: i64) {
        let width_us = 1_000_000 * self.width_s();
        self.put(ceil(from_us, width_us), 1);
        self.put(ceil(to_us.max(from_us), width_us), -1);
        self.fit();
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Concurrency) {
        if other.width > self.width {
            self.widen(other.width);
        }
        let ratio = WIDTHS_S[self.width] / WIDTHS_S[other.width];
        for (number, change) in &other.changes {
            self.put(ceil(*number, ratio), *change);
        }
        self.fit();
    }

    /// The distance of two boundaries in seconds.
    pub fn width_s(&self) -> i64 {
        WIDTHS_S[self.width]
    }

    /// How many were open at each boundary from the first to the last change: its time in
    /// microseconds since the epoch, and the number.
    pub fn samples(&self) -> Vec<(i64, u64)> {
        let width_us = 1_000_000 * self.width_s();
        let Some((first, last)) = self.changes.first().zip(self.changes.last()) else {
            return Vec::new();
        };
        let (mut open, mut next) = (0i64, 0);
        // The widest width keeps any period within the limit, but for clocks beyond all sense.
        let last = last.0.min(first.0.saturating_add(2 * MAX_BOUNDARIES));
        (first.0..=last)
            .map(|number| {
                while let Some((_, change)) = self.changes.get(next).filter(|c| c.0 <= number) {
                    open += change;
                    next += 1;
                }
                (number.saturating_mul(width_us), open.max(0) as u64)
            })
            .collect()
    }

    fn put(&mut self, number: i64, change: i64) {
        match self.changes.binary_search_by_key(&number, |(at, _)| *at) {
            // Zeros stay: the width depends on what was added, not on what cancels out.
            Ok(at) => self.changes[at].1 += change,
            Err(at) => self.changes.insert(at, (number, change)),
        }
    }

    fn fit(&mut self) {
        while let Some((first, last)) = self.changes.first().zip(self.changes.last())
            && last.0.saturating_sub(first.0) >= MAX_BOUNDARIES
            && self.width + 1 < WIDTHS_S.len()
        {
            self.widen(self.width + 1);
        }
    }

    fn widen(&mut self, width: usize) {
        let ratio = WIDTHS_S[width] / WIDTHS_S[self.width];
        self.width = width;
        for (number, change) in std::mem::take(&mut self.changes) {
            self.put(ceil(number, ratio), change);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn of(spans: &[(i64, i64)]) -> Concurrency {
        let mut open = Concurrency::default();
        spans.iter().for_each(|(from, length)| open.add(*from, from + length));
        open
    }

    proptest! {
        #[test]
        fn samples_are_those_of_brute_force_however_split(
            mut spans in prop::collection::vec((0i64..9_000_000_000, 0i64..3_000_000_000), 1..40),
            cut in 0usize..40,
        ) {
            let whole = of(&spans);
            for (at, open) in whole.samples() {
                let truth = spans.iter().filter(|(from, length)| *from <= at && at < from + length).count();
                prop_assert_eq!(open, truth as u64);
            }
            let cut = cut.min(spans.len());
            let mut left = of(&spans[..cut]);
            left.merge(&of(&spans[cut..]));
            prop_assert_eq!(&left, &whole);
            spans.reverse();
            prop_assert_eq!(of(&spans), whole);
        }
    }
}
