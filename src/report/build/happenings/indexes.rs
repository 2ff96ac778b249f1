//! Indexes that a server built, and documents that expired by one.

use super::{MAX_ITEMS, occurred, servers, summed, total};
use crate::report::build::{Draft, at, ms};
use crate::report::types::{Expiries, ExpiryItem, IndexBuildItem, IndexBuilds};
use std::cmp::Reverse;

pub fn index_builds(draft: &Draft<'_>) -> IndexBuilds {
    let mut groups: Vec<_> = servers(draft)
        .flat_map(|(server, kept)| kept.index_builds.groups().into_iter().map(move |g| (server, g)))
        .filter(|(_, group)| group.begun + group.done + group.failed + group.scan_us > 0)
        .collect();
    // Stable: within one server the groups are in order already.
    groups.sort_by_key(|(_, group)| Reverse(group.elapsed_us()));
    let left = groups.split_off(MAX_ITEMS.min(groups.len()));
    let left: u64 = left.iter().map(|(_, group)| group.done + group.failed).sum();
    let items = groups.into_iter().map(|(server, group)| IndexBuildItem {
        server: server.label.clone(),
        namespace: group.namespace.as_deref().map(str::to_owned),
        has_others: group.has_others,
        index: group.index.as_deref().map(str::to_owned),
        begun: group.begun,
        done: group.done,
        failed: group.failed,
        documents: group.documents,
        elapsed_ms: group.elapsed_us().map(ms),
        scan_ms: ms(group.scan_us),
        first: at(group.first),
        last: at(group.last),
        source: group.example.place().map(|place| draft.evidence.facts.source(place)),
    });
    IndexBuilds {
        occurred: occurred(draft, &summed(draft, |i| &i.index_builds.done)),
        failed: total(draft, |i| i.index_builds.failed.count),
        items: items.collect(),
        omitted: left + total(draft, |i| i.index_builds.folded()),
    }
}

pub fn expiries(draft: &Draft<'_>) -> Expiries {
    let sum = summed(draft, |i| &i.expiries.passes);
    let mut groups: Vec<_> = servers(draft)
        .flat_map(|(server, kept)| kept.expiries.groups().into_iter().map(move |g| (server, g)))
        .collect();
    groups.sort_by_key(|(_, group)| Reverse((group.total_us, group.deleted)));
    groups.truncate(MAX_ITEMS);
    let listed: u64 = groups.iter().map(|(_, group)| group.passes).sum();
    let items = groups.into_iter().map(|(server, group)| ExpiryItem {
        server: server.label.clone(),
        namespace: group.namespace.to_string(),
        index: group.index.to_string(),
        passes: group.passes,
        deleted: group.deleted,
        max_deleted: group.max_deleted,
        total_ms: ms(group.total_us),
        max_ms: ms(group.max_us),
        source: group.example.place().map(|place| draft.evidence.facts.source(place)),
    });
    Expiries {
        occurred: occurred(draft, &sum),
        total_ms: ms(sum.sum),
        max_ms: ms(sum.max),
        items: items.collect(),
        omitted: sum.count.saturating_sub(listed),
    }
}
