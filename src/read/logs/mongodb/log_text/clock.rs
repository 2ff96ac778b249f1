//! Stamps as C's `ctime` writes them, `Mon Aug  5 20:21:43[.457]`: they show neither year nor zone.
//!
//! Day and weekday together leave one year in five, six or eleven. Which of them a file means is
//! decided once, from its sample: by a date with a year that the messages of the same day show, else
//! by the version that wrote it. From then on every stamp is of the fitting year that is nearest, so
//! a file may run over New Year, and no stamp depends on those before it.

use super::head::Head;
use crate::read::logs::envelope::{YearlessDay, fraction, yearless_day};
use crate::time::{Civil, Timestamp, US_PER_S, ZoneTable};
use memchr::memmem;

const WEEKDAYS: &[u8; 21] = b"SunMonTueWedThuFriSat";
/// `Mon Aug  5 20:21`
const MINUTE_LEN: usize = 16;
/// A date and its weekday meet again after at most so many years (29 February around 1900).
const YEARS_MAX: i64 = 40;
/// How much of a message may show a date.
const WITHIN_BYTES: usize = 400;
const US_PER_DAY: i64 = 86_400 * US_PER_S;

/// The day that a stamp shows.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct ShownDay {
    /// Days since Sunday.
    weekday: i64,
    day: YearlessDay,
}

impl ShownDay {
    /// Reads `Mon Aug  5 `.
    fn read(text: &[u8]) -> Option<ShownDay> {
        let (name, rest) = text.split_first_chunk::<3>()?;
        let weekday = WEEKDAYS.chunks_exact(3).position(|known| known == name)?;
        let day = yearless_day(rest.strip_prefix(b" ")?)?;
        Some(ShownDay { weekday: weekday as i64, day })
    }

    /// Whether it is a day of that year.
    fn is_of(self, year: i64) -> bool {
        Civil::date(year, self.day.month, self.day.day).is_some_and(|date| {
            let days = date.to_timestamp(0).0.div_euclid(US_PER_DAY);
            // 1 January 1970 was a Thursday.
            (days + 4).rem_euclid(7) == self.weekday
        })
    }

    /// The year nearest to `year` that has such a day, the later of two; `year` if none has.
    fn year_near(self, year: i64) -> i64 {
        (0..=YEARS_MAX)
            .flat_map(|apart| [year + apart, year - apart])
            .find(|year| self.is_of(*year))
            .unwrap_or(year)
    }

    /// The first year from `year` on that has such a day.
    fn year_from(self, year: i64) -> i64 {
        (year..=year + YEARS_MAX).find(|year| self.is_of(*year)).unwrap_or(year)
    }
}

/// Which years the stamps of a file are of.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mongodb) struct Years {
    /// The year of the first stamp.
    first: i64,
    /// Dates in the file's texts show it.
    is_shown: bool,
}

impl Years {
    /// The years of a file by lines of it; `None` where no line has such a stamp.
    pub fn find<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Option<Years> {
        let (mut first, mut shown, mut elsewhere) = (None, None, None);
        let mut released = None;
        for line in lines {
            released = released.or_else(|| release_year(line));
            let Some(day) = ShownDay::read(line) else {
                // A file that was written by versions of both kinds.
                let stamp = line.strip_prefix(br#"{"t":{"$date":""#).unwrap_or(line);
                elsewhere = elsewhere.or_else(|| date_at(stamp).map(|(year, _)| year));
                continue;
            };
            let generation = first.get_or_insert_with(|| (day, generation_year(line)));
            let message = line.get(MINUTE_LEN..).unwrap_or_default();
            if shown.is_none() {
                let year = dates_in(message).find(|year| day.is_of(*year));
                shown = year.map(|year| generation.0.year_near(year));
            }
        }
        let (day, generation) = first?;
        let is_shown = shown.or(elsewhere).is_some();
        let first = shown.or_else(|| elsewhere.map(|year| day.year_near(year)));
        let by_version = || day.year_from(released.unwrap_or(generation));
        Some(Years { first: first.unwrap_or_else(by_version), is_shown })
    }
}

impl std::fmt::Display for Years {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let why = match self.is_shown {
            true => "by the weekday and dates elsewhere in the file",
            false => "the first of this weekday since the version was released",
        };
        write!(f, "{}, {why}", self.first)
    }
}

/// The year of release of the version that a line names: `db version v2.4.9`, `MongoS version 2.4.7`.
fn release_year(line: &[u8]) -> Option<i64> {
    const RELEASED: [(&[u8], i64); 10] = [
        (b"2.0.", 2011),
        (b"2.2.", 2012),
        (b"2.4.", 2013),
        (b"2.6.", 2014),
        (b"3.0.", 2015),
        (b"3.2.", 2015),
        (b"3.4.", 2016),
        (b"3.6.", 2017),
        (b"4.0.", 2018),
        (b"4.2.", 2019),
    ];
    let head = line.get(..line.len().min(WITHIN_BYTES))?;
    let behind = head.get(memmem::find(head, b" version ")? + b" version ".len()..)?;
    let number = behind.strip_prefix(b"v").unwrap_or(behind);
    RELEASED.iter().find(|(start, _)| number.starts_with(start)).map(|(_, year)| *year)
}

/// The first year in which lines of this form were written: without a fraction of the second before
/// 2.4, with a severity since 3.0.
fn generation_year(line: &[u8]) -> i64 {
    let behind_seconds = line.get(MINUTE_LEN + 3..).unwrap_or_default();
    if !behind_seconds.starts_with(b".") {
        return 2011;
    }
    let is_leveled = Head::behind_stamp(behind_seconds, 0).is_some_and(|head| head.severity != 0);
    if is_leveled { 2015 } else { 2013 }
}

/// The years of the dates in a text: `2014-05-20T18:` and `Wed Apr  9 23:19:26 2014`.
fn dates_in(text: &[u8]) -> impl Iterator<Item = i64> {
    let text = text.get(..text.len().min(WITHIN_BYTES)).unwrap_or_default();
    (0..text.len()).filter_map(move |at| {
        let rest = text.get(at..)?;
        match rest.first()? {
            b'1' | b'2' => date_at(rest).map(|(year, _)| year),
            b'A'..=b'Z' => {
                ShownDay::read(rest)?;
                let year = rest.get(MINUTE_LEN + 3..)?.strip_prefix(b" ")?.first_chunk::<4>()?;
                number(year).filter(|year| (2000..2100).contains(year))
            }
            _ => None,
        }
    })
}

/// The year and month of `2014-05-20T` at the start of a text.
fn date_at(text: &[u8]) -> Option<(i64, i64)> {
    let [y @ .., b'-', m, n, b'-', _, _, b'T'] = text.first_chunk::<11>()? else { return None };
    let (year, month) = (number(y)?, number(&[*m, *n])?);
    ((2000..2100).contains(&year) && (1..=12).contains(&month)).then_some((year, month))
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| {
        byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0'))
    })
}

/// A stamp that was read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct CtimeStamp {
    pub time: Timestamp,
    pub utc_offset_s: i32,
    /// Bytes it takes.
    pub len: usize,
}

/// Reads stamps of one file; one per worker.
pub(super) struct CtimeClock<'z> {
    years: Option<Years>,
    zones: &'z ZoneTable,
    /// The last minute that was read: its text, when it began, seconds east of UTC.
    last: Option<([u8; MINUTE_LEN], Timestamp, i32)>,
}

impl<'z> CtimeClock<'z> {
    /// A clock of a file; it reads no stamp where the file has no years.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable) -> Self {
        CtimeClock { years, zones, last: None }
    }

    /// Reads the stamp that a text begins with.
    #[inline]
    pub fn parse(&mut self, text: &[u8]) -> Option<CtimeStamp> {
        let minute: &[u8; MINUTE_LEN] = text.first_chunk()?;
        let (start, utc_offset_s) = match self.last {
            Some((last, start, utc_offset_s)) if last == *minute => (start, utc_offset_s),
            _ => self.minute(minute)?,
        };
        let [b':', tens @ b'0'..=b'6', ones @ b'0'..=b'9', rest @ ..] = text.get(MINUTE_LEN..)?
        else {
            return None;
        };
        let second = (i64::from(tens - b'0') * 10 + i64::from(ones - b'0')).min(59);
        let (fraction_us, fraction_len) = fraction(rest);
        let time = Timestamp(start.0 + second * US_PER_S + fraction_us);
        Some(CtimeStamp { time, utc_offset_s, len: MINUTE_LEN + 3 + fraction_len })
    }

    #[cold]
    fn minute(&mut self, minute: &[u8; MINUTE_LEN]) -> Option<(Timestamp, i32)> {
        let shown = ShownDay::read(minute)?;
        let [.., h, i, b':', m, n] = minute else { return None };
        let (hour, minutes) = (number(&[*h, *i])?, number(&[*m, *n])?);
        let year = shown.year_near(self.years?.first);
        let date = Civil::date(year, shown.day.month, shown.day.day)?;
        // Two digits are below 100 and fit.
        let civil = date.at(hour as u8, minutes as u8, 0, 0)?;
        let resolved = self.zones.resolve(civil, b"");
        let start = resolved.map_or_else(|| civil.to_timestamp(0), |resolved| resolved.time);
        let utc_offset_s = resolved.map_or(0, |resolved| resolved.offset_s);
        self.last = Some((*minute, start, utc_offset_s));
        Some((start, utc_offset_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_year() {
        for (lines, first, is_shown) in [
            // What the version says, and the form of the lines.
            (&["Mon Aug  5 20:21:43 [conn2] x"][..], 2013, false),
            (&["Wed Mar  5 17:14:24.619 [conn2] db version v2.4.9"], 2014, false),
            (&["Thu Mar  6 17:14:24.619 [conn2] x"], 2014, false),
            (&["Wed Jul 13 16:14:35.324 I QUERY [conn39] x"], 2016, false),
            (&["Wed Jul 13 16:14:35.324 [conn39] x"], 2016, false),
            (&["Wed Jul 13 16:14:35.324 [conn39] db version v4.2.1"], 2022, false),
            // Dates of the same day; others may be anything.
            (
                &[
                    "Tue May 20 19:07:39.959 [m] { at: new Date(2019-05-20T18:07:40) }",
                    "Tue May 20 19:07:39.959 [m] x-2025-05-20T18:07:40-537b",
                ],
                2025,
                true,
            ),
            (&["Wed Apr  9 23:19:27.053 [p] pinged at Wed Apr  9 23:19:26 2008 by"], 2008, true),
            // Lines of other versions.
            (
                &[
                    "Wed Dec 31 23:59:59.999 [conn2] x",
                    "2015-01-01T00:00:01.123+0000 I CONTROL  [main] x",
                ],
                2014,
                true,
            ),
            (
                &[r#"{"t":{"$date":"2025-03-05T10:49:13.161Z"}}"#, "Wed Mar  5 17:14:24.619 x"],
                2025,
                true,
            ),
        ] {
            let years = Years::find(lines.iter().map(|line| line.as_bytes()));
            assert_eq!(years, Some(Years { first, is_shown }), "{lines:?}");
        }
        assert_eq!(Years::find([&b"2015-01-01T00:00:01.123+0000 x"[..]].into_iter()), None);
    }

    #[test]
    fn reads_stamps_the_same_with_and_without_memory() {
        let zones = ZoneTable::default();
        let years = Some(Years { first: 2013, is_shown: false });
        let mut warm = CtimeClock::new(years, &zones);
        for (text, expected) in [
            ("Mon Aug  5 20:21:43 [conn2]", Some(("2013-08-05T20:21:43.000Z", 19))),
            ("Mon Aug  5 20:21:44.457 [c", Some(("2013-08-05T20:21:44.457Z", 23))),
            ("Tue Dec 31 23:59:60 x", Some(("2013-12-31T23:59:59.000Z", 19))),
            ("Wed Jan  1 00:00:00.001 x", Some(("2014-01-01T00:00:00.001Z", 23))),
            ("Wed Feb 29 00:00:00 x", Some(("2012-02-29T00:00:00.000Z", 19))),
            ("Mon Aug  5 20:21:4", None),
            ("Mon Aug  5 24:21:43 x", None),
            ("Mon Aug 35 20:21:43 x", None),
            ("Mon Feb 30 20:21:43 x", None),
            ("Moo Aug  5 20:21:43 x", None),
        ] {
            let read = |clock: &mut CtimeClock<'_>| {
                clock.parse(text.as_bytes()).map(|stamp| (stamp.time.rfc3339(), stamp.len))
            };
            let expected = expected.map(|(time, len)| (time.to_owned(), len));
            assert_eq!(read(&mut CtimeClock::new(years, &zones)), expected, "{text}");
            assert_eq!(read(&mut warm), expected, "{text}");
        }
    }
}
