//! Lock waits and deadlocks.

use super::{MAX_ITEMS, concerned, occurred, servers, summed, total};
use crate::model::event::Topic;
use crate::report::build::{Draft, at, ms};
use crate::report::types::{DeadlockItem, DeadlockPart, Deadlocks, Held, LockItem, LockWaits};
use std::cmp::Reverse;

pub fn waits(draft: &Draft<'_>) -> LockWaits {
    let sum = summed(draft, |i| &i.locks.waiting);
    let mut groups: Vec<_> = servers(draft)
        .flat_map(|(server, kept)| kept.locks.groups().into_iter().map(move |g| (server, g)))
        .collect();
    // Stable: within one server the groups are in order already.
    groups.sort_by_key(|(_, group)| Reverse((group.waited_us, group.waiting)));
    let all: u64 = groups.iter().map(|(_, g)| g.waiting + g.acquired + g.failed).sum();
    groups.truncate(MAX_ITEMS);
    let listed: u64 = groups.iter().map(|(_, g)| g.waiting + g.acquired + g.failed).sum();
    let items = groups.into_iter().map(|(server, group)| {
        let mut holders: Vec<_> = group.holders.iter().collect();
        holders.sort_by_key(|(class, count)| (Reverse(**count), **class));
        LockItem {
            server: server.label.clone(),
            concerned: concerned(server, group.class),
            mode: group.mode.to_string(),
            object: group.object.word(),
            table: group.table.as_deref().map(str::to_owned),
            waiting: group.waiting,
            acquired: group.acquired,
            failed: group.failed,
            waited_ms: ms(group.waited_us),
            longest_ms: ms(group.longest_us),
            queue: group.queue,
            holders: holders
                .into_iter()
                .filter_map(|(class, count)| {
                    let fingerprint = server.workload.class(*class)?.fingerprint.to_string();
                    Some(Held { query_id: class.to_string(), fingerprint, count: *count })
                })
                .collect(),
            first: at(group.first),
            last: at(group.last),
            source: draft.evidence.facts.source(group.example.2),
        }
    });
    LockWaits {
        occurred: occurred(draft, &sum),
        total_ms: ms(sum.sum),
        max_ms: ms(sum.max),
        items: items.collect(),
        omitted: all - listed + total(draft, |i| i.locks.folded_waits()),
        not_available: total(draft, |i| i.messages.about(Topic::LockNotAvailable)),
    }
}

pub fn deadlocks(draft: &Draft<'_>) -> Deadlocks {
    let sum = summed(draft, |i| &i.locks.deadlocks);
    let mut cycles: Vec<_> = servers(draft)
        .flat_map(|(server, kept)| kept.locks.cycles().into_iter().map(move |c| (server, c)))
        .collect();
    cycles.sort_by_key(|(_, cycle)| Reverse(cycle.count));
    let items = cycles.into_iter().take(MAX_ITEMS).map(|(server, cycle)| {
        let (_, place, class) = cycle.example;
        DeadlockItem {
            server: server.label.clone(),
            count: cycle.count,
            table: cycle.table.as_deref().map(str::to_owned),
            concerned: concerned(server, class),
            participants: cycle
                .parts
                .iter()
                .map(|part| DeadlockPart {
                    concerned: concerned(server, part.class),
                    mode: part.mode.to_string(),
                    object: part.object.word(),
                    table: part.table.as_deref().map(str::to_owned),
                    index: part.index.as_deref().map(str::to_owned),
                })
                .collect(),
            first: at(cycle.first),
            last: at(cycle.last),
            source: draft.evidence.facts.source(place),
        }
    });
    Deadlocks { occurred: occurred(draft, &sum), items: items.collect() }
}
