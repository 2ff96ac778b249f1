//! One source being sliced: chunk by chunk, several at a time while threads are free.

use super::decide::Decider;
use super::pieces::{Collector, Pieces};
use super::ready::Ready;
use super::wanted::{Judge, Wanted};
use super::{Figures, lock};
use crate::model::event::Engine;
use crate::pipeline::Request;
use crate::pipeline::look::Job;
use crate::progress::Progress;
use crate::read::input::{BufferPool, Chunk, Chunks, Cut, InputError, Opener};
use crate::read::logs::ChunkText;
use rayon::prelude::*;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Mutex;

/// No chunk is made smaller than this while many sources are open, in bytes.
const MIN_CHUNK_BYTES: usize = 64 * 1024;

/// What all sources of a run share.
pub(super) struct Shared<'r> {
    pub wanted: &'r Wanted,
    pub request: &'r Request,
    /// Literals are hidden.
    pub mask: bool,
    pub progress: &'r dyn Progress,
    /// Judges that nobody uses now.
    pub idle: Mutex<Vec<Judge<'r>>>,
    /// Of archives of which no member is open: each has gone through its archive up to the last one.
    pub openers: Mutex<HashMap<PathBuf, Opener>>,
}

impl<'r> Shared<'r> {
    fn judge(&self, engine: Engine) -> Judge<'r> {
        let mut idle = lock(&self.idle);
        let known = idle.iter().position(|judge| judge.engine() == engine);
        match known {
            Some(at) => idle.swap_remove(at),
            None => Judge::new(self.wanted, engine),
        }
    }
}

/// An open source.
pub(super) struct Open<'j, 'r> {
    job: &'j Job,
    opener: Opener,
    chunks: Chunks,
    cut: Box<dyn Cut + Send>,
    decider: Decider<'r>,
    /// What passed.
    pub ready: Ready,
    /// Bytes of its carrier that nobody can mask.
    pub left_out_bytes: u64,
    figures: Figures,
    stored_bytes: u64,
    chunk_bytes: usize,
    is_ended: bool,
}

impl<'j, 'r> Open<'j, 'r> {
    /// Opens a source beside so many others: the more there are, the less is read of each at a time.
    pub fn new(job: &'j Job, others: usize, shared: &Shared<'r>) -> Result<Self, InputError> {
        let mut policy = shared.request.read.policy;
        let least = policy.chunk_bytes.min(MIN_CHUNK_BYTES);
        policy.chunk_bytes = (policy.chunk_bytes / (1 + others)).max(least);
        let known = lock(&shared.openers).remove(&job.path.path);
        let mut opener = known.unwrap_or_else(|| Opener::new(&policy));
        let source = match lock(&job.opened).take() {
            Some(source) => source,
            None => opener.open(&job.path)?,
        };
        let newest_first = job.reader.newest_first();
        Ok(Open {
            job,
            opener,
            chunks: source.chunks_in(&BufferPool::new(policy.chunk_bytes)),
            cut: job.reader.cut(),
            decider: Decider::new(shared.wanted, newest_first, job.first),
            ready: Ready::default(),
            left_out_bytes: 0,
            figures: Figures::default(),
            stored_bytes: 0,
            chunk_bytes: policy.chunk_bytes,
            is_ended: false,
        })
    }

    /// Reads on, so many chunks at a time, until something is ready or the source has ended.
    pub fn read_on(&mut self, at_once: usize, shared: &Shared<'r>) {
        self.ready.recycle(self.chunk_bytes);
        while self.ready.first().is_none() && !self.is_ended && !crate::pipeline::is_interrupted() {
            let chunks = self.next_chunks(at_once.max(1), shared.progress);
            let job = self.job;
            let pieces: Vec<Pieces> = match chunks.as_slice() {
                [only] => vec![parse(job, only, shared)],
                many => many.par_iter().map(|chunk| parse(job, chunk, shared)).collect(),
            };
            for (chunk, pieces) in chunks.iter().zip(pieces) {
                self.decider.take(&pieces, chunk, chunk.offset(), &mut self.ready);
                let figures = &mut self.figures;
                figures.lines.push(chunk.offset(), figures.reading.lines);
                self.left_out_bytes += pieces.left_out_bytes;
                figures.reading.append(pieces.reading);
            }
            if self.is_ended {
                self.decider.finish(&mut self.ready);
            }
        }
    }

    fn next_chunks(&mut self, at_once: usize, progress: &dyn Progress) -> Vec<Chunk> {
        let mut chunks = Vec::with_capacity(at_once);
        while chunks.len() < at_once && !self.is_ended {
            match self.chunks.next(self.cut.as_mut()) {
                Ok(Some(chunk)) => chunks.push(chunk),
                Ok(None) => self.is_ended = true,
                Err(error) => {
                    self.figures.failures.push(error);
                    self.is_ended = true;
                }
            }
        }
        let now = self.chunks.stored_position();
        progress.advance(now.saturating_sub(self.stored_bytes));
        self.stored_bytes = now;
        chunks
    }

    /// What was read of the source, once it has ended.
    pub fn close(mut self, shared: &Shared<'r>) -> Figures {
        self.figures.bytes = self.chunks.text_position();
        self.figures.content = self.figures.failures.is_empty().then(|| self.chunks.content_hash());
        self.figures.failures.extend(self.chunks.problem());
        if self.job.path.is_member() {
            lock(&shared.openers).insert(self.job.path.path.clone(), self.opener);
        }
        self.figures
    }
}

fn parse(job: &Job, chunk: &Chunk, shared: &Shared<'_>) -> Pieces {
    let mut judge = shared.judge(job.engine);
    let masker = shared.mask.then(|| job.reader.masker());
    let mut collector = Collector::new(chunk, &mut judge, shared.wanted.detail(), masker);
    let text = ChunkText::of(chunk);
    let segment = job.reader.parse(text, &mut collector);
    let pieces = collector.finish(segment.reading);
    lock(&shared.idle).push(judge);
    pieces
}
