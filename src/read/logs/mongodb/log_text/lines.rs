//! Single lines, told as events or as spans. Also for the reader of structured logs, where a file
//! goes on as text.

use super::attr::AttrWriter;
use super::clock::Years;
use super::head::{Head, Heads};
use crate::model::event::{Apart, Attribute, Kind, Sink, SpanDetail, Who};
use crate::read::logs::mongodb::log_json::Outcome;
use crate::read::logs::mongodb::messages;
use crate::read::logs::mongodb::operation::Operation;
use crate::read::logs::mongodb::tell::{self, At, Teller};
use crate::read::logs::segment::Reading;
use crate::read::logs::text::Outer;
use crate::time::ZoneTable;
use memchr::memmem;
use std::borrow::Cow;

/// Where a line stands.
#[derive(Clone, Copy, Debug)]
pub(in crate::read::logs::mongodb) struct Place {
    /// Offset in the source, and line in the chunk.
    pub source: (u64, u32),
    /// First byte in the chunk's text.
    pub start: usize,
    /// What a carrier says of it.
    pub outer: Outer,
}

/// Reads lines of one chunk; its buffers are reused.
pub(in crate::read::logs::mongodb) struct TextLines<'z> {
    heads: Heads<'z>,
    writer: AttrWriter,
    /// Room for the attributes of an operation.
    spare: Vec<Attribute<'static>>,
}

impl<'z> TextLines<'z> {
    /// For lines of a file whose stamps are of these years, where they show none.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable) -> Self {
        TextLines {
            heads: Heads::new(years, zones),
            writer: AttrWriter::default(),
            spare: Vec::new(),
        }
    }

    /// Reads one line without the blanks at its end.
    #[inline]
    pub fn read(
        &mut self,
        line: &[u8],
        place: Place,
        (teller, reading): (&mut Teller, &mut Reading),
        (detail, sink): (SpanDetail, &mut dyn Sink),
    ) -> Outcome {
        let Some(head) = self.heads.read(line) else { return Outcome::None };
        let (time, utc_offset_s) = match head.time {
            Some((time, utc_offset_s)) => (Some(time), utc_offset_s),
            None => (place.outer.time, place.outer.utc_offset_s),
        };
        if let Some(time) = time {
            reading.saw(time, utc_offset_s);
        }
        let is_cut = place.outer.is_cut;
        let at = At { place: place.source, time, utc_offset_s, context: head.context, is_cut };
        let Some((attr, slow)) = self.writer.write(head.message) else {
            tell_message(&head, (line, place.start), &at, (detail, sink));
            return Outcome::Read;
        };
        let at = At { is_cut: is_cut || slow.is_cut, ..at };
        let attributes = std::mem::take(&mut self.spare);
        let mut operation = Operation { attributes, ..Operation::default() };
        operation.read(attr);
        match detail {
            SpanDetail::Nothing => teller.tell(&operation, attr, &at, sink),
            detail => tell::span(&operation, (line, place.start), &at, detail, sink),
        }
        self.spare = emptied(operation.attributes);
        if slow.duration_ms.is_some() { Outcome::Read } else { Outcome::Cut }
    }
}

/// The room of a list, without what is in it.
fn emptied(list: Vec<Attribute<'_>>) -> Vec<Attribute<'static>> {
    list.into_iter().map_while(|_| None).collect()
}

/// Tells a line that is no slow operation.
fn tell_message(
    head: &Head<'_>,
    text: (&[u8], usize),
    at: &At<'_>,
    (detail, sink): (SpanDetail, &mut dyn Sink),
) {
    if detail != SpanDetail::Nothing {
        return tell::span(&Operation::default(), text, at, SpanDetail::Places, sink);
    }
    if let Some(duration_us) = applied(head.message) {
        let kind = Kind::Apart { why: Apart::Applied, duration_us: Some(duration_us) };
        return sink.event(&at.event(Who::default(), kind));
    }
    let (offset, line_in_chunk) = at.place;
    let line = messages::Line {
        offset,
        line_in_chunk,
        time: at.time,
        utc_offset_s: at.utc_offset_s,
        id: None,
        // Before there were severities, all was information.
        severity: if head.severity == 0 { b'I' } else { head.severity },
        context: head.context,
        message: Cow::Borrowed(head.message),
        attr: None,
    };
    messages::tell(&line, sink);
}

/// How long a secondary took to apply an operation, in microseconds:
/// `applied op: CRUD { … }, took 112ms`.
fn applied(message: &[u8]) -> Option<u64> {
    let inside = message.strip_prefix(b"applied op: ")?.strip_suffix(b"ms")?;
    let digits = inside.get(memmem::rfind(inside, b", took ")? + b", took ".len()..)?;
    let ms: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
    ms.checked_mul(1000)
}
