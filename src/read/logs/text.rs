//! A chunk as a reader sees it, and where its parts stand in the source.
//!
//! Usually a chunk is the source's own bytes, and an offset in it is one in the source. Where lines
//! were taken out of a carrier (see [`super::envelope`]), marks say from which place of the source
//! each part of the text came, and what the carrier itself said about it.

use super::segment::Skipped;
use crate::read::input::Chunk;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::ops::Range;

/// What a carrier says about a record: used only where the record itself does not say it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Outer {
    /// When it was written.
    pub time: Option<Timestamp>,
    /// Seconds east of UTC of the clock that `time` was read from.
    pub utc_offset_s: i32,
    /// The process that wrote it.
    pub pid: Option<u32>,
    /// Its text ends where the carrier was cut.
    pub is_cut: bool,
}

/// How a line belongs to those above it, as far as its carrier knows.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub enum Role {
    /// The carrier does not know.
    #[default]
    Unknown,
    /// It belongs to none of them.
    Begins,
    /// It belongs to the record above.
    Continues,
}

/// A part of a text that was taken out of one entry of a carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Mark {
    /// Where the part begins in the text; it ends where the next mark's begins.
    pub start: usize,
    /// Where the entry begins in the source, in bytes from the start of the chunk.
    pub entry: usize,
    /// Size of the entry in the source, in bytes.
    pub entry_bytes: usize,
    /// Line of the entry, counted from the start of the chunk.
    pub line: u32,
    /// What the carrier knows about its first line.
    pub role: Role,
    /// What the carrier says.
    pub outer: Outer,
}

impl Mark {
    /// Where the entry ends in the source, in bytes from the start of the chunk.
    pub fn entry_end(&self) -> usize {
        self.entry + self.entry_bytes
    }
}

/// A chunk as a reader sees it.
#[derive(Clone, Copy, Debug)]
pub struct ChunkText<'a> {
    /// Whole records (but for damage and the ends of the file).
    pub bytes: &'a [u8],
    /// Where it begins in the decompressed source.
    pub offset: u64,
    /// It ends inside a record, because that is longer than allowed.
    pub is_forced: bool,
    /// Nothing was written before it.
    pub begins_source: bool,
    /// What the format's cut says about the text before; empty if nothing.
    pub context: &'a [u8],
    /// Places that the format's cut found in the text; empty if it does not say.
    pub places: &'a [u32],
    /// Where its parts come from, by `start`, the first at 0; empty if it is the source's own text.
    pub marks: &'a [Mark],
}

impl<'a> ChunkText<'a> {
    /// A chunk as it was cut from its source.
    pub fn of(chunk: &'a Chunk) -> Self {
        ChunkText {
            context: chunk.context(),
            places: chunk.places(),
            ..ChunkText::new(chunk, chunk.offset(), chunk.is_forced())
        }
    }

    /// A chunk of the source's own text, of which nothing is known from before.
    pub fn new(bytes: &'a [u8], offset: u64, is_forced: bool) -> Self {
        let begins_source = offset == 0;
        let (context, places, marks) = (&[][..], &[][..], &[][..]);
        ChunkText { bytes, offset, is_forced, begins_source, context, places, marks }
    }

    /// Where something stands in the source that begins at byte `start` of the text, on its line
    /// `line` (from 0): the offset, and the line counted from the start of the source's chunk.
    #[inline]
    pub fn place(&self, start: usize, line: u32) -> (u64, u32) {
        match self.mark(start, line) {
            Some(mark) => (self.offset + mark.entry as u64, mark.line),
            None => (self.offset + start as u64, line),
        }
    }

    /// What the carrier says about what begins at byte `start`, on line `line`.
    #[inline]
    pub fn outer(&self, start: usize, line: u32) -> Outer {
        self.mark(start, line).map_or(Outer::default(), |mark| mark.outer)
    }

    /// How the line `line`, which begins at byte `start`, belongs to those above it. All lines of an
    /// entry belong together where the carrier knows of records.
    #[inline]
    pub fn role(&self, start: usize, line: u32) -> Role {
        match self.mark(start, line) {
            Some(mark) if mark.start == start || mark.role == Role::Unknown => mark.role,
            Some(_) => Role::Continues,
            None => Role::Unknown,
        }
    }

    /// The parts that a range of the text, beginning on line `line`, was taken from, in the text's
    /// order: where the record in that range stands in the source. Empty for the source's own text.
    pub fn parts(&self, range: Range<usize>, line: u32) -> &'a [Mark] {
        let rest = self.index(range.start, line).and_then(|first| self.marks.get(first..));
        let rest = rest.unwrap_or_default();
        let begun = rest.iter().enumerate().take_while(|(n, m)| *n == 0 || m.start < range.end);
        rest.get(..begun.count()).unwrap_or_default()
    }

    /// How many bytes of the source a range of the text stands for: whole entries with all that the
    /// carrier wrote around them.
    pub fn source_bytes(&self, range: Range<usize>, line: u32) -> usize {
        let parts = self.parts(range.clone(), line);
        let Some(last) = parts.last() else { return range.len() };
        let behind = self.index(last.start, line).and_then(|at| self.marks.get(at + 1));
        let end = behind.map_or(self.bytes.len(), |mark| mark.start);
        let ends = parts.iter().skip(1).map(|mark| mark.start).chain([end]);
        let size = |(mark, end): (&Mark, usize)| match range.start <= mark.start && end <= range.end
        {
            true => mark.entry_bytes,
            false => end.min(range.end) - mark.start.max(range.start),
        };
        parts.iter().zip(ends).map(size).sum()
    }

    /// A place that was not understood.
    pub fn skipped(
        &self,
        start: usize,
        line: u32,
        message: impl Into<Cow<'static, str>>,
    ) -> Skipped {
        let (offset, line_in_chunk) = self.place(start, line);
        Skipped { offset, line_in_chunk, message: message.into() }
    }

    #[inline]
    fn mark(&self, start: usize, line: u32) -> Option<&'a Mark> {
        self.index(start, line).and_then(|at| self.marks.get(at))
    }

    /// The mark of byte `start`. Most lines of a text have one mark each, so the search begins
    /// there and widens.
    #[inline]
    fn index(&self, start: usize, line: u32) -> Option<usize> {
        let marks = self.marks;
        let begins_by = |at: usize| marks.get(at).is_some_and(|mark| mark.start <= start);
        let guess = (line as usize).min(marks.len().checked_sub(1)?);
        let (mut low, mut high, mut step) = (guess, guess + 1, 1);
        while low > 0 && !begins_by(low) {
            high = low;
            low = low.saturating_sub(step);
            step *= 2;
        }
        while begins_by(high) {
            low = high;
            high = (high + step).min(marks.len());
            step *= 2;
        }
        let between = marks.get(low..high)?;
        (low + between.partition_point(|mark| mark.start <= start)).checked_sub(1)
    }
}

/// A client as `host:port`, without the port.
pub fn without_port(from: &[u8]) -> &[u8] {
    match from.iter().rposition(|b| *b == b':') {
        Some(colon) if from[colon + 1..].iter().all(u8::is_ascii_digit) => &from[..colon],
        _ => from,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marks(starts: &[usize]) -> Vec<Mark> {
        let mark = |(n, start): (usize, &usize)| Mark {
            start: *start,
            entry: 100 * n,
            entry_bytes: 100,
            line: 10 * n as u32,
            role: Role::Begins,
            outer: Outer::default(),
        };
        starts.iter().enumerate().map(mark).collect()
    }

    #[test]
    fn finds_marks_from_any_guess() {
        let marks = marks(&[0, 5, 6, 20, 21, 30, 44, 45, 46, 60]);
        let text = ChunkText { marks: &marks, ..ChunkText::new(&[0; 64], 7000, false) };
        for start in 0..64 {
            let expected = marks.iter().rposition(|mark| mark.start <= start).unwrap();
            let begins = marks.iter().any(|mark| mark.start == start);
            let role = if begins { Role::Begins } else { Role::Continues };
            for line in 0..70 {
                let place = (7000 + 100 * expected as u64, 10 * expected as u32);
                assert_eq!(text.place(start, line), place, "{start} {line}");
                assert_eq!(text.role(start, line), role, "{start} {line}");
            }
        }
        assert_eq!(ChunkText::new(b"ab", 5, false).place(1, 3), (6, 3));
    }

    #[test]
    fn sizes_are_those_of_the_source() {
        let marks = marks(&[0, 5, 6, 20]);
        let text = ChunkText { marks: &marks, ..ChunkText::new(&[0; 30], 0, false) };
        for (range, bytes, parts) in [
            (0..5, 100, 1),
            (0..6, 200, 2),
            (5..30, 300, 3),
            (21..25, 4, 1),
            (18..31, 102, 2),
            (6..7, 1, 1),
        ] {
            assert_eq!(text.source_bytes(range.clone(), 0), bytes, "{range:?}");
            assert_eq!(text.parts(range.clone(), 2).len(), parts, "{range:?}");
        }
        assert_eq!(ChunkText::new(b"abc", 0, false).source_bytes(1..3, 0), 2);
    }
}
