//! Connections and sessions.

use super::{connected, messages, pools, servers, statements};
use crate::model::event::Refusal;
use crate::model::facts::ServerFacts;
use crate::model::workload::Workload;
use crate::model::workload::concurrency::{self, Concurrency};
use crate::model::workload::histogram::Histogram;
use crate::model::workload::incidents::connections::Connections as Kept;
use crate::model::workload::incidents::occurrences::Occurrences;
use crate::model::workload::incidents::pool::PoolLog;
use crate::model::workload::tally::{Share, Tally};
use crate::report::build::{Draft, ms, overview, rounded_ms, rounded_share, trend};
use crate::report::types::{
    At, Connections, Count, LengthBand, Logging, Pool, Pooler, Sample, SessionShare,
};
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Names per list.
const MAX_NAMES: usize = 100;

/// All occurrences of one kind among some servers.
fn summed(among: &[&ServerFacts], of: fn(&Kept) -> &Occurrences) -> Occurrences {
    let mut sum = Occurrences::default();
    among.iter().for_each(|server| sum.merge(of(&server.workload.incidents().connections)));
    sum
}

pub fn connections(draft: &Draft<'_>, logging: &Logging) -> Connections {
    let among = &connected(draft);
    let known = |of| Some(summed(among, of).count).filter(|count| *count > 0);
    let received = known(|c| &c.received);
    let authorized = known(|c| &c.authorized);
    let ended = summed(among, |c| &c.disconnected);
    let ready = summed(among, |c| &c.ready);
    let came = summed(among, |c| &c.received);
    let minutes = overview::period(draft).seconds.map(|s| s / 60.0).filter(|m| *m > 0.0);
    let (mut lengths, mut open) = (Histogram::default(), Concurrency::default());
    let (mut pool, mut refusals) = (PoolLog::default(), BTreeMap::new());
    servers(draft).for_each(|(_, kept)| pool.merge(&kept.pool));
    let (mut encrypted, mut open_now) = (0, 0);
    for kept in among.iter().map(|server| &server.workload.incidents().connections) {
        lengths.merge(&kept.lengths);
        open.merge(&kept.open);
        encrypted += kept.encrypted;
        // Each server counts its own.
        open_now += kept.open_now;
        for (refusal, count) in &kept.refusals {
            *refusals.entry(*refusal).or_insert(0u64) += count;
        }
    }
    let samples = open.samples();
    let sessions = [
        ("user", (|k: &Kept| &k.sessions.users) as fn(&Kept) -> &Tally),
        ("database", |k| &k.sessions.databases),
        ("host", |k| &k.sessions.hosts),
        ("app", |k| &k.sessions.apps),
    ];
    let [mut by_user, mut by_host, by_app, by_database] = [
        either(among, |k| &k.established.users, |k| &k.authenticated_by_user),
        either(among, |k| &k.received_by_host, |k| &k.established.hosts),
        either(among, |k| &k.established.apps, |k| &k.introduced_by_app),
        counts(among, |k| &k.established.databases),
    ];
    let sessions = sessions.into_iter().flat_map(|(by, of)| shares(among, by, of));
    let sessions: Vec<_> = sessions.collect();
    let lists = [&by_user, &by_host, &by_app, &by_database];
    let of_runs = sessions.is_empty() && lists.iter().all(|list| list.is_empty());
    if of_runs {
        by_user = running_sessions(among, Workload::sessions_by_user);
        by_host = running_sessions(among, Workload::sessions_by_host);
    }
    let sampled_peak = samples.iter().map(|sample| sample.open).max();
    Connections {
        total: received,
        authenticated: known(|c| &c.authenticated),
        introduced: known(|c| &c.introduced),
        drivers: counts(among, |k| &k.drivers),
        systems: counts(among, |k| &k.systems),
        authorized,
        encrypted: authorized.map(|_| encrypted),
        disconnected: known(|c| &c.disconnected),
        refused: summed(among, |c| &c.refused).count,
        refusals: Refusal::ALL
            .into_iter()
            .filter_map(|why| Some((why, *refusals.get(&why)?)))
            .map(|(why, count)| Count { name: why.word().to_owned(), count })
            .collect(),
        methods: counts(among, |k| &k.methods),
        setup_ms: mean(ready.sum, ready.count).map(rounded_ms),
        peak_concurrent: sampled_peak.or(Some(open_now).filter(|most| *most > 0)),
        p95_concurrent: percentile(&samples, samples.len() as u64, 95),
        sampled_every_s: (!samples.is_empty()).then(|| open.width_s()),
        churn_per_minute: received.zip(minutes).map(|(n, m)| rounded_share(n as f64 / m)),
        timeouts: pools::timeouts(draft),
        terminated: messages::terminated(draft),
        session_mean_ms: mean(ended.sum, ended.count).filter(|_| ended.sum > 0).map(rounded_ms),
        session_p50_ms: lengths.quantile_us(0.50).map(rounded_ms),
        session_p95_ms: lengths.quantile_us(0.95).filter(|_| ended.count >= 20).map(rounded_ms),
        session_max_ms: (ended.max > 0).then(|| ms(ended.max)),
        session_lengths: bands(&lengths),
        by_user,
        by_host,
        by_app,
        by_database,
        names_count: if of_runs { "sessions" } else { "connections" },
        sessions,
        statements: statements::running(draft, logging),
        samples: samples
            .into_iter()
            .map(|sample| Sample {
                at: At(Timestamp(sample.at_us)),
                pool: None,
                total: sample.open,
                active: None,
                idle: None,
                idle_in_transaction: (),
                waiting: None,
                max: None,
            })
            .chain(pools::samples(draft))
            .collect(),
        pools: pools::pools(draft),
        applications: pools::applications(draft),
        pooler: pooler(&pool),
        pool: Pool::default(),
        trend: trend::of_occurrences(draft, &came.timeline),
    }
}

fn mean(sum: u64, count: u64) -> Option<f64> {
    (count > 0).then(|| sum as f64 / count as f64)
}

/// The smallest number that so many in a hundred samples do not exceed; of too few none is told.
/// Those of all samples that are not given are zero.
pub fn percentile(samples: &[concurrency::Sample], of_all: u64, percent: u64) -> Option<u64> {
    if of_all < 20 {
        return None;
    }
    let mut numbers: Vec<u64> = samples.iter().map(|sample| sample.open).collect();
    numbers.sort_unstable();
    let zeros = of_all.saturating_sub(numbers.len() as u64);
    let rank = of_all.saturating_mul(percent).div_ceil(100);
    let given = rank.saturating_sub(zeros);
    Some(given.checked_sub(1).and_then(|at| numbers.get(at as usize)).copied().unwrap_or(0))
}

/// The shares of one dimension among some servers, most first.
fn summed_names(among: &[&ServerFacts], of: fn(&Kept) -> &Tally) -> Vec<(String, Share)> {
    let mut sums: BTreeMap<String, Share> = BTreeMap::new();
    for workload in among.iter().map(|server| &server.workload) {
        for (name, share) in of(&workload.incidents().connections).ranked(workload.names()) {
            let sum = sums.entry(name.to_owned()).or_default();
            sum.calls += share.calls;
            sum.total_us = sum.total_us.saturating_add(share.total_us);
        }
    }
    let mut sums: Vec<_> = sums.into_iter().collect();
    sums.sort_by_key(|(_, share)| Reverse((share.calls, share.total_us)));
    sums.truncate(MAX_NAMES);
    sums
}

fn counts(among: &[&ServerFacts], of: fn(&Kept) -> &Tally) -> Vec<Count> {
    let names = summed_names(among, of).into_iter();
    names.map(|(name, share)| Count { name, count: share.calls }).collect()
}

/// By what one kind of line says, or where none does, another kind. Authorized connections do not
/// name their host in every prefix, those that came in do; MongoDB authorizes nobody, but clients
/// say who they are.
fn either(
    among: &[&ServerFacts],
    first: fn(&Kept) -> &Tally,
    second: fn(&Kept) -> &Tally,
) -> Vec<Count> {
    let named = counts(among, first);
    if named.is_empty() { counts(among, second) } else { named }
}

/// Where no line tells of connections: the sessions that ran something, by name, most first.
fn running_sessions(among: &[&ServerFacts], of: fn(&Workload) -> Vec<(&str, u64)>) -> Vec<Count> {
    let mut sums: BTreeMap<&str, u64> = BTreeMap::new();
    for (name, count) in among.iter().flat_map(|server| of(&server.workload)) {
        *sums.entry(name).or_default() += count;
    }
    let named = sums.into_iter().map(|(name, count)| Count { name: name.to_owned(), count });
    let mut counts: Vec<_> = named.collect();
    counts.sort_by_key(|count| Reverse(count.count));
    counts.truncate(MAX_NAMES);
    counts
}

fn shares(among: &[&ServerFacts], by: &'static str, of: fn(&Kept) -> &Tally) -> Vec<SessionShare> {
    let names = summed_names(among, of).into_iter();
    names
        .map(|(name, share)| SessionShare {
            by,
            name,
            count: share.calls,
            total_ms: ms(share.total_us),
        })
        .collect()
}

/// Sessions by length, in bands that people know.
fn bands(lengths: &Histogram) -> Vec<LengthBand> {
    const EDGES: [(&str, f64); 8] = [
        ("under 1 s", 1e6),
        ("1 to 10 s", 1e7),
        ("10 s to 1 min", 6e7),
        ("1 to 10 min", 6e8),
        ("10 min to 1 h", 3.6e9),
        ("1 to 8 h", 2.88e10),
        ("8 to 24 h", 8.64e10),
        ("1 day and more", f64::INFINITY),
    ];
    let mut counts = [0u64; EDGES.len()];
    for bucket in lengths.buckets() {
        let at = EDGES.iter().position(|(_, edge)| bucket.mean_us() < *edge);
        counts[at.unwrap_or(EDGES.len() - 1)] += bucket.count;
    }
    let bands = EDGES.iter().zip(counts);
    bands
        .filter(|(_, count)| *count > 0)
        .map(|((label, _), count)| LengthBand { label, count })
        .collect()
}

fn pooler(pool: &PoolLog) -> Option<Pooler> {
    let lines = pool.queries.count;
    let per_line = |sum: u64| (sum as f64 / lines.max(1) as f64 * 1e3).round() / 1e3;
    (lines > 0).then(|| Pooler {
        lines,
        transactions_per_s: mean(pool.transactions.sum.sum, pool.transactions.lines)
            .map(|per_s| (per_s * 1e3).round() / 1e3),
        queries_per_s: per_line(pool.queries.sum),
        max_queries_per_s: pool.queries.max,
        in_bytes_per_s: per_line(pool.in_bytes.sum),
        out_bytes_per_s: per_line(pool.out_bytes.sum),
        transaction_ms: mean(pool.transaction_us.sum.sum, pool.transaction_us.lines)
            .map(rounded_ms),
        query_ms: rounded_ms(pool.query_us.sum as f64 / lines as f64),
        wait_ms: mean(pool.waits.sum, pool.waits.count).map(rounded_ms),
        max_wait_ms: (pool.waits.count > 0).then(|| ms(pool.waits.max)),
    })
}
