//! When a run ended. Servers differ in what their stamps mean:
//!
//! | server | `# Time:` | `SET timestamp=` |
//! |---|---|---|
//! | MySQL to 5.6 | local, seconds, the end; once a second | the end |
//! | MySQL 5.7 to 8.0.13 | with zone, microseconds, the end | the end |
//! | MySQL 8.0.14 and later | with zone, microseconds, the end | the start |
//! | MariaDB | local, seconds, the start; once a second | the start |
//! | TiDB | with zone, the end | none |
//!
//! So a stamp with a zone is the end and the best there is; else the seconds of `SET timestamp` are
//! taken, which know no zone. A client may set its own timestamp, which then stands in the log: one
//! that is far from all others of the file is no time at all.

use super::super::believed::Believed;
use crate::time::{Civil, StampParser, Timestamp, ZoneTable};

const US_PER_S: i64 = 1_000_000;

/// What a whole file's stamps have in common.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Clock {
    /// What is believed of `SET timestamp`.
    believed: Believed,
    /// How far east of UTC the server's own clock was, as far as its stamps show it.
    pub utc_offset_s: Option<i32>,
}

impl Clock {
    /// Judges by pieces of a file. `is_open`: they do not reach to its end.
    pub fn of<'a>(pieces: impl Iterator<Item = &'a [u8]>, is_open: bool) -> Clock {
        let mut seconds = Vec::new();
        let mut offsets = Vec::new();
        for piece in pieces {
            let mut local = None;
            for line in piece.split(|b| *b == b'\n') {
                if let Some(time) = line.strip_prefix(b"# Time: ") {
                    local = short(time);
                } else if let Some(set) = line.strip_prefix(b"SET timestamp=")
                    && let Some(epoch) = epoch(set.strip_suffix(b";").unwrap_or(set))
                {
                    seconds.push(epoch);
                    offsets.extend(local.take().and_then(|local| offset(local, epoch)));
                }
            }
        }
        offsets.sort_unstable();
        let believed = Believed::of(seconds.into_iter(), is_open);
        let utc_offset_s = offsets.get(offsets.len() / 2).copied();
        Clock { believed, utc_offset_s }
    }

    /// The second of `SET timestamp`, if it is believed.
    pub fn set(&self, text: &[u8]) -> Option<Timestamp> {
        self.believed.only(Timestamp(epoch(text)?.saturating_mul(US_PER_S)))
    }
}

/// A stamp with its zone, `2026-11-23T03:05:15.848371Z`: time and offset.
pub(super) fn with_zone(text: &[u8], stamps: &mut StampParser<'_>) -> Option<(Timestamp, i32)> {
    // TiDB writes nanoseconds; what is beyond microseconds is passed over by the parser.
    stamps.parse(text).map(|stamp| (stamp.time, stamp.offset_s))
}

/// `261123  3:03:20` in the server's own zone, which only the user can know.
pub(super) fn without_zone(text: &[u8], zones: &ZoneTable) -> Option<(Timestamp, i32)> {
    let resolved = zones.resolve(short(text)?, b"")?;
    Some((resolved.time, resolved.offset_s))
}

fn short(text: &[u8]) -> Option<Civil> {
    let text = std::str::from_utf8(text).ok()?;
    let (date, clock) = text.trim().split_once(' ')?;
    if date.len() != 6 || !date.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let number = |from: usize| date.get(from..from + 2)?.parse::<u8>().ok();
    let (year, month, day) = (i64::from(number(0)?), number(2)?, number(4)?);
    let mut parts = clock.trim().split(':');
    let mut part = || parts.next()?.split('.').next()?.parse::<u8>().ok();
    let (hour, minute, second) = (part()?, part()?, part()?);
    let year = if year < 70 { 2000 + year } else { 1900 + year };
    Civil::date(year, month, day)?.at(hour, minute, second, 0)
}

fn epoch(text: &[u8]) -> Option<i64> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    // So many digits fit, as microseconds, too.
    let is_number = (1..=12).contains(&digits) && matches!(text.get(digits), None | Some(b'.'));
    is_number.then(|| text[..digits].iter().fold(0, |n, b| n * 10 + i64::from(b - b'0')))
}

/// How far east a clock is that shows `local` at a second of UTC, to a quarter of an hour.
fn offset(local: Civil, epoch: i64) -> Option<i32> {
    const QUARTER: i64 = 900;
    let apart = local.to_timestamp(0).0.div_euclid(US_PER_S) - epoch;
    let offset = (apart + QUARTER / 2).div_euclid(QUARTER) * QUARTER;
    (offset.abs() <= 14 * 3600 && (apart - offset).abs() <= 5).then_some(offset as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn believes_what_fits_the_file_and_knows_its_zone() {
        let text = b"# Time: 261123  4:03:20\nSET timestamp=1795403000;\nselect 1;\n\
            # Time: 010909  1:46:40\nSET timestamp=1000000000;\n\
            SET timestamp=1795403002;\nSET timestamp=1795403003;\nSET timestamp=1795403004;\n";
        let mut many = Vec::new();
        (0..30).for_each(|_| many.extend_from_slice(b"SET timestamp=1795403005;\n"));
        let clock = Clock::of([&text[..], &many].into_iter(), false);
        assert_eq!(clock.utc_offset_s, Some(3600));
        assert_eq!(clock.set(b"1795403000"), Some(Timestamp(1_795_403_000_000_000)));
        assert_eq!(clock.set(b"1795403000.25"), Some(Timestamp(1_795_403_000_000_000)));
        assert_eq!(clock.set(b"1000000000"), None);
        assert_eq!(clock.set(b"x"), None);
        assert_eq!(Clock::of([].into_iter(), false).utc_offset_s, None);
    }

    #[test]
    fn short_stamps() {
        let zones = ZoneTable::default();
        let read = |text: &str| without_zone(text.as_bytes(), &zones).map(|(t, _)| t.rfc3339());
        assert_eq!(read("071015 21:43:52").as_deref(), Some("2007-10-15T21:43:52.000Z"));
        assert_eq!(read("261123  3:03:20").as_deref(), Some("2026-11-23T03:03:20.000Z"));
        assert_eq!(read("261323  3:03:20"), None);
        assert_eq!(read("x"), None);
    }
}
