//! `checkpoints-too-frequent`: WAL forces checkpoints before their time has come.

use crate::judge::advice::{rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Fix, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::{Engine, Topic};
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::occurrences::Occurrences;

/// So many warnings of the server itself are a habit.
const MIN_WARNINGS: u64 = 3;
/// Below so many forced checkpoints a share says nothing.
const MIN_FORCED: u64 = 5;
/// Forced checkpoints an hour from which they cost something.
const MIN_FORCED_PER_HOUR: f64 = 2.0;
/// The load is measured over the busiest stretch of this length, in seconds.
const STRETCH_S: i64 = 3600;
/// The distance of checkpoints to aim for: the default of `checkpoint_timeout`, in seconds.
const AIM_S: f64 = 300.0;
/// The server begins a checkpoint at about half of `max_wal_size`, so that it ends within it.
const HEADROOM: f64 = 2.0;
/// No more is advised at once, in GiB: recovery after a crash replays it.
const MAX_GIB: u64 = 64;
const GIB: f64 = (1u64 << 30) as f64;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV006",
    name: "checkpoints-too-frequent",
    title: "WAL forces checkpoints before their time",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Three warnings of the server that checkpoints occur too frequently, or at least five checkpoints, \
two an hour, that WAL forced and that are half or more (`wal_share`) of those by time and by WAL.

## Why it matters

After each checkpoint the first change of every page writes the whole page to WAL. So frequent \
checkpoints make more WAL, which makes the next checkpoint come sooner, and the writes are not \
spread.

## What to do

Let `max_wal_size` hold the WAL of the busiest hour between two checkpoints by time. The finding \
computes it from the distances that the server logged.

## When to ignore it

When it was a load or a restore that happens once.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let limit = evidence.options.thresholds.wal_share;
    for server in servers(rule, evidence) {
        let incidents = server.workload.incidents();
        let done = &incidents.checkpoints;
        let warnings = incidents.messages.about(Topic::CheckpointsTooFrequent);
        let share = done.by_wal as f64 / (done.by_wal + done.by_time).max(1) as f64;
        let per_hour = done.by_wal as f64 * 3600.0 / evidence.period_s(server).max(1.0);
        let forced = done.by_wal >= MIN_FORCED && share >= limit && per_hour >= MIN_FORCED_PER_HOUR;
        if warnings >= MIN_WARNINGS || forced {
            out.push(finding(rule, evidence, server, warnings));
        }
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, server: &ServerFacts, warnings: u64) -> Finding {
    let incidents = server.workload.incidents();
    let done = &incidents.checkpoints;
    let mut finding = rule.about_server(evidence, server);
    finding.severity = match warnings >= MIN_WARNINGS {
        true => Severity::Medium,
        false => Severity::Low,
    };
    finding.confidence = Confidence::High;
    finding.title = match done.by_wal {
        0 => format!("Checkpoints too frequent: {}", words::counted(warnings, "warning")),
        _ => format!("WAL forced {}", words::counted(done.by_wal, "checkpoint")),
    };
    finding.message = format!(
        "{} logged as forced by WAL, {} by time; the server warned {} that they are too frequent.",
        words::counted(done.by_wal, "checkpoint"),
        words::count(done.by_time),
        words::counted(warnings, "time")
    );
    if let Some(about) = incidents.messages.topics.get(&Topic::CheckpointsTooFrequent) {
        finding.evidence.push(fact_at(evidence, "the first warning", about.largest.place()));
    }
    let distance = &done.distance;
    finding.evidence.push(match distance.sum.checked_div(distance.count) {
        Some(mean) => fact_at(
            evidence,
            format!(
                "WAL between checkpoints: {} on average, {} at most",
                words::bytes(mean),
                words::bytes(distance.max)
            ),
            distance.largest.place(),
        ),
        None => fact_at(
            evidence,
            "the log tells no distances, so no size is computed",
            done.done.largest.place(),
        ),
    });
    finding.fixes.push(fix(distance, evidence.period_s(server)));
    finding.verify =
        "The next log of a busy hour has `checkpoint starting: time` and hardly any `wal`, and \
                      no warning."
            .to_owned();
    finding.trade_offs =
        "As much more disk in pg_wal, and a longer recovery after a crash: it replays the \
                          WAL since the last finished checkpoint began."
            .to_owned();
    finding
}

/// Where the size that is computed was cut.
const CAPPED: &str = " The load would take more than that: go there in steps, and measure how long a \
    recovery takes before the next. Where it was a single load, leave it.";

fn fix(distance: &Occurrences, period_s: f64) -> Fix {
    match wanted_gib(distance, period_s) {
        Some(gib) => setting::of_server(
            &[("max_wal_size", &format!("{gib}GB"))],
            &format!(
                "Estimated: the WAL of five minutes of the busiest hour logged, twice, and more than \
                 is set now. Note the old value first (SHOW max_wal_size;) and be sure that the disk \
                 of pg_wal has {gib} GB to spare.{}",
                if gib == MAX_GIB { CAPPED } else { "" }
            ),
        ),
        None => rewrite::code(
            "Double max_wal_size until checkpoints come by time: SHOW max_wal_size; tells what it is.",
            "A reload is enough; a managed service takes it in its parameter group.",
        ),
    }
}

/// From the WAL between checkpoints: a `max_wal_size` that lets checkpoints come by time, in GiB.
fn wanted_gib(distance: &Occurrences, period_s: f64) -> Option<u64> {
    let timeline = &distance.timeline;
    let stretch_s = timeline.width_s().max(STRETCH_S);
    let mut busiest = 0u64;
    let mut current = (0, 0u64);
    for (start_us, slot) in timeline.slots() {
        let number = start_us.div_euclid(stretch_s.saturating_mul(1_000_000));
        if current.0 != number {
            current = (number, 0);
        }
        current.1 = current.1.saturating_add(slot.total_us);
        busiest = busiest.max(current.1);
    }
    // A log shorter than the stretch, or a stretch that begins before it, is taken as it is.
    let seconds = (stretch_s as f64).min(period_s).max(AIM_S);
    let needed = HEADROOM * busiest as f64 * AIM_S / seconds;
    // What is set now is about twice the distance at which WAL forces checkpoints.
    let now = HEADROOM * distance.max as f64;
    (busiest > 0).then(|| ((needed.max(1.5 * now) / GIB).ceil() as u64).min(MAX_GIB))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_size_follows_the_busiest_hour() {
        let mut distance = Occurrences::default();
        assert_eq!(wanted_gib(&distance, 7200.0), None);
        for minute in 0..120 {
            // Half a GiB a minute in the first hour, little in the second.
            let bytes = if minute < 60 { 1 << 29 } else { 1 << 20 };
            distance.timeline.add(minute * 60_000_000, 1, bytes);
            distance.max = distance.max.max(bytes);
        }
        // Five minutes make 2.5 GiB, and a checkpoint begins at half of the size.
        assert_eq!(wanted_gib(&distance, 7200.0), Some(5));
        distance.max = 1 << 40;
        assert_eq!(wanted_gib(&distance, 7200.0), Some(MAX_GIB));
    }
}
