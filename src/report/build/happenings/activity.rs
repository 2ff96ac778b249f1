//! What happened when, and who ran how much.

use super::{connected, summed};
use crate::lang::deed::{self, Effect};
use crate::model::workload::Workload;
use crate::model::workload::class::Dimensions;
use crate::model::workload::tally::{Share, Tally};
use crate::model::workload::timeline::Timeline;
use crate::report::build::{Draft, ms};
use crate::report::types::{Activity, ActivityRow, At, Breakdown, Origin};
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Intervals shown at most: more are hard to read.
const MAX_ROWS: i64 = 48;
/// Names per list.
const MAX_NAMES: usize = 100;

pub fn activity(draft: &Draft<'_>) -> Activity {
    let (mut reads, mut writes) = (Timeline::default(), Timeline::default());
    for server in &draft.evidence.facts.servers {
        for class in server.workload.classes() {
            match deed::of(&class.fingerprint, server.engine.language()).effect {
                Effect::Reads => reads.merge(&class.stats.timeline),
                Effect::Writes => writes.merge(&class.stats.timeline),
                Effect::Other => {}
            }
        }
    }
    let (mut came, mut ended) = (Timeline::default(), Timeline::default());
    for server in connected(draft) {
        came.merge(&server.workload.incidents().connections.received.timeline);
        ended.merge(&server.workload.incidents().connections.disconnected.timeline);
    }
    /// Where the counts of one timeline go.
    type Place = fn(&mut ActivityRow) -> &mut u64;
    let timelines: [(Timeline, Place); 10] = [
        (draft.overall.timeline.clone(), |row| &mut row.queries),
        (reads, |row| &mut row.reads),
        (writes, |row| &mut row.writes),
        (came, |row| &mut row.connections),
        (ended, |row| &mut row.disconnections),
        (summed(draft, |i| &i.messages.errors).timeline, |row| &mut row.errors),
        (summed(draft, |i| &i.locks.waiting).timeline, |row| &mut row.lock_waits),
        (summed(draft, |i| &i.temp_files).timeline, |row| &mut row.temp_files),
        (summed(draft, |i| &i.checkpoints.done).timeline, |row| &mut row.checkpoints),
        (summed(draft, |i| &i.maintenance.vacuums).timeline, |row| &mut row.vacuums),
    ];
    let mut whole = Timeline::default();
    timelines.iter().for_each(|(timeline, _)| whole.merge(timeline));
    let width_s = whole.width_for(MAX_ROWS);
    let width_us = width_s.saturating_mul(1_000_000);
    let mut rows: BTreeMap<i64, ActivityRow> = BTreeMap::new();
    for (at, (timeline, place)) in timelines.iter().enumerate() {
        for (start, slot) in timeline.slots() {
            let start = start.div_euclid(width_us).saturating_mul(width_us);
            let row = rows.entry(start).or_insert_with(|| empty(start));
            *place(row) += slot.calls;
            if at == 0 {
                row.total_ms += ms(slot.total_us);
            }
        }
    }
    let mut items: Vec<_> = rows.into_values().collect();
    items.iter_mut().for_each(|row| row.total_ms = (row.total_ms * 1e3).round() / 1e3);
    Activity { width_s, items }
}

fn empty(start: i64) -> ActivityRow {
    ActivityRow {
        at: At(Timestamp(start)),
        queries: 0,
        reads: 0,
        writes: 0,
        total_ms: 0.0,
        connections: 0,
        disconnections: 0,
        errors: 0,
        lock_waits: 0,
        temp_files: 0,
        checkpoints: 0,
        vacuums: 0,
    }
}

pub fn breakdown(draft: &Draft<'_>) -> Breakdown {
    let mut types: BTreeMap<&'static str, Share> = BTreeMap::new();
    let mut prepared = 0u64;
    let servers = || draft.evidence.facts.servers.iter();
    for server in servers() {
        for class in server.workload.classes().iter().filter(|class| class.stats.calls > 0) {
            let deed = deed::of(&class.fingerprint, server.engine.language());
            let sum = types.entry(deed.word).or_default();
            sum.calls += class.stats.calls;
            sum.total_us = sum.total_us.saturating_add(class.stats.total_us);
            prepared += class.prepared;
        }
    }
    let named = |of: fn(&Dimensions) -> &Tally| {
        let (mut sums, mut rest) = (BTreeMap::new(), Share::default());
        servers().for_each(|server| add(&mut sums, &mut rest, &server.workload, of));
        parts(draft, sums.into_iter().map(|(name, share)| (Some(name), share)), rest)
    };
    Breakdown {
        types: parts(
            draft,
            types.into_iter().map(|(verb, share)| (Some(verb.to_owned()), share)),
            Share::default(),
        ),
        databases: named(|who| &who.databases),
        users: named(|who| &who.users),
        hosts: named(|who| &who.hosts),
        apps: named(|who| &who.apps),
        prepared,
    }
}

fn add(
    sums: &mut BTreeMap<String, Share>,
    rest: &mut Share,
    workload: &Workload,
    of: fn(&Dimensions) -> &Tally,
) {
    let add = |sum: &mut Share, share: Share| {
        sum.calls += share.calls;
        sum.total_us = sum.total_us.saturating_add(share.total_us);
    };
    let tally = of(workload.who());
    for (name, share) in tally.ranked(workload.names()) {
        add(sums.entry(name.to_owned()).or_default(), share);
    }
    add(rest, tally.rest());
}

/// Most time first; last, without a name, what is not listed.
fn parts(
    draft: &Draft<'_>,
    sums: impl Iterator<Item = (Option<String>, Share)>,
    mut rest: Share,
) -> Vec<Origin> {
    let mut sums: Vec<_> = sums.collect();
    sums.sort_by_key(|(_, share)| Reverse((share.total_us, share.calls)));
    for (_, share) in sums.drain(MAX_NAMES.min(sums.len())..) {
        rest.calls += share.calls;
        rest.total_us = rest.total_us.saturating_add(share.total_us);
    }
    if rest.calls > 0 {
        sums.push((None, rest));
    }
    sums.into_iter()
        .map(|(name, share)| Origin {
            name,
            calls: share.calls,
            total_ms: ms(share.total_us),
            share: draft.share(share.total_us),
        })
        .collect()
}
