//! What happened beside queries, summed over all servers; one topic a file.

mod activity;
mod connections;
mod indexes;
mod locks;
mod messages;
mod pools;
mod statements;
mod storage;

pub use activity::{activity, breakdown};
pub use connections::connections;

use super::{Draft, ms, trend};
use crate::lang::id::QueryId;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::Incidents as Kept;
use crate::model::workload::incidents::occurrences::Occurrences;
use crate::report::types::{Concerned, Incidents, Occurred, Waits};

/// Members of a list in JSON.
const MAX_ITEMS: usize = 100;

pub fn incidents(draft: &Draft<'_>) -> Incidents {
    Incidents {
        lock_waits: locks::waits(draft),
        locks_acquired: waits(draft, |i| &i.locks.acquired),
        locks_failed: waits(draft, |i| &i.locks.failed),
        deadlocks: locks::deadlocks(draft),
        temp_files: storage::temp_files(draft),
        checkpoints: storage::checkpoints(draft),
        slow_checkpoints: waits(draft, |i| &i.slow_checkpoints),
        autovacuum: storage::autovacuum(draft),
        autoanalyze: waits(draft, |i| &i.maintenance.analyzes),
        index_builds: indexes::index_builds(draft),
        expiries: indexes::expiries(draft),
        errors: messages::errors(draft),
        warnings: messages::warnings(draft),
        events: messages::events(draft),
        cancelled: messages::cancelled(draft),
    }
}

/// Every server with what happened to it.
fn servers<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = (&'a ServerFacts, &'a Kept)> {
    draft.evidence.facts.servers.iter().map(|server| (server, server.workload.incidents()))
}

/// All servers' occurrences of one kind.
fn summed(draft: &Draft<'_>, of: fn(&Kept) -> &Occurrences) -> Occurrences {
    let mut sum = Occurrences::default();
    servers(draft).for_each(|(_, kept)| sum.merge(of(kept)));
    sum
}

/// Whose connections are told: those of the servers; of poolers only where nobody else tells any,
/// since the sessions of both are the same work.
fn connected<'a>(draft: &'a Draft<'_>) -> Vec<&'a ServerFacts> {
    let tells = |server: &&ServerFacts| {
        let c = &server.workload.incidents().connections;
        server.apart.is_none()
            && [&c.received, &c.authorized, &c.disconnected, &c.refused].iter().any(|o| o.count > 0)
    };
    let all = &draft.evidence.facts.servers;
    let told = all.iter().any(|server| tells(&server));
    all.iter().filter(|server| !told || server.apart.is_none()).collect()
}

/// A number of all servers.
fn total(draft: &Draft<'_>, of: impl Fn(&Kept) -> u64) -> u64 {
    servers(draft).fold(0, |sum, (_, kept)| sum.saturating_add(of(kept)))
}

fn occurred(draft: &Draft<'_>, sum: &Occurrences) -> Occurred {
    Occurred {
        count: sum.count,
        timeline: trend::ticks(draft, sum),
        trend: trend::of_occurrences(draft, &sum.timeline),
    }
}

fn waits(draft: &Draft<'_>, of: fn(&Kept) -> &Occurrences) -> Waits {
    let sum = summed(draft, of);
    Waits { occurred: occurred(draft, &sum), total_ms: ms(sum.sum), max_ms: ms(sum.max) }
}

/// A class of a server, when the log says which.
fn concerned(server: &ServerFacts, class: Option<QueryId>) -> Concerned {
    let kept = class.and_then(|id| server.workload.class(id));
    Concerned {
        query_id: class.map(|id| id.to_string()),
        fingerprint: kept.map(|class| class.fingerprint.to_string()),
    }
}
