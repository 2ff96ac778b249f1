//! Which classes are shown, and what of them: rankings, the queries themselves, their plans, and
//! runs grouped by another dimension.

use super::overview::{histogram, times};
use super::{Draft, at, ms, trend};
use crate::judge::evidence::ClassEvidence;
use crate::lang::id::QueryId;
use crate::model::workload::class::PhaseStats;
use crate::model::workload::examples::Example as Kept;
use crate::model::workload::stats::Stats;
use crate::model::workload::tally::{Names, Tally};
use crate::report::options::{GroupBy, OrderBy};
use crate::report::types::{
    Attribute, Example, Found, Group, Groups, Named, Plan, Query, Ranking, Rest,
};
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

/// Most rows of a ranking in a document; the JSON report has no such limit.
const MAX_ROWS: usize = 100;
/// Classes with fewer timed runs are not ranked by mean.
const MEAN_MIN_RUNS: u64 = 5;
/// A tag with so few values is a dimension, however seldom they come.
const FEW_VALUES: usize = 5;
/// Most classes that are shown only because a finding is about them.
const MAX_FROM_FINDINGS: usize = 200;

/// The classes that are shown.
pub struct Chosen {
    pub queries: Vec<Query>,
    pub also_shown: Vec<Query>,
    pub rankings: Vec<Ranking>,
    pub plans: Vec<Plan>,
}

pub fn choose(draft: &Draft<'_>, findings: &[Found]) -> Chosen {
    let order = ranked(draft, draft.options.order_by);
    let asked = shown(draft, &order, draft.options.order_by);
    let mut by_class: BTreeMap<usize, usize> = BTreeMap::new();
    let mut places: Vec<usize> = Vec::new();
    let mut place_of = |class: usize| {
        *by_class.entry(class).or_insert_with(|| {
            places.push(class);
            places.len() - 1
        })
    };
    order[..asked].iter().for_each(|class| {
        place_of(*class);
    });
    let mut kinds = vec![OrderBy::Total, OrderBy::Mean, OrderBy::Calls];
    if !kinds.contains(&draft.options.order_by) {
        kinds.insert(0, draft.options.order_by);
    }
    let rankings = kinds
        .into_iter()
        .map(|by| {
            let mut order = ranked(draft, by);
            if by == OrderBy::Mean {
                order.retain(|at| draft.evidence.classes[*at].class.stats.timed >= MEAN_MIN_RUNS);
            }
            order.truncate(shown(draft, &order, by).min(MAX_ROWS));
            let rest = rest(draft, order.iter().map(|at| &draft.evidence.classes[*at].class.stats));
            Ranking { by: words(by), rows: order.into_iter().map(&mut place_of).collect(), rest }
        })
        .collect();
    of_findings(draft, findings).into_iter().for_each(|class| {
        place_of(class);
    });

    let mut seen_us = 0u64;
    let (mut queries, mut plans) = (Vec::with_capacity(places.len()), Vec::new());
    for class in &places {
        let class = &draft.evidence.classes[*class];
        seen_us = seen_us.saturating_add(class.class.stats.total_us);
        let mut query = query(draft, class, seen_us);
        if let Some(plan) = plan(draft, class, &query) {
            query.plans.push(plan.id.clone());
            plans.push(plan);
        }
        queries.push(query);
    }
    let also_shown = queries.split_off(asked);
    Chosen { queries, also_shown, rankings, plans }
}

/// What a ranking is by, as its heading says.
fn words(by: OrderBy) -> &'static str {
    match by {
        OrderBy::Total => "total time",
        OrderBy::Calls => "calls",
        OrderBy::Mean => "mean time (five calls or more)",
        OrderBy::P95 => "p95",
        OrderBy::Max => "longest run",
    }
}

/// Places in the evidence, best first. The evidence itself is in order of total time, which also
/// breaks ties: the sort is stable.
fn ranked(draft: &Draft<'_>, by: OrderBy) -> Vec<usize> {
    let classes = &draft.evidence.classes;
    let stats = |at: &usize| &classes[*at].class.stats;
    let mut order: Vec<usize> = (0..classes.len()).collect();
    match by {
        OrderBy::Total => {}
        OrderBy::Calls => order.sort_by_key(|at| Reverse(stats(at).calls)),
        OrderBy::Max => order.sort_by_key(|at| Reverse(stats(at).max_us)),
        OrderBy::Mean => order.sort_by(|a, b| {
            let (a, b) = (stats(a), stats(b));
            let few = |s: &Stats| s.timed < MEAN_MIN_RUNS;
            let product =
                |x: &Stats, y: &Stats| u128::from(x.total_us) * u128::from(y.timed.max(1));
            few(a).cmp(&few(b)).then(product(b, a).cmp(&product(a, b)))
        }),
        // The bits of numbers that are not negative are in the order of the numbers.
        OrderBy::P95 => {
            order.sort_by_cached_key(|at| Reverse(stats(at).p95_us().map(|us| us.to_bits())))
        }
    }
    order
}

/// How many of some ranked classes `--top` shows.
fn shown(draft: &Draft<'_>, order: &[usize], by: OrderBy) -> usize {
    let calls = by == OrderBy::Calls || draft.overall.total_us == 0;
    draft.options.top.shown(order.iter().map(|at| {
        let stats = &draft.evidence.classes[*at].class.stats;
        if calls { stats.calls } else { stats.total_us }
    }))
}

/// What a table leaves out, folded classes included.
fn rest<'s>(draft: &Draft<'_>, shown: impl Iterator<Item = &'s Stats>) -> Rest {
    let (mut members, mut calls, mut total_us) =
        (draft.evidence.classes.len(), draft.overall.calls, draft.overall.total_us);
    for stats in shown {
        members = members.saturating_sub(1);
        calls = calls.saturating_sub(stats.calls);
        total_us = total_us.saturating_sub(stats.total_us);
    }
    Rest { members, calls, total_ms: ms(total_us), share: draft.share(total_us) }
}

/// The classes that findings are about, in the order of the evidence.
fn of_findings(draft: &Draft<'_>, findings: &[Found]) -> Vec<usize> {
    let wanted: BTreeSet<(QueryId, &str)> = findings
        .iter()
        .filter_map(|f| {
            let id = f.finding.subject.query_id.as_deref()?.parse().ok()?;
            Some((id, f.finding.server.as_str()))
        })
        .take(MAX_FROM_FINDINGS)
        .collect();
    let classes = draft.evidence.classes.iter().enumerate();
    classes
        .filter(|(_, c)| wanted.contains(&(c.class.id, c.server.label.as_str())))
        .map(|(at, _)| at)
        .collect()
}

fn query(draft: &Draft<'_>, class: &ClassEvidence<'_>, seen_us: u64) -> Query {
    let ClassEvidence { server, class: numbers, shape, .. } = class;
    let names = server.workload.names();
    let (stats, troubles) = (&numbers.stats, numbers.troubles());
    let id = numbers.id.to_string();
    let rank = draft.evidence.facts.servers.iter().position(|s| s.label == server.label);
    let anchor = match rank {
        Some(rank) if draft.several_servers() => format!("q{}-{id}", rank + 1),
        _ => format!("q-{id}"),
    };
    let steps = [("parse_ms", numbers.parse), ("bind_ms", numbers.bind)];
    Query {
        id,
        engine: server.engine,
        server: server.label.clone(),
        fingerprint: numbers.fingerprint.to_string(),
        truncated: numbers.truncated,
        verb: shape.verb.word(),
        tables: shape.tables.iter().map(|t| t.name.clone()).collect(),
        calls: stats.calls,
        timed: stats.timed,
        total_ms: ms(stats.total_us),
        times: times(stats),
        share: draft.share(stats.total_us),
        cumulative_share: draft.share(seen_us),
        rows_sent: (),
        rows_examined: (),
        lock_ms: (),
        errors: troubles.errors,
        cancelled: troubles.cancelled,
        timeouts: troubles.timeouts,
        lost_ms: ms(numbers.lost_us()),
        prepared: numbers.prepared,
        temp_files: troubles.temp_files.count,
        temp_bytes: troubles.temp_files.total_bytes,
        lock_waits: troubles.lock_waits.count,
        lock_wait_ms: ms(troubles.lock_waits.total_us),
        databases: named(&numbers.who.databases, names),
        users: named(&numbers.who.users, names),
        hosts: named(&numbers.who.hosts, names),
        apps: named(&numbers.who.apps, names),
        tags: numbers
            .tags
            .iter()
            .filter(|(_, tally)| !is_scattered(tally, names))
            .map(|(key, t)| (key.to_string(), named(t, names)))
            .collect(),
        folded_names: [
            ("databases", &numbers.who.databases),
            ("users", &numbers.who.users),
            ("hosts", &numbers.who.hosts),
            ("apps", &numbers.who.apps),
        ]
        .into_iter()
        .map(|(key, tally)| (key, tally.rest().calls))
        .filter(|(_, calls)| *calls > 0)
        .collect(),
        server_query_ids: numbers.server_ids.keys().map(i64::to_string).collect(),
        first: at(stats.first),
        last: at(stats.last),
        timeline: trend::slots(draft, stats),
        histogram: histogram(stats),
        example: numbers.examples.slowest().map(|kept| example(draft, kept)),
        samples: numbers.examples.sampled().map(|kept| example(draft, kept)).collect(),
        attributes: steps
            .into_iter()
            .filter(|(_, step)| step.count > 0)
            .map(|(name, step)| (name, attribute(step)))
            .collect(),
        plans: Vec::new(),
        findings: Vec::new(),
        trend: trend::of_runs(draft, &stats.timeline),
        anchor,
    }
}

fn attribute(step: PhaseStats) -> Attribute {
    Attribute { count: step.count, sum: ms(step.total_us), max: None, p95: None }
}

fn named(tally: &Tally, names: &Names) -> Vec<Named> {
    let ranked = tally.ranked(names).into_iter();
    ranked.map(|(name, share)| Named { name: name.to_owned(), calls: share.calls }).collect()
}

/// Whether a tag has a value of its own for nearly every run, as a trace id has.
fn is_scattered(tally: &Tally, names: &Names) -> bool {
    let values = tally.ranked(names);
    let calls: u64 = values.iter().map(|(_, share)| share.calls).sum();
    tally.rest().calls > 0 || (values.len() > FEW_VALUES && calls < 2 * values.len() as u64)
}

fn example(draft: &Draft<'_>, kept: &Kept) -> Example {
    Example {
        text: kept.text.to_string(),
        parameters: kept.parameters.as_ref().map(ToString::to_string),
        duration_ms: kept.run.duration_us.map(ms),
        at: at(kept.run.time),
        tags: kept.tags.iter().map(|(key, value)| (key.to_string(), value.to_string())).collect(),
        source: draft.evidence.source(kept),
    }
}

fn plan(draft: &Draft<'_>, class: &ClassEvidence<'_>, query: &Query) -> Option<Plan> {
    let plans = &class.class.plans;
    let slowest = plans.slowest.as_ref()?;
    let id = match draft.several_servers() {
        true => format!("{}/{}", query.server, query.id),
        false => query.id.clone(),
    };
    Some(Plan {
        id,
        engine: query.engine,
        server: query.server.clone(),
        query_id: query.id.clone(),
        source: draft.evidence.facts.source(slowest.place),
        total_ms: ms(slowest.duration_us),
        nodes: (),
        tree: (),
        findings: [],
        format: slowest.format,
        text: slowest.text.to_string(),
        count: plans.count,
    })
}

/// Runs by another dimension: tables and verbs are merged from the classes, all others were counted
/// while reading. Servers stay apart.
pub fn groups(draft: &Draft<'_>) -> Option<Groups> {
    let mut merged: BTreeMap<(&str, Option<String>), Stats> = BTreeMap::new();
    match &draft.options.group_by {
        GroupBy::Fingerprint => return None,
        GroupBy::Tables | GroupBy::Verb => {
            for class in &draft.evidence.classes {
                let name = match &draft.options.group_by {
                    GroupBy::Verb => Some(class.shape.verb.word().to_owned()),
                    _ => table_names(class),
                };
                merged.entry((&class.server.label, name)).or_default().merge(&class.class.stats);
            }
            for server in &draft.evidence.facts.servers {
                let folded = server.workload.folded();
                if folded.calls > 0 {
                    merged.entry((&server.label, None)).or_default().merge(folded);
                }
            }
        }
        GroupBy::Key(_) => {
            for server in &draft.evidence.facts.servers {
                for (name, stats) in server.workload.groups().ranked() {
                    let key = (server.label.as_str(), name.map(str::to_owned));
                    merged.entry(key).or_default().merge(stats);
                }
            }
        }
    }
    let mut members: Vec<_> = merged.into_iter().collect();
    members.sort_by_key(|(_, stats)| Reverse((stats.total_us, stats.calls)));
    let timed = draft.overall.total_us > 0;
    let weight = |s: &Stats| if timed { s.total_us } else { s.calls };
    let shown = draft.options.top.shown(members.iter().map(|(_, s)| weight(s)));
    let mut rest = rest(draft, members[..shown].iter().map(|(_, stats)| stats));
    rest.members = members.len() - shown;
    let items = members.into_iter().take(shown).map(|((server, name), stats)| Group {
        server: server.to_owned(),
        name,
        calls: stats.calls,
        total_ms: ms(stats.total_us),
        times: times(&stats),
        share: draft.share(stats.total_us),
    });
    Some(Groups { by: draft.options.group_by.to_string(), items: items.collect(), rest })
}

/// The tables of a class as one name, each once and in order of the alphabet.
fn table_names(class: &ClassEvidence<'_>) -> Option<String> {
    let names: BTreeSet<&str> = class.shape.tables.iter().map(|t| t.name.as_str()).collect();
    (!names.is_empty()).then(|| Vec::from_iter(names).join(", "))
}
