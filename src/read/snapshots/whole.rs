//! Files whose only record is all of them, and how what a text says of the catalog is told: what the
//! readers of snapshots, settings and bundles share.

use crate::model::catalog::Catalog;
use crate::model::event::{Event, Kind, Sink, Span, SpanDetail, SpanRole, Who};
use crate::read::input::Cut;
use crate::read::logs::ChunkText;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use memchr::memchr_iter;

/// Cuts nowhere: what stands in a text means nothing without what stands above it.
pub(super) struct Whole;

impl Cut for Whole {
    fn cut(&mut self, _: &[u8], _: usize, _: bool) -> Option<usize> {
        None
    }
}

/// Reads a text that is one record: `read` tells what it says and counts its records, unless only the
/// record itself is asked for.
pub(super) fn parse_whole(
    chunk: &ChunkText<'_>,
    sink: &mut dyn Sink,
    read: impl FnOnce(&mut Reading, &mut dyn Sink),
) -> Segment {
    let lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
    let mut reading = Reading { lines, ..Reading::default() };
    match sink.wants_spans() {
        SpanDetail::Nothing => read(&mut reading, sink),
        _ => {
            reading.records = 1;
            sink.span(&Span::at(chunk.bytes, 0, SpanRole::Record { lines_apart: false }));
        }
    }
    Segment { reading, carry: Box::new(NothingWaits) }
}

/// Tells what is said of the catalog at an offset of the source, on a line of its chunk.
pub(super) fn tell_catalog(catalog: &Catalog, (offset, line): (u64, u32), sink: &mut dyn Sink) {
    let (who, kind) = (Who::default(), Kind::Catalog(catalog));
    sink.event(&Event { offset, line, time: None, utc_offset_s: 0, who, kind });
}
