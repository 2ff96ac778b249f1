//! The parallel pass: producers read sources and cut chunks, workers parse them.
//!
//! A producer that is far enough ahead does a worker's job instead of waiting, so any number of
//! threads makes progress and at most twice as many chunks as threads are in memory. Each worker
//! adds to workloads of its own, and hands them over when they grow, so that memory does not grow
//! with the number of threads. What chunks of one source owe one another is joined in their
//! order, by whichever worker has the next one.

use super::figures::Figures;
use super::look::Job;
use super::sources::Prepared;
use super::{Request, is_interrupted};
use crate::error::Error;
use crate::model::event::{Event, Sink};
use crate::model::facts::InputFacts;
use crate::model::filter::Filter;
use crate::model::parts::Parts;
use crate::model::workload::Workload;
use crate::progress::Progress;
use crate::read::input::{BufferPool, Chunk, InputError, Opener};
use crate::read::logs::ChunkText;
use crate::read::logs::segment::Segment;
use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Adds the events of one source to a workload.
struct Recorder<'w> {
    workload: &'w mut Workload,
    filter: &'w Filter,
    source: u32,
    events: u64,
}

impl Sink for Recorder<'_> {
    fn event(&mut self, event: &Event<'_>) {
        self.events += u64::from(self.workload.add(event, self.source, self.filter));
    }
}

/// One source's chunks, joined as far as they are complete from the start.
#[derive(Default)]
struct Joiner {
    next: u64,
    waiting: BTreeMap<u64, (u64, Segment)>,
    left: Option<Segment>,
    lines_before: u64,
    events: u64,
    /// Of the source, but for what was understood: that is joined.
    figures: Figures,
}

/// A worker may have so many classes of its own …
const WORKER_CLASSES: usize = 8192;
/// … or, all workers together, this part of those that were handed over.
const WORKERS_PART: usize = 32;

/// A worker's workloads, one per view that it met.
type Workloads = BTreeMap<usize, Workload>;

struct Pass<'j> {
    jobs: &'j [Job],
    /// The jobs of each file, several for an archive, in the order in which they stand there.
    files: Vec<Vec<usize>>,
    joiners: Vec<Mutex<Joiner>>,
    idle: Mutex<Vec<Workloads>>,
    /// What workers handed over.
    handed_over: Mutex<Workloads>,
    worker_classes: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: usize,
    next_file: AtomicUsize,
    filter: &'j Filter,
    request: &'j Request,
    progress: &'j dyn Progress,
    buffers: BufferPool,
}

/// Reads every source.
pub(super) fn read(
    pool: &rayon::ThreadPool,
    mut prepared: Prepared,
    filter: &Filter,
    request: &Request,
    progress: &dyn Progress,
) -> Result<Parts, Error> {
    let threads = pool.current_num_threads();
    let pass = Pass {
        jobs: &prepared.jobs,
        files: by_file(&prepared.jobs),
        joiners: prepared.jobs.iter().map(|_| Mutex::default()).collect(),
        idle: Mutex::default(),
        handed_over: Mutex::default(),
        worker_classes: AtomicUsize::new(WORKER_CLASSES),
        in_flight: AtomicUsize::new(0),
        most_in_flight: 2 * threads,
        next_file: AtomicUsize::new(0),
        filter,
        request,
        progress,
        buffers: BufferPool::new(request.read.policy.chunk_bytes),
    };
    progress.begin(prepared.jobs.len(), prepared.jobs.iter().map(|p| p.stored_bytes).sum());
    pool.in_place_scope_fifo(|scope| {
        for _ in 0..threads.min(pass.files.len()) {
            scope.spawn_fifo(|scope| pass.produce(scope));
        }
    });
    progress.end();
    if is_interrupted() {
        return Err(Error::Interrupted);
    }
    let Pass { joiners, idle, handed_over, .. } = pass;
    let mut workloads = handed_over.into_inner().unwrap_or_else(|e| e.into_inner());
    for other in lock(&idle).drain(..) {
        merge(&mut workloads, other);
    }
    for (job, joiner) in prepared.jobs.iter().zip(joiners) {
        let joiner = joiner.into_inner().unwrap_or_else(|e| e.into_inner());
        let workload = workload(&mut workloads, job, request);
        finish(&mut prepared.inputs[job.rank], joiner, job, workload, filter);
    }
    let views = workloads
        .into_iter()
        .map(|(view, workload)| (prepared.views[view].clone(), workload))
        .collect();
    Ok(Parts { inputs: prepared.inputs, views, keep: request.keep.clone() })
}

/// The jobs of each file, in the order of their first jobs, so that an archive is read once.
fn by_file(jobs: &[Job]) -> Vec<Vec<usize>> {
    let mut numbers: BTreeMap<&Path, usize> = BTreeMap::new();
    let mut files: Vec<Vec<usize>> = Vec::new();
    for (at, job) in jobs.iter().enumerate() {
        let number = *numbers.entry(&job.path.path).or_insert(files.len());
        match files.get_mut(number) {
            Some(file) => file.push(at),
            None => files.push(vec![at]),
        }
    }
    for file in &mut files {
        file.sort_by(|&a, &b| jobs[a].path.place_order(&jobs[b].path));
    }
    files
}

impl Pass<'_> {
    /// Takes files, one after the other, and hands out the chunks of what is in them.
    fn produce<'scope>(&'scope self, scope: &rayon::ScopeFifo<'scope>) {
        loop {
            let at = self.next_file.fetch_add(1, Ordering::Relaxed);
            let Some(jobs) = self.files.get(at) else { return };
            let mut opener = Opener::new(&self.request.read.policy);
            for &at in jobs {
                if let Err(error) = self.produce_source(at, &self.jobs[at], &mut opener, scope) {
                    lock(&self.joiners[at]).figures.failures.push(error);
                }
            }
        }
    }

    fn produce_source<'scope>(
        &'scope self,
        at: usize,
        job: &Job,
        opener: &mut Opener,
        scope: &rayon::ScopeFifo<'scope>,
    ) -> Result<(), InputError> {
        let source = match lock(&job.opened).take() {
            Some(source) => source,
            None => opener.open(&job.path)?,
        };
        let mut chunks = source.chunks_in(&self.buffers);
        let mut cut = job.reader.cut();
        let (mut number, mut stored) = (0, 0);
        let result = loop {
            if is_interrupted() {
                break Ok(());
            }
            match chunks.next(cut.as_mut()) {
                Ok(Some(chunk)) => {
                    self.wait_for_room();
                    self.in_flight.fetch_add(1, Ordering::Relaxed);
                    scope.spawn_fifo(move |_| {
                        self.parse(at, number, &chunk);
                        drop(chunk);
                        self.in_flight.fetch_sub(1, Ordering::Relaxed);
                    });
                    number += 1;
                    let now = chunks.stored_position();
                    self.progress.advance(now.saturating_sub(stored));
                    stored = now;
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(error),
            }
        };
        let figures = &mut lock(&self.joiners[at]).figures;
        figures.bytes = chunks.text_position();
        figures.content = result.is_ok().then(|| chunks.content_hash());
        figures.failures.extend(chunks.problem());
        result
    }

    /// Works on chunks that are there until there is room for another.
    fn wait_for_room(&self) {
        while self.in_flight.load(Ordering::Relaxed) >= self.most_in_flight {
            if rayon::yield_now() != Some(rayon::Yield::Executed) {
                std::thread::yield_now();
            }
        }
    }

    fn parse(&self, at: usize, number: u64, chunk: &Chunk) {
        let job = &self.jobs[at];
        let mut workloads = lock(&self.idle).pop().unwrap_or_default();
        let workload = workload(&mut workloads, job, self.request);
        let mut recorder =
            Recorder { workload, filter: self.filter, source: job.rank as u32, events: 0 };
        let text = ChunkText::of(chunk);
        let segment = job.reader.parse(text, &mut recorder);
        let mut joiner = lock(&self.joiners[at]);
        joiner.waiting.insert(number, (chunk.offset(), segment));
        joiner.join(&mut recorder);
        joiner.events += recorder.events;
        drop(joiner);
        let classes: usize = workloads.values().map(Workload::class_count).sum();
        if classes > self.worker_classes.load(Ordering::Relaxed) {
            self.hand_over(&mut workloads);
        }
        lock(&self.idle).push(workloads);
    }

    fn hand_over(&self, workloads: &mut Workloads) {
        let full = workloads.iter_mut().map(|(view, workload)| (*view, workload.drain())).collect();
        let mut all = lock(&self.handed_over);
        merge(&mut all, full);
        let classes: usize = all.values().map(Workload::class_count).sum();
        let part = classes / (WORKERS_PART * rayon::current_num_threads());
        self.worker_classes.store(part.max(WORKER_CLASSES), Ordering::Relaxed);
    }
}

impl Joiner {
    /// Joins every chunk whose predecessors are all joined.
    fn join(&mut self, sink: &mut Recorder<'_>) {
        while let Some((offset, segment)) = self.waiting.remove(&self.next) {
            self.next += 1;
            self.figures.lines.push(offset, self.lines_before);
            self.lines_before += segment.reading.lines;
            let mut joined = match self.left.take() {
                Some(left) => left.join(segment, sink),
                None => segment,
            };
            joined.carry.begin_source(sink);
            self.left = Some(joined);
        }
    }
}

/// A source has ended: what still waits is told, and its figures are noted.
fn finish(
    input: &mut InputFacts,
    mut joiner: Joiner,
    job: &Job,
    workload: &mut Workload,
    filter: &Filter,
) {
    input.events = joiner.events;
    if let Some(segment) = joiner.left {
        let mut recorder = Recorder { workload, filter, source: job.rank as u32, events: 0 };
        segment.carry.finish(&mut recorder);
        input.events += recorder.events;
        joiner.figures.reading = segment.reading;
    }
    joiner.figures.note(input);
}

/// Adds workloads view by view.
fn merge(mine: &mut Workloads, other: Workloads) {
    for (view, workload) in other {
        match mine.entry(view) {
            Entry::Vacant(place) => {
                place.insert(workload);
            }
            Entry::Occupied(mut mine) => mine.get_mut().merge(workload),
        }
    }
}

fn workload<'w>(workloads: &'w mut Workloads, job: &Job, request: &Request) -> &'w mut Workload {
    let engine = job.engine;
    workloads
        .entry(job.view)
        .or_insert_with(|| Workload::new(engine.family(), engine.language(), request.keep.clone()))
}

/// A lock whose holder panicked still guards consistent data here: counters only grow.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(|e| e.into_inner())
}
