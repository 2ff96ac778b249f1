//! The walk over the lines of one chunk.

use super::clock::Years;
use super::lines::{Place, TextLines};
use crate::model::event::Sink;
use crate::read::logs::ChunkText;
use crate::read::logs::mongodb::log_json::{JsonLines, Outcome};
use crate::read::logs::segment::{Reading, Segment};
use crate::time::{StampParser, ZoneTable};
use memchr::memchr;

/// Whether a line is one of a structured log.
pub(super) fn is_structured(line: &[u8]) -> bool {
    line.starts_with(b"{\"t\":")
}

/// Tells the lines of a chunk.
pub(super) fn walk(
    chunk: ChunkText<'_>,
    years: Option<Years>,
    zones: &ZoneTable,
    sink: &mut dyn Sink,
) -> Segment {
    let mut text_lines = TextLines::new(years, zones);
    // These tell the operations of both forms.
    let mut structured = JsonLines::default();
    let mut stamps = StampParser::new(zones);
    let mut reading = Reading::default();
    let detail = sink.wants_spans();
    let (mut start, mut number) = (0, 0u32);
    while let Some(rest) = chunk.bytes.get(start..).filter(|rest| !rest.is_empty()) {
        let len = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..len).unwrap_or_default().trim_ascii_end();
        let source = chunk.place(start, number);
        let outcome = if is_structured(line) {
            structured.read(line, (source, start), &mut stamps, &mut reading, (detail, sink))
        } else {
            let place = Place { source, start, outer: chunk.outer(start, number) };
            let told = (&mut structured.teller, &mut reading);
            text_lines.read(line, place, told, (detail, sink))
        };
        match outcome {
            Outcome::Read => reading.records += 1,
            Outcome::Cut => {
                reading.records += 1;
                let message = "an operation of which only the beginning is there";
                reading.skip(chunk.skipped(start, number, message), 0, 0);
            }
            Outcome::None if line.is_empty() => {}
            Outcome::None => {
                let message = "no line of MongoDB: no time and no thread before a message";
                let size_bytes = chunk.source_bytes(start..start + len + 1, number);
                reading.skip(chunk.skipped(start, number, message), size_bytes, 0);
            }
        }
        start += len + 1;
        number = number.saturating_add(1);
    }
    reading.lines = u64::from(number);
    Segment { reading, carry: structured.teller.into_carry() }
}
