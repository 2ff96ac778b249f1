//! From the entries of a carrier to the text inside it.
//!
//! In: a stretch of source that begins at an entry. Out: [`Unwrapped`], the text for the reader
//! inside, the marks that lead back to the source, and what was left out. Text is written once,
//! entry by entry; only where parts of different records are interleaved is it put in order by a
//! second pass. Where a stretch may end is left to `cut`.

use super::{Content, Envelope, Joint, Piece};
use crate::read::logs::segment::Reading;
use crate::read::logs::text::{ChunkText, Mark, Role};
use hashbrown::HashMap;

/// A part belongs to its record if at most so much source lies between it and the part before.
pub const HORIZON_BYTES: usize = 16 * 1024;

/// How much of a stretch is taken.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Order {
    /// All of it: it ends where an entry does, or where the source does.
    Whole,
    /// All but its last entry, which may be incomplete.
    ButLast,
}

/// What was inside.
#[derive(Debug, Default)]
pub struct Unwrapped {
    /// Whole lines.
    pub text: Vec<u8>,
    /// Where they come from.
    pub marks: Vec<Mark>,
    /// What was left out: foreign lines, lines that were not understood; and the lines of the
    /// stretch. Places and sizes are those of the source.
    pub outside: Reading,
    /// How much of the stretch was taken, in bytes.
    pub taken_bytes: usize,
    /// Before this byte of the stretch there may be parts of records that began before it.
    pub unsettled_bytes: usize,
}

const NO_MARK: usize = usize::MAX;

/// The last part of a writer's last record.
struct Last {
    record: u64,
    /// [`NO_MARK`] where the record's first part is not in the stretch.
    mark: usize,
    /// Where its entry ends in the stretch.
    end: usize,
    /// Size of its text.
    text_bytes: usize,
    /// It said that more will come.
    is_open: bool,
}

/// A part whose predecessor is not the mark before.
struct Link {
    mark: usize,
    before: usize,
    joint: Joint,
}

/// Takes the text out of a stretch of a carrier's source.
pub fn unwrap(envelope: &dyn Envelope, source: &[u8], order: Order) -> Unwrapped {
    unwrap_within(envelope, source, order, HORIZON_BYTES)
}

/// Takes the text out of a chunk, which may itself have been taken out of a carrier: what was left
/// out is counted by its places and sizes in the source, while marks lead back to the chunk.
pub(super) fn unwrap_chunk(envelope: &dyn Envelope, chunk: ChunkText<'_>) -> Unwrapped {
    assemble(envelope, chunk, Order::Whole, HORIZON_BYTES)
}

/// The same for any horizon.
pub(super) fn unwrap_within(
    envelope: &dyn Envelope,
    source: &[u8],
    order: Order,
    horizon_bytes: usize,
) -> Unwrapped {
    assemble(envelope, ChunkText::new(source, 0, false), order, horizon_bytes)
}

fn assemble(
    envelope: &dyn Envelope,
    chunk: ChunkText<'_>,
    order: Order,
    horizon_bytes: usize,
) -> Unwrapped {
    let source = chunk.bytes;
    let mut assembler = Assembler {
        envelope,
        chunk,
        horizon_bytes,
        out: Unwrapped {
            text: Vec::with_capacity(source.len()),
            marks: Vec::with_capacity(source.len() / 128),
            ..Unwrapped::default()
        },
        last: HashMap::new(),
        links: Vec::new(),
    };
    assembler.run(source, order);
    assembler.finish()
}

struct Assembler<'e> {
    envelope: &'e dyn Envelope,
    chunk: ChunkText<'e>,
    horizon_bytes: usize,
    out: Unwrapped,
    last: HashMap<u64, Last>,
    links: Vec<Link>,
}

/// What becomes of a part.
enum Place {
    /// A line of its own.
    Begins,
    /// It goes on where this mark ends.
    Continues(usize, Joint),
    /// Its record is not there.
    Lost,
}

impl Assembler<'_> {
    fn run(&mut self, source: &[u8], order: Order) {
        let mut splitter = self.envelope.splitter();
        let (mut at, mut line) = (0, 0u32);
        while let Some(rest) = source.get(at..).filter(|rest| !rest.is_empty()) {
            let start = self.out.text.len();
            let entry = splitter.entry(rest, &mut self.out.text);
            let end = at + entry.bytes.clamp(1, rest.len());
            if order == Order::ButLast && end == source.len() {
                self.out.text.truncate(start);
                break;
            }
            let mut mark = Mark {
                start,
                entry: at,
                entry_bytes: end - at,
                line,
                role: Role::Unknown,
                outer: Default::default(),
            };
            match entry.content {
                Content::Payload { piece, outer } => {
                    mark.outer = outer;
                    self.payload(mark, piece);
                }
                left_out => {
                    self.out.text.truncate(start);
                    self.leave_out(&mark, left_out, entry.lines);
                }
            }
            at = end;
            line = line.saturating_add(entry.lines);
        }
        self.out.taken_bytes = at;
        self.out.outside.lines = u64::from(line);
    }

    fn leave_out(&mut self, mark: &Mark, content: Content, lines: u32) {
        let (outside, chunk) = (&mut self.out.outside, &self.chunk);
        let size_bytes = || chunk.source_bytes(mark.entry..mark.entry_end(), mark.line);
        match content {
            Content::Foreign => outside.leave_to_others(size_bytes(), lines.max(1)),
            Content::Unknown(message) => {
                outside.skip(chunk.skipped(mark.entry, mark.line, message), size_bytes(), 0);
            }
            Content::Payload { .. } | Content::Blank => {}
        }
    }

    /// Takes the text that a splitter wrote at the end.
    fn payload(&mut self, mut mark: Mark, piece: Piece) {
        let text_bytes = self.out.text.len() - mark.start;
        if text_bytes == 0 || self.out.text.last() != Some(&b'\n') {
            self.out.text.push(b'\n');
        }
        let at = self.out.marks.len();
        match self.place(&mark, piece) {
            Place::Begins if matches!(piece, Piece::First { .. }) => mark.role = Role::Begins,
            Place::Begins => {}
            Place::Continues(before, joint) => {
                mark.role = Role::Continues;
                if before + 1 != at {
                    self.links.push(Link { mark: at, before, joint });
                } else if joint == Joint::SameLine {
                    let length = self.out.text.len();
                    self.out.text.copy_within(mark.start..length, mark.start - 1);
                    self.out.text.truncate(length - 1);
                    mark.start -= 1;
                }
            }
            Place::Lost => {
                self.out.text.truncate(mark.start);
                let lost = Content::Unknown("a part of a message whose first part is not there");
                return self.leave_out(&mark, lost, 0);
            }
        }
        let (from, record, is_open) = match piece {
            Piece::Alone => (None, 0, false),
            Piece::First { from, record } | Piece::Next { from, record } => {
                (Some(from), record, false)
            }
            Piece::Part { from, is_last } => (Some(from), 0, !is_last),
        };
        if let Some(from) = from {
            let end = mark.entry_end();
            self.last.insert(from, Last { record, mark: at, end, text_bytes, is_open });
        }
        self.out.marks.push(mark);
    }

    fn place(&mut self, mark: &Mark, piece: Piece) -> Place {
        let (from, record) = match piece {
            Piece::Alone | Piece::First { .. } => return Place::Begins,
            Piece::Next { from, record } => (from, Some(record)),
            Piece::Part { from, .. } => (from, None),
        };
        let missing = if record.is_some() { Place::Lost } else { Place::Begins };
        let Some(last) = self.last.get(&from) else {
            if mark.entry <= self.horizon_bytes {
                self.unsettled(mark, from, record);
            }
            return missing;
        };
        let continues = match record {
            Some(record) => record == last.record,
            None => last.is_open,
        };
        if !continues || mark.entry - last.end > self.horizon_bytes {
            return missing;
        }
        if last.mark == NO_MARK {
            self.unsettled(mark, from, record);
            return missing;
        }
        let joint = match record {
            Some(_) => {
                let part = self.out.text.get(mark.start..).unwrap_or_default();
                self.envelope.joint(last.text_bytes, part)
            }
            None => Joint::SameLine,
        };
        Place::Continues(last.mark, joint)
    }

    /// A part that may belong to a record before the stretch, and so may those that follow it.
    fn unsettled(&mut self, mark: &Mark, from: u64, record: Option<u64>) {
        let end = mark.entry_end();
        self.out.unsettled_bytes = end;
        if let Some(record) = record {
            let last = Last { record, mark: NO_MARK, end, text_bytes: 0, is_open: false };
            self.last.insert(from, last);
        }
    }

    fn finish(mut self) -> Unwrapped {
        if !self.links.is_empty() || self.envelope.newest_first() {
            self.reorder();
        }
        self.out
    }

    /// Writes the text again: every record with its parts behind it, the records in the order of
    /// their first parts, or in the opposite.
    fn reorder(&mut self) {
        let marks = std::mem::take(&mut self.out.marks);
        let text = std::mem::take(&mut self.out.text);
        let mut next = vec![(NO_MARK, Joint::NewLine); marks.len()];
        let mut links = self.links.iter().peekable();
        let goes_on = |mark: &Mark| mark.role == Role::Continues;
        for (at, mark) in marks.iter().enumerate().filter(|(_, mark)| goes_on(mark)) {
            // What followed its part at once was joined when it was written.
            let link = links.next_if(|link| link.mark == at);
            let (before, joint) =
                link.map_or((at.wrapping_sub(1), Joint::NewLine), |l| (l.before, l.joint));
            // A joint on the same line has taken the line end away, so there is none to take.
            if let Some(place) = next.get_mut(before) {
                *place = (at, if link.is_none() { written(&text, mark.start) } else { joint });
            }
        }
        self.out.text.reserve(text.len());
        self.out.marks.reserve(marks.len());
        let mut write = |first: usize| {
            let (mut at, mut joint) = (first, Joint::NewLine);
            while let Some(mark) = marks.get(at) {
                let out = &mut self.out.text;
                match (joint, out.last()) {
                    (Joint::SameLine, Some(b'\n')) => drop(out.pop()),
                    (Joint::NewLine, Some(last)) if *last != b'\n' => out.push(b'\n'),
                    _ => {}
                }
                let start = out.len();
                let end = marks.get(at + 1).map_or(text.len(), |mark| mark.start);
                out.extend_from_slice(text.get(mark.start..end).unwrap_or_default());
                self.out.marks.push(Mark { start, ..*mark });
                (at, joint) = next.get(at).copied().unwrap_or((NO_MARK, Joint::NewLine));
            }
            if self.out.text.last().is_some_and(|last| *last != b'\n') {
                self.out.text.push(b'\n');
            }
        };
        let firsts = (0..marks.len()).filter(|at| !marks.get(*at).is_some_and(goes_on));
        match self.envelope.newest_first() {
            true => firsts.rev().for_each(&mut write),
            false => firsts.for_each(&mut write),
        }
    }
}

/// How the part that begins at an offset was joined when it was written.
fn written(text: &[u8], start: usize) -> Joint {
    match start.checked_sub(1).and_then(|before| text.get(before)) {
        Some(b'\n') => Joint::NewLine,
        _ => Joint::SameLine,
    }
}
