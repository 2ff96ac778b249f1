//! The walk over the lines of a log: a file may hold text lines and structured ones, where its server
//! was upgraded or downgraded. Both formats read it alike; they differ only in which files they
//! recognise. Single lines are read the same where documents hold them.

use super::log_json::{JsonLines, Outcome};
use super::log_text::{Place, TextLines, Years};
use crate::model::event::{Sink, SpanDetail};
use crate::read::logs::ChunkText;
use crate::read::logs::segment::{Reading, Segment};
use crate::time::{StampParser, ZoneTable};
use memchr::memchr;
use std::ops::Range;

const CUT: &str = "a record of which only the beginning is there";
const NO_RECORD: &str = "no record of a MongoDB log: neither a JSON object with t, s and msg nor a message behind a time";

/// Tells the lines of a chunk. Text stamps that show no year are of these years.
pub(super) fn walk(
    chunk: ChunkText<'_>,
    years: Option<Years>,
    zones: &ZoneTable,
    sink: &mut dyn Sink,
) -> Segment {
    let mut lines = Lines::new(years, zones, sink);
    // Its teller tells the operations of both forms.
    let mut structured = JsonLines::default();
    let mut reading = Reading::default();
    let (mut start, mut number) = (0, 0u32);
    while let Some(rest) = chunk.bytes.get(start..).filter(|rest| !rest.is_empty()) {
        let len = memchr(b'\n', rest).unwrap_or(rest.len());
        let line = rest.get(..len).unwrap_or_default().trim_ascii_end();
        let range = start..start + len + 1;
        lines.read(line, (&chunk, range, number), &mut structured, &mut reading, sink);
        start += len + 1;
        number = number.saturating_add(1);
    }
    reading.lines = u64::from(number);
    Segment { reading, carry: structured.teller.into_carry() }
}

/// Reads lines of both forms.
pub(super) struct Lines<'z> {
    text_lines: TextLines<'z>,
    stamps: StampParser<'z>,
    detail: SpanDetail,
}

impl<'z> Lines<'z> {
    /// As much of them as a sink wants.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable, sink: &dyn Sink) -> Self {
        Lines {
            text_lines: TextLines::new(years, zones),
            stamps: StampParser::new(zones),
            detail: sink.wants_spans(),
        }
    }

    /// Reads a line, which takes a range of the chunk's text that begins on its line `number`.
    #[inline]
    pub fn read<'a>(
        &mut self,
        line: &'a [u8],
        (chunk, range, number): (&ChunkText<'_>, Range<usize>, u32),
        structured: &mut JsonLines<'a>,
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) {
        let (start, detail) = (range.start, self.detail);
        let source = chunk.place(start, number);
        let is_object = line.first() == Some(&b'{');
        let mut outcome = Outcome::None;
        if !is_object {
            let place = Place { source, start, outer: chunk.outer(start, number) };
            let told = (&mut structured.teller, &mut *reading);
            outcome = self.text_lines.read(line, place, told, (detail, sink));
        }
        // An object may also stand behind something that nobody knows.
        if outcome == Outcome::None {
            let place = (source, start);
            outcome = structured.read(line, place, &mut self.stamps, reading, (detail, sink));
        }
        match outcome {
            Outcome::Read => reading.records += 1,
            Outcome::Cut => {
                reading.records += 1;
                reading.skip(chunk.skipped(start, number, CUT), 0, 0);
            }
            Outcome::None if line.is_empty() => {}
            Outcome::None => {
                let size_bytes = chunk.source_bytes(range, number);
                let place = chunk.skipped(start, number, NO_RECORD);
                reading.skip(place, size_bytes, u64::from(is_object));
            }
        }
    }
}
