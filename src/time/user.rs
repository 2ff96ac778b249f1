//! The times users type for `--since` and `--until`.
//!
//! In: a text of the command line. Out: a [`UserTime`], which becomes a [`Timestamp`] once the log is
//! known: a time without a zone means the log's own clock, a span counts back from its last record.

use super::{Civil, StampParser, TimeError, Timestamp, US_PER_S, ZoneTable};

/// A time as a user gave it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum UserTime {
    /// A point in time: the text carried a zone, or `--tz` names one.
    Absolute(Timestamp),
    /// A wall-clock time of the log's own zone.
    LogClock(Civil),
    /// Microseconds before the last record (`-1h`); never negative.
    BeforeLast(i64),
}

impl UserTime {
    /// The point in time, given the offset of the log's clock (seconds east of UTC) and its last
    /// record.
    pub fn resolve(self, log_offset_s: i32, last: Timestamp) -> Timestamp {
        match self {
            UserTime::Absolute(time) => time,
            UserTime::LogClock(civil) => civil.to_timestamp(log_offset_s),
            UserTime::BeforeLast(span_us) => Timestamp(last.0.saturating_sub(span_us)),
        }
    }
}

/// Reads RFC 3339, `2026-11-20 14:05[:07[.5]]`, a date (its midnight), each with or without a zone,
/// or a span before the last record (`-90m`, `-1h30m`, `-2d`, `-1w`).
pub fn parse_user_time(text: &str, zones: &ZoneTable) -> Result<UserTime, TimeError> {
    let trimmed = text.trim();
    let parsed = match trimmed.strip_prefix('-') {
        Some(span) => span_us(span).map(UserTime::BeforeLast),
        None => moment(trimmed, zones),
    };
    parsed.ok_or_else(|| TimeError::NotATime(text.to_owned()))
}

fn moment(text: &str, zones: &ZoneTable) -> Option<UserTime> {
    let bytes = text.as_bytes();
    // The stamp parser wants date, minute and second: add what was left out before the zone.
    let date = text.get(..10)?;
    let clock = text.get(10..)?;
    let has_clock = matches!(bytes.get(10), Some(b' ' | b'T')) && bytes.get(13) == Some(&b':');
    let full = match (has_clock, bytes.get(16)) {
        (false, _) => format!("{date} 00:00:00{clock}"),
        (true, Some(b':')) => text.to_owned(),
        (true, _) => format!("{}:00{}", text.get(..16)?, text.get(16..)?),
    };
    let stamp = StampParser::new(zones).parse(full.as_bytes()).filter(|s| s.len == full.len())?;
    let zone = full.as_bytes().get(stamp.zone.0..stamp.zone.0 + stamp.zone.1)?;
    let civil = Civil::from_timestamp(stamp.time, stamp.offset_s);
    if zone.is_empty() && !zones.is_stated() {
        return Some(UserTime::LogClock(civil));
    }
    // A mistyped zone must not pass as UTC, as it does in a log.
    zones.resolve(civil, zone).map(|found| UserTime::Absolute(found.time))
}

fn span_us(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut total_s: i64 = 0;
    while !rest.is_empty() {
        let unit_at = rest.find(|c: char| !c.is_ascii_digit())?;
        let (number, tail) = rest.split_at(unit_at);
        let unit_s = match tail.as_bytes().first()? {
            b's' => 1,
            b'm' => 60,
            b'h' => 3600,
            b'd' => 86_400,
            b'w' => 7 * 86_400,
            _ => return None,
        };
        total_s = total_s.checked_add(number.parse::<i64>().ok()?.checked_mul(unit_s)?)?;
        rest = tail.get(1..)?;
    }
    if text.is_empty() { None } else { total_s.checked_mul(US_PER_S) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_users_type() {
        let resolve = |text: &str, tz: Option<&str>| {
            let zones = ZoneTable::new(tz).expect("a known zone");
            let last = Timestamp(1_795_000_000_000_000); // 2026-11-18T11:06:40Z
            parse_user_time(text, &zones).map(|time| time.resolve(3600, last).rfc3339())
        };
        for (text, tz, expected) in [
            ("2026-11-20", None, "2026-11-19T23:00:00.000Z"),
            ("2026-11-20 14:05", None, "2026-11-20T13:05:00.000Z"),
            ("2026-11-20 14:05:07.5", None, "2026-11-20T13:05:07.500Z"),
            ("2026-11-20T14:05", Some("+03:00"), "2026-11-20T11:05:00.000Z"),
            ("2026-07-20 14:05", Some("Europe/Vienna"), "2026-07-20T12:05:00.000Z"),
            ("2026-11-20T14:05:00+01:00", None, "2026-11-20T13:05:00.000Z"),
            ("2026-11-20T14:05:00Z", Some("+03:00"), "2026-11-20T14:05:00.000Z"),
            ("2026-11-20 14:05 UTC", None, "2026-11-20T14:05:00.000Z"),
            ("2026-11-20 UTC", None, "2026-11-20T00:00:00.000Z"),
            ("-1h30m", None, "2026-11-18T09:36:40.000Z"),
            (" -2d ", None, "2026-11-16T11:06:40.000Z"),
            ("-99999999999999999w", None, ""),
        ] {
            match resolve(text, tz) {
                Ok(time) => assert_eq!(time, expected, "{text}"),
                Err(_) => assert_eq!(expected, "", "{text}"),
            }
        }
        for text in [
            "",
            "-",
            "-5",
            "-h",
            "now",
            "20.11.2026",
            "2026-11-31",
            "2026-11-20 14",
            "2026-11-20 QQQ",
        ] {
            assert_eq!(resolve(text, None), Err(TimeError::NotATime(text.to_owned())), "{text}");
        }
    }
}
