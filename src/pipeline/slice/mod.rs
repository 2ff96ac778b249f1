//! The original records that pass, in the order of time: sources in, bytes out.
//!
//! ```text
//! sources ─ chunk ─▶ spans ─ pieces ─▶ cells, units, claims ─ decide ─▶ Ready ─┐
//!                              └ wanted: what a record alone can tell          ├─ merge by time ─▶ bytes
//! another source ───────────────────────────────────────────────────▶ Ready ─┘
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `wanted` | whether a span passes, as far as it can tell alone |
//! | `pieces` | a chunk as pieces, each with what decides about it |
//! | `decide` | what depends on other records of the session |
//! | `ready` | what passed and was not written yet |
//! | `source` | reading one source |
//! | `merge` | several sources, one output |
//!
//! Within a source nothing changes its place: without filters the output is the input (decompressed,
//! as UTF-8), byte for byte. The outcome does not depend on chunks or threads.

mod decide;
mod merge;
mod pieces;
mod ready;
mod source;
mod wanted;

use super::figures::Figures;
use super::look::{Job, Seen};
use super::parallel::lock;
use super::sources::{self, Prepared};
use super::{Request, no_record, resolve_times, tell_counted_twice};
use crate::error::Error;
use crate::model::facts::{InputFacts, InputKind, Problem};
use crate::model::filter::SessionChoice;
use crate::progress::Progress;
use merge::Output;
use source::Shared;
use std::io::Write;
use std::sync::Mutex;
use wanted::Wanted;

/// What to cut out, of what.
#[derive(Clone, Default)]
pub struct SliceRequest {
    /// Where from, and by which filters; what is kept for reports does not matter.
    pub request: Request,
    /// Only these sessions, when any is named.
    pub sessions: Vec<SessionChoice>,
    /// Literals are hidden: records are written masked, without what carried them.
    pub mask: bool,
}

/// What was cut out.
#[derive(Debug, Default)]
pub struct Sliced {
    /// The inputs and how they were read; their events are not counted.
    pub inputs: Vec<InputFacts>,
    /// Records that were written.
    pub records: u64,
    /// Bytes that were written.
    pub bytes: u64,
    /// Bytes of carriers that nobody can mask, which are left out where literals are hidden.
    pub left_out_bytes: u64,
    /// Inputs whose records stood in a carrier.
    pub carried: usize,
    /// Inputs that hold the newest record first: they keep that order.
    pub newest_first: usize,
}

/// What holds records with times: the jobs without files of plans, which are told of.
fn logs_only(jobs: Vec<Job>, inputs: &mut [InputFacts]) -> Vec<Job> {
    let mut is_log = |job: &Job| {
        let input = &mut inputs[job.rank];
        let is_log = input.kind == InputKind::Log;
        if !is_log {
            let message = "execution plans have no times to slice by, so it is left out; \
                           `querylens explain FILE` shows them with their literals hidden";
            let message = message.to_owned();
            input.problems.push(Problem { offset: None, line: None, message });
        }
        is_log
    };
    jobs.into_iter().filter(|job| is_log(job)).collect()
}

/// Writes what passes. An error of the output is [`Error::Write`].
pub fn slice(
    request: &SliceRequest,
    out: &mut (dyn Write + Send),
    progress: &dyn Progress,
) -> Result<Sliced, Error> {
    let pool = super::thread_pool(request.request.threads)?;
    let mut prepared = pool.install(|| sources::prepare(&request.request))?;
    let filter = resolve_times(&request.request, &prepared)?;
    let wanted = Wanted { filter, sessions: request.sessions.clone() };
    let shared = Shared {
        wanted: &wanted,
        request: &request.request,
        mask: request.mask,
        progress,
        idle: Mutex::default(),
        openers: Mutex::default(),
    };
    let streamed = prepared.streamed.take();
    let stored_bytes = prepared.jobs.iter().map(|job| job.stored_bytes).sum();
    progress.begin(prepared.jobs.len(), stored_bytes);
    let mut output = Output::new(out);
    let mut sliced = Sliced::default();
    let mut read = |prepared: Prepared| -> Result<(), Error> {
        let Prepared { mut inputs, jobs, .. } = prepared;
        let jobs = logs_only(jobs, &mut inputs);
        let figures = pool.install(|| output.merge(&jobs, &shared)).map_err(Error::Write)?;
        if super::is_interrupted() {
            return Err(Error::Interrupted);
        }
        for (job, figures) in jobs.iter().zip(figures) {
            figures.note(&mut inputs[job.rank]);
        }
        sliced.newest_first += jobs.iter().filter(|job| job.reader.newest_first()).count();
        sliced.carried += jobs.iter().filter(|job| job.is_carried).count();
        sliced.inputs.extend(inputs);
        Ok(())
    };
    let done = read(prepared).and_then(|()| {
        // An archive on standard input passes by once: its members come one after the other.
        let Some(mut walk) = streamed else { return Ok(()) };
        while let Some(member) = walk.next_member() {
            let seen = pool.install(|| Seen::of(member.path, member.source, &request.request));
            read(sources::prepare_streamed(seen, &request.request))?;
        }
        Ok(())
    });
    progress.end();
    done?;
    sliced.records = output.records;
    sliced.bytes = output.bytes;
    sliced.left_out_bytes = output.left_out_bytes;
    let inputs = &mut sliced.inputs;
    tell_counted_twice(inputs);
    if inputs.iter().all(|input| input.records == 0) {
        return Err(no_record(inputs));
    }
    if sliced.records == 0 {
        return Err(Error::NothingLeft(
            "the inputs were read, but no record passes the filters".to_owned(),
        ));
    }
    Ok(sliced)
}
