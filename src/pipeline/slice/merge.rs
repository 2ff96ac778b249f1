//! Several sources, one output in the order of time.
//!
//! Of all sources the one whose next piece is earliest comes first; of equal ones that with the
//! smaller shown path. A source is opened when its turn comes, by the first time that its sample
//! shows, and closed at its end, so that a thousand rotated files are never open together. A source
//! keeps its own order: what was written late stands behind what it stood behind.

use super::Figures;
use super::source::{Open, Shared};
use crate::pipeline::is_interrupted;
use crate::pipeline::look::Job;
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::io::{self, Write};

/// A source's turn: by time, then by its place in the order of shown paths.
type Turn = (Option<Timestamp>, usize);

/// More than this is not kept back until a record follows, in bytes.
const MAX_KEPT_BACK: usize = 64 * 1024;

/// Where all that passes goes.
pub(super) struct Output<'o> {
    out: &'o mut (dyn Write + Send),
    /// Records that were written.
    pub records: u64,
    /// Bytes that were written.
    pub bytes: u64,
    /// Bytes that nobody can mask.
    pub left_out_bytes: u64,
    /// What stands before the first record: written with it.
    kept_back: Vec<u8>,
    /// The last byte.
    last: u8,
    /// Where that stands: the source, and the offset behind it.
    end: (usize, u64),
    /// Sources that were merged before: the number of the first of those to come.
    sources: usize,
}

impl<'o> Output<'o> {
    /// Nothing was written yet.
    pub fn new(out: &'o mut (dyn Write + Send)) -> Self {
        Output {
            out,
            records: 0,
            bytes: 0,
            left_out_bytes: 0,
            kept_back: Vec::new(),
            last: b'\n',
            end: (0, 0),
            sources: 0,
        }
    }

    /// Writes what passes of all sources; what was read of each.
    pub fn merge<'j, 'r>(
        &mut self,
        jobs: &'j [Job],
        shared: &Shared<'r>,
    ) -> io::Result<Vec<Figures>> {
        let mut turns: BinaryHeap<Reverse<Turn>> =
            jobs.iter().enumerate().map(|(at, job)| Reverse((job.first, at))).collect();
        let mut sources: Vec<Option<Open<'j, 'r>>> = jobs.iter().map(|_| None).collect();
        let mut figures: Vec<Figures> = jobs.iter().map(|_| Figures::default()).collect();
        let mut open_count = 0;
        let threads = rayon::current_num_threads();
        while let Some(Reverse((_, at))) = turns.pop()
            && !is_interrupted()
        {
            let mut source = match sources[at].take() {
                Some(source) => source,
                None => match Open::new(&jobs[at], open_count, shared) {
                    Ok(source) => {
                        open_count += 1;
                        source
                    }
                    Err(error) => {
                        figures[at].failures.push(error);
                        continue;
                    }
                },
            };
            let next = turns.peek().map(|Reverse(turn)| *turn);
            loop {
                if source.ready.first().is_none() {
                    source.read_on(threads / open_count.max(1), shared);
                }
                let Some(turn) = source.ready.first().map(|piece| (piece.key, at)) else {
                    self.left_out_bytes += source.left_out_bytes;
                    figures[at] = source.close(shared);
                    open_count -= 1;
                    break;
                };
                if next.is_some_and(|next| next < turn) {
                    sources[at] = Some(source);
                    turns.push(Reverse(turn));
                    break;
                }
                self.write(self.sources + at, &mut source)?;
            }
        }
        self.sources += jobs.len();
        self.out.flush()?;
        Ok(figures)
    }

    /// Writes the first piece of a source.
    fn write(&mut self, number: usize, source: &mut Open<'_, '_>) -> io::Result<()> {
        let Some((piece, bytes)) = source.ready.pop() else { return Ok(()) };
        let Some(last) = bytes.last() else { return Ok(()) };
        // A source may end without a line end, but a record is no part of the one before.
        if self.last != b'\n' && self.end != (number, piece.offset) {
            self.put(b"\n", 0)?;
        }
        self.put(bytes, piece.records)?;
        self.last = *last;
        self.end = (number, piece.end);
        Ok(())
    }

    fn put(&mut self, bytes: &[u8], records: u64) -> io::Result<()> {
        self.records += records;
        if self.records == 0 && self.kept_back.len() + bytes.len() <= MAX_KEPT_BACK {
            self.kept_back.extend_from_slice(bytes);
            return Ok(());
        }
        let kept_back = std::mem::take(&mut self.kept_back);
        self.out.write_all(&kept_back)?;
        self.out.write_all(bytes)?;
        self.bytes += (kept_back.len() + bytes.len()) as u64;
        Ok(())
    }
}
