//! What happened beside queries, summed over all servers.

use super::{Draft, at, ms, overview, rounded_share, trend};
use crate::model::workload::incidents::Incidents as Kept;
use crate::model::workload::incidents::occurrences::Occurrences;
use crate::report::types::{
    Connections, ErrorItem, Errors, Files, Incidents, Occurred, Pool, Waits,
};
use std::cmp::Reverse;

/// Error messages that are listed.
const MAX_ERRORS: usize = 100;

/// All servers' occurrences of one kind.
fn summed(draft: &Draft<'_>, of: fn(&Kept) -> &Occurrences) -> Occurrences {
    let mut sum = Occurrences::default();
    for server in &draft.evidence.facts.servers {
        let one = of(server.workload.incidents());
        sum.merge(one);
    }
    sum
}

pub fn connections(draft: &Draft<'_>) -> Connections {
    let known = |of| Some(summed(draft, of).count).filter(|count| *count > 0);
    let received = known(|i| &i.connections.received);
    let minutes = overview::period(draft).seconds.map(|s| s / 60.0).filter(|m| *m > 0.0);
    Connections {
        total: received,
        authorized: known(|i| &i.connections.authorized),
        disconnected: known(|i| &i.connections.disconnected),
        refused: summed(draft, |i| &i.connections.refused).count,
        peak_concurrent: (),
        p95_concurrent: (),
        churn_per_minute: received.zip(minutes).map(|(n, m)| rounded_share(n as f64 / m)),
        timeouts: (),
        by_user: [],
        by_host: [],
        by_app: [],
        by_database: [],
        samples: [],
        pool: Pool::default(),
    }
}

pub fn incidents(draft: &Draft<'_>) -> Incidents {
    let temp_files = summed(draft, |i| &i.temp_files);
    Incidents {
        lock_waits: waits(draft, |i| &i.locks.waiting),
        deadlocks: occurred(draft, &summed(draft, |i| &i.locks.deadlocks)),
        temp_files: Files {
            occurred: occurred(draft, &temp_files),
            total_bytes: temp_files.sum,
            max_bytes: temp_files.max,
        },
        checkpoints: waits(draft, |i| &i.checkpoints.done),
        autovacuum: waits(draft, |i| &i.maintenance.vacuums),
        errors: errors(draft),
        cancelled: occurred(draft, &summed(draft, |i| &i.cancelled)),
    }
}

fn occurred(draft: &Draft<'_>, sum: &Occurrences) -> Occurred {
    Occurred {
        count: sum.count,
        items: [],
        timeline: trend::ticks(draft, sum),
        trend: trend::of_occurrences(draft, &sum.timeline),
    }
}

fn waits(draft: &Draft<'_>, of: fn(&Kept) -> &Occurrences) -> Waits {
    let sum = summed(draft, of);
    Waits { occurred: occurred(draft, &sum), total_ms: ms(sum.sum), max_ms: ms(sum.max) }
}

fn errors(draft: &Draft<'_>) -> Errors {
    let sum = summed(draft, |i| &i.messages.errors);
    let mut groups: Vec<_> = draft
        .evidence
        .facts
        .servers
        .iter()
        .flat_map(|server| {
            let groups = server.workload.incidents().messages.groups().into_iter();
            let groups = groups.filter(|group| group.level.is_error());
            groups.map(move |group| (server, group))
        })
        .collect();
    // Stable: within one server the groups are in order already.
    groups.sort_by_key(|(_, group)| Reverse(group.count));
    groups.truncate(MAX_ERRORS);
    let listed: u64 = groups.iter().map(|(_, group)| group.count).sum();
    let items = groups.into_iter().map(|(server, group)| {
        let (_, place, query_id) = group.example;
        ErrorItem {
            server: server.label.clone(),
            severity: group.level.word(),
            code: Some(group.code.to_string()).filter(|code| !code.is_empty()),
            message: group.message.to_string(),
            count: group.count,
            first: at(group.first),
            last: at(group.last),
            query_id: query_id.map(|id| id.to_string()),
            fingerprint: query_id
                .and_then(|id| server.workload.class(id))
                .map(|class| class.fingerprint.to_string()),
            source: draft.evidence.facts.source(place),
        }
    });
    let all = occurred(draft, &sum);
    Errors {
        count: sum.count,
        items: items.collect(),
        omitted: sum.count.saturating_sub(listed),
        timeline: all.timeline,
        trend: all.trend,
    }
}
