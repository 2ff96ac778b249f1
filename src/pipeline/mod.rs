//! From paths to facts: discover, recognise, read in parallel, fold, merge. The only user of rayon.
//!
//! What a run gives does not depend on threads, chunk sizes or the order of files: workers add to
//! workloads of their own, which merge in any order, and only what straddles chunks is joined in
//! order, source by source.

mod figures;
mod look;
mod parallel;
pub mod slice;
mod sources;
mod streamed;

use crate::error::Error;
use crate::model::facts::{Facts, InputFacts, Problem};
use crate::model::filter::Filter;
use crate::model::parts::Parts;
use crate::model::workload::Keep;
use crate::progress::{Progress, Silent};
use crate::read::input::STDIN_NAME;
use crate::read::options::ReadOptions;
use crate::time::{Timestamp, UserTime};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What to read, and how.
#[derive(Clone, Default)]
pub struct Request {
    /// Files, folders, `-` for standard input.
    pub paths: Vec<PathBuf>,
    /// What the user says about the files.
    pub read: ReadOptions,
    /// What is kept of them.
    pub keep: Keep,
    /// What counts.
    pub filter: Filter,
    /// Only what ended at or after this time.
    pub since: Option<UserTime>,
    /// Only what ended before this time.
    pub until: Option<UserTime>,
    /// Worker threads; 0 for one per core.
    pub threads: usize,
}

impl Request {
    /// A request with every option at its default.
    pub fn of_paths<P: AsRef<Path>>(paths: impl IntoIterator<Item = P>) -> Self {
        let paths = paths.into_iter().map(|p| p.as_ref().to_owned()).collect();
        Request { paths, ..Request::default() }
    }
}

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Asks every run in this process to stop at the next chunk, with [`Error::Interrupted`].
pub fn interrupt() {
    INTERRUPTED.store(true, Ordering::Relaxed);
}

fn is_interrupted() -> bool {
    INTERRUPTED.load(Ordering::Relaxed)
}

/// Reads what a request names. Problems of single inputs are in the facts; an error means that
/// nothing could be told at all.
pub fn run(request: &Request) -> Result<Facts, Error> {
    read_parts(request, &Silent).map(Parts::seal)
}

/// The same, not sealed yet, so that parts read apart can be merged; tells how far it is.
pub fn read_parts(request: &Request, progress: &dyn Progress) -> Result<Parts, Error> {
    let pool = thread_pool(request.threads)?;
    let mut prepared = pool.install(|| sources::prepare(request))?;
    let filter = resolve_times(request, &prepared)?;
    let streamed = prepared.streamed.take();
    let mut parts = parallel::read(&pool, prepared, &filter, request, progress)?;
    if let Some(walk) = streamed {
        parts = streamed::read(&pool, walk, parts, &filter, request)?;
    }
    tell_counted_twice(&mut parts.inputs);
    if parts.inputs.iter().all(|input| input.records == 0) {
        return Err(no_record(&parts.inputs));
    }
    if filter.is_active() && parts.inputs.iter().all(|input| input.events == 0) {
        return Err(Error::NothingLeft(
            "the inputs were read, but no record passes the filters; check --since, --until, \
             --db, --user, --host, --app, --query-id, --exclude-query and --min-duration"
                .to_owned(),
        ));
    }
    Ok(parts)
}

fn thread_pool(threads: usize) -> Result<rayon::ThreadPool, Error> {
    rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .thread_name(|n| format!("querylens-{n}"))
        .build()
        .map_err(|e| Error::Usage(format!("cannot start {threads} threads: {e}")))
}

/// The filter with its times resolved by the logs' own clock.
fn resolve_times(request: &Request, prepared: &sources::Prepared) -> Result<Filter, Error> {
    let mut filter = request.filter.clone();
    let clock = prepared.clock();
    for (wanted, place) in
        [(&request.since, &mut filter.since), (&request.until, &mut filter.until)]
    {
        let Some(wanted) = wanted else { continue };
        let relative = matches!(wanted, UserTime::BeforeLast(_));
        let (last, utc_offset_s) = match clock {
            Some(clock) if !relative || prepared.ends_are_known() => clock,
            None if !relative => (Timestamp(0), 0),
            _ => {
                return Err(Error::Usage(
                    "a time relative to the last record needs plain files, whose ends can be \
                     read first; give an absolute time such as '2026-11-20 14:05'"
                        .to_owned(),
                ));
            }
        };
        *place = Some(wanted.resolve(utc_offset_s, last));
    }
    Ok(filter)
}

/// Copies of files are found before they are read; that standard input held one shows only now.
fn tell_counted_twice(inputs: &mut [InputFacts]) {
    let known: Vec<(Option<u128>, String)> = inputs
        .iter()
        .filter(|input| input.bytes > 0 && input.content.is_some())
        .map(|input| (input.content, input.path.clone()))
        .collect();
    let is_stdin = |input: &&mut InputFacts| input.path.split('/').next() == Some(STDIN_NAME);
    for input in inputs.iter_mut().filter(is_stdin) {
        let same =
            |(content, path): &&(_, String)| *content == input.content && *path != input.path;
        if let Some((_, path)) = known.iter().find(same) {
            let message = format!("the same content as {path}: counted twice, leave one out");
            input.problems.push(Problem { offset: None, line: None, message });
        }
    }
}

/// A format was found or forced, and then no record fitted it: never an empty report.
fn no_record(inputs: &[InputFacts]) -> Error {
    let mut text = "no record was understood".to_owned();
    for input in inputs {
        for problem in input.problems.iter().take(3) {
            let line = problem.line.map_or(String::new(), |line| format!(":{line}"));
            text += &format!("\n  {}{line}: {}", input.path, problem.message);
        }
    }
    Error::NothingRecognised(text)
}
