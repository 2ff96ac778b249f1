//! The decorator: any reader, reading what is inside a carrier.

use super::Envelope;
use super::cut::EnvelopeCut;
use super::spans::Placing;
use super::unwrap::unwrap_chunk;
use crate::model::event::{Engine, Sink, SpanDetail};
use crate::read::input::Cut;
use crate::read::logs::LogReader;
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Carry, Segment};
use crate::read::logs::text::{ChunkText, Mark, Outer};
use std::any::Any;
use std::sync::Arc;

/// Reads the log inside a carrier.
pub struct Enveloped {
    envelope: Arc<dyn Envelope>,
    inner: Box<dyn LogReader>,
}

impl Enveloped {
    /// A reader for what is inside a carrier.
    pub fn new(envelope: Arc<dyn Envelope>, inner: Box<dyn LogReader>) -> Self {
        Enveloped { envelope, inner }
    }
}

impl LogReader for Enveloped {
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![format!("inside {}", self.envelope.title())];
        notes.extend(self.envelope.notes());
        notes.extend(self.inner.notes());
        notes
    }

    fn engine(&self) -> Option<Engine> {
        self.inner.engine()
    }

    fn refusal(&self) -> Option<String> {
        self.inner.refusal()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        let envelope = Arc::clone(&self.envelope);
        Box::new(EnvelopeCut::new(envelope, self.inner.cut(), self.inner.cuts_anywhere()))
    }

    fn cuts_anywhere(&self) -> bool {
        self.envelope.begins_anywhere() && self.inner.cuts_anywhere()
    }

    fn newest_first(&self) -> bool {
        self.envelope.newest_first() || self.inner.newest_first()
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        self.inner.masker()
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut inside = unwrap_chunk(self.envelope.as_ref(), chunk);
        let newest_first = self.envelope.newest_first();
        let ends_in_ours =
            inside.marks.last().is_some_and(|mark| mark.entry_end() == chunk.bytes.len());
        let spans = sink.wants_spans();
        // Whoever took this chunk out of a carrier places what it holds, too.
        let own_marks = match spans {
            SpanDetail::Nothing => Vec::new(),
            SpanDetail::Places | SpanDetail::Statements => inside.marks.clone(),
        };
        if !chunk.marks.is_empty() {
            inside.marks.iter_mut().for_each(|mark| *mark = in_source(mark, &chunk));
        }
        let text = ChunkText {
            bytes: &inside.text,
            marks: &inside.marks,
            is_forced: chunk.is_forced && ends_in_ours,
            // What stands first in the source was not written first.
            begins_source: chunk.begins_source && !newest_first,
            places: &[],
            ..chunk
        };
        let mut segment = match spans {
            SpanDetail::Nothing => self.inner.parse(text, sink),
            SpanDetail::Places | SpanDetail::Statements => {
                let mut placing = Placing::new(sink, &inside.text, &own_marks);
                let segment = self.inner.parse(text, &mut placing);
                placing.finish(chunk.bytes.len());
                segment
            }
        };
        segment.reading.add_outside(inside.outside);
        if newest_first {
            segment.carry = Box::new(Reversed(segment.carry));
        }
        segment
    }
}

/// The mark of an entry in text that itself was taken out of a carrier: where it stands in the
/// source, and what the outer carrier says where the inner does not.
fn in_source(mark: &Mark, chunk: &ChunkText<'_>) -> Mark {
    let (offset, line) = chunk.place(mark.entry, mark.line);
    let outer = chunk.outer(mark.entry, mark.line);
    let (time, utc_offset_s) = match mark.outer.time {
        Some(_) => (mark.outer.time, mark.outer.utc_offset_s),
        None => (outer.time, outer.utc_offset_s),
    };
    Mark {
        entry: usize::try_from(offset - chunk.offset).unwrap_or(usize::MAX),
        entry_bytes: chunk.source_bytes(mark.entry..mark.entry_end(), mark.line),
        line,
        outer: Outer {
            time,
            utc_offset_s,
            pid: mark.outer.pid.or(outer.pid),
            is_cut: mark.outer.is_cut || outer.is_cut,
        },
        ..*mark
    }
}

/// What waits in chunks of which the later were written earlier: joined from the right.
struct Reversed(Box<dyn Carry>);

impl Carry for Reversed {
    fn join(self: Box<Self>, next: Box<dyn Carry>, sink: &mut dyn Sink) -> Box<dyn Carry> {
        match next.into_any().downcast::<Reversed>() {
            Ok(earlier) => Box::new(Reversed(earlier.0.join(self.0, sink))),
            Err(_) => self,
        }
    }

    fn begin_source(&mut self, _sink: &mut dyn Sink) {
        // The start of the source is the end of what was written: anything may come before.
    }

    fn finish(self: Box<Self>, sink: &mut dyn Sink) {
        self.0.finish(sink);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
