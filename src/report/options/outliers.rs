//! `--outliers`: classes that are shown although the cut of `--top` leaves them out, because some
//! of their runs are bad enough.

use super::order::QUERY_TIME;
use super::{InvalidOption, attribute_name, invalid};
use crate::model::event::{Known, Unit};
use std::fmt;
use std::str::FromStr;

/// Runs that a class needs where the option names no number.
const DEFAULT_RUNS: u64 = 10;

/// Which classes are outliers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Outliers {
    /// The attribute; `None`: the duration of runs.
    pub attribute: Option<String>,
    /// The least 95th percentile, in the attribute's own unit; microseconds of durations.
    pub least: u64,
    /// The least number of runs.
    pub runs: u64,
    /// As it was given.
    text: String,
}

impl FromStr for Outliers {
    type Err = InvalidOption;

    fn from_str(text: &str) -> Result<Self, InvalidOption> {
        let wrong = || {
            let expected = "ATTRIBUTE:VALUE or ATTRIBUTE:VALUE:RUNS such as query_time:1s:10 or \
                            rows_examined:100000; VALUE is a duration such as 500ms, a size such as \
                            64MB, or a number";
            invalid(text, expected)
        };
        let parts: Vec<&str> = text.split(':').collect();
        let (name, value, runs) = match parts[..] {
            [name, value] => (name, value, Some(DEFAULT_RUNS)),
            [name, value, runs] => (name, value, runs.parse().ok().filter(|n| *n > 0)),
            _ => return Err(wrong()),
        };
        let name = attribute_name(name).ok_or_else(wrong)?;
        let attribute = (name != QUERY_TIME).then_some(name);
        let unit = match &attribute {
            None => Unit::Micros,
            Some(name) => Known::of_name(name.as_bytes()).map_or(Unit::Millionths, Known::unit),
        };
        let least = least(value, unit).ok_or_else(wrong)?;
        let runs = runs.ok_or_else(wrong)?;
        Ok(Outliers { attribute, least, runs, text: text.to_owned() })
    }
}

/// A value with its unit. A duration needs one: pt-query-digest takes a bare number for seconds, all
/// other options here for milliseconds. Flags and words have no percentile.
fn least(text: &str, unit: Unit) -> Option<u64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let factor = match (unit, suffix) {
        (Unit::Micros, "us" | "µs") | (Unit::Count | Unit::Bytes, "") | (Unit::Bytes, "B") => 1.0,
        (Unit::Micros, "ms") | (Unit::Bytes, "kB") => 1e3,
        (Unit::Micros, "s") | (Unit::Bytes, "MB") | (Unit::Millionths, "") => 1e6,
        (Unit::Micros, "min") => 60e6,
        (Unit::Bytes, "GB") => 1e9,
        _ => return None,
    };
    let value: f64 = number.parse().ok()?;
    value.is_finite().then_some((value * factor).round() as u64)
}

impl fmt::Display for Outliers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_in_the_units_of_their_attributes() {
        for (text, attribute, least, runs) in [
            ("query_time:1s:5", None, 1_000_000, 5),
            ("Query_time:500ms", None, 500_000, 10),
            ("rows_examined:100000", Some("rows_examined"), 100_000, 10),
            ("bytes_sent:64MB:1", Some("bytes_sent"), 64_000_000, 1),
            ("lock_time:1.5ms:3", Some("lock_time"), 1500, 3),
            ("cop_wait:0.25:3", Some("cop_wait"), 250_000, 3),
        ] {
            let outliers: Outliers = text.parse().expect("an outlier");
            assert_eq!(outliers.attribute.as_deref(), attribute, "{text}");
            assert_eq!((outliers.least, outliers.runs), (least, runs), "{text}");
            assert_eq!(outliers.to_string(), text);
        }
        for text in [
            "",
            "1s",
            "query_time",
            "query_time:1x",
            "query_time:1:10",
            "rows_sent:1s",
            "full_scan:1",
            "a:1:0",
            "a:1:2:3",
        ] {
            assert!(text.parse::<Outliers>().is_err(), "{text}");
        }
    }
}
