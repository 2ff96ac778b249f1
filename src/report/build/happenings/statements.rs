//! Statements that ran at once.

use super::connections::percentile;
use crate::model::workload::concurrency::{Concurrency, Sample};
use crate::report::build::{Draft, overview, rounded_share, trend};
use crate::report::types::{At, Interval, Logging, Running};
use crate::time::Timestamp;
use std::cmp::Reverse;

/// What the boundaries within the period show; `None` where there are none, or where no run has both
/// a time and a duration. Before the period nothing was logged but the runs that reach into it.
pub fn running(draft: &Draft<'_>, logging: &Logging) -> Option<Running> {
    let mut all = Concurrency::default();
    for server in &draft.evidence.facts.servers {
        all.merge(&server.workload.running().statements);
    }
    let period = overview::period(draft);
    let (first_us, last_us) = (period.first?.0.0, period.last?.0.0);
    let width_us = all.width_s() * 1_000_000;
    let before = first_us.saturating_sub(1).div_euclid(width_us);
    let boundaries = u64::try_from(last_us.div_euclid(width_us) - before).ok()?;
    let samples = within(all.samples(), first_us, last_us, width_us);
    let peak = samples.iter().min_by_key(|sample| (Reverse(sample.open), sample.at_us))?;

    let intervals = || samples.windows(2).filter_map(|pair| Some((pair.first()?, pair.last()?)));
    let busy_us = intervals().fold(0u64, |sum, (_, end)| sum.saturating_add(end.before_us));
    let average = |us: u64, widths: u64| rounded_share(us as f64 / width_us as f64 / widths as f64);
    Some(Running {
        average: (boundaries > 1).then(|| average(busy_us, boundaries - 1)),
        p95: percentile(&samples, boundaries, 95),
        peak: peak.open,
        peak_at: (peak.open > 0).then_some(At(Timestamp(peak.at_us))),
        sampled_every_s: all.width_s(),
        samples: boundaries,
        lower_bound: leaves_out(draft, logging),
        over_time: intervals()
            .filter(|(_, end)| end.before_us > 0)
            .map(|(start, end)| Interval {
                at: At(Timestamp(start.at_us)),
                running: start.open,
                average: average(end.before_us, 1),
            })
            .collect(),
        trend: trend::line(draft, intervals().map(|(start, end)| (start.at_us, end.before_us))),
    })
}

/// The samples of a period, from the start of the first interval on that lies in it.
fn within(samples: Vec<Sample>, first_us: i64, last_us: i64, width_us: i64) -> Vec<Sample> {
    let start = samples.first().map(|first| Sample {
        at_us: first.at_us.saturating_sub(width_us),
        open: 0,
        before_us: 0,
    });
    let all = start.into_iter().chain(samples);
    all.filter(|sample| first_us <= sample.at_us && sample.at_us <= last_us).collect()
}

/// Whether runs are known to be missing from the logs, or their durations.
fn leaves_out(draft: &Draft<'_>, logging: &Logging) -> bool {
    let servers = &draft.evidence.facts.servers;
    logging.threshold_ms.is_some()
        || logging.untimed > 0
        || logging.servers.iter().any(|s| s.min_rows_examined.is_some() || s.one_in.is_some())
        || servers.iter().any(|server| server.workload.suppressed().count > 0)
}
