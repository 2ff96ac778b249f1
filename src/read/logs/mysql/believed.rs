//! Which times of a file are believed. A client may set its own timestamp (`SET timestamp=1`), which
//! servers then write for the time of its statements: one that is far from all others of the file is
//! no time at all. In: the seconds of a sample. Out: between which seconds a time is one.

use crate::read::input::Sample;
use crate::time::Timestamp;

const US_PER_S: i64 = 1_000_000;
const YEAR_S: i64 = 366 * 86_400;
/// Stamps of a sample that are looked at.
const STAMPS_MAX: usize = 100_000;

/// Earliest and latest second that is believed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Believed {
    from: i64,
    to: i64,
}

impl Believed {
    /// By the seconds of a sample, of which the first [`STAMPS_MAX`] count. `is_open`: it does not
    /// reach to the file's end.
    pub fn of(seconds: impl Iterator<Item = i64>, is_open: bool) -> Believed {
        let mut seconds: Vec<i64> = seconds.take(STAMPS_MAX).collect();
        seconds.sort_unstable();
        let Some((early, late)) = around_middle(&seconds) else {
            return Believed { from: i64::MIN, to: i64::MAX };
        };
        let years_ahead = if is_open { 10 } else { 1 };
        Believed {
            from: early.saturating_sub(YEAR_S),
            to: late.saturating_add(years_ahead * YEAR_S),
        }
    }

    /// By what the lines of a file's sample say.
    pub fn of_sample(sample: &Sample, second: impl FnMut(&[u8]) -> Option<i64>) -> Believed {
        let pieces = std::iter::once(&sample.head).chain(&sample.more);
        let lines = pieces.flat_map(|piece| piece.split(|b| *b == b'\n'));
        Believed::of(lines.filter_map(second), is_open(sample))
    }

    /// Whether a second is one.
    pub fn holds(&self, second: i64) -> bool {
        (self.from..=self.to).contains(&second)
    }

    /// A time, if it is one.
    pub fn only(&self, time: Timestamp) -> Option<Timestamp> {
        self.holds(time.0.div_euclid(US_PER_S)).then_some(time)
    }
}

/// Whether a sample does not reach to its file's end.
pub(super) fn is_open(sample: &Sample) -> bool {
    !sample.whole && sample.more.is_empty()
}

/// The first and last of those sorted seconds that are less than a year apart, from the middle one on.
fn around_middle(seconds: &[i64]) -> Option<(i64, i64)> {
    let middle = seconds.len() / 2;
    let (mut early, mut late) = (*seconds.get(middle)?, *seconds.get(middle)?);
    let near = |a: i64, b: i64| b.saturating_sub(a) <= YEAR_S;
    for second in seconds[..middle].iter().rev() {
        if !near(*second, early) {
            break;
        }
        early = *second;
    }
    for second in &seconds[middle..] {
        if !near(late, *second) {
            break;
        }
        late = *second;
    }
    Some((early, late))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn far_seconds_are_none() {
        let of = |seconds: &[i64], is_open| Believed::of(seconds.iter().copied(), is_open);
        let some = of(&[1_000_000_000, 1_795_403_000, 1_795_403_005, i64::MAX, i64::MIN], false);
        assert!(some.holds(1_795_403_000 + YEAR_S) && !some.holds(1_000_000_000));
        assert!(!some.holds(1_795_403_006 + 2 * YEAR_S));
        assert!(of(&[1_795_403_000], true).holds(1_795_403_000 + 9 * YEAR_S), "the file goes on");
        assert!(of(&[], false).holds(i64::MIN));
        assert_eq!(some.only(Timestamp(1)), None);
    }
}
