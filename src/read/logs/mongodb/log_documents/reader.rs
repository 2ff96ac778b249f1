//! Documents as lines of the log: an object over several lines is one, an answer of `getLog` holds
//! many. Each is told like the same line in a log, at its own place.

use super::array::{Item, LogArray, push_line};
use crate::lang::mongo::shell::{self, End};
use crate::model::event::{Event, Sink, Span, SpanDetail, SpanRole};
use crate::read::logs::ChunkText;
use crate::read::logs::mongodb::documents::{Document, DocumentReader, Refused};
use crate::read::logs::mongodb::log_json::JsonLines;
use crate::read::logs::mongodb::log_text::Years;
use crate::read::logs::mongodb::tell::Teller;
use crate::read::logs::mongodb::walk::Lines;
use crate::read::logs::segment::{Reading, Segment};
use crate::time::ZoneTable;
use memchr::{memchr_iter, memmem};
use std::ops::Range;

const NO_LINE: &str = "an item of getLog's list, but no line of a log";
const ELIDED_LINES: &str =
    "lines that the shell left out: it shows the first hundred items of a list";
const ELIDED: &str = "a document of which its printer left something out";
const CUT: &str = "an answer of getLog of which only the beginning is there";
const NO_RECORD: Refused =
    Refused { why: "a document, but no record of a MongoDB log: no t, s and msg", records: 1 };

/// Reads the log's documents of one chunk; its buffers are reused.
pub(super) struct LogDocuments<'z> {
    lines: Lines<'z>,
    teller: Teller,
    detail: SpanDetail,
    /// A document as Extended JSON, or a line.
    line: Vec<u8>,
}

impl<'z> LogDocuments<'z> {
    /// As much of them as a sink wants. Stamps that show no year are of these years.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable, sink: &dyn Sink) -> Self {
        LogDocuments {
            lines: Lines::new(years, zones, sink),
            teller: Teller::default(),
            detail: sink.wants_spans(),
            line: Vec::new(),
        }
    }

    /// Reads the line in the buffer, which stands in a range of the chunk's text.
    fn read_line(
        &mut self,
        (chunk, range, number): (&ChunkText<'_>, Range<usize>, u32),
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) {
        let text = chunk.bytes.get(range.clone()).unwrap_or_default();
        let mut structured = JsonLines::with(std::mem::take(&mut self.teller));
        let mut sink = AsItStands { text, sink };
        let place = (chunk, range, number);
        self.lines.read(&self.line, place, &mut structured, reading, &mut sink);
        self.teller = structured.teller;
    }

    /// Reads the lines of an answer.
    fn read_lines(
        &mut self,
        mut array: LogArray<'_>,
        (document, chunk): (&Document<'_>, &ChunkText<'_>),
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) {
        let text = |range: Range<usize>| document.text.get(range).unwrap_or_default();
        // Where the document was looked at so far, and on which line that is.
        let (mut at, mut number) = (0, document.line);
        let mut head = 0..array.position();
        for item in array.by_ref() {
            let (Item::Line(range) | Item::Elided(range) | Item::Other(range)) = item.clone();
            let lines = memchr_iter(b'\n', text(at..range.start)).count();
            number = number.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            at = range.start;
            let start = document.start + range.start;
            let place = document.start + range.start..document.start + range.end;
            match item {
                Item::Line(range) => {
                    if !head.is_empty() {
                        self.tell_frame(document, head.start..range.start, sink);
                        head = 0..0;
                    }
                    self.line.clear();
                    push_line(text(range), &mut self.line);
                    self.read_line((chunk, place, number), reading, sink);
                }
                Item::Elided(_) => reading.skip(chunk.skipped(start, number, ELIDED_LINES), 0, 0),
                Item::Other(_) => {
                    let size_bytes = chunk.source_bytes(place, number);
                    reading.skip(chunk.skipped(start, number, NO_LINE), size_bytes, 1);
                }
            }
        }
        let behind = array.position();
        if !head.is_empty() {
            return self.tell_frame(document, 0..document.text.len(), sink);
        }
        if array.is_whole() {
            self.tell_frame(document, behind..document.text.len(), sink);
        }
        if !document.is_whole {
            let rest = behind..document.text.len();
            let is_line = !array.is_whole() && !text(rest.clone()).trim_ascii().is_empty();
            let lines = memchr_iter(b'\n', text(at..behind)).count();
            let number = number.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            let place = document.start + rest.start..document.start + rest.end;
            let size_bytes = if is_line { chunk.source_bytes(place.clone(), number) } else { 0 };
            let place = chunk.skipped(place.start, number, CUT);
            reading.skip(place, size_bytes, u64::from(is_line));
        }
    }

    /// Tells what stands around the lines of an answer.
    fn tell_frame(&self, document: &Document<'_>, range: Range<usize>, sink: &mut dyn Sink) {
        if self.detail != SpanDetail::Nothing {
            let start = document.start + range.start;
            let text = document.text.get(range).unwrap_or_default();
            sink.span(&Span::at(text, start, SpanRole::Heading));
        }
    }
}

impl DocumentReader for LogDocuments<'_> {
    const NO_DOCUMENT: &'static str = "no document of a MongoDB log";

    fn read(
        &mut self,
        document: &Document<'_>,
        chunk: &ChunkText<'_>,
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) -> Result<(), Refused> {
        if let Some(array) = answer(document.text, document.is_whole) {
            self.read_lines(array, (document, chunk), reading, sink);
            return Ok(());
        }
        if !document.is_whole {
            return Err(Refused::UNENDED);
        }
        self.line.clear();
        let read = shell::to_ejson(document.text, &mut self.line);
        if read.end != End::Closed {
            return Err(Refused::DAMAGED);
        }
        let range = document.start..document.start + document.text.len();
        let mut told = Reading::default();
        self.read_line((chunk, range, document.line), &mut told, sink);
        if told.records == 0 {
            return Err(NO_RECORD);
        }
        if read.elided {
            reading.skip(chunk.skipped(document.start, document.line, ELIDED), 0, 0);
        }
        reading.append(told);
        Ok(())
    }

    fn into_segment(self, reading: Reading) -> Segment {
        Segment { reading, carry: self.teller.into_carry() }
    }
}

/// The lines of a document, if it is an answer of `getLog`.
pub(super) fn answer(document: &[u8], is_whole: bool) -> Option<LogArray<'_>> {
    // Where its members are sorted, the count stands behind the lines.
    let is_answer = !is_whole || memmem::find(document, b"totalLinesWritten").is_some();
    if is_answer { LogArray::find(document) } else { None }
}

/// Tells spans by the text that a line was taken from.
struct AsItStands<'s> {
    text: &'s [u8],
    sink: &'s mut dyn Sink,
}

impl Sink for AsItStands<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.sink.event(event);
    }

    fn wants_spans(&self) -> SpanDetail {
        self.sink.wants_spans()
    }

    fn span(&mut self, span: &Span<'_>) {
        self.sink.span(&Span { text: self.text, ..span.clone() });
    }
}
