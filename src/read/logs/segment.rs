//! What one chunk of a source gave: how much was understood, and what still waits for its
//! neighbours. Segments of one source are joined from the left; the result is that of one pass.

use crate::model::event::Sink;
use crate::model::facts::MAX_PROBLEMS;
use crate::time::Timestamp;
use std::any::Any;
use std::borrow::Cow;

/// A place that was not understood.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Skipped {
    /// Byte offset in the source.
    pub offset: u64,
    /// Line, counted from the start of the chunk it was read in.
    pub line_in_chunk: u32,
    /// What is wrong, without literals.
    pub message: Cow<'static, str>,
}

/// How much of a chunk was understood.
#[derive(Clone, Debug, Default)]
pub struct Reading {
    /// Complete records.
    pub records: u64,
    /// Lines, to number those of the next chunk.
    pub lines: u64,
    /// Records that were recognised as such but not understood.
    pub skipped_records: u64,
    /// Bytes that were not understood.
    pub skipped_bytes: u64,
    /// The first of these places.
    pub skipped: Vec<Skipped>,
    /// Records that were understood, but look suspicious.
    pub remarks: u64,
    /// The first of these places.
    pub remarked: Vec<Skipped>,
    /// What is to be known of what was read, in words.
    pub notes: Vec<String>,
    /// Lines that other programs wrote, or the server beside its log: known, and none of its own.
    pub foreign_lines: u64,
    /// Their bytes.
    pub foreign_bytes: u64,
    /// Earliest time, and how far east of UTC the clock was that showed it.
    pub first: Option<(Timestamp, i32)>,
    /// Latest time, and how far east of UTC the clock was that showed it.
    pub last: Option<(Timestamp, i32)>,
}

impl Reading {
    /// Notes the time of a record.
    pub fn saw(&mut self, time: Timestamp, utc_offset_s: i32) {
        if self.first.is_none_or(|first| (time, utc_offset_s) < first) {
            self.first = Some((time, utc_offset_s));
        }
        if self.last.is_none_or(|last| (time, utc_offset_s) > last) {
            self.last = Some((time, utc_offset_s));
        }
    }

    /// Notes bytes that were not understood.
    pub fn skip(&mut self, place: Skipped, bytes: usize, records: u64) {
        self.skipped_bytes += bytes as u64;
        self.skipped_records += records;
        // A line may be found to belong to nothing only after later ones were skipped.
        let at = self.skipped.partition_point(|earlier| earlier.offset <= place.offset);
        if at < MAX_PROBLEMS {
            self.skipped.insert(at, place);
            self.skipped.truncate(MAX_PROBLEMS);
        }
    }

    /// Notes a record that was understood, but looks suspicious.
    pub fn remark(&mut self, place: Skipped) {
        self.remarks += 1;
        if self.remarked.len() < MAX_PROBLEMS {
            self.remarked.push(place);
        }
    }

    /// Notes what is to be known of what was read.
    pub fn note(&mut self, note: String) {
        if self.notes.len() < MAX_PROBLEMS {
            self.notes.push(note);
        }
    }

    /// Notes lines that are known to be none of the log's own.
    pub fn leave_to_others(&mut self, bytes: usize, lines: u32) {
        self.foreign_lines += u64::from(lines);
        self.foreign_bytes += bytes as u64;
    }

    /// Adds what was found in the same chunk before the reader saw its text: the lines are those of
    /// the source.
    pub fn add_outside(&mut self, outside: Reading) {
        self.lines = outside.lines;
        self.foreign_lines += outside.foreign_lines;
        self.foreign_bytes += outside.foreign_bytes;
        self.skipped_bytes += outside.skipped_bytes;
        self.skipped_records += outside.skipped_records;
        outside.skipped.into_iter().for_each(|place| self.skip(place, 0, 0));
    }

    /// Adds what the next chunk of the same source gave.
    pub fn append(&mut self, next: Reading) {
        self.records += next.records;
        self.lines += next.lines;
        self.skipped_records += next.skipped_records;
        self.skipped_bytes += next.skipped_bytes;
        self.foreign_lines += next.foreign_lines;
        self.foreign_bytes += next.foreign_bytes;
        next.notes.into_iter().for_each(|note| self.note(note));
        self.remarks += next.remarks;
        self.remarked.extend(next.remarked);
        self.remarked.truncate(MAX_PROBLEMS);
        self.skipped.extend(next.skipped);
        self.skipped.truncate(MAX_PROBLEMS);
        self.first = match (self.first, next.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last = self.last.max(next.last);
    }
}

/// What waits at the borders of a run of chunks.
pub trait Carry: Send {
    /// Joins with the carry of the chunks that follow; what is complete now goes to the sink.
    fn join(self: Box<Self>, next: Box<dyn Carry>, sink: &mut dyn Sink) -> Box<dyn Carry>;

    /// These chunks begin at the start of the source: nothing can have waited before them.
    fn begin_source(&mut self, sink: &mut dyn Sink);

    /// The source has ended: what still waits goes to the sink as it is.
    fn finish(self: Box<Self>, sink: &mut dyn Sink);

    /// Itself, for the format that made it.
    fn into_any(self: Box<Self>) -> Box<dyn Any>;
}

/// What one chunk, or a run of adjacent chunks, gave.
pub struct Segment {
    /// How much was understood.
    pub reading: Reading,
    /// What waits.
    pub carry: Box<dyn Carry>,
}

impl Segment {
    /// Joins with what the following chunks gave.
    pub fn join(self, next: Segment, sink: &mut dyn Sink) -> Segment {
        let mut reading = self.reading;
        reading.append(next.reading);
        Segment { reading, carry: self.carry.join(next.carry, sink) }
    }
}

/// Nothing waits between chunks: every record is complete.
pub struct NothingWaits;

impl Carry for NothingWaits {
    fn join(self: Box<Self>, _next: Box<dyn Carry>, _sink: &mut dyn Sink) -> Box<dyn Carry> {
        self
    }

    fn begin_source(&mut self, _sink: &mut dyn Sink) {}

    fn finish(self: Box<Self>, _sink: &mut dyn Sink) {}

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}
