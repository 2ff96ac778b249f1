//! Calls and time per interval. The width grows with the period, in steps that divide one another,
//! so a timeline that was split anywhere and merged in any order is the one built in one pass.

use super::reserve_few;

/// Bucket widths in seconds; each divides the next, and all are aligned to the UTC epoch. The last
/// ones are for damaged clocks only: they keep any period within [`MAX_BUCKETS`].
pub(super) const WIDTHS_S: [i64; 18] = [
    1,
    5,
    10,
    30,
    60,
    300,
    600,
    1800,
    3600,
    10_800,
    21_600,
    43_200,
    86_400,
    864_000,
    8_640_000,
    86_400_000,
    864_000_000,
    8_640_000_000,
];

/// The most intervals between the first and the last bucket of a timeline.
pub const MAX_BUCKETS: i64 = 168;

/// One interval that saw something.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Slot {
    /// The interval's number: seconds since the epoch divided by the width.
    number: i64,
    /// Calls that ended in it.
    pub calls: u64,
    /// Their time in microseconds.
    pub total_us: u64,
}

/// Calls and time per interval.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Timeline {
    /// Index into [`WIDTHS_S`].
    width: usize,
    /// Sorted by number.
    slots: Vec<Slot>,
}

impl Timeline {
    /// Adds calls that ended at a time.
    pub fn add(&mut self, time_us: i64, calls: u64, total_us: u64) {
        let number = time_us.div_euclid(1_000_000 * self.width_s());
        if let Some(last) = self.slots.last_mut()
            && last.number == number
        {
            last.calls += calls;
            last.total_us = last.total_us.saturating_add(total_us);
            return;
        }
        self.put(Slot { number, calls, total_us });
        self.fit();
    }

    /// Adds all of another timeline.
    pub fn merge(&mut self, other: &Timeline) {
        if other.width > self.width {
            self.widen(other.width);
        }
        let ratio = WIDTHS_S[self.width] / WIDTHS_S[other.width];
        for slot in &other.slots {
            self.put(Slot { number: slot.number.div_euclid(ratio), ..*slot });
        }
        self.fit();
    }

    /// The same timeline in buckets of at least the width another has.
    pub fn at_width_of(&self, other: &Timeline) -> Timeline {
        let mut copy = self.clone();
        if other.width > copy.width {
            copy.widen(other.width);
        }
        copy
    }

    /// The narrowest width in seconds, no narrower than its own, at which it has at most so many
    /// buckets.
    pub fn width_for(&self, most: i64) -> i64 {
        let fits =
            |width: &&i64| self.span().saturating_mul(self.width_s()) <= **width * (most - 1);
        let own = WIDTHS_S.get(self.width..).unwrap_or_default();
        own.iter().find(fits).copied().unwrap_or_else(|| self.width_s())
    }

    /// Bucket width in seconds.
    pub fn width_s(&self) -> i64 {
        WIDTHS_S[self.width]
    }

    /// The intervals that saw something: start in microseconds since the epoch, and the slot.
    pub fn slots(&self) -> impl Iterator<Item = (i64, &Slot)> {
        let width_us = 1_000_000 * self.width_s();
        self.slots.iter().map(move |s| (s.number.saturating_mul(width_us), s))
    }

    fn put(&mut self, slot: Slot) {
        match self.slots.binary_search_by_key(&slot.number, |s| s.number) {
            Ok(at) => {
                let mine = &mut self.slots[at];
                mine.calls += slot.calls;
                mine.total_us = mine.total_us.saturating_add(slot.total_us);
            }
            Err(at) => {
                reserve_few(&mut self.slots);
                self.slots.insert(at, slot);
            }
        }
    }

    /// Widens until the period fits: the final width depends on first and last time only.
    fn fit(&mut self) {
        while self.span() > MAX_BUCKETS && self.width + 1 < WIDTHS_S.len() {
            self.widen(self.width + 1);
        }
    }

    fn span(&self) -> i64 {
        match (self.slots.first(), self.slots.last()) {
            (Some(first), Some(last)) => last.number.saturating_sub(first.number).saturating_add(1),
            _ => 0,
        }
    }

    fn widen(&mut self, width: usize) {
        let ratio = WIDTHS_S[width] / WIDTHS_S[self.width];
        self.width = width;
        let old = std::mem::take(&mut self.slots);
        for slot in old {
            let number = slot.number.div_euclid(ratio);
            match self.slots.last_mut() {
                Some(last) if last.number == number => {
                    last.calls += slot.calls;
                    last.total_us = last.total_us.saturating_add(slot.total_us);
                }
                _ => self.slots.push(Slot { number, ..slot }),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn widths_divide_one_another() {
        assert!(WIDTHS_S.windows(2).all(|pair| pair[1] % pair[0] == 0));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_timeline(
            mut times in prop::collection::vec(-5_000_000_000_000i64..5_000_000_000_000_000, 1..60),
            cut in 0usize..60,
        ) {
            let of = |times: &[i64]| { let mut t = Timeline::default(); times.iter().for_each(|at| t.add(*at, 1, 7)); t };
            let whole = of(&times);
            let cut = cut.min(times.len());
            let (mut left, mut right) = (of(&times[..cut]), of(&times[cut..]));
            let left_alone = left.clone();
            left.merge(&right);
            right.merge(&left_alone);
            prop_assert_eq!(&left, &whole);
            prop_assert_eq!(&right, &whole);
            times.reverse();
            prop_assert_eq!(of(&times), whole);
        }
    }
}
