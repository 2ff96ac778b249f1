//! One document of the profiler as Extended JSON: told as an operation, or as a span.

use super::old::modernise;
use crate::model::event::{Sink, SpanDetail};
use crate::read::logs::json::Value;
use crate::read::logs::mongodb::operation::Operation;
use crate::read::logs::mongodb::stamp::stamp;
use crate::read::logs::mongodb::tell::{self, At, Teller};
use crate::read::logs::segment::{Reading, Segment};
use crate::time::{StampParser, ZoneTable};
use memchr::memmem;

/// A document where it was found.
pub(super) struct Found<'c> {
    /// As it stands in its carrier.
    pub text: &'c [u8],
    /// Where that begins in the chunk's text.
    pub start: usize,
    /// Offset in the source, and line in the chunk.
    pub place: (u64, u32),
    /// What printed it has left something out.
    pub is_elided: bool,
}

/// Tells the documents of one chunk.
pub(super) struct Documents<'z> {
    stamps: StampParser<'z>,
    teller: Teller,
    detail: SpanDetail,
}

impl<'z> Documents<'z> {
    /// For one chunk, as much as a sink wants of it.
    pub fn new(zones: &'z ZoneTable, detail: SpanDetail) -> Self {
        Documents { stamps: StampParser::new(zones), teller: Teller::default(), detail }
    }

    /// Tells a document, which is this Extended JSON; whether it is one of the profiler's.
    pub fn tell(
        &mut self,
        ejson: &[u8],
        found: &Found<'_>,
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) -> bool {
        let mut modern = Vec::new();
        let Some((ejson, operation)) = read(ejson, &mut modern) else { return false };
        let ended = operation.ended.and_then(|value| stamp(value, &mut self.stamps));
        if let Some(ended) = ended {
            reading.saw(ended.time, ended.offset_s);
        }
        let at = At {
            place: found.place,
            time: ended.map(|ended| ended.time),
            utc_offset_s: ended.map_or(0, |ended| ended.offset_s),
            context: b"",
            is_cut: found.is_elided && is_command_elided(&operation),
        };
        reading.records += 1;
        match self.detail {
            SpanDetail::Nothing => self.teller.tell(&operation, ejson, &at, sink),
            detail => tell::span(&operation, (found.text, found.start), &at, detail, sink),
        }
        true
    }

    /// What the chunk gave.
    pub fn into_segment(self, reading: Reading) -> Segment {
        Segment { reading, carry: self.teller.into_carry() }
    }
}

/// The operation of a document of the profiler, and the document as today's versions write it;
/// `None` if it is no such document. An old one is written anew into a buffer.
pub(super) fn read<'a>(
    ejson: &'a [u8],
    modern: &'a mut Vec<u8>,
) -> Option<(&'a [u8], Operation<'a>)> {
    let mut operation = Operation::default();
    operation.read(ejson);
    let mut document = ejson;
    if modernise(ejson, &operation, modern) {
        document = modern;
        operation = Operation::default();
        operation.read(document);
    }
    // All have these, in all versions; an entry of the oplog has no duration.
    let is_profiled = !operation.kind.is_empty()
        && !operation.namespace.is_empty()
        && operation.duration_us.is_some();
    is_profiled.then_some((document, operation))
}

fn is_command_elided(operation: &Operation<'_>) -> bool {
    let command = match operation.command {
        Some(Value::Object(raw)) => Some(raw),
        _ => None,
    };
    let mut shown = [command, operation.originating].into_iter().flatten();
    shown.any(|raw| memmem::find(raw, b"\"$elided\"").is_some())
}
