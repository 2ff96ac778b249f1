//! The hot-path parser of log stamps: `2026-11-23 03:54:53.578 CET` and its relatives.
//!
//! In: bytes that may begin with a stamp. Out: the point in time, the offset, the bytes consumed. The
//! answer depends on the bytes and the [`ZoneTable`] only; the cache of the last minute changes the
//! speed, never the result.

use super::{Civil, Resolved, Timestamp, US_PER_S, ZoneTable};

/// `YYYY-MM-DD HH:MM`
const MINUTE_LEN: usize = 16;
const ZONE_MAX: usize = 12;

/// Words that follow a stamp in logs and look like a zone, but are severities.
const NOT_ZONES: &[&[u8]] =
    &[b"LOG", b"INFO", b"ERROR", b"FATAL", b"PANIC", b"HINT", b"DEBUG", b"QUERY", b"DETAIL"];

/// One stamp read from a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Stamp {
    /// The point in time.
    pub time: Timestamp,
    /// Seconds east of UTC of the clock that wrote it (0 for epoch stamps and unknown zones).
    pub offset_s: i32,
    /// Bytes the stamp takes, zone included.
    pub len: usize,
    /// Where the zone text stands: its first byte and length (0 if there is none).
    pub zone: (usize, usize),
}

/// The last minute seen, with its zone settled.
struct Minute {
    text: [u8; MINUTE_LEN],
    /// The zone as it follows the fraction, blank included.
    zone: [u8; ZONE_MAX],
    zone_len: usize,
    start: Timestamp,
    offset_s: i32,
}

/// Reads stamps; one per worker.
pub struct StampParser<'z> {
    zones: &'z ZoneTable,
    last: Option<Minute>,
}

impl<'z> StampParser<'z> {
    /// A parser that reads zone texts by `zones`.
    pub fn new(zones: &'z ZoneTable) -> Self {
        Self { zones, last: None }
    }

    /// Reads `YYYY-MM-DD HH:MM:SS[.fraction|,fraction][ ZONE]` at the start of `bytes`; a `T` may
    /// stand between, the offset may follow at once. An abbreviation nobody knows counts as UTC.
    #[inline]
    pub fn parse(&mut self, bytes: &[u8]) -> Option<Stamp> {
        let text: &[u8; MINUTE_LEN] = bytes.first_chunk()?;
        let Some(last) = self.last.as_ref().filter(|last| last.text == *text) else {
            return self.parse_afresh(bytes, text);
        };
        let clock = SecondPart::read(bytes)?;
        let zone = last.zone.get(..last.zone_len).unwrap_or_default();
        let tail = bytes.get(clock.end..)?.strip_prefix(zone);
        match tail {
            Some(tail) if !tail.first().is_some_and(|byte| continues_zone(*byte, zone)) => {
                let time = Timestamp(last.start.0 + clock.since_minute_us);
                let blank = usize::from(zone.first() == Some(&b' '));
                Some(Stamp {
                    time,
                    offset_s: last.offset_s,
                    len: clock.end + zone.len(),
                    zone: (clock.end + blank, zone.len() - blank),
                })
            }
            _ => self.parse_afresh(bytes, text),
        }
    }

    /// Reads the epoch form of `%n`: ten to twelve digits and milliseconds, `1690547999.456`.
    pub fn parse_epoch(bytes: &[u8]) -> Option<Stamp> {
        let (seconds, seconds_len) = digits(bytes, 12)?;
        let rest = bytes.get(seconds_len..)?.strip_prefix(b".")?;
        let (ms, 3) = digits(rest, 4)? else {
            return None;
        };
        let time = Timestamp(seconds as i64 * US_PER_S + ms as i64 * 1000);
        (seconds_len >= 9).then_some(Stamp {
            time,
            offset_s: 0,
            len: seconds_len + 4,
            zone: (0, 0),
        })
    }

    #[cold]
    fn parse_afresh(&mut self, bytes: &[u8], text: &[u8; MINUTE_LEN]) -> Option<Stamp> {
        let minute = read_minute(text)?;
        let clock = SecondPart::read(bytes)?;
        let tail = bytes.get(clock.end..).unwrap_or_default();
        let (blank, zone_len) = zone_extent(tail);
        let zone_end = blank + zone_len;
        let zone = tail.get(blank..zone_end).unwrap_or_default();
        let unknown = Resolved { time: minute.to_timestamp(0), offset_s: 0 };
        let start = self.zones.resolve(minute, zone).unwrap_or(unknown);
        if zone_len > 0 && zone_end <= ZONE_MAX {
            let mut cached = [0; ZONE_MAX];
            for (to, from) in cached.iter_mut().zip(tail.iter().take(zone_end)) {
                *to = *from;
            }
            self.last = Some(Minute {
                text: *text,
                zone: cached,
                zone_len: zone_end,
                start: start.time,
                offset_s: start.offset_s,
            });
        }
        Some(Stamp {
            time: Timestamp(start.time.0 + clock.since_minute_us),
            offset_s: start.offset_s,
            len: clock.end + zone_end,
            zone: (clock.end + blank, zone_len),
        })
    }
}

/// `:SS[.fraction]` after the minute.
struct SecondPart {
    since_minute_us: i64,
    /// Offset of the first byte after it in the stamp.
    end: usize,
}

impl SecondPart {
    #[inline]
    fn read(bytes: &[u8]) -> Option<SecondPart> {
        let [b':', tens @ b'0'..=b'6', ones @ b'0'..=b'9', rest @ ..] = bytes.get(MINUTE_LEN..)?
        else {
            return None;
        };
        let second = i64::from(tens - b'0') * 10 + i64::from(ones - b'0');
        if second > 60 {
            return None;
        }
        let mut since_minute_us = second.min(59) * US_PER_S;
        let mut end = MINUTE_LEN + 3;
        if let [b'.' | b',', fraction @ ..] = rest {
            let mut unit_us = 100_000;
            let mut len = 0;
            while let Some(digit @ b'0'..=b'9') = fraction.get(len).filter(|_| len < 9) {
                since_minute_us += i64::from(digit - b'0') * unit_us;
                unit_us /= 10;
                len += 1;
            }
            // A comma or point without digits belongs to what follows the stamp.
            if len > 0 {
                end += 1 + len;
            }
        }
        Some(SecondPart { since_minute_us, end })
    }
}

fn read_minute(text: &[u8; MINUTE_LEN]) -> Option<Civil> {
    let number = |from: usize, to: usize| {
        let part = text.get(from..to)?;
        digits(part, part.len()).filter(|(_, len)| *len == part.len()).map(|(value, _)| value)
    };
    let separated = text[4] == b'-'
        && text[7] == b'-'
        && (text[10] == b' ' || text[10] == b'T')
        && text[13] == b':';
    if !separated {
        return None;
    }
    // Two digits are below 100 and fit.
    let date = Civil::date(number(0, 4)? as i64, number(5, 7)? as u8, number(8, 10)? as u8)?;
    date.at(number(11, 13)? as u8, number(14, 16)? as u8, 0, 0)
}

/// Reads up to `max` decimal digits (`max` ≤ 18): their value and count; `None` if there is none.
fn digits(bytes: &[u8], max: usize) -> Option<(u64, usize)> {
    let mut value = 0;
    let mut len = 0;
    while let Some(digit @ b'0'..=b'9') = bytes.get(len).filter(|_| len < max) {
        value = value * 10 + u64::from(digit - b'0');
        len += 1;
    }
    (len > 0).then_some((value, len))
}

/// Whether `byte` after a cached zone may make it another zone (`+08` and `+08:30`).
fn continues_zone(byte: u8, zone: &[u8]) -> bool {
    let numeric = zone.last().is_some_and(u8::is_ascii_digit);
    byte.is_ascii_alphanumeric() || byte == b'_' || (numeric && byte == b':')
}

/// Where a zone stands after the fraction: blanks before it (0 or 1) and its length.
fn zone_extent(tail: &[u8]) -> (usize, usize) {
    let (blank, text) = match tail {
        [b' ', text @ ..] => (1, text),
        text => (0, text),
    };
    let len = match text.first() {
        Some(b'+' | b'-') => offset_len(text),
        Some(b'A'..=b'Z') => abbreviation_len(text),
        _ => 0,
    };
    if len == 0 { (0, 0) } else { (blank, len) }
}

fn abbreviation_len(text: &[u8]) -> usize {
    let len = text.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
    let word = text.get(..len).unwrap_or_default();
    // Upper case, but for ChST.
    let shaped = (2..=6).contains(&len) && word.iter().skip(2).all(u8::is_ascii_uppercase);
    let next = text.get(len);
    let ended = !next.is_some_and(|byte| byte.is_ascii_digit() || *byte == b'_' || *byte == b'=');
    let severity = next == Some(&b':') && NOT_ZONES.contains(&word);
    if (word == b"Z" || shaped) && ended && !severity { len } else { 0 }
}

/// Length of `+08`, `+0530`, `+05:30` or `+05:53:28`; 0 if it is none. What follows a colon is
/// taken only where it can be minutes: after `+08:` of the prefix `%t:%r` comes an address.
fn offset_len(text: &[u8]) -> usize {
    let two_digits = |at: usize| {
        matches!(text.get(at..at + 2), Some([b'0'..=b'5', b'0'..=b'9']))
            && !matches!(text.get(at + 2), Some(b'.' | b'0'..=b'9'))
    };
    match text {
        [_, b'0'..=b'1', b'0'..=b'9', rest @ ..] => match rest {
            [b':', ..] if two_digits(4) && text.get(6) == Some(&b':') && two_digits(7) => 9,
            [b':', ..] if two_digits(4) && text.get(6) != Some(&b':') => 6,
            [b'0'..=b'9', ..] if two_digits(3) => 5,
            [b'0'..=b'9', ..] => 0,
            _ => 3,
        },
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Parses twice, cold and from the cache, and holds that both agree.
    fn parse(text: &str) -> Option<(String, i32, usize)> {
        let zones = ZoneTable::new(None).expect("no zone");
        let mut parser = StampParser::new(&zones);
        let cold = parser.parse(text.as_bytes());
        assert_eq!(parser.parse(text.as_bytes()), cold, "{text}");
        cold.map(|stamp| (stamp.time.rfc3339(), stamp.offset_s, stamp.len))
    }

    #[test]
    fn reads_every_form_with_its_length() {
        for (text, time, offset_s, len) in [
            ("2026-11-23 03:54:53.578 CET [5", "2026-11-23T02:54:53.578Z", 3600, 27),
            ("2020-03-11 20:40:43 CET::@:[1]", "2020-03-11T19:40:43.000Z", 3600, 23),
            ("2022-02-19 14:46:31 +08 [65830]", "2022-02-19T06:46:31.000Z", 28_800, 23),
            ("2022-02-19 14:46:31 +08:10.1.2.3(5)", "2022-02-19T06:46:31.000Z", 28_800, 23),
            ("2022-02-19 14:46:31 +05:30 x", "2022-02-19T09:16:31.000Z", 19_800, 26),
            ("2022-02-19 14:46:31 -0330:x", "2022-02-19T18:16:31.000Z", -12_600, 25),
            ("2020-09-22 14:11:38.731 +03-5f69", "2020-09-22T11:11:38.731Z", 10_800, 27),
            ("2019-03-14T00:22:56+00:00 app", "2019-03-14T00:22:56.000Z", 0, 25),
            ("2019-03-14T00:22:56.123456Z app", "2019-03-14T00:22:56.123456Z", 0, 27),
            ("2024-01-01 00:00:00,123 INFO: x", "2024-01-01T00:00:00.123Z", 0, 23),
            ("2024-01-01 00:00:00.123 P00   INFO", "2024-01-01T00:00:00.123Z", 0, 23),
            ("2024-01-01 00:00:00 LOG:  x", "2024-01-01T00:00:00.000Z", 0, 19),
            ("2024-01-01 00:00:00 UTC-6b03aafd.16c9-", "2024-01-01T00:00:00.000Z", 0, 23),
            ("2024-01-01 00:00:00, x", "2024-01-01T00:00:00.000Z", 0, 19),
            ("2016-12-31 23:59:60.5 UTC", "2016-12-31T23:59:59.500Z", 0, 25),
            ("1969-12-31 23:59:59.001 UTC", "1969-12-31T23:59:59.001Z", 0, 27),
            ("0001-01-01 00:00:00 UTC", "0001-01-01T00:00:00.000Z", 0, 23),
            ("2024-01-01 00:00:00 QQQ x", "2024-01-01T00:00:00.000Z", 0, 23),
        ] {
            assert_eq!(parse(text), Some((time.to_owned(), offset_s, len)), "{text}");
        }
        for text in [
            "",
            "2024-01-01 00:00",
            "2024-13-01 00:00:00 UTC",
            "2024-02-30 00:00:00 UTC",
            "2024-01-01 24:00:00 UTC",
            "2024-01-01 00:00:61 UTC",
            "2024-01-01_00:00:00 UTC",
            "0000-00-00 00:00:00 UTC",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn the_cache_never_changes_an_answer() {
        let zones = ZoneTable::new(Some("Europe/Vienna")).expect("a known zone");
        let mut warm = StampParser::new(&zones);
        for text in [
            "2026-10-25 02:30:01.000 CEST ",
            "2026-10-25 02:30:01.000 CET ",
            "2026-10-25 02:30:02 CET:",
            "2026-10-25 02:30:02 +02",
            "2026-10-25 02:30:02 +02:30",
            "2026-10-25 02:30:02",
            "2026-10-25 02:30:0",
            "2026-10-25 02:30:03 CET",
        ] {
            let cold = StampParser::new(&zones).parse(text.as_bytes());
            assert_eq!(warm.parse(text.as_bytes()), cold, "{text}");
        }
    }

    #[test]
    fn reads_epoch_stamps() {
        let epoch = |text: &str| StampParser::parse_epoch(text.as_bytes());
        let stamp = epoch("1690547999.456 [97674] LOG").expect("an epoch stamp");
        assert_eq!((stamp.time.rfc3339().as_str(), stamp.len), ("2023-07-28T12:39:59.456Z", 14));
        for text in
            ["", "1690547999", "1690547999.4", "12.345", "1690547999.4567", "9999999999999.1"]
        {
            assert_eq!(epoch(text), None, "{text}");
        }
    }
}
