//! Operations that were kept apart, and what the time of runs was spent on where the log splits it.

use super::{Draft, ms, rounded_ms, share};
use crate::model::event::Known;
use crate::model::workload::attributes::Attributes;
use crate::report::types::{KeptApart, ServerSpent, Spent};

/// The parts in which MongoDB's log splits the time of an operation.
const PARTS: [Known; 15] = [
    Known::WorkingTime,
    Known::CpuTime,
    Known::PlanningTime,
    Known::StorageRead,
    Known::StorageWrite,
    Known::CacheWait,
    Known::LockWait,
    Known::QueueWait,
    Known::PrepareConflictWait,
    Known::OplogSlotTime,
    Known::FlowControlWait,
    Known::WriteConcernWait,
    Known::RemoteWait,
    Known::SearchWait,
    Known::LaterBatchTime,
];

/// What each server's log holds that is no query of a user, or stands there twice.
pub fn apart(draft: &Draft<'_>) -> Vec<KeptApart> {
    let servers = draft.evidence.facts.servers.iter();
    let of_server = servers.flat_map(|server| {
        server.workload.apart().map(|(why, stats)| KeptApart {
            server: server.label.clone(),
            what: why.name(),
            count: stats.count,
            total_ms: ms(stats.total_us),
            why: why.word(),
        })
    });
    of_server.collect()
}

/// What the time of each server's runs was spent on.
pub fn spent_by_server(draft: &Draft<'_>) -> Vec<ServerSpent> {
    let servers = draft.evidence.facts.servers.iter();
    let of_server = servers.flat_map(|server| {
        // Of the classes that are kept: of folded ones no attributes are known.
        let (_, attributes) = server.workload.attributes();
        let stats = server.workload.classes().iter().map(|class| &class.stats);
        let (timed, total_us) = stats.fold((0u64, 0u64), |(timed, total_us), stats| {
            (timed + stats.timed, total_us.saturating_add(stats.total_us))
        });
        let label = &server.label;
        spent(&attributes, timed, total_us)
            .into_iter()
            .map(move |spent| ServerSpent { server: label.clone(), spent })
    });
    of_server.collect()
}

/// What the time of some runs was spent on: the parts that any record names, and `waiting` where
/// every record says how much was work.
pub fn spent(attributes: &Attributes, timed: u64, total_us: u64) -> Vec<Spent> {
    let parts = PARTS.iter().filter_map(|known| {
        let numbers = attributes.numbers(*known).filter(|numbers| numbers.max > 0)?;
        let sum_us = u64::try_from(numbers.sum).unwrap_or(u64::MAX);
        Some(Spent {
            what: known.name(),
            runs: numbers.records,
            total_ms: ms(sum_us),
            share: share(sum_us, total_us),
            mean_ms: numbers.mean().map(rounded_ms),
            p95_ms: numbers.p95().map(rounded_ms),
            max_ms: Some(ms(numbers.max)),
            title: known.title(),
        })
    });
    let mut list: Vec<Spent> = parts.collect();
    if let Some(work) = list.first().filter(|first| first.what == Known::WorkingTime.name()) {
        let work_us = attributes.numbers(Known::WorkingTime).map_or(0, |numbers| numbers.sum);
        let waited_us = total_us.saturating_sub(u64::try_from(work_us).unwrap_or(u64::MAX));
        if work.runs == timed && waited_us > 0 {
            list.insert(
                1,
                Spent {
                    what: "waiting",
                    runs: timed,
                    total_ms: ms(waited_us),
                    share: share(waited_us, total_us),
                    mean_ms: None,
                    p95_ms: None,
                    max_ms: None,
                    title: "Not at work: all waits together",
                },
            );
        }
    }
    list
}
