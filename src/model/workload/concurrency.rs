//! How many of something were open at once, and for how long together: sampled at the boundaries of
//! intervals, so that parts merge by adding. What begins and ends between two boundaries is in the
//! time but in no sample; the report says so.
//!
//! Something that is open from `a` to `b` is one more from the boundary after `a` on and one less
//! from that after `b` on. Each boundary also keeps how far these changes really came before it:
//! that corrects the product of width and number to the exact time, however many intervals lie
//! between `a` and `b`.

use super::timeline::WIDTHS_S;

/// The most intervals between the first and the last boundary.
const MAX_BOUNDARIES: i64 = 1024;

/// What changes at one boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Change {
    /// The boundary's number: its seconds since the epoch divided by the width.
    number: i64,
    /// How many more are open from it on.
    opened: i64,
    /// By how many microseconds they opened before it, less those that closed.
    early_us: i128,
}

/// One boundary.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sample {
    /// Its time in microseconds since the epoch.
    pub at_us: i64,
    /// How many were open then.
    pub open: u64,
    /// The time in microseconds, of all together, that was spent open since the boundary before.
    pub before_us: u64,
}

/// A difference array over interval boundaries.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Concurrency {
    /// Index into [`WIDTHS_S`].
    width: usize,
    /// Sorted by number.
    changes: Vec<Change>,
}

/// The boundary at or after another, of those that a wider width keeps.
fn ceil(number: i64, by: i64) -> i64 {
    -(number.saturating_neg().div_euclid(by))
}

impl Concurrency {
    /// Adds something that was open from a time up to another, in microseconds since the epoch.
    #[inline]
    pub fn add(&mut self, from_us: i64, to_us: i64) {
        let to_us = to_us.max(from_us);
        let width_us = self.width_us();
        // Most is short and comes in order, or in reverse: it lies in the interval before the last
        // boundary, or the first.
        for at in [self.changes.len().wrapping_sub(1), 0] {
            let Some(change) = self.changes.get_mut(at) else { break };
            let end_us = change.number.saturating_mul(width_us);
            if to_us <= end_us && from_us > end_us.saturating_sub(width_us) {
                change.early_us += i128::from(to_us) - i128::from(from_us);
                return;
            }
        }
        self.put(change(from_us, 1, width_us));
        self.put(change(to_us, -1, width_us));
        self.fit();
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: &Concurrency) {
        if other.width > self.width {
            self.widen(other.width);
        }
        for change in &other.changes {
            self.put(self.widened(*change, other.width));
        }
        self.fit();
    }

    /// The distance of two boundaries in seconds.
    pub fn width_s(&self) -> i64 {
        WIDTHS_S[self.width]
    }

    fn width_us(&self) -> i64 {
        1_000_000 * self.width_s()
    }

    /// Each boundary from the first change to the last.
    pub fn samples(&self) -> Vec<Sample> {
        let width_us = self.width_us();
        let Some((first, last)) = self.changes.first().zip(self.changes.last()) else {
            return Vec::new();
        };
        let (mut open, mut next) = (0i64, 0);
        // The widest width keeps any period within the limit, but for clocks beyond all sense.
        let last = last.number.min(first.number.saturating_add(2 * MAX_BOUNDARIES));
        (first.number..=last)
            .map(|number| {
                let mut before_us = i128::from(open) * i128::from(width_us);
                while let Some(change) = self.changes.get(next).filter(|c| c.number <= number) {
                    open = open.saturating_add(change.opened);
                    before_us += change.early_us;
                    next += 1;
                }
                Sample {
                    at_us: number.saturating_mul(width_us),
                    open: open.max(0) as u64,
                    before_us: u64::try_from(before_us.max(0)).unwrap_or(u64::MAX),
                }
            })
            .collect()
    }

    fn put(&mut self, change: Change) {
        match self.changes.binary_search_by_key(&change.number, |c| c.number) {
            // Zeros stay: the width depends on what was added, not on what cancels out.
            Ok(at) => {
                self.changes[at].opened += change.opened;
                self.changes[at].early_us += change.early_us;
            }
            Err(at) => self.changes.insert(at, change),
        }
    }

    fn fit(&mut self) {
        while let Some((first, last)) = self.changes.first().zip(self.changes.last())
            && last.number.saturating_sub(first.number) >= MAX_BOUNDARIES
            && self.width + 1 < WIDTHS_S.len()
        {
            self.widen(self.width + 1);
        }
    }

    fn widen(&mut self, width: usize) {
        let old_width = std::mem::replace(&mut self.width, width);
        for change in std::mem::take(&mut self.changes) {
            self.put(self.widened(change, old_width));
        }
    }

    /// A change at a boundary of a narrower width, at the one after it that this width keeps.
    fn widened(&self, change: Change, old_width: usize) -> Change {
        let old_width_s = WIDTHS_S[old_width];
        let ratio = self.width_s() / old_width_s;
        let number = ceil(change.number, ratio);
        let between = i128::from(number) * i128::from(ratio) - i128::from(change.number);
        let between_us = between * i128::from(1_000_000 * old_width_s);
        let early_us = change.early_us + i128::from(change.opened) * between_us;
        Change { number, early_us, ..change }
    }
}

/// What opens (1) or closes (-1) at a time.
fn change(at_us: i64, opened: i64, width_us: i64) -> Change {
    let number = ceil(at_us, width_us);
    let early_us = i128::from(number) * i128::from(width_us) - i128::from(at_us);
    Change { number, opened, early_us: i128::from(opened) * early_us }
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

    /// Most spans are short, some reach over many intervals and beyond the period.
    fn spans() -> impl Strategy<Value = Vec<(i64, i64)>> {
        let length = prop_oneof![0i64..900_000, 0i64..30_000_000, 0i64..3_000_000_000];
        let from = prop_oneof![0i64..20_000_000, -90_000_000i64..9_000_000_000];
        prop::collection::vec((from, length), 1..60)
    }

    proptest! {
        #[test]
        fn samples_are_those_of_brute_force_however_split(
            mut spans in spans(),
            cuts in prop::collection::vec(0usize..60, 0..4),
        ) {
            let whole = of(&spans);
            let width_us = whole.width_us();
            let samples = whole.samples();
            for sample in &samples {
                let at = sample.at_us;
                let open = spans.iter().filter(|(from, length)| *from <= at && at < from + length);
                prop_assert_eq!(sample.open, open.count() as u64);
                let overlap = |(from, length): &(i64, i64)| {
                    ((from + length).min(at) - from.max(&(at - width_us))).max(0)
                };
                prop_assert_eq!(sample.before_us, spans.iter().map(overlap).sum::<i64>() as u64);
            }
            let all_us = spans.iter().map(|(_, length)| *length as u64).sum::<u64>();
            prop_assert_eq!(samples.iter().map(|sample| sample.before_us).sum::<u64>(), all_us);

            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(spans.len())).collect();
            cuts.extend([0, spans.len()]);
            cuts.sort_unstable();
            let parts = cuts.windows(2).map(|cut| of(&spans[cut[0]..cut[1]]));
            let (mut forth, mut back) = (Concurrency::default(), Concurrency::default());
            for part in parts.clone() {
                forth.merge(&part);
            }
            for part in parts.rev() {
                back.merge(&part);
            }
            prop_assert_eq!(&forth, &whole);
            prop_assert_eq!(&back, &whole);
            spans.reverse();
            prop_assert_eq!(of(&spans), whole);
        }

        #[test]
        fn clocks_beyond_all_sense_agree(times in prop::collection::vec((any::<i64>(), any::<i64>()), 1..40), cut in 0usize..40) {
            let of = |times: &[(i64, i64)]| {
                let mut open = Concurrency::default();
                times.iter().for_each(|(from, to)| open.add(*from, *to));
                open
            };
            let (left, right) = times.split_at(cut.min(times.len()));
            let mut joined = of(left);
            joined.merge(&of(right));
            let whole = of(&times);
            prop_assert!(whole.samples().len() as i64 <= 2 * MAX_BOUNDARIES + 1);
            prop_assert_eq!(joined, whole);
        }
    }
}
