//! What a record with mapped columns means: a run of a statement, or its failure.

use super::map::{ColumnMap, Field};
use crate::model::event::{
    Event, Kind, Level, LogMessage, Said, Says, Sink, Span, SpanDetail, SpanRole, Statement, Topic,
    Who, session_of_text,
};
use crate::read::logs::segment::Reading;
use crate::read::logs::text::without_port;
use crate::time::{StampParser, Timestamp};
use std::borrow::Cow;

/// The values of one record, by [`Field::index`]; `None` where it has none.
pub(super) type Row<'a> = [Option<Cow<'a, [u8]>>; Field::COUNT];

/// Whether a record was understood.
pub(super) enum Told {
    /// It was.
    Yes,
    /// It was not, and why.
    No(&'static str),
}

/// Where a record stands.
#[derive(Clone, Copy)]
pub(super) struct Place<'a> {
    /// Its bytes.
    pub text: &'a [u8],
    /// Where they begin in the chunk's text.
    pub start: usize,
    /// Where it stands in the source: the offset, and the line in its chunk.
    pub source: (u64, u32),
    /// Spans are told instead of events.
    pub spans: SpanDetail,
}

/// Tells the sink of a record that stands at a place.
pub(super) fn tell(
    row: &Row<'_>,
    map: &ColumnMap,
    place: Place<'_>,
    stamps: &mut StampParser<'_>,
    reading: &mut Reading,
    sink: &mut dyn Sink,
) -> Told {
    let value = |field: Field| row[field.index()].as_deref().filter(|text| !text.is_empty());
    let Some(query) = value(Field::Query) else {
        return Told::No("a record without a query");
    };
    let when = value(Field::Time).map(|text| stamp(text, stamps));
    let (time, utc_offset_s) = match when {
        None => (None, 0),
        Some(Some((time, offset_s))) => (Some(time), offset_s),
        Some(None) => return Told::No("a record whose time cannot be read"),
    };
    if let Some(time) = time {
        reading.saw(time, utc_offset_s);
    }
    let duration_us = match value(Field::Duration).map(|text| units(text, map.us_per_unit)) {
        None => None,
        Some(Some(us)) => Some(us),
        Some(None) => return Told::No("a record whose duration is no number"),
    };
    let error = value(Field::Error).filter(|text| is_error(text));
    let kind = match error {
        Some(error) => Kind::Message(LogMessage {
            level: Level::Error,
            code: Cow::Borrowed(b""),
            text: Cow::Borrowed(error),
            topic: Topic::Other,
            statement: Some(Cow::Borrowed(query)),
            cancelled: None,
            lost_us: None,
        }),
        None => Kind::Statement(Statement {
            text: Cow::Borrowed(query),
            duration_us,
            ..Statement::default()
        }),
    };
    let who = Who {
        user: value(Field::User),
        database: value(Field::Database),
        host: value(Field::Host).map(without_port),
        app: value(Field::App),
        session: value(Field::Session).map_or(0, session_of_text),
    };
    if place.spans == SpanDetail::Nothing {
        let (offset, line) = place.source;
        sink.event(&Event { offset, line, time, utc_offset_s, who, kind });
        return Told::Yes;
    }
    let duration_us = duration_us.filter(|_| error.is_none());
    sink.span(&Span {
        time,
        session: who.session,
        who,
        says: Says::Ran(Said { text: query, cut: false, duration_us }),
        ..Span::at(place.text, place.start, SpanRole::Record { lines_apart: false })
    });
    Told::Yes
}

fn is_error(text: &[u8]) -> bool {
    !matches!(text, b"0" | b"null" | b"NULL" | b"false" | b"[]" | b"{}")
}

/// A stamp of any form, or a number since 1970 whose size tells its unit.
fn stamp(text: &[u8], stamps: &mut StampParser<'_>) -> Option<(Timestamp, i32)> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let is_number = digits >= 9 && matches!(text.get(digits), None | Some(b'.'));
    if !is_number {
        return stamps.parse(text).map(|stamp| (stamp.time, stamp.offset_s));
    }
    let us_per_unit = match digits {
        ..=11 => 1e6,
        12..=14 => 1e3,
        15..=17 => 1.0,
        _ => 1e-3,
    };
    let us = i64::try_from(units(text, us_per_unit)?).ok()?;
    Some((Timestamp(us), 0))
}

/// A decimal number times a unit, in whole microseconds. Whole units are exact.
fn units(text: &[u8], us_per_unit: f64) -> Option<u64> {
    let text = std::str::from_utf8(text).ok()?.trim();
    if us_per_unit >= 1.0
        && let Ok(whole) = text.parse::<u64>()
    {
        return whole.checked_mul(us_per_unit as u64);
    }
    let us = text.parse::<f64>().ok()? * us_per_unit;
    (us.is_finite() && (0.0..1e18).contains(&us)).then(|| us.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ZoneTable;

    #[test]
    fn reads_times_and_durations_of_any_unit() {
        let zones = ZoneTable::default();
        let mut stamps = StampParser::new(&zones);
        let second = Timestamp(1_700_000_000_000_000);
        for text in [
            "1700000000",
            "1700000000.000000",
            "1700000000000",
            "1700000000000000",
            "1700000000000000000",
            "2023-11-14T22:13:20Z",
        ] {
            assert_eq!(stamp(text.as_bytes(), &mut stamps), Some((second, 0)), "{text}");
        }
        assert_eq!(units(b"1.5", 1e3), Some(1500));
        assert_eq!(units(b"18446744073709551615", 1e6), None);
        assert_eq!(units(b"1500", 1e-3), Some(2));
        assert_eq!(units(b"-1", 1.0), None);
        assert_eq!(units(b"NaN", 1.0), None);
    }
}
