//! The clocks of JSON carriers.

use crate::time::{StampParser, Timestamp};

/// When an entry was written.
#[derive(Clone, Copy, Default)]
pub(super) enum When<'a> {
    /// The carrier does not say.
    #[default]
    Unknown,
    /// A stamp such as `2026-11-23T03:55:04.123Z`.
    Stamp(&'a [u8]),
    /// Units since 1970, so many a second, as decimal digits with or without a fraction.
    Unix(&'a [u8], i64),
}

impl When<'_> {
    /// The time, and how far east of UTC the clock was that showed it.
    #[inline]
    pub fn read(self, stamps: &mut StampParser<'_>) -> Option<(Timestamp, i32)> {
        match self {
            When::Unknown => None,
            When::Stamp(text) => stamps.parse(text).map(|stamp| (stamp.time, stamp.offset_s)),
            When::Unix(digits, per_second) => unix(digits, per_second).map(|time| (time, 0)),
        }
    }
}

/// A number of units since 1970 as decimal digits, with or without a fraction.
fn unix(text: &[u8], per_second: i64) -> Option<Timestamp> {
    let unit_us = 1_000_000 / per_second;
    let dot = text.iter().position(|b| *b == b'.').unwrap_or(text.len());
    let (whole, fraction) = text.split_at(dot);
    let number = |digits: &[u8]| {
        digits.iter().try_fold(0i64, |value, b| {
            let digit = b.is_ascii_digit().then(|| i64::from(b - b'0'))?;
            value.checked_mul(10)?.checked_add(digit)
        })
    };
    let whole = number(whole).filter(|_| !whole.is_empty())?;
    let mut part_us = 0;
    let mut digit_us = unit_us;
    for digit in fraction.iter().skip(1).take(6) {
        digit_us /= 10;
        part_us += number(&[*digit])? * digit_us;
    }
    Some(Timestamp(whole.checked_mul(unit_us)?.checked_add(part_us)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_since_1970_become_microseconds() {
        for (text, per_second, expected) in [
            ("1795402504", 1, Some(1_795_402_504_000_000)),
            ("1795402504.1013119", 1, Some(1_795_402_504_101_311)),
            ("1795402504.1", 1, Some(1_795_402_504_100_000)),
            ("1795402504101", 1000, Some(1_795_402_504_101_000)),
            ("1795402504101.3", 1000, Some(1_795_402_504_101_300)),
            ("1795402504101311", 1_000_000, Some(1_795_402_504_101_311)),
            ("1.7954e9", 1, None),
            ("-5", 1, None),
            ("99999999999999999999", 1, None),
            ("9223372036854775807", 1, None),
            (".5", 1, None),
            ("", 1, None),
        ] {
            let found = unix(text.as_bytes(), per_second);
            assert_eq!(found.map(|time| time.0), expected, "{text}");
        }
    }
}
