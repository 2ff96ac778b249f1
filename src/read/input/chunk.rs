//! The text of one source in chunks that begin at record starts.
//!
//! Owns [`Chunks`], [`Chunk`] and the question it asks of formats, [`Cut`]. Where chunks end
//! depends on the chunk size; that every chunk begins at a record start and that together they are
//! the text does not, and neither does the place of a forced cut. Memory is the chunk size for
//! every chunk in use, and up to `max_record_bytes` while a record is longer than a chunk. Parsing
//! and parallel work are left to others: chunks may be sent to any thread.

use std::ops::Deref;

use xxhash_rust::xxh3::Xxh3;

use super::error::{Fault, InputError};
use super::pool::{Buffer, BufferPool};
use super::source::{Body, Source, Window};

/// How much is read ahead to learn whether a chunk is the last, in bytes.
const PROBE_BYTES: usize = 8 * 1024;

/// What a [`Cut`] tells the reader of its chunks.
#[derive(Clone, Debug, Default)]
pub struct Taken {
    /// What must be known of all text before to read what follows, in the format's own form; empty
    /// if nothing. It is handed out with the next chunk.
    pub context: Box<[u8]>,
    /// Places in the chunk that is handed out now, in bytes from its start, in rising order: what
    /// the cut found on its way, so that the reader need not search again. Empty if it does not say.
    pub places: Box<[u32]>,
}

impl From<Box<[u8]>> for Taken {
    /// Of a context only.
    fn from(context: Box<[u8]>) -> Self {
        Taken { context, ..Taken::default() }
    }
}

/// Where may a chunk end? Formats answer.
pub trait Cut {
    /// The largest offset in `buf`, above 0 and at most its length, at which a record certainly
    /// starts, so that `buf[..offset]` holds whole records. `None`: no such place, more bytes are
    /// needed.
    ///
    /// `buf` begins at a record start: the beginning of the text or the last place cut.
    /// `buf[..scanned]` was already shown by the call before (all of its buffer if that answered
    /// `None`, else what followed its offset), so only `buf[scanned..]` is new, and an
    /// implementation may keep state about the rest. With `eof`, nothing follows `buf`; then `None`
    /// takes all of it as the last chunk.
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize>;

    /// A record was too long and was cut by force: the next `buf` begins inside it, after a line
    /// end if there was one, and is shown with `scanned` 0.
    fn forced(&mut self) {}

    /// The last answer was taken: the next `buf` begins there.
    fn taken(&mut self) -> Taken {
        Taken::default()
    }
}

/// Cuts after line ends: for formats of one record per line.
#[derive(Clone, Copy, Debug, Default)]
pub struct LineCut;

impl Cut for LineCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if eof {
            return Some(buf.len());
        }
        memchr::memrchr(b'\n', &buf[scanned..]).map(|at| scanned + at + 1)
    }
}

/// A cut before the last whole line that begins a record, for formats whose lines tell that by
/// themselves: only lines that were not there before are looked at, from the last one back.
pub fn last_start(
    buf: &[u8],
    scanned: usize,
    eof: bool,
    mut begins_record: impl FnMut(&[u8]) -> bool,
) -> Option<usize> {
    let mut end = memchr::memrchr(b'\n', buf).filter(|_| !eof)?;
    loop {
        let start = memchr::memrchr(b'\n', &buf[..end]).map_or(0, |at| at + 1);
        if start == 0 || end < scanned {
            return None;
        }
        if begins_record(&buf[start..end]) {
            return Some(start);
        }
        end = start - 1;
    }
}

/// A stretch of text that begins at a record start and, unless forced, ends before one.
#[derive(Debug)]
pub struct Chunk {
    held: Held,
    len: usize,
    offset: u64,
    context: Box<[u8]>,
    places: Box<[u32]>,
    is_last: bool,
    is_forced: bool,
}

#[derive(Debug)]
enum Held {
    Buffer(Buffer),
    Window(Window),
}

impl Held {
    fn bytes(&self) -> &[u8] {
        match self {
            Held::Buffer(buffer) => buffer.as_slice(),
            Held::Window(window) => window,
        }
    }
}

impl Deref for Chunk {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.held.bytes()[..self.len]
    }
}

impl Chunk {
    /// Where the chunk begins, in bytes of the decompressed, transcoded text without byte order
    /// mark.
    pub fn offset(&self) -> u64 {
        self.offset
    }

    /// What the format's [`Cut`] says about the text before; empty if nothing.
    pub fn context(&self) -> &[u8] {
        &self.context
    }

    /// The places that the format's [`Cut`] found in it; empty if it does not say.
    pub fn places(&self) -> &[u32] {
        &self.places
    }

    /// No text follows (an error may, if the input is damaged there). Certain except for a plain
    /// file that became shorter, where no chunk may be marked.
    pub fn is_last(&self) -> bool {
        self.is_last
    }

    /// The chunk ends inside a record, because that is longer than allowed.
    pub fn is_forced(&self) -> bool {
        self.is_forced
    }
}

/// The chunks of one source, in order.
pub struct Chunks {
    source: Source,
    pool: BufferPool,
    chunk_bytes: usize,
    max_record_bytes: usize,
    /// Offset in the text of the first byte not handed out.
    offset: u64,
    /// Bytes from `offset` on that are already read; `None` where a window or a fresh buffer
    /// begins.
    carried: Option<Buffer>,
    /// How many bytes from `offset` on were in the last chunk's buffer.
    left: usize,
    /// How many of them the cut was shown.
    scanned: usize,
    /// What the cut said about the text before `offset`.
    context: Box<[u8]>,
    hash: Xxh3,
    failure: Option<Fault>,
    is_done: bool,
}

impl Chunks {
    pub(super) fn new(source: Source, pool: BufferPool) -> Chunks {
        let max_record_bytes = source.policy().max_record_bytes.max(1);
        Chunks {
            chunk_bytes: source.policy().chunk_bytes.clamp(1, max_record_bytes),
            max_record_bytes,
            source,
            pool,
            offset: 0,
            carried: None,
            left: 0,
            scanned: 0,
            context: Box::default(),
            hash: Xxh3::new(),
            failure: None,
            is_done: false,
        }
    }

    /// The next chunk, never empty; `None` at the end.
    ///
    /// Damage in mid-stream comes as an error after a chunk with all good bytes before it; `None`
    /// follows.
    pub fn next(&mut self, cut: &mut dyn Cut) -> Result<Option<Chunk>, InputError> {
        if self.is_done {
            return Ok(None);
        }
        let mut target =
            self.chunk_bytes.max(self.left.saturating_mul(2)).min(self.max_record_bytes);
        let mut scanned = self.scanned;
        loop {
            let (held, is_ended) = self.hold(target);
            let bytes = held.bytes();
            if bytes.is_empty() {
                self.is_done = true;
                return self.failure.take().map_or(Ok(None), |fault| Err(self.source.error(fault)));
            }
            let answer =
                cut.cut(bytes, scanned.min(bytes.len()), is_ended).filter(|&offset| offset > 0);
            let (len, is_forced, taken) = match answer {
                Some(offset) => (offset.min(bytes.len()), false, cut.taken()),
                None if is_ended => (bytes.len(), false, Taken::default()),
                None if bytes.len() >= self.max_record_bytes => {
                    cut.forced();
                    let context = self.context.clone();
                    (forced_cut(bytes), true, Taken { context, ..Taken::default() })
                }
                None => {
                    scanned = bytes.len();
                    target = scanned.saturating_mul(2).min(self.max_record_bytes);
                    if let Held::Buffer(buffer) = held {
                        self.carried = Some(buffer);
                    }
                    continue;
                }
            };
            return Ok(Some(self.hand_out(held, len, is_ended, is_forced, taken)));
        }
    }

    /// What is wrong with the input but stopped nothing (bytes after the compressed data); ask
    /// after the last chunk.
    pub fn problem(&self) -> Option<InputError> {
        match &self.source.body {
            Body::Plain(_) => None,
            Body::Stream(stream) => stream.problem().map(|fault| self.source.error(fault)),
        }
    }

    /// xxh3 (128 bits) of the text handed out so far: after the last chunk, the identity of the
    /// content, whatever it is stored in.
    pub fn content_hash(&self) -> u128 {
        self.hash.digest128()
    }

    /// Bytes of text handed out so far.
    pub fn text_position(&self) -> u64 {
        self.offset
    }

    /// Stored bytes consumed so far: for progress, against [`Source::stored_bytes`].
    pub fn stored_position(&self) -> u64 {
        match &self.source.body {
            Body::Plain(_) => self.offset,
            Body::Stream(stream) => stream.stored_position(),
        }
    }

    /// The text from `self.offset` on: `target` bytes, fewer only at the end, and whether that is
    /// the end.
    fn hold(&mut self, target: usize) -> (Held, bool) {
        let offset = self.offset;
        match &mut self.source.body {
            Body::Plain(plain) => {
                let left = plain.text_bytes - offset;
                let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(target);
                let is_ended = wanted as u64 == left;
                if self.carried.is_none()
                    && let Some(window) = plain.window(offset, wanted)
                {
                    return (Held::Window(window), is_ended);
                }
                let mut buffer = self.carried.take().unwrap_or_else(|| self.pool.take());
                let have = buffer.as_slice().len();
                let spare = buffer.spare(wanted);
                let asked = spare.len();
                match plain.read_at(offset + have as u64, spare) {
                    Ok(count) => {
                        buffer.advance(count);
                        if count == asked {
                            return (Held::Buffer(buffer), is_ended);
                        }
                        let end = offset + (have + count) as u64;
                        self.failure.get_or_insert(Fault::Shrank {
                            offset: end,
                            stored_bytes: plain.stored_bytes(),
                        });
                    }
                    Err(source) => {
                        self.failure
                            .get_or_insert(Fault::Read { offset: offset + have as u64, source });
                    }
                }
                (Held::Buffer(buffer), true)
            }
            Body::Stream(stream) => {
                let mut buffer = self.carried.take().unwrap_or_else(|| self.pool.take());
                let count = stream.fill(buffer.spare(target));
                buffer.advance(count);
                let is_ended = stream.is_at_end();
                if is_ended && self.failure.is_none() {
                    self.failure = stream.take_failure(offset + buffer.as_slice().len() as u64);
                }
                (Held::Buffer(buffer), is_ended)
            }
        }
    }

    /// Makes the first `len` held bytes a chunk and carries the rest.
    fn hand_out(
        &mut self,
        held: Held,
        len: usize,
        is_ended: bool,
        is_forced: bool,
        taken: Taken,
    ) -> Chunk {
        let Taken { context, places } = taken;
        let context = std::mem::replace(&mut self.context, context);
        let (head, rest) = held.bytes().split_at(len);
        self.hash.update(head);
        let offset = self.offset;
        self.offset += len as u64;
        self.left = rest.len();
        self.scanned = if is_forced { 0 } else { rest.len() };
        let mut is_last = is_ended && rest.is_empty();
        if let Held::Buffer(_) = held {
            let mut carried = self.pool.take();
            carried.extend(rest);
            if let (Body::Stream(stream), true, false) =
                (&mut self.source.body, rest.is_empty(), is_ended)
            {
                let count = stream.read_some(carried.spare(PROBE_BYTES.min(self.chunk_bytes)));
                carried.advance(count);
                self.left = count;
                is_last = count == 0;
            }
            self.carried = Some(carried);
        }
        Chunk { held, len, offset, context, places, is_last, is_forced }
    }
}

/// Where to cut a record that is too long: after the last line end, else before an incomplete
/// character.
fn forced_cut(bytes: &[u8]) -> usize {
    if let Some(at) = memchr::memrchr(b'\n', bytes) {
        return at + 1;
    }
    let tail_start = bytes.len().saturating_sub(3);
    let lead = bytes[tail_start..].iter().rposition(|&byte| byte & 0b1100_0000 != 0b1000_0000);
    let Some(lead) = lead.map(|at| tail_start + at) else {
        return bytes.len();
    };
    let char_bytes = match bytes[lead] {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    };
    if lead > 0 && lead + char_bytes > bytes.len() { lead } else { bytes.len() }
}

#[cfg(test)]
mod tests;
