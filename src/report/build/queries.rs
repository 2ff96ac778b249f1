//! The classes that are shown: what a report says about each, and their plans.

use super::overview::{histogram, times};
use super::{Draft, at, attributes, ms, operations, plans, ranking, trend};
use crate::judge::advice::explain;
use crate::judge::evidence::ClassEvidence;
use crate::lang::deed;
use crate::lang::id::QueryId;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::pt::{pt_fingerprint_of_masked, pt_id};
use crate::model::event::Known;
use crate::model::workload::class::Class;
use crate::model::workload::examples::Example as Kept;
use crate::model::workload::tally::{Names, Tally};
use crate::report::types::{CountAndTime, Example, Explain, Found, Named, Plan, Query, Ranking};
use std::collections::BTreeSet;

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
    /// Plans of no class that are left out.
    pub plans_omitted: usize,
}

pub fn choose(draft: &Draft<'_>, findings: &[Found]) -> Chosen {
    let (mut places, rankings) = ranking::rank(draft);
    of_findings(draft, findings).into_iter().for_each(|class| {
        places.of(class);
    });
    let mut seen_us = 0u64;
    let mut queries = Vec::with_capacity(places.classes.len());
    for class in &places.classes {
        let class = &draft.evidence.classes[*class];
        seen_us = seen_us.saturating_add(class.class.stats.total_us);
        let mut query = query(draft, class, seen_us);
        query.outlier = (places.asked - places.outliers..places.asked).contains(&queries.len());
        queries.push(query);
    }
    let (plans, plans_omitted) = plans::choose(draft, &mut queries, findings);
    let also_shown = queries.split_off(places.asked);
    Chosen { queries, also_shown, rankings, plans, plans_omitted }
}

/// What the server itself counted of a class.
fn counted(class: &Class) -> Option<CountAndTime> {
    let counted = class.counters().sum();
    let sum = || CountAndTime { count: counted.calls, total_ms: ms(counted.total_us) };
    (counted.calls > 0).then(sum)
}

/// What shows the plan of a class, where none was seen.
fn explain_of(class: &ClassEvidence<'_>) -> Option<Explain> {
    let seen = class.class.plans().slowest().is_some();
    let command = explain::command(class).filter(|_| !seen)?;
    Some(Explain { note: explain::note(class, &command), command })
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
    let sum = |known| attributes::sum(numbers.attributes(), known);
    let id = numbers.id.to_string();
    let rank = draft.evidence.facts.servers.iter().position(|s| s.label == server.label);
    let anchor = match rank {
        Some(rank) if draft.several_servers() => format!("q{}-{id}", rank + 1),
        _ => format!("q-{id}"),
    };
    Query {
        id,
        pt_id: draft.options.pt_ids.then(|| pt_id_of(class)).flatten(),
        engine: server.engine,
        server: server.label.clone(),
        fingerprint: numbers.fingerprint.to_string(),
        truncated: numbers.truncated,
        verb: deed::of(&numbers.fingerprint, server.engine.language()).word,
        tables: shape.tables.iter().map(|t| t.name.clone()).collect(),
        counted: counted(numbers),
        calls: stats.calls,
        timed: stats.timed,
        total_ms: ms(stats.total_us),
        times: times(stats),
        share: draft.share(stats.total_us),
        cumulative_share: draft.share(seen_us),
        estimated: attributes::estimated(stats),
        outlier: false,
        rows_sent: sum(Known::RowsSent).or_else(|| sum(Known::Returned)),
        rows_examined: sum(Known::RowsExamined).or_else(|| sum(Known::DocsExamined)),
        lock_ms: sum(Known::LockTime).map(ms),
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
        explain: explain_of(class),
        samples: numbers.examples.sampled().map(|kept| example(draft, kept)).collect(),
        attributes: attributes::attributes(numbers, names),
        spent: operations::spent(numbers.attributes(), stats.timed, stats.total_us),
        plans: Vec::new(),
        findings: Vec::new(),
        trend: trend::of_runs(draft, &stats.timeline),
        anchor,
    }
}

/// The id that pt-query-digest gives to the slowest example, or to the first that is whole.
fn pt_id_of(class: &ClassEvidence<'_>) -> Option<String> {
    let numbers = class.class;
    if numbers.truncated || class.server.engine.dialect() != Some(Dialect::Mysql) {
        return None;
    }
    let mut examples = numbers.examples.slowest().into_iter().chain(numbers.examples.sampled());
    examples.find_map(|kept| pt_fingerprint_of_masked(&kept.text)).map(|text| pt_id(&text))
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
