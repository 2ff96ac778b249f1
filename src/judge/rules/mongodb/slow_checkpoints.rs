//! `slow-checkpoints`: checkpoints of the storage engine take as long as they are apart.

use super::MONGODB;
use crate::judge::advice::{mongodb_lookup, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Topic;
use crate::model::facts::ServerFacts;

/// So many are a habit.
const MIN_SLOW: u64 = 3;
/// A checkpoint begins every 60 seconds: one that takes as long leaves no rest, in microseconds.
const NO_REST_US: u64 = 60_000_000;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB016",
    name: "slow-checkpoints",
    title: "Checkpoints take long",
    target: "server",
    engines: MONGODB,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Three messages or more of checkpoints of the storage engine that ran for 20 seconds or more.

## Why it matters

A checkpoint writes what has changed since the last one, every 60 seconds. When it takes long the disk is \
too slow for what is written: writes and the eviction of the cache stall beside it, dropping a collection \
waits for it, and a crash leaves more to be recovered.

## What to do

Look at the disk of the data in these minutes: its writes, its queue, what else uses it, and whether a \
limit of the cloud's volume was reached. Then at what writes most.

## When to ignore it

When it was a bulk load or an initial sync that happens once.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let incidents = server.workload.incidents();
        let said = incidents.messages.about(Topic::SlowCheckpoint);
        let done = incidents.checkpoints.done.count;
        if said.max(done) >= MIN_SLOW {
            out.push(finding(rule, evidence, server, said, done));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    said: u64,
    done: u64,
) -> Finding {
    let incidents = server.workload.incidents();
    let ended = &incidents.checkpoints.done;
    let mut finding = rule.about_server(evidence, server);
    finding.severity = match ended.max >= NO_REST_US {
        true => Severity::Medium,
        false => Severity::Low,
    };
    finding.confidence = Confidence::High;
    finding.title = match ended.max {
        0 => format!("Slow checkpoints: {}", words::counted(said, "message")),
        longest => {
            format!("Checkpoints of up to {}", words::duration_us(longest as f64))
        }
    };
    finding.message = format!(
        "{} of checkpoints that still ran after 20 s or more, {} that such a one ended.",
        words::counted(said, "logged message"),
        words::count(done)
    );
    if let Some(about) = incidents.messages.topics.get(&Topic::SlowCheckpoint) {
        finding.evidence.push(fact_at(evidence, "the first that still ran", about.largest.place()));
    }
    if done > 0 {
        let fact = format!(
            "{} took {} together",
            words::counted(done, "checkpoint"),
            words::duration_us(ended.sum as f64)
        );
        finding.evidence.push(fact_at(evidence, fact, ended.largest.place()));
    }
    finding.fixes.push(mongodb_lookup::fix(
        mongodb_lookup::engine(),
        "How much of the cache is dirty, to be taken while it happens: above 5 % the disk does not keep up, \
         above 20 % operations have to help.",
    ));
    finding.fixes.push(rewrite::code(
        "Give the data a faster disk, or write less: fewer indexes on what is written most, smaller \
         documents, bulk loads spread over time.",
        "The log shows that checkpoints were slow, not what else used the disk.",
    ));
    finding.verify = "The next log of a busy hour has no message of a slow checkpoint.".to_owned();
    finding.trade_offs =
        "A faster volume costs money; a load that is spread takes longer.".to_owned();
    finding
}
