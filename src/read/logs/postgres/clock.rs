//! What the log's clock said, in words for the report: zone abbreviations that mean several things
//! or nothing known. Reading stamps is left to `time`.

use crate::time::{Civil, StampParser, ZoneTable, ambiguous};
use std::collections::BTreeSet;

/// Stamps of a sample that are looked at.
const STAMPS_MAX: usize = 20_000;

/// `YYYY-MM-DD HH:MM:SS`, with a blank or `T` between.
pub(super) fn begins_with_stamp(line: &[u8]) -> bool {
    const FORM: &[u8; 19] = b"0000-00-00 00:00:00";
    line.len() >= FORM.len()
        && FORM.iter().zip(line).all(|(form, byte)| match form {
            b'0' => byte.is_ascii_digit(),
            b' ' => matches!(byte, b' ' | b'T'),
            mark => byte == mark,
        })
}

/// The zone texts of texts that begin with a stamp.
pub(super) fn zones_of<'a>(
    stamps: impl Iterator<Item = &'a [u8]>,
    zones: &ZoneTable,
) -> BTreeSet<String> {
    let mut parser = StampParser::new(zones);
    let mut found = BTreeSet::new();
    for text in stamps.take(STAMPS_MAX) {
        let Some(stamp) = parser.parse(text) else {
            continue;
        };
        let (from, length) = stamp.zone;
        let zone = text.get(from..from + length).unwrap_or_default();
        if length > 0 && !found.contains(&*String::from_utf8_lossy(zone)) {
            found.insert(String::from_utf8_lossy(zone).into_owned());
        }
    }
    found
}

/// One sentence for each zone that a reader of the report should know about; none if the user
/// stated the zone.
pub(super) fn zone_notes<'a>(
    zone_texts: impl IntoIterator<Item = &'a String>,
    zones: &ZoneTable,
) -> Vec<String> {
    if zones.is_stated() {
        return Vec::new();
    }
    let note = |zone: &String| match ambiguous(zone.as_bytes()) {
        Some([taken, others @ ..]) => Some(format!(
            "time zone {zone} was read as {taken}; it may also mean {}: --tz settles it",
            others.join(" or ")
        )),
        _ if is_unknown(zone, zones) => {
            Some(format!("time zone {zone} is not known and was read as UTC: --tz settles it"))
        }
        _ => None,
    };
    zone_texts.into_iter().filter_map(note).collect()
}

/// Whether no table explains a zone text: the date does not matter for that.
fn is_unknown(zone: &str, zones: &ZoneTable) -> bool {
    Civil::date(2000, 1, 1).is_some_and(|day| zones.resolve(day, zone.as_bytes()).is_none())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_what_a_zone_was_taken_for() {
        let unstated = ZoneTable::default();
        for (stamp, note) in [
            ("2026-01-01 10:00:00.000 IST", Some("IST was read as Israel (UTC+02:00)")),
            ("2026-01-01 10:00:00 XYZ", Some("XYZ is not known")),
            ("2026-01-01 10:00:00 CET", None),
            ("2026-01-01 10:00:00 +08", None),
            ("2026-01-01 10:00:00", None),
        ] {
            let found = zones_of([stamp.as_bytes()].into_iter(), &unstated);
            let notes = zone_notes(&found, &unstated);
            assert_eq!(notes.len(), usize::from(note.is_some()), "{stamp}");
            assert!(notes.iter().all(|n| note.is_some_and(|part| n.contains(part))), "{notes:?}");
            let stated = ZoneTable::new(Some("Asia/Kolkata")).expect("a known zone");
            assert!(zone_notes(&found, &stated).is_empty());
        }
    }
}
