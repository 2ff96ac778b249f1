//! The clocks of carriers: `Nov 23 03:55:04`, which shows neither year nor zone, and the question
//! which year that was. Stamps with a year are left to [`StampParser`](crate::time::StampParser).

use crate::time::{Civil, Timestamp, US_PER_S, ZoneTable};
use std::collections::BTreeMap;

const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
/// Lines of one file are not older than the first by more days than this.
const EARLIER_DAYS: i32 = 7;
/// A calendar of months of equal length: good enough to tell before from after.
const DAYS_PER_MONTH: i32 = 31;
const DAYS_PER_YEAR: i32 = 12 * DAYS_PER_MONTH;
/// Days of this calendar that a day and the next may be apart (28 February, 1 March).
const SAME_DAYS: i32 = 4;

/// A day without its year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read::logs) struct YearlessDay {
    /// 1 to 12.
    pub month: u8,
    /// 1 to 31.
    pub day: u8,
}

impl YearlessDay {
    fn ordinal(self) -> i32 {
        i32::from(self.month) * DAYS_PER_MONTH + i32::from(self.day)
    }
}

/// The years of a file's stamps: it covers less than one, so the year of its first day tells all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Years {
    first: YearlessDay,
    first_year: i32,
}

impl Years {
    fn year(&self, day: YearlessDay) -> i32 {
        let later = day.ordinal() - self.first.ordinal();
        match later {
            _ if later > DAYS_PER_YEAR - EARLIER_DAYS => self.first_year - 1,
            _ if later < -EARLIER_DAYS => self.first_year + 1,
            _ => self.first_year,
        }
    }
}

impl std::fmt::Display for Years {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.first_year)
    }
}

/// How the year was found.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum YearFrom {
    /// The records' own stamps show the same days.
    Records,
    /// From dates in the records' texts.
    Texts,
    /// Nothing shows it.
    Nothing,
}

/// The year that is taken where nothing shows one; it has a 29 February.
pub(super) const UNKNOWN_YEAR: i32 = 2000;

/// Finds the years of a file from days that stamps show and the texts behind them, in order.
pub(super) fn find_years<'a>(
    lines: impl Iterator<Item = (YearlessDay, &'a [u8])>,
) -> Option<(Years, YearFrom)> {
    let (mut first, mut count) = (None, 0_u32);
    // The year of the first stamp by dates of the stamp's own day, and by any others.
    let mut by_own_day: Option<(i32, u32)> = None;
    let mut by_date: BTreeMap<i32, u32> = BTreeMap::new();
    for (day, text) in lines {
        let first: YearlessDay = *first.get_or_insert(day);
        count += 1;
        let Some((year, month_day)) = date_in(text) else { continue };
        // The stamp was written on the date's day, or on the next such day of a year.
        let apart = day.ordinal() - month_day.ordinal();
        let year = match apart {
            _ if apart >= DAYS_PER_YEAR - SAME_DAYS => year - 1,
            _ if apart < -SAME_DAYS => year + 1,
            _ => year,
        };
        let first_year =
            if first.ordinal() > day.ordinal() + EARLIER_DAYS { year - 1 } else { year };
        if apart.abs() <= SAME_DAYS || apart.abs() >= DAYS_PER_YEAR - SAME_DAYS {
            by_own_day.get_or_insert((first_year, 0)).1 += 1;
        } else {
            *by_date.entry(first_year).or_default() += 1;
        }
    }
    let first = first?;
    let years = |first_year: i32| Years { first, first_year };
    let most = by_date.iter().max_by_key(|(_, count)| **count);
    Some(match (by_own_day, most) {
        // Lines that continue a record show none.
        (Some((year, own)), _) if own * 4 >= count => (years(year), YearFrom::Records),
        (Some((year, _)), _) | (None, Some((&year, _))) => (years(year), YearFrom::Texts),
        (None, None) => (years(UNKNOWN_YEAR), YearFrom::Nothing),
    })
}

/// The first `YYYY-MM-DD HH:` near the start of a text.
fn date_in(text: &[u8]) -> Option<(i32, YearlessDay)> {
    const FORM: &[u8; 14] = b"0000-00-00 00:";
    const WITHIN: usize = 300;
    let head = &text[..text.len().min(WITHIN)];
    head.windows(FORM.len()).find_map(|window| {
        let fits = FORM.iter().zip(window).all(|(form, byte)| match form {
            b'0' => byte.is_ascii_digit(),
            b' ' => matches!(byte, b' ' | b'T'),
            mark => mark == byte,
        });
        let number = |from: usize, to: usize| {
            window[from..to].iter().fold(0, |n, b| n * 10 + i32::from(b - b'0'))
        };
        if !fits {
            return None;
        }
        let (year, month, day) = (number(0, 4), number(5, 7) as u8, number(8, 10) as u8);
        let is_date = Civil::date(i64::from(year), month, day).is_some();
        (is_date && (1990..2100).contains(&year)).then_some((year, YearlessDay { month, day }))
    })
}

/// The day that a text begins with, `Nov 23 ` or `Nov  3 `.
pub(in crate::read::logs) fn yearless_day(text: &[u8]) -> Option<YearlessDay> {
    let [a, b, c, b' ', tens, ones, b' ', ..] = text else { return None };
    let month = MONTHS.chunks_exact(3).position(|name| name == [*a, *b, *c])?;
    let tens = if *tens == b' ' { b'0' } else { *tens };
    let day = digit(tens)? * 10 + digit(*ones)?;
    (1..=31).contains(&day).then_some(YearlessDay { month: month as u8 + 1, day })
}

fn digit(byte: u8) -> Option<u8> {
    byte.is_ascii_digit().then(|| byte - b'0')
}

/// `Nov 23 03:55`
const MINUTE_LEN: usize = 12;

/// Reads stamps without a year; one per worker.
pub(super) struct YearlessClock<'e> {
    years: Option<Years>,
    zones: &'e ZoneTable,
    /// The last minute that was read: its text, when it began, seconds east of UTC.
    last: Option<([u8; MINUTE_LEN], Timestamp, i32)>,
}

/// A stamp of a carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct OuterStamp {
    pub time: Timestamp,
    pub utc_offset_s: i32,
    /// Bytes it takes.
    pub len: usize,
}

impl<'e> YearlessClock<'e> {
    /// A clock of a file; without years, every stamp is of [`UNKNOWN_YEAR`].
    pub fn new(years: Option<Years>, zones: &'e ZoneTable) -> Self {
        YearlessClock { years, zones, last: None }
    }

    /// Reads `Nov 23 03:55:04[.fraction]` or `Nov 23 2026 03:55:04` at the start of a text.
    #[inline]
    pub fn parse(&mut self, text: &[u8]) -> Option<OuterStamp> {
        let minute: &[u8; MINUTE_LEN] = text.first_chunk()?;
        let (start, utc_offset_s, len) = match self.last {
            Some((last, start, offset)) if last == *minute => (start, offset, MINUTE_LEN),
            _ => self.minute(text, minute)?,
        };
        let [b':', tens @ b'0'..=b'6', ones @ b'0'..=b'9', rest @ ..] = text.get(len..)? else {
            return None;
        };
        let second = (i64::from(tens - b'0') * 10 + i64::from(ones - b'0')).min(59);
        let (fraction_us, fraction_len) = fraction(rest);
        Some(OuterStamp {
            time: Timestamp(start.0 + second * US_PER_S + fraction_us),
            utc_offset_s,
            len: len + 3 + fraction_len,
        })
    }

    #[cold]
    fn minute(
        &mut self,
        text: &[u8],
        minute: &[u8; MINUTE_LEN],
    ) -> Option<(Timestamp, i32, usize)> {
        let day = yearless_day(text)?;
        let stated = match text.get(7..12)? {
            [digits @ .., b' '] => {
                digits.iter().try_fold(0, |year, byte| Some(year * 10 + i32::from(digit(*byte)?)))
            }
            _ => None,
        };
        let len = MINUTE_LEN + if stated.is_some() { 5 } else { 0 };
        let [h, i, b':', m, n] = *text.get(len - 5..len)? else { return None };
        let (hour, minutes) = (digit(h)? * 10 + digit(i)?, digit(m)? * 10 + digit(n)?);
        let year =
            stated.unwrap_or_else(|| self.years.map_or(UNKNOWN_YEAR, |years| years.year(day)));
        let civil = Civil::date(i64::from(year), day.month, day.day)?.at(hour, minutes, 0, 0)?;
        let resolved = self.zones.resolve(civil, b"");
        let start = resolved.map_or_else(|| civil.to_timestamp(0), |resolved| resolved.time);
        let utc_offset_s = resolved.map_or(0, |resolved| resolved.offset_s);
        if stated.is_none() {
            self.last = Some((*minute, start, utc_offset_s));
        }
        Some((start, utc_offset_s, len))
    }
}

/// The microseconds of `.123456` and its length; nothing where there is none.
pub(in crate::read::logs) fn fraction(text: &[u8]) -> (i64, usize) {
    let Some(digits) = text.strip_prefix(b".") else { return (0, 0) };
    let count = digits.iter().take(9).take_while(|b| b.is_ascii_digit()).count();
    let us = (0..6).fold(0, |us, at| {
        us * 10 + digits.get(at).filter(|_| at < count).map_or(0, |b| i64::from(b - b'0'))
    });
    if count == 0 { (0, 0) } else { (us, 1 + count) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn years(lines: &[(&str, &str)]) -> Option<(i32, YearFrom)> {
        let lines = lines
            .iter()
            .map(|(stamp, text)| (yearless_day(stamp.as_bytes()).expect("a day"), text.as_bytes()));
        find_years(lines).map(|(years, from)| (years.first_year, from))
    }

    #[test]
    fn finds_the_year_in_records_or_texts() {
        use YearFrom::{Nothing, Records, Texts};
        const MAY: (&str, &str) = ("May  3 ", "LOG:  x");
        for (lines, expected) in [
            (&[("May 30 ", "2025-05-30 11:03:43.580 EEST [1] LOG:  x")][..], (2025, Records)),
            (&[("Jan  1 ", "2024-12-31 23:59:59 UTC LOG:  x")], (2025, Records)),
            (&[("Dec 31 ", "2025-01-01 00:00:01 CET LOG:  x")], (2024, Records)),
            (&[("Dec 31 ", "x"), ("Jan  1 ", "2025-01-01 00:00:01")], (2024, Records)),
            (&[("May  3 ", "2025-05-03 00:00:01"), MAY, MAY, MAY, MAY], (2025, Texts)),
            (&[("Mar  3 ", "LOG:  shut down at 2019-02-11 13:14:59 CET")], (2019, Texts)),
            (&[("Jan  3 ", "LOG:  shut down at 2019-02-11 13:14:59 CET")], (2020, Texts)),
            (&[("Jan  3 ", "select '2019-02-11', '9999-01-03 10:00'")], (UNKNOWN_YEAR, Nothing)),
        ] {
            assert_eq!(years(lines), Some(expected), "{lines:?}");
        }
        assert_eq!(years(&[]), None);
    }

    #[test]
    fn years_turn_at_new_year() {
        let day = |text: &str| yearless_day(text.as_bytes()).expect("a day");
        for (first, of, year) in [
            ("Nov 23 ", "Nov 23 ", 2026),
            ("Nov 23 ", "Dec 31 ", 2026),
            ("Nov 23 ", "Jan  1 ", 2027),
            ("Nov 23 ", "Nov 20 ", 2026),
            ("Jan  1 ", "Dec 31 ", 2025),
            ("Jan  1 ", "Dec  2 ", 2026),
            ("Dec 31 ", "Jan  1 ", 2027),
        ] {
            let years = Years { first: day(first), first_year: 2026 };
            assert_eq!(years.year(day(of)), year, "{first} {of}");
        }
    }

    #[test]
    fn reads_stamps_the_same_with_and_without_memory() {
        let zones = ZoneTable::default();
        let years = Years { first: YearlessDay { month: 11, day: 1 }, first_year: 2026 };
        let mut warm = YearlessClock::new(Some(years), &zones);
        for (text, expected) in [
            ("Nov 23 03:55:04 h", Some(("2026-11-23T03:55:04.000Z", 15))),
            ("Nov 23 03:55:05.123456 h", Some(("2026-11-23T03:55:05.123456Z", 22))),
            ("Nov 23 03:55:05.1 h", Some(("2026-11-23T03:55:05.100Z", 17))),
            ("Nov  3 03:55:60 h", Some(("2026-11-03T03:55:59.000Z", 15))),
            ("Nov 23 2024 03:55:04: h", Some(("2024-11-23T03:55:04.000Z", 20))),
            ("Feb 29 03:55:04 h", None),
            ("Nov 31 03:55:04 h", None),
            ("Nov 23 24:55:04 h", None),
            ("Nov 23 03:55", None),
            ("Nov 23 03:55:0", None),
            ("Foo 23 03:55:04 h", None),
            ("Nov 2x 03:55:04 h", None),
        ] {
            let read = |clock: &mut YearlessClock<'_>| {
                clock.parse(text.as_bytes()).map(|stamp| (stamp.time.rfc3339(), stamp.len))
            };
            let expected = expected.map(|(time, len)| (time.to_owned(), len));
            assert_eq!(read(&mut YearlessClock::new(Some(years), &zones)), expected, "{text}");
            assert_eq!(read(&mut warm), expected, "{text}");
        }
    }
}
