//! Events with a time in front: a CloudWatch export of RDS or Aurora, what `aws logs tail` prints (a
//! stream's name behind the time), `docker logs --timestamps`, `kubectl logs --timestamps`.
//!
//! Only the first line of an event has the time, or each line of it; a line without one is taken as
//! it is.

use super::head::Heads;
use super::{Content, Entry, Envelope, EnvelopeKind, Fits, Piece, Splitter, first_line};
use crate::read::input::Sample;
use crate::read::logs::text::Outer;
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use memchr::memchr;
use std::sync::Arc;

/// Events with a time in front.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "cloudwatch",
    detect,
    samples: &[
        "2026-11-23T03:55:04.000Z 2026-11-23 03:55:04 UTC:10.0.0.7(5501):app@shop:[6601]:LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "2026-11-23T03:55:04.000Z # Time: 2026-11-23T03:55:03.990000Z\n# User@Host: app[app] @ web [10.0.0.7]  Id:     8\n# Query_time: 0.000205  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1\nSET timestamp=1795403115;\nselect version();\n",
        "2026-11-23T03:55:04+00:00 shop-1.0 2026-11-23 03:55:04 UTC:10.0.0.7(5501):app@shop:[6601]:LOG:  duration: 0.312 ms  statement: SELECT 1\n",
    ],
};

/// Lines of a sample that are looked at.
const LINES_MAX: usize = 2000;

struct CloudWatch {
    zones: Arc<ZoneTable>,
    has_stream: bool,
}

fn detect(sample: &Sample, options: &ReadOptions, fits: Fits<'_>) -> Option<Box<dyn Envelope>> {
    let mut heads = Heads::new(None, &options.zones);
    let mut inside = Vec::new();
    let (mut events, mut streams, mut apart, mut bare) = (0u32, 0u32, 0u32, 0u32);
    let mut headers = 0u32;
    let lines = || sample.head.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty());
    for line in lines().take(LINES_MAX) {
        match event(line, &mut heads) {
            None => {
                bare += u32::from(line.first().is_some_and(|b| !matches!(b, b' ' | b'\t')));
                if headers > 0 {
                    inside.extend_from_slice(line);
                    inside.push(b'\n');
                }
            }
            // A time before what continues a record can only be the carrier's.
            Some((_, event)) if event.starts_with(b"\t") => apart += 1,
            Some((_, event)) => {
                let stream = stream_len(event);
                events += 1;
                streams += u32::from(stream > 0);
                let text = event.get(stream..).unwrap_or_default();
                apart += u32::from(is_date(text) || text.starts_with(b"{"));
                headers += u32::from(is_header(text));
                inside.extend_from_slice(text);
                inside.push(b'\n');
            }
        }
    }
    let has_stream = events > 0 && streams == events;
    let is_lines = events > bare && apart * 2 >= events;
    let is_carrier = (is_lines || headers * 2 > events) && streams % events.max(1) == 0;
    let zones = Arc::clone(&options.zones);
    (is_carrier && fits.text(&inside)).then(|| Box::new(CloudWatch { zones, has_stream }) as _)
}

/// The time in front of an event, and the event.
fn event<'a>(line: &'a [u8], heads: &mut Heads<'_>) -> Option<(Outer, &'a [u8])> {
    let stamp = heads.iso(line)?;
    let event = match line.get(stamp.len..)? {
        [b' ' | b'\t', event @ ..] => event,
        [] => &[],
        _ => return None,
    };
    let outer =
        Outer { time: Some(stamp.time), utc_offset_s: stamp.utc_offset_s, ..Outer::default() };
    Some((outer, event))
}

/// The length of a stream's name with the blank behind it, which a log's own date must follow; 0 if
/// there is none.
fn stream_len(event: &[u8]) -> usize {
    const NAME_MAX: usize = 512;
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-./$#".contains(b);
    match memchr(b' ', event.get(..event.len().min(NAME_MAX)).unwrap_or_default()) {
        Some(length) if length > 0 => {
            let (name, rest) = event.split_at(length);
            let named = name.iter().all(is_name) && !is_date(name);
            let begins = is_date(&rest[1..]) || is_header(&rest[1..]);
            if named && begins { length + 1 } else { 0 }
        }
        _ => 0,
    }
}

/// Whether a text begins with the first line of a slow log's record, of which only that line has the
/// carrier's time.
fn is_header(text: &[u8]) -> bool {
    text.starts_with(b"# Time: ") || text.starts_with(b"# User@Host: ")
}

/// Whether a text begins with a date: a record with a time of its own.
fn is_date(text: &[u8]) -> bool {
    let Some((year, rest)) = text.split_first_chunk::<4>() else { return false };
    year.iter().all(u8::is_ascii_digit) && rest.first() == Some(&b'-')
}

impl Envelope for CloudWatch {
    fn title(&self) -> String {
        let stream = if self.has_stream { " and a stream's name" } else { "" };
        format!("events with a time{stream} in front (CloudWatch, --timestamps)")
    }

    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        let heads = Heads::new(None, &self.zones);
        Box::new(EventSplitter { heads, has_stream: self.has_stream })
    }
}

struct EventSplitter<'e> {
    heads: Heads<'e>,
    has_stream: bool,
}

impl Splitter for EventSplitter<'_> {
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let (line, bytes) = first_line(rest);
        let (outer, event) = event(line, &mut self.heads).unwrap_or((Outer::default(), line));
        let from = if self.has_stream { stream_len(event) } else { 0 };
        text.extend_from_slice(event.get(from..).unwrap_or_default());
        let lines = u32::from(rest.get(bytes - 1) == Some(&b'\n'));
        Entry { bytes, lines, content: Content::Payload { piece: Piece::Alone, outer } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_streams_from_the_logs_own_words() {
        for (event, length) in [
            ("shop-1.0 2026-11-23 03:55:04 UTC:", 9),
            ("postgresql.log.2026-11-23-03 2026-11-23 03:55:04 UTC:", 29),
            ("2026-11-23 03:55:04 UTC::@:[1]:LOG:  x", 0),
            ("app@shop 2026-11-23", 0),
            ("LOG:  x", 0),
            ("shop", 0),
            (" 2026-", 0),
        ] {
            assert_eq!(stream_len(event.as_bytes()), length, "{event}");
        }
    }
}
