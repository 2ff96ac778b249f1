//! Inputs, servers, period, coverage, thresholds, totals and the load as a whole.

use super::queries::Chosen;
use super::{Draft, at, attributes, ms, plans, rounded_ms, rounded_share, trend};
use crate::model::catalog::{Catalog, CpuUse};
use crate::model::event::Known;
use crate::model::facts::{InputFacts, ServerFacts};
use crate::model::workload::Workload;
use crate::model::workload::class::PhaseStats;
use crate::model::workload::stats::{Stats, smaller};
use crate::report::types::{
    At, Bucket, CountAndTime, Coverage, CpuBusy, Input, Load, Logging, Period, Server,
    ServerLogging, Times, Totals,
};
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// A log whose shortest run is at least this long was probably cut by a threshold …
const CUT_FROM_US: u64 = 5_000;
/// … if it has so many timed runs: a busy server always has short ones.
const CUT_MIN_RUNS: u64 = 30;
/// From so many runs on that all examined rows, a limit on rows may have kept others out.
const ROWS_MIN_RUNS: u64 = 100;
/// The busiest interval is at least so many times as long as the longest run.
const PEAK_RUNS: i64 = 10;

pub fn inputs(draft: &Draft<'_>) -> Vec<Input> {
    draft
        .evidence
        .facts
        .inputs
        .iter()
        .map(|input| Input {
            path: input.path.clone(),
            kind: input.kind,
            format: input.format,
            engine: input.engine,
            server: input.server.clone(),
            bytes: input.bytes,
            records: input.records,
            events: input.events,
            skipped_records: input.skipped_records,
            skipped_bytes: input.skipped_bytes,
            first: at(input.first),
            last: at(input.last),
            duplicate_of: input.duplicate_of.clone(),
            problems: input.problems.clone(),
            notes: input.notes.clone(),
        })
        .collect()
}

pub fn servers(draft: &Draft<'_>) -> Vec<Server> {
    draft
        .evidence
        .facts
        .servers
        .iter()
        .map(|server| {
            let state = server.catalog.server.as_ref().map(|told| &told.value);
            let told = state.and_then(|state| state.version.as_deref());
            let role = |is_replica| if is_replica { "replica" } else { "primary" };
            Server {
                label: server.label.clone(),
                engine: server.engine,
                version: server.workload.version().or(told).map(str::to_owned),
                role: state.and_then(|state| state.is_replica).map(role),
                counted: server.is_counted,
                cpu_busy: server.catalog.cpu.as_ref().map(cpu_busy),
                redis_hit_share: redis_hit_share(&server.catalog),
            }
        })
        .collect()
}

fn cpu_busy(cpu: &CpuUse) -> CpuBusy {
    let share = |share: f64| (share * 1e4).round() / 1e4;
    CpuBusy {
        samples: cpu.samples,
        mean_share: share(cpu.mean_share()),
        max_share: share(cpu.max_share()),
        max_at: at(cpu.max_at),
        first: at(cpu.first),
        last: at(cpu.last),
    }
}

/// Of all look-ups since the cache started.
fn redis_hit_share(catalog: &Catalog) -> Option<f64> {
    let last = |name: &str| catalog.counters.get(name).map(|series| series.last.value.max(0.0));
    let (hits, misses) = last("redis.keyspace_hits").zip(last("redis.keyspace_misses"))?;
    let all = hits + misses;
    (all > 0.0).then(|| (hits / all * 1e4).round() / 1e4)
}

/// The inputs that count: copies and other views do not.
fn counted<'a>(draft: &'a Draft<'_>) -> impl Iterator<Item = &'a InputFacts> {
    draft.evidence.facts.inputs.iter().filter(|i| i.duplicate_of.is_none())
}

pub fn period(draft: &Draft<'_>) -> Period {
    let (first, last) = bounds(draft);
    let us = first.zip(last).map(|(first, last)| last.0.saturating_sub(first.0));
    Period { first: at(first), last: at(last), seconds: us.map(|us| (us / 1000) as f64 / 1e3) }
}

/// First and last time of the inputs, or of what passed the filters where they cut the time.
fn bounds(draft: &Draft<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
    let cut = ["since", "until"].iter().any(|name| draft.options.recorded.contains_key(*name));
    if cut {
        return (draft.overall.first, draft.overall.last);
    }
    (counted(draft).filter_map(|i| i.first).min(), counted(draft).filter_map(|i| i.last).max())
}

pub fn coverage(draft: &Draft<'_>) -> Coverage {
    let sum = |of: fn(&InputFacts) -> u64| {
        counted(draft).fold(0u64, |sum, input| sum.saturating_add(of(input)))
    };
    let (bytes, skipped) = (sum(|i| i.bytes), sum(|i| i.skipped_bytes));
    let understood = bytes.saturating_sub(skipped) as f64 / bytes.max(1) as f64;
    // Rounded down: only what was understood to the last byte may say 1.
    Coverage { bytes_understood: (bytes > 0).then(|| (understood * 1e6).floor() / 1e6) }
}

pub fn logging(draft: &Draft<'_>) -> Logging {
    let servers: Vec<ServerLogging> =
        draft.evidence.facts.servers.iter().map(server_logging).collect();
    let threshold_ms = servers.iter().filter_map(|server| server.threshold_ms).reduce(f64::max);
    Logging {
        threshold_ms,
        assumed: threshold_ms.is_some(),
        untimed: draft.overall.calls.saturating_sub(draft.overall.timed),
        servers,
    }
}

fn server_logging(server: &ServerFacts) -> ServerLogging {
    let stats = server.workload.overall();
    let shortest = stats.min_us.filter(|us| *us >= CUT_FROM_US && stats.timed >= CUT_MIN_RUNS);
    // Of all classes together: one that reads much is no sign of a limit.
    let (mut records, mut least) = (0u64, None);
    for class in server.workload.classes() {
        if let Some(rows) = class.attributes().numbers(Known::RowsExamined) {
            records += rows.records;
            least = smaller(least, rows.min);
        }
    }
    let estimate = stats.estimate();
    let cut = server.workload.classes().iter().filter(|class| class.truncated);
    ServerLogging {
        server: server.label.clone(),
        engine: server.engine,
        threshold_ms: shortest.map(ms),
        untimed: stats.calls.saturating_sub(stats.timed),
        min_rows_examined: least.filter(|least| *least > 0 && records >= ROWS_MIN_RUNS),
        one_in: (estimate.one_in > 1).then_some(estimate.one_in),
        truncated: cut.map(|class| class.stats.calls).sum(),
    }
}

pub fn totals(draft: &Draft<'_>, chosen: &Chosen) -> Totals {
    let servers = &draft.evidence.facts.servers;
    let sum = |of: fn(&Workload) -> u64| {
        servers.iter().fold(0u64, |sum, server| sum.saturating_add(of(&server.workload)))
    };
    let sessions = sum(|w| w.sessions().count());
    let classes = draft.evidence.classes.len();
    Totals {
        queries: draft.overall.calls,
        classes,
        total_ms: ms(draft.overall.total_us),
        errors: sum(|w| w.incidents().messages.errors.count),
        failed: sum(|w| w.classes().iter().map(|class| class.troubles().errors).sum()),
        slow_queries: draft.overall.slow,
        sessions: (sessions > 0).then_some(sessions),
        queries_omitted: classes.saturating_sub(chosen.queries.len()),
        plans_omitted: chosen.plans_omitted,
        estimated: attributes::estimated(&draft.overall),
        suppressed: phases(draft, Workload::suppressed),
    }
}

pub fn load(draft: &Draft<'_>) -> Load {
    let overall = &draft.overall;
    let timeline = trend::slots(draft, overall);
    let width_s = overall.timeline.width_s();
    let peak = busiest(overall);
    let busy = |us: u64, width_s: f64| rounded_share(us as f64 / (width_s * 1e6));
    let seconds = period(draft).seconds.filter(|s| *s > 0.0 && overall.total_us > 0);
    let (untold, first_unread) = plans::untold(draft);
    let mut folded = Stats::default();
    draft.evidence.facts.servers.iter().for_each(|s| folded.merge(s.workload.folded()));
    Load {
        times: times(overall),
        busy_average: seconds.map(|s| busy(overall.total_us, s)),
        busy_peak: peak.map(|peak| busy(peak.total_us, peak.width_s as f64)),
        busy_peak_at: peak.map(|peak| At(peak.at)),
        busy_peak_width_s: peak.map(|peak| peak.width_s),
        timeline_width_s: width_s,
        timeline,
        histogram: histogram(overall),
        parse: phases(draft, Workload::parse),
        bind: phases(draft, Workload::bind),
        unmatched_durations: phases(draft, Workload::orphans),
        plans: phases(draft, Workload::plans),
        plans_folded: untold.folded,
        plans_unread: untold.unread,
        first_unread,
        folded: CountAndTime { count: folded.calls, total_ms: ms(folded.total_us) },
        trend: trend::of_runs(draft, &overall.timeline),
        bands: trend::bands(draft),
        hours: trend::hours(draft),
    }
}

/// A number of things and their time over all servers.
fn phases(draft: &Draft<'_>, of: fn(&Workload) -> PhaseStats) -> CountAndTime {
    let mut sum = PhaseStats::default();
    for server in &draft.evidence.facts.servers {
        let one = of(&server.workload);
        sum.count += one.count;
        sum.total_us = sum.total_us.saturating_add(one.total_us);
    }
    CountAndTime { count: sum.count, total_ms: ms(sum.total_us) }
}

/// The busiest interval of a timeline.
#[derive(Clone, Copy)]
struct Peak {
    at: Timestamp,
    width_s: i64,
    total_us: u64,
}

/// The first of the busiest intervals. A run counts where it ends, so an interval must be much
/// longer than any run for this to be near the truth; `None` where that leaves fewer than two.
fn busiest(overall: &Stats) -> Option<Peak> {
    let longest_s = i64::try_from(overall.max_us / 1_000_000).ok()?;
    let slot_s = overall.timeline.width_s();
    let slots = (longest_s.saturating_mul(PEAK_RUNS) / slot_s).checked_add(1)?;
    let width_s = slot_s.checked_mul(slots)?;
    let width_us = width_s.checked_mul(1_000_000)?;
    let mut sums: BTreeMap<i64, u64> = BTreeMap::new();
    for (at, slot) in overall.timeline.slots() {
        let sum = sums.entry(at.div_euclid(width_us)).or_default();
        *sum = sum.saturating_add(slot.total_us);
    }
    let (number, total_us) = sums.iter().min_by_key(|(at, us)| (Reverse(**us), **at))?;
    let peak =
        Peak { at: Timestamp(number.saturating_mul(width_us)), width_s, total_us: *total_us };
    (sums.len() > 1 && *total_us > 0).then_some(peak)
}

/// What the durations of some runs look like.
pub fn times(stats: &Stats) -> Times {
    Times {
        mean_ms: stats.mean_us().map(rounded_ms),
        min_ms: stats.min_us.map(ms),
        max_ms: stats.min_us.map(|_| ms(stats.max_us)),
        stddev_ms: stats.stddev_us().map(rounded_ms),
        p50_ms: stats.p50_us().map(rounded_ms),
        p95_ms: stats.p95_us().map(rounded_ms),
        p99_ms: stats.p99_us().map(rounded_ms),
    }
}

/// Runs by duration.
pub fn histogram(stats: &Stats) -> Vec<Bucket> {
    let buckets = stats.histogram.buckets();
    buckets.iter().map(|b| Bucket { le_ms: ms(b.upper_us()), count: b.count }).collect()
}
