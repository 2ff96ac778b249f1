//! Spans of the text inside a carrier, told by the entries of the carrier that hold them.
//!
//! Text that no span holds goes where the span before it goes; entries that hold none of the text
//! (other programs' lines, what is not understood) are told of at the end.

use crate::model::event::{Event, Says, Sink, Span, SpanDetail, SpanRole, Who};
use crate::read::logs::text::Mark;
use std::ops::Range;

/// Passes on what a reader tells of the text inside a carrier.
pub(super) struct Placing<'s> {
    sink: &'s mut dyn Sink,
    text: &'s [u8],
    marks: &'s [Mark],
    /// The first mark that nothing was told of.
    next: usize,
    /// What is inside is a carrier itself, which tells of all that it holds.
    is_nested: bool,
    parts: Vec<Range<usize>>,
}

impl<'s> Placing<'s> {
    /// For the sink of whoever knows only the source.
    pub fn new(sink: &'s mut dyn Sink, text: &'s [u8], marks: &'s [Mark]) -> Self {
        Placing { sink, text, marks, next: 0, is_nested: false, parts: Vec::new() }
    }

    /// Tells what stands behind the last span, and what in a source of so many bytes holds nothing.
    pub fn finish(mut self, source_bytes: usize) {
        self.tell_rest(self.marks.len());
        let mut entries: Vec<_> = self.marks.iter().map(|m| (m.entry, m.entry_bytes)).collect();
        entries.sort_unstable();
        entries.push((source_bytes, 0));
        self.parts.clear();
        let mut end = 0;
        for (entry, entry_bytes) in entries {
            if end < entry {
                self.parts.push(end..entry);
            }
            end = end.max(entry + entry_bytes);
        }
        if !self.parts.is_empty() {
            self.tell(&[], 0, SpanRole::Foreign);
        }
    }

    /// Tells of the marks up to one that no span held.
    fn tell_rest(&mut self, end: usize) {
        let rest = self.marks.get(self.next..end).filter(|rest| !rest.is_empty());
        let Some(rest) = rest.filter(|_| !self.is_nested) else { return };
        let start = rest.first().map_or(0, |mark| mark.start);
        let stop = self.marks.get(end).map_or(self.text.len(), |mark| mark.start);
        self.parts.clear();
        for mark in rest {
            push(&mut self.parts, mark);
        }
        self.next = end;
        self.tell(self.text.get(start..stop).unwrap_or_default(), start, SpanRole::Rest);
    }

    /// Tells of the parts that were gathered, of which nothing is known.
    fn tell(&mut self, text: &[u8], start: usize, role: SpanRole) {
        self.sink.span(&Span {
            text,
            start,
            parts: &self.parts,
            role,
            time: None,
            session: 0,
            session_id: None,
            who: Who::default(),
            says: Says::Nothing,
        });
    }

    /// The marks that a range of the text was taken from.
    fn marks_of(&self, range: &Range<usize>) -> Range<usize> {
        let first = self.marks.partition_point(|mark| mark.start <= range.start).saturating_sub(1);
        let end = self.marks.partition_point(|mark| mark.start < range.end);
        first..end.max(first + 1).min(self.marks.len())
    }
}

/// Adds the entry of a mark to a list of ranges.
fn push(parts: &mut Vec<Range<usize>>, mark: &Mark) {
    let end = mark.entry + mark.entry_bytes;
    match parts.last_mut() {
        Some(last) if last.end == mark.entry => last.end = end,
        _ => parts.push(mark.entry..end),
    }
}

impl Sink for Placing<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.sink.event(event);
    }

    fn wants_spans(&self) -> SpanDetail {
        self.sink.wants_spans()
    }

    fn span(&mut self, span: &Span<'_>) {
        // A carrier inside this one has put in the parts of its own source, which is our text.
        self.is_nested |= !span.parts.is_empty();
        let whole = span.start..span.start + span.text.len();
        let ranges = if span.parts.is_empty() { std::slice::from_ref(&whole) } else { span.parts };
        let first = ranges.first().map_or(0, |range| self.marks_of(range).start);
        self.tell_rest(first);
        self.parts.clear();
        for range in ranges {
            let marks = self.marks_of(range);
            self.next = self.next.max(marks.end);
            for mark in self.marks.get(marks).unwrap_or_default() {
                push(&mut self.parts, mark);
            }
        }
        self.sink.span(&Span { parts: &self.parts, ..span.clone() });
    }
}
