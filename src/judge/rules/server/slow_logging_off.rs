//! `slow-logging-off`: what this log lacks for a better report, and what it would cost to have it.

use crate::judge::advice::setting;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::class::Class;
use crate::model::workload::examples::Place;

/// A shorter log shows nothing by what it lacks, in seconds.
const MIN_PERIOD_S: f64 = 3600.0;
/// With less activity than this nothing is missing.
const MIN_ACTIVITY: u64 = 200;
/// A server that writes for so long makes a checkpoint, in seconds: `checkpoint_timeout` is 5 to 30
/// minutes nearly everywhere.
const CHECKPOINTS_S: f64 = 2.0 * 3600.0;
/// Bytes of a record that are not its text: prefix and duration.
const RECORD_OVERHEAD: u64 = 100;
/// Bytes of a record of a checkpoint, a lock wait or a file, with its DETAIL and STATEMENT.
const INCIDENT_BYTES: u64 = 400;
/// More than this a day is not advised without sampling.
const MAX_DAILY_BYTES: u64 = 1_000_000_000;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV011",
    name: "slow-logging-off",
    title: "The log lacks what a better report needs",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::Info,
    since: "0.2.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A log of an hour or more, with 200 statements, sessions or errors, which shows that something is not \
logged: statements without durations; deadlocks or lock timeouts without lock waits; plans that \
spill without temporary files; hours of writes without a checkpoint. What merely did not happen is \
not missed.

## Why it matters

What is not logged is in no report: the slowest statement may be one that is not there.

## What to do

Turn on what the finding lists. It predicts the volume from this log; above 1 GB a day it gives the \
form that samples.

## When to ignore it

When other tools collect the same, such as pg_stat_statements for durations.
";

/// Something that is not logged.
struct Lack {
    /// What shows it.
    fact: Fact,
    settings: Vec<(&'static str, &'static str)>,
    /// Predicted bytes a day, where the log tells enough.
    daily_bytes: Option<u64>,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let workload = &server.workload;
        let incidents = workload.incidents();
        let activity = workload.overall().calls
            + incidents.connections.authorized.count
            + incidents.messages.errors.count;
        if evidence.period_s(server) < MIN_PERIOD_S || activity < MIN_ACTIVITY {
            continue;
        }
        let lacks = [durations, lock_waits, temp_files, checkpoints];
        let lacks: Vec<_> = lacks.into_iter().filter_map(|lack| lack(evidence, server)).collect();
        if !lacks.is_empty() {
            out.push(finding(rule, evidence, server, lacks));
        }
    }
}

/// How many a day, of what this log has so many of.
fn daily(evidence: &Evidence<'_>, server: &ServerFacts, count: u64) -> f64 {
    count as f64 * 86_400.0 / evidence.period_s(server).max(1.0)
}

/// Statements are logged, and none with its duration.
fn durations(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let all = server.workload.overall();
    if all.calls < MIN_ACTIVITY || all.timed > 0 {
        return None;
    }
    let bytes: u64 = server.workload.classes().iter().map(record_bytes).sum();
    let daily_bytes = daily(evidence, server, bytes) as u64;
    let fact = format!("{} and no duration are logged", words::counted(all.calls, "statement"));
    let place = first_place(server);
    let settings = settings_of_durations(daily_bytes);
    Some(Lack { fact: fact_at(evidence, fact, place), settings, daily_bytes: Some(daily_bytes) })
}

/// All durations, or a sample beside the slow ones where all would be too much.
fn settings_of_durations(daily_bytes: u64) -> Vec<(&'static str, &'static str)> {
    match daily_bytes > MAX_DAILY_BYTES {
        false => vec![("log_min_duration_statement", "0"), ("log_statement", "none")],
        true => vec![
            ("log_min_duration_statement", "500ms"),
            ("log_min_duration_sample", "0"),
            ("log_statement_sample_rate", "0.01"),
            ("log_statement", "none"),
        ],
    }
}

/// About what all runs of a class take in a log.
fn record_bytes(class: &Class) -> u64 {
    let text = class.examples.slowest().map_or(class.fingerprint.len() as u64, |e| e.logged_bytes);
    class.stats.calls.saturating_mul(text.saturating_add(RECORD_OVERHEAD))
}

fn first_place(server: &ServerFacts) -> Option<Place> {
    let examples = server.workload.classes().iter().filter_map(|class| class.examples.slowest());
    examples.min_by_key(|e| (e.run.time, e.run.place)).map(|e| e.run.place)
}

/// A deadlock or a lock timeout follows a wait that `log_lock_waits` logs.
fn lock_waits(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let locks = &server.workload.incidents().locks;
    if locks.deadlocks.count == 0 || locks.waiting.count + locks.acquired.count > 0 {
        return None;
    }
    let fact = format!(
        "{} and no lock wait are logged: a deadlock is a wait",
        words::counted(locks.deadlocks.count, "deadlock")
    );
    Some(Lack {
        fact: fact_at(evidence, fact, locks.deadlocks.largest.place()),
        settings: vec![("log_lock_waits", "on")],
        daily_bytes: None,
    })
}

/// A plan that sorts on disk writes a temporary file.
fn temp_files(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    if server.workload.incidents().temp_files.count > 0 {
        return None;
    }
    let plans = server.workload.classes().iter().filter_map(|c| c.plans.slowest.as_deref());
    let spilling = plans.filter(|plan| plan.text.contains("external merge"));
    let place = spilling.map(|plan| (plan.time, plan.place)).min()?.1;
    Some(Lack {
        fact: fact_at(
            evidence,
            "a logged plan sorts on disk, and no temporary file is logged",
            Some(place),
        ),
        settings: vec![("log_temp_files", "1MB")],
        daily_bytes: None,
    })
}

/// A server that writes makes checkpoints.
fn checkpoints(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Lack> {
    let incidents = server.workload.incidents();
    let written = server.workload.classes().iter().filter(|class| is_write(&class.fingerprint));
    let writes: u64 = written.map(|class| class.stats.calls).sum();
    let none = incidents.checkpoints.done.count == 0 && incidents.checkpoints.by_time == 0;
    if !none || writes < MIN_ACTIVITY || evidence.period_s(server) < CHECKPOINTS_S {
        return None;
    }
    let fact = format!("{} and no checkpoint are logged", words::counted(writes, "write"));
    Some(Lack {
        fact: fact_at(evidence, fact, first_place(server)),
        settings: vec![("log_checkpoints", "on")],
        // Two records each, one checkpoint in five minutes.
        daily_bytes: Some(2 * INCIDENT_BYTES * 86_400 / 300),
    })
}

fn is_write(fingerprint: &str) -> bool {
    ["insert into ", "update ", "delete from "].iter().any(|verb| fingerprint.starts_with(verb))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    lacks: Vec<Lack>,
) -> Finding {
    let mut finding = rule.about_server(evidence, server);
    finding.severity = Severity::Info;
    finding.confidence = Confidence::High;
    let names: Vec<_> =
        lacks.iter().filter_map(|lack| lack.settings.first()).map(|s| s.0).collect();
    finding.title = format!("Not logged, but needed: {}", names.join(", "));
    finding.message =
        "This log shows by what is in it that something else is not logged; what is missing is in no \
         number of this report."
            .to_owned();
    let known: u64 = lacks.iter().filter_map(|lack| lack.daily_bytes).sum();
    let is_sampled = known > MAX_DAILY_BYTES;
    let volume = match (known, is_sampled) {
        (0, _) => "One record per event: the volume is that of the events themselves.".to_owned(),
        (known, false) => format!(
            "Predicted from this log: about {} a day and one record per lock wait or file.",
            words::bytes(known)
        ),
        (known, true) => format!(
            "Logging every statement would make about {} a day, predicted from this log, so one in a \
             hundred is sampled beside all from 500 ms on.",
            words::bytes(known)
        ),
    };
    let settings: Vec<_> = lacks.iter().flat_map(|lack| lack.settings.iter().copied()).collect();
    finding.evidence = lacks.into_iter().map(|lack| lack.fact).collect();
    let volume = match settings.iter().any(|(name, _)| *name == "log_statement") {
        true => format!(
            "{volume} The record of a duration holds the statement, so log_statement would only repeat \
             it; keep it where an audit asks for it."
        ),
        false => volume,
    };
    finding.fixes.push(setting::of_server(&settings, &volume));
    finding.verify =
        "The next log has what was missing, and its size a day is near the prediction.".to_owned();
    finding.trade_offs =
        "Logging costs disk and, at high rates, time of the server; statements in a log \
                          hold the values of users."
            .to_owned();
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn above_a_gigabyte_a_day_statements_are_sampled() {
        let is_sampled = |daily_bytes| {
            settings_of_durations(daily_bytes)
                .iter()
                .any(|(name, value)| *name == "log_statement_sample_rate" && *value != "1")
        };
        assert!(!is_sampled(MAX_DAILY_BYTES));
        assert!(is_sampled(MAX_DAILY_BYTES + 1));
    }
}
