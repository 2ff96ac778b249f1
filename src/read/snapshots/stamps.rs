//! When a snapshot was taken, as pt-stalk writes it: in the name of the file, and in lines before
//! samples, `TS 1700000000.001 2023-11-14 22:13:20`.

use crate::time::{StampParser, Timestamp, ZoneTable};

/// The time that a file's name begins with: `2026_01_01_12_00_00-mysqladmin`.
pub(super) fn of_name(path: &str, zones: &ZoneTable) -> Option<Timestamp> {
    let name = path.rsplit(['/', '\\']).next()?;
    let text = text_of_name(name)?;
    StampParser::new(zones).parse(text.as_bytes()).map(|stamp| stamp.time)
}

/// Whether a file's name begins with a time.
pub(super) fn is_name(name: &str) -> bool {
    text_of_name(name).is_some()
}

fn text_of_name(name: &str) -> Option<String> {
    let (stamp, _) = name.split_once('-')?;
    let parts: Vec<_> = stamp.split('_').collect();
    let [year, month, day, hour, minute, second] = *parts else { return None };
    let is_time = parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    is_time.then(|| format!("{year}-{month}-{day} {hour}:{minute}:{second}"))
}

/// Whether a line is a time before a sample.
pub(super) fn is_one(line: &str) -> bool {
    of_line(line).is_some()
}

/// The last time before a sample in a text.
pub(super) fn last_in(text: &str) -> Option<Timestamp> {
    text.lines().rev().find_map(of_line)
}

/// The time of a line: its seconds since 1970, which have no zone.
pub(super) fn of_line(line: &str) -> Option<Timestamp> {
    let seconds = line.strip_prefix("TS ")?.split(' ').next()?;
    let (whole, part) = seconds.split_once('.').unwrap_or((seconds, ""));
    let digits: String = part.chars().chain("000000".chars()).take(6).collect();
    let us = whole.parse::<i64>().ok()?.checked_mul(1_000_000)?;
    us.checked_add(digits.parse().ok()?).map(Timestamp)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_names_and_lines_are_read() {
        let zones = ZoneTable::new(None).expect("UTC");
        for (name, expected) in [
            ("stalk/2023_11_14_22_13_20-processlist", Some("2023-11-14T22:13:20")),
            ("2023_11_14_22_13-x", None),
            ("2023_13_14_22_13_20-x", None),
            ("status.tsv", None),
        ] {
            let time = of_name(name, &zones).map(Timestamp::rfc3339);
            let fits = |time: &str| expected.is_some_and(|expected| time.starts_with(expected));
            assert_eq!(time.is_some(), expected.is_some(), "{name}");
            assert!(time.is_none_or(|time| fits(&time)), "{name}");
        }
        for (line, expected) in [
            ("TS 1700000000.001 2023-11-14 22:13:20", Some(1_700_000_000_001_000)),
            ("TS 1700000000.005051882 2023-11-14 22:13:20", Some(1_700_000_000_005_051)),
            ("TS 1700000000 2023-11-14 22:13:20", Some(1_700_000_000_000_000)),
            ("TS 9223372036854775807 x", None),
            ("TS of the day", None),
        ] {
            assert_eq!(of_line(line), expected.map(Timestamp), "{line}");
        }
        assert_eq!(last_in("TS 1 x\nTS 2 x\n\n"), Some(Timestamp(2_000_000)));
    }
}
