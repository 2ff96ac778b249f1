//! What a zone text means: offsets, abbreviations as PostgreSQL prints them, and `--tz`.
//!
//! In: the zone text of a stamp and its wall-clock time. Out: seconds east of UTC. The decision of
//! one source is a [`ZoneTable`], shared read-only by its workers. Zone rules come from the database
//! compiled into the program, so that every machine gives the same answer.

use super::{Civil, TimeError, Timestamp};
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone, TimeZoneDatabase};

/// Seconds east of UTC of the abbreviations in use, sorted. Where one has several readings, this is
/// the reading of PostgreSQL's "Default" abbreviation set; [`AMBIGUOUS`] lists the others.
const ABBREVIATIONS: &[(&str, i32)] = &[
    ("ACDT", 37_800),
    ("ACST", 34_200),
    ("ACT", -18_000),
    ("ADT", -10_800),
    ("AEDT", 39_600),
    ("AEST", 36_000),
    ("AFT", 16_200),
    ("AKDT", -28_800),
    ("AKST", -32_400),
    ("AMST", -10_800),
    ("AMT", -14_400),
    ("ART", -10_800),
    ("AST", -14_400),
    ("AWST", 28_800),
    ("AZT", 14_400),
    ("BDT", 21_600),
    ("BNT", 28_800),
    ("BOT", -14_400),
    ("BRST", -7_200),
    ("BRT", -10_800),
    ("BST", 3_600),
    ("BTT", 21_600),
    ("CAT", 7_200),
    ("CDT", -18_000),
    ("CEST", 7_200),
    ("CET", 3_600),
    ("CHADT", 49_500),
    ("CHAST", 45_900),
    ("CLST", -10_800),
    ("CLT", -14_400),
    ("COT", -18_000),
    ("CST", -21_600),
    ("ChST", 36_000),
    ("EAT", 10_800),
    ("ECT", -18_000),
    ("EDT", -14_400),
    ("EEST", 10_800),
    ("EET", 7_200),
    ("EST", -18_000),
    ("FJT", 43_200),
    ("GET", 14_400),
    ("GFT", -10_800),
    ("GMT", 0),
    ("GST", 14_400),
    ("GYT", -14_400),
    ("HDT", -32_400),
    ("HKT", 28_800),
    ("HST", -36_000),
    ("ICT", 25_200),
    ("IDT", 10_800),
    ("IRDT", 16_200),
    ("IRKT", 28_800),
    ("IRST", 12_600),
    ("IRT", 12_600),
    ("IST", 7_200),
    ("JST", 32_400),
    ("KGT", 21_600),
    ("KRAT", 25_200),
    ("KST", 32_400),
    ("LHDT", 39_600),
    ("LHST", 37_800),
    ("MAGT", 39_600),
    ("MDT", -21_600),
    ("MEST", 7_200),
    ("MET", 3_600),
    ("MMT", 23_400),
    ("MSD", 14_400),
    ("MSK", 10_800),
    ("MST", -25_200),
    ("MUT", 14_400),
    ("MVT", 18_000),
    ("MYT", 28_800),
    ("NDT", -9_000),
    ("NOVT", 25_200),
    ("NPT", 20_700),
    ("NST", -12_600),
    ("NZDT", 46_800),
    ("NZST", 43_200),
    ("OMST", 21_600),
    ("PDT", -25_200),
    ("PET", -18_000),
    ("PETT", 43_200),
    ("PGT", 36_000),
    ("PHT", 28_800),
    ("PKT", 18_000),
    ("PST", -28_800),
    ("PYST", -10_800),
    ("PYT", -10_800),
    ("RET", 14_400),
    ("SAMT", 14_400),
    ("SAST", 7_200),
    ("SGT", 28_800),
    ("SST", -39_600),
    ("TJT", 18_000),
    ("TMT", 18_000),
    ("TRT", 10_800),
    ("UCT", 0),
    ("ULAT", 28_800),
    ("UTC", 0),
    ("UYT", -10_800),
    ("UZT", 18_000),
    ("VET", -14_400),
    ("VLAT", 36_000),
    ("WAST", 7_200),
    ("WAT", 3_600),
    ("WEST", 3_600),
    ("WET", 0),
    ("WIB", 25_200),
    ("WIT", 32_400),
    ("WITA", 28_800),
    ("YAKT", 32_400),
    ("YEKT", 18_000),
    ("Z", 0),
];

/// Abbreviations that several regions use, with their readings; the first one is ours.
const AMBIGUOUS: &[(&str, &[&str])] = &[
    ("ACT", &["Acre (UTC-05:00)", "Australian Central (UTC+09:30)"]),
    ("ADT", &["Atlantic Daylight (UTC-03:00)", "Arabia Daylight (UTC+04:00)"]),
    ("AMST", &["Amazon Summer (UTC-03:00)", "Armenia Summer (UTC+05:00)"]),
    ("AMT", &["Amazon (UTC-04:00)", "Armenia (UTC+04:00)"]),
    ("AST", &["Atlantic (UTC-04:00)", "Arabia (UTC+03:00)"]),
    ("BST", &["British Summer (UTC+01:00)", "Bangladesh (UTC+06:00)", "Bougainville (UTC+11:00)"]),
    ("CDT", &["US Central Daylight (UTC-05:00)", "Cuba Daylight (UTC-04:00)"]),
    ("CST", &["US Central (UTC-06:00)", "China (UTC+08:00)", "Cuba (UTC-05:00)"]),
    ("ECT", &["Ecuador (UTC-05:00)", "Eastern Caribbean (UTC-04:00)"]),
    ("EDT", &["US Eastern Daylight (UTC-04:00)", "Australian Eastern Daylight (UTC+11:00)"]),
    ("EST", &["US Eastern (UTC-05:00)", "Australian Eastern (UTC+10:00)"]),
    ("GST", &["Gulf (UTC+04:00)", "South Georgia (UTC-02:00)", "Guam (UTC+10:00)"]),
    ("IST", &["Israel (UTC+02:00)", "India (UTC+05:30)", "Irish Summer (UTC+01:00)"]),
    ("MMT", &["Myanmar (UTC+06:30)", "Moscow Mean (UTC+02:30)"]),
    ("MST", &["US Mountain (UTC-07:00)", "Malaysia (UTC+08:00)"]),
    ("PST", &["US Pacific (UTC-08:00)", "Philippines (UTC+08:00)"]),
    ("SST", &["Samoa (UTC-11:00)", "Singapore (UTC+08:00)"]),
    ("WAST", &["West Africa Summer (UTC+02:00)", "Western Australia (UTC+08:00)"]),
];

/// The readings of an abbreviation that more than one region uses, the one taken without `--tz`
/// first; `None` if it means one thing only.
pub fn ambiguous(zone: &[u8]) -> Option<&'static [&'static str]> {
    AMBIGUOUS.iter().find(|(name, _)| name.as_bytes() == zone).map(|(_, readings)| *readings)
}

/// A wall-clock time with its zone settled.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Resolved {
    /// The point in time.
    pub time: Timestamp,
    /// Seconds east of UTC that the wall clock was set to.
    pub offset_s: i32,
}

/// What the user said about the zone of a log.
#[derive(Debug, Clone, Default)]
enum Stated {
    #[default]
    Nothing,
    Offset(i32),
    Region(TimeZone),
}

/// How the zone texts of one source are read.
#[derive(Debug, Clone, Default)]
pub struct ZoneTable {
    stated: Stated,
}

impl ZoneTable {
    /// `tz` is the value of `--tz`: an IANA name, an offset or an abbreviation.
    pub fn new(tz: Option<&str>) -> Result<Self, TimeError> {
        let Some(text) = tz else {
            return Ok(Self { stated: Stated::Nothing });
        };
        let name = text.trim();
        let stated = if let Some(offset_s) = offset_of(name.as_bytes()) {
            Stated::Offset(offset_s)
        } else if let Ok(region) = TimeZoneDatabase::bundled().get(name) {
            Stated::Region(region)
        } else if let Some(offset_s) = abbreviation_offset(name.to_ascii_uppercase().as_bytes()) {
            Stated::Offset(offset_s)
        } else {
            return Err(TimeError::UnknownZone(text.to_owned()));
        };
        Ok(Self { stated })
    }

    /// Whether the user named a zone.
    pub fn is_stated(&self) -> bool {
        !matches!(self.stated, Stated::Nothing)
    }

    /// The point in time of a wall clock in a zone as PostgreSQL prints it: an offset, an
    /// abbreviation, or nothing (the stated zone, else UTC). `None` for an unknown abbreviation that
    /// no stated zone explains.
    ///
    /// An offset and UTC always mean what they say. An abbreviation is first looked up in the stated
    /// region at that local time, which also settles the hour that occurs twice.
    pub fn resolve(&self, civil: Civil, zone: &[u8]) -> Option<Resolved> {
        let offset_s = match offset_of(zone) {
            Some(offset_s) => offset_s,
            None if zone.is_empty() => self.default_offset(civil),
            None if zone == b"UTC" => 0,
            None => self.offset_by_name(civil, zone)?,
        };
        Some(Resolved { time: civil.to_timestamp(offset_s), offset_s })
    }

    fn default_offset(&self, civil: Civil) -> i32 {
        match &self.stated {
            Stated::Nothing => 0,
            Stated::Offset(offset_s) => *offset_s,
            Stated::Region(region) => candidates(region, civil).0.seconds(),
        }
    }

    fn offset_by_name(&self, civil: Civil, zone: &[u8]) -> Option<i32> {
        let table = abbreviation_offset(zone);
        match &self.stated {
            Stated::Nothing => table,
            Stated::Offset(offset_s) if table.is_none() || ambiguous(zone).is_some() => {
                Some(*offset_s)
            }
            Stated::Offset(_) => table,
            Stated::Region(region) => offset_in_region(region, civil, zone)
                .or(table)
                .or_else(|| Some(self.default_offset(civil))),
        }
    }
}

/// The offsets a region's clocks may have had at this local time: the same one twice, or, in a fold
/// or gap, the one before and the one after the change.
fn candidates(region: &TimeZone, civil: Civil) -> (Offset, Offset) {
    match region.to_ambiguous_timestamp(to_jiff(civil)).offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, offset),
        AmbiguousOffset::Gap { before, after } | AmbiguousOffset::Fold { before, after } => {
            (before, after)
        }
    }
}

/// The offset that the region calls `zone` at this local time, else at any season of that year.
fn offset_in_region(region: &TimeZone, civil: Civil, zone: &[u8]) -> Option<i32> {
    let named = |offset: Offset, civil: Civil| {
        let instant = offset.to_timestamp(to_jiff(civil)).ok()?;
        let info = region.to_offset_info(instant);
        (info.abbreviation().as_bytes() == zone).then(|| info.offset().seconds())
    };
    let (before, after) = candidates(region, civil);
    let here = named(before, civil).or_else(|| named(after, civil));
    here.or_else(|| {
        [1, 4, 7, 10].into_iter().find_map(|month| {
            let season = Civil::date(civil.year, month, 1)?;
            named(candidates(region, season).0, season)
        })
    })
}

fn to_jiff(civil: Civil) -> DateTime {
    // A `Civil` holds a valid date of the years 1 to 9999, which jiff's types can all hold.
    DateTime::new(
        i16::try_from(civil.year).unwrap_or(i16::MAX),
        civil.month as i8,
        civil.day as i8,
        civil.hour as i8,
        civil.minute as i8,
        civil.second as i8,
        0,
    )
    .unwrap_or(DateTime::MAX)
}

fn abbreviation_offset(zone: &[u8]) -> Option<i32> {
    let found = ABBREVIATIONS.binary_search_by(|(name, _)| name.as_bytes().cmp(zone)).ok()?;
    ABBREVIATIONS.get(found).map(|(_, offset_s)| *offset_s)
}

/// Seconds east of UTC of `Z`, `+08`, `-0330`, `+05:30` or `+05:53:28`.
fn offset_of(zone: &[u8]) -> Option<i32> {
    if zone == b"Z" {
        return Some(0);
    }
    let (sign, mut rest) = match zone.split_first()? {
        (b'+', rest) => (1, rest),
        (b'-', rest) => (-1, rest),
        _ => return None,
    };
    let mut offset_s = 0;
    for unit_s in [3600, 60, 1] {
        let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', tail @ ..] = rest else {
            return None;
        };
        let value = i32::from(tens - b'0') * 10 + i32::from(ones - b'0');
        if value >= if unit_s == 3600 { 24 } else { 60 } {
            return None;
        }
        offset_s += value * unit_s;
        rest = tail;
        if rest.is_empty() {
            return Some(sign * offset_s);
        }
        rest = rest.strip_prefix(b":").unwrap_or(rest);
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn offset(tz: Option<&str>, (month, day, hour): (u8, u8, u8), zone: &str) -> Option<i32> {
        let civil = Civil::date(2026, month, day).and_then(|date| date.at(hour, 30, 0, 0));
        let zones = ZoneTable::new(tz).expect("a known zone");
        zones.resolve(civil.expect("a valid time"), zone.as_bytes()).map(|found| found.offset_s)
    }

    #[test]
    fn reads_the_zones_postgresql_prints() {
        for (zone, expected) in [
            ("UTC", Some(0)),
            ("CET", Some(3600)),
            ("EEST", Some(10_800)),
            ("AEST", Some(36_000)),
            ("ChST", Some(36_000)),
            ("-03", Some(-10_800)),
            ("+0530", Some(19_800)),
            ("+05:30", Some(19_800)),
            ("+05:53:28", Some(21_208)),
            ("Z", Some(0)),
            ("", Some(0)),
            ("IST", Some(7200)),
            ("XYZ", None),
            ("+5", None),
            ("+25", None),
            ("+05:", None),
        ] {
            assert_eq!(offset(None, (7, 1, 12), zone), expected, "{zone}");
        }
        assert!(ABBREVIATIONS.is_sorted_by(|a, b| a.0.as_bytes() < b.0.as_bytes()));
    }

    #[test]
    fn a_stated_zone_settles_folds_and_homonyms() {
        let vienna = Some("Europe/Vienna");
        for (tz, time, zone, expected) in [
            // 2026-10-25 02:30 happens twice; the abbreviation says which.
            (vienna, (10, 25, 2), "CEST", Some(7200)),
            (vienna, (10, 25, 2), "CET", Some(3600)),
            // In the gap of spring both readings stay possible.
            (vienna, (3, 29, 2), "CET", Some(3600)),
            (vienna, (7, 1, 12), "", Some(7200)),
            (vienna, (1, 1, 12), "UTC", Some(0)),
            (vienna, (1, 1, 12), "EST", Some(-18_000)),
            (vienna, (7, 1, 12), "XYZ", Some(7200)),
            (Some("Asia/Kolkata"), (1, 1, 12), "IST", Some(19_800)),
            (Some("Asia/Shanghai"), (1, 1, 12), "CST", Some(28_800)),
            (Some("Europe/Dublin"), (1, 1, 12), "IST", Some(3600)),
            (Some("+05:30"), (1, 1, 12), "IST", Some(19_800)),
            (Some("+05:30"), (1, 1, 12), "CET", Some(3600)),
            (Some("ist"), (1, 1, 12), "", Some(7200)),
        ] {
            assert_eq!(offset(tz, time, zone), expected, "{tz:?} {time:?} {zone}");
        }
        assert!(matches!(ZoneTable::new(Some("Mars/Olympus")), Err(TimeError::UnknownZone(_))));
        assert!(ambiguous(b"IST").is_some_and(|readings| readings[0].starts_with("Israel")));
        assert_eq!(ambiguous(b"CET"), None);
    }
}
