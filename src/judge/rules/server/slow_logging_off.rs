//! `slow-logging-off`: what this log lacks for a better report, and what it would cost to have it.

use super::missing_logs::{self, Lack, MIN_ACTIVITY};
use crate::judge::advice::setting;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Fix, Severity};
use crate::judge::rules::{Rule, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;

/// A shorter log shows nothing by what it lacks, in seconds.
const MIN_PERIOD_S: f64 = 3600.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV011",
    name: "slow-logging-off",
    title: "The log lacks what a better report needs",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::Info,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A log of PostgreSQL of an hour or more, with 200 statements, sessions or errors, which shows that \
something is not logged: statements without durations, or without user and database; deadlocks \
without lock waits; plans that spill without temporary files; hours of writes without a checkpoint, a \
day of them without a vacuum; refused clients without connections; slow runs without a plan. What \
merely did not happen is not missed.

## Why it matters

What is not logged is in no report: the slowest statement may be one that is not there.

## What to do

Turn on what the finding lists. It predicts the volume from this log; above 1 GB a day it gives the \
form that samples.

## When to ignore it

When other tools collect the same, such as pg_stat_statements for durations.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let workload = &server.workload;
        let incidents = workload.incidents();
        let activity = workload.overall().calls
            + incidents.connections.authorized.count
            + incidents.messages.errors.count;
        let is_long = evidence.period_s(server) >= MIN_PERIOD_S && activity >= MIN_ACTIVITY;
        if !is_long || !missing_logs::is_of_postgres(evidence, server) {
            continue;
        }
        let lacks = missing_logs::of(evidence, server);
        if !lacks.is_empty() {
            out.push(finding(rule, evidence, server, lacks));
        }
    }
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
    let names: Vec<_> = lacks.iter().map(|lack| lack.name).collect();
    finding.title = format!("Not logged, but needed: {}", names.join(", "));
    finding.message =
        "This log shows by what is in it that something else is not logged; what is missing is in no \
         number of this report."
            .to_owned();
    let (loads, plain): (Vec<_>, Vec<_>) =
        lacks.iter().partition(|lack| lack.name == "auto_explain");
    finding.fixes.extend(fix(&plain));
    finding.fixes.extend(fix(&loads).map(|mut fix| {
        fix.text = format!("LOAD 'auto_explain';\n{}", fix.text);
        fix
    }));
    finding.evidence = lacks.into_iter().map(|lack| lack.fact).collect();
    finding.verify =
        "The next log has what was missing, and its size a day is near the prediction.".to_owned();
    finding.trade_offs =
        "Logging costs disk and, at high rates, time of the server; statements in a log \
                          hold the values of users."
            .to_owned();
    finding
}

/// What ends some lacks, with the volume they would write.
fn fix(lacks: &[&Lack]) -> Option<Fix> {
    let settings: Vec<_> = lacks.iter().flat_map(|lack| lack.settings.iter().copied()).collect();
    let volume = match lacks.iter().filter_map(|lack| lack.daily_bytes).sum() {
        0 => "One record per event: the volume is that of the events themselves.".to_owned(),
        known => format!("Predicted from this log: about {} a day.", words::bytes(known)),
    };
    let notes = lacks.iter().map(|lack| lack.note).filter(|note| !note.is_empty());
    let note: Vec<_> = std::iter::once(&*volume).chain(notes).collect();
    (!settings.is_empty()).then(|| setting::of_server(&settings, &note.join(" ")))
}
