//! Timestamps and time zones: what every reader turns its stamps into, and what every report prints.
//!
//! Owns the [`Timestamp`] (microseconds UTC), calendar arithmetic, the decision what a zone text
//! means ([`ZoneTable`]), the hot-path parser of log stamps ([`StampParser`]) and the times users
//! type ([`parse_user_time`]). Nothing here reads a clock or the system's zone database.

mod stamp;
mod user;
mod zones;

pub use stamp::{Stamp, StampParser};
pub use user::{UserTime, parse_user_time};
pub use zones::{Resolved, ZoneTable, ambiguous};

/// Microseconds in a second.
pub const US_PER_S: i64 = 1_000_000;
const S_PER_DAY: i64 = 86_400;

/// A zone or time that cannot be understood; the text says what to give instead.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum TimeError {
    /// The value of `--tz` names no zone.
    #[error(
        "unknown time zone {0:?}: give an IANA name (Europe/Vienna), an offset (+02:00) or an \
         abbreviation as PostgreSQL prints it (CET)"
    )]
    UnknownZone(String),
    /// The value of `--since` or `--until` is no time.
    #[error(
        "{0:?} is not a time: give 2026-11-20, \"2026-11-20 14:05\", 2026-11-20T14:05:00+01:00 or a \
         span before the last record such as -90m, -1h30m or -2d"
    )]
    NotATime(String),
}

/// A point in time: microseconds since 1970-01-01T00:00:00Z, negative before.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Timestamp(pub i64);

impl Timestamp {
    /// UTC in RFC 3339 with `Z` and three fractional digits, six if it is no whole millisecond.
    pub fn rfc3339(self) -> String {
        let civil = Civil::from_timestamp(self, 0);
        let us = civil.microsecond;
        let fraction =
            if us.is_multiple_of(1000) { format!("{:03}", us / 1000) } else { format!("{us:06}") };
        format!("{}T{}.{fraction}Z", civil.date_text(), civil.clock_text())
    }
}

/// The stamp as the log's own clock showed it, to the second: `2026-11-17 00:00:00`.
/// `offset_s` is the seconds east of UTC that the record carried.
pub fn display(time: Timestamp, offset_s: i32) -> String {
    let civil = Civil::from_timestamp(time, offset_s);
    format!("{} {}", civil.date_text(), civil.clock_text())
}

/// An offset as `UTC`, `+01:00` or `+05:53:28`.
pub fn zone_text(offset_s: i32) -> String {
    if offset_s == 0 {
        return "UTC".to_owned();
    }
    let sign = if offset_s < 0 { '-' } else { '+' };
    let s = offset_s.unsigned_abs();
    let seconds = if s.is_multiple_of(60) { String::new() } else { format!(":{:02}", s % 60) };
    format!("{sign}{:02}:{:02}{seconds}", s / 3600, s / 60 % 60)
}

/// A valid date and wall-clock time of the proleptic Gregorian calendar, without a zone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Civil {
    year: i64,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    microsecond: u32,
}

impl Civil {
    /// Midnight of a date of the years 1 to 9999; `None` if there is no such day.
    pub fn date(year: i64, month: u8, day: u8) -> Option<Civil> {
        let valid = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && day >= 1
            && day <= days_in_month(year, month);
        valid.then_some(Civil { year, month, day, hour: 0, minute: 0, second: 0, microsecond: 0 })
    }

    /// The same day at a time of day. A leap second (60) becomes second 59; `None` if out of range.
    pub fn at(self, hour: u8, minute: u8, second: u8, microsecond: u32) -> Option<Civil> {
        let valid = hour < 24 && minute < 60 && second <= 60 && microsecond < 1_000_000;
        valid.then_some(Civil { hour, minute, second: second.min(59), microsecond, ..self })
    }

    /// The point in time at which a clock `offset_s` seconds east of UTC shows this.
    pub fn to_timestamp(self, offset_s: i32) -> Timestamp {
        let days = days_from_civil(self.year, self.month, self.day);
        let clock_s =
            i64::from(self.hour) * 3600 + i64::from(self.minute) * 60 + i64::from(self.second);
        let utc_s = days * S_PER_DAY + clock_s - i64::from(offset_s);
        Timestamp(utc_s * US_PER_S + i64::from(self.microsecond))
    }

    /// What a clock `offset_s` seconds east of UTC shows at `time`.
    pub fn from_timestamp(time: Timestamp, offset_s: i32) -> Civil {
        let local_s = time.0.div_euclid(US_PER_S) + i64::from(offset_s);
        let (year, month, day) = civil_from_days(local_s.div_euclid(S_PER_DAY));
        let clock_s = local_s.rem_euclid(S_PER_DAY);
        // The remainders below are smaller than 24, 60, 60 and a million.
        Civil {
            year,
            month,
            day,
            hour: (clock_s / 3600) as u8,
            minute: (clock_s / 60 % 60) as u8,
            second: (clock_s % 60) as u8,
            microsecond: time.0.rem_euclid(US_PER_S) as u32,
        }
    }

    fn date_text(self) -> String {
        format!("{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }

    fn clock_text(self) -> String {
        format!("{:02}:{:02}:{:02}", self.hour, self.minute, self.second)
    }
}

fn days_in_month(year: i64, month: u8) -> u8 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01. Years are counted from March, so that the leap day is the last of a year.
fn days_from_civil(year: i64, month: u8, day: u8) -> i64 {
    let month = i64::from(month);
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + i64::from(day) - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}

/// The inverse of [`days_from_civil`], for any day an `i64` of microseconds can reach.
fn civil_from_days(days: i64) -> (i64, u8, u8) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let march_month = (5 * day_of_year + 2) / 153;
    let day = (day_of_year - (153 * march_month + 2) / 5 + 1) as u8;
    let month = (if march_month < 10 { march_month + 3 } else { march_month - 9 }) as u8;
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prints_utc_with_the_digits_it_needs() {
        for (us, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999999Z"),
            (1_690_547_999_456_000, "2023-07-28T12:39:59.456Z"),
            (951_782_400_000_123, "2000-02-29T00:00:00.000123Z"),
        ] {
            assert_eq!(Timestamp(us).rfc3339(), text);
        }
        for extreme in [i64::MIN, i64::MAX] {
            assert!(Timestamp(extreme).rfc3339().ends_with('Z'));
        }
    }

    #[test]
    fn calendar_round_trips_over_every_day_of_many_eras() {
        for days in (-719_162..2_932_896).step_by(61) {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
            let civil = Civil::date(year, month, day).expect("a day of the years 1 to 9999");
            assert_eq!(civil.to_timestamp(0).0, days * S_PER_DAY * US_PER_S);
        }
    }

    #[test]
    fn refuses_days_and_clocks_that_do_not_exist() {
        for (year, month, day) in
            [(0, 1, 1), (10_000, 1, 1), (2026, 0, 1), (2026, 13, 1), (2026, 4, 31), (1900, 2, 29)]
        {
            assert_eq!(Civil::date(year, month, day), None, "{year}-{month}-{day}");
        }
        let day = Civil::date(2016, 12, 31).expect("valid");
        assert_eq!(day.at(24, 0, 0, 0), None);
        assert_eq!(day.at(23, 59, 60, 0), day.at(23, 59, 59, 0), "leap second");
    }

    #[test]
    fn shows_the_clock_of_the_log() {
        assert_eq!(display(Timestamp(1_795_388_093_578_000), 3600), "2026-11-22 23:54:53");
        assert_eq!(display(Timestamp(0), -3600), "1969-12-31 23:00:00");
    }
}
