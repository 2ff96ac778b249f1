//! The structured log (MongoDB 4.4 and later): one JSON object a line, members in any order.
//!
//! Owns the format and the reading of its lines. Of most lines only the id is looked at: what a slow
//! operation says is read by `operation`, all other lines that matter by `messages`.

mod line;
mod mask;

use super::log_text::{LineMasker, Years, years_of};
use super::messages;
use super::operation::Operation;
use super::tell::{self, At, Teller};
use super::walk::walk;
use crate::model::event::{Apart, Engine, Kind, Sink, SpanDetail, Who};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::json::End;
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use line::{Body, Line};
pub(super) use mask::mask_line;
use memchr::memmem;
use std::sync::Arc;

/// "Slow query"
const SLOW: u32 = 51803;
/// "Applied op", on a secondary
const APPLIED: u32 = 51801;
/// "transaction"
const TRANSACTION: u32 = 51802;
/// "Slow in-progress query"
const IN_PROGRESS: u32 = 1_794_200;

static META: FormatMeta = FormatMeta {
    name: "mongodb-json",
    engine: Engine::Mongodb,
    title: "MongoDB structured log (4.4 and later)",
    samples: &[
        "{\"t\":{\"$date\":\"2026-11-23T09:00:01.250+00:00\"},\"s\":\"I\",  \"c\":\"COMMAND\",  \"id\":51803,   \"ctx\":\"conn42\",\"msg\":\"Slow query\",\"attr\":{\"type\":\"command\",\"ns\":\"shop.orders\",\"appName\":\"web\",\"command\":{\"find\":\"orders\",\"filter\":{\"status\":\"new\"},\"$db\":\"shop\"},\"planSummary\":\"COLLSCAN\",\"keysExamined\":0,\"docsExamined\":100000,\"nreturned\":12,\"reslen\":4096,\"durationMillis\":120}}\n",
    ],
    apart: None,
    sample_map: None,
};

/// The structured log.
pub struct LogJson;

impl LogFormat for LogJson {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let lines = sample.head.split(|b| *b == b'\n').filter(|l| !l.trim_ascii().is_empty());
        let (good, seen) = lines.take(20).fold((0, 0), |(good, seen), line| {
            let has = |key: &[u8]| memmem::find(line, key).is_some();
            // A line within a document is none by itself.
            let is_within =
                matches!(line.trim_ascii_start().first(), Some(b'"' | b'\'' | b'`' | b'['))
                    || has(b"totalLinesWritten");
            let is_one = !is_within
                && has(b"\"t\":{\"$date\":")
                && has(b"\"s\":\"")
                && has(b"\"ctx\":")
                && has(b"\"msg\":\"");
            (good + u32::from(is_one), seen + 1)
        });
        if good > 0 && good * 2 >= seen { 97 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let zones = Arc::clone(&options.zones);
        Box::new(JsonReader { zones, years: years_of(sample) })
    }
}

struct JsonReader {
    zones: Arc<ZoneTable>,
    /// Of text lines among the others whose stamps show none.
    years: Option<Years>,
}

impl LogReader for JsonReader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(LineMasker::new(self.years, &self.zones))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        walk(chunk, self.years, &self.zones, sink)
    }
}

/// What a line was.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Outcome {
    /// A record.
    Read,
    /// A record that the line's end cuts.
    Cut,
    /// None.
    None,
}

/// Reads lines of one chunk; what it needs of them again stays in it.
#[derive(Default)]
pub(super) struct JsonLines<'a> {
    operation: Operation<'a>,
    /// Tells operations.
    pub teller: Teller,
}

impl<'a> JsonLines<'a> {
    /// Goes on with a teller that has told other lines.
    pub fn with(teller: Teller) -> Self {
        JsonLines { operation: Operation::default(), teller }
    }

    /// Reads one line, which stands at a place of the source and a byte of the chunk's text.
    pub fn read(
        &mut self,
        line: &'a [u8],
        (place, start): ((u64, u32), usize),
        stamps: &mut StampParser<'_>,
        reading: &mut Reading,
        (detail, sink): (SpanDetail, &mut dyn Sink),
    ) -> Outcome {
        let Some(head) = Line::read(line, &mut self.operation) else { return Outcome::None };
        let Some(stamp) = head.stamp(stamps) else { return Outcome::None };
        reading.saw(stamp.time, stamp.offset_s);
        let at = At {
            place,
            time: Some(stamp.time),
            utc_offset_s: stamp.offset_s,
            context: head.context,
            is_cut: head.is_truncated || head.end == End::Cut,
        };
        let operation = &self.operation;
        match (&head.body, detail) {
            (Body::Operation(text), SpanDetail::Nothing) if head.id == SLOW => {
                self.teller.tell(operation, text, &at, sink);
            }
            (Body::Operation(_), SpanDetail::Nothing) => {
                let why = match head.id {
                    APPLIED => Apart::Applied,
                    TRANSACTION => Apart::Transaction,
                    _ => Apart::InProgress,
                };
                let kind = Kind::Apart { why, duration_us: operation.duration_us };
                sink.event(&at.event(Who::default(), kind));
            }
            (Body::Operation(_), detail) if head.id == SLOW => {
                tell::span(operation, (line, start), &at, detail, sink);
            }
            (Body::Message(text, attr), SpanDetail::Nothing) => {
                let (offset, line_in_chunk) = place;
                let line = messages::Line {
                    offset,
                    line_in_chunk,
                    time: at.time,
                    utc_offset_s: at.utc_offset_s,
                    id: Some(head.id),
                    severity: head.severity,
                    context: head.context,
                    message: text.text(),
                    attr: *attr,
                };
                messages::tell(&line, sink);
            }
            (Body::Nothing, SpanDetail::Nothing) => {}
            (_, _) => {
                tell::span(&Operation::default(), (line, start), &at, SpanDetail::Places, sink)
            }
        }
        if head.end == End::Cut { Outcome::Cut } else { Outcome::Read }
    }
}
