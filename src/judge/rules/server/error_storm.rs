//! `error-storm`: one error, again and again.

use super::errno::{self, DEADLOCK, Failed};
use super::{MAX_FINDINGS, class_words, error_advice};
use crate::judge::advice::rewrite;
use crate::judge::evidence::Evidence;
use crate::judge::evidence::shorten;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::{Engine, Level, Topic};
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;
use xxhash_rust::xxh3::xxh3_64;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV004",
    name: "error-storm",
    title: "One error, again and again",
    target: "server",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An error whose text, without its values, is logged 100 times or more (`storm_count`), at ten an \
hour or more between the first and the last (`storm_per_hour`); in slow logs that carry error numbers, \
a class that failed so often with one. Deadlocks, cancelled statements, \
refused connections for want of slots and crashes have rules of their own.

## Why it matters

Each is a statement that did its work for nothing and rolled its transaction back; together they \
fill the log and hide the one error that matters. Repeated failures of authentication may be an \
attack, or a job with an old password.

## What to do

What the SQLSTATE or error number calls for: the finding says it. The example's line and statement \
lead to the code.

## When to ignore it

When the application counts on the error, such as a unique violation as a lock. Then INSERT … ON \
CONFLICT, in MySQL ON DUPLICATE KEY UPDATE, in MongoDB an upsert, says the same without an error.
";

/// Messages that other rules tell, where no SQLSTATE says so.
const ELSEWHERE: &[&str] = &[
    "canceling ",
    "terminating ",
    "deadlock detected",
    "sorry, too many clients",
    "remaining connection slots",
    "too many connections",
    "the database system is ",
    "Too many connections",
];

/// Error numbers that are no storm of errors: deadlocks, and statements that somebody ended.
const TOLD_ELSEWHERE: &[&str] = &[DEADLOCK, "1317", "3024", "1969"];

/// Names of MongoDB's errors that are no storm of errors: interrupted operations and write conflicts.
const TOLD_BY_NAME: &[&str] = &[
    "MaxTimeMSExpired",
    "ExceededTimeLimit",
    "NetworkInterfaceExceededTimeLimit",
    "LockTimeout",
    "TransactionExceededLifetimeLimitSeconds",
    "ClientDisconnect",
    "Interrupted",
    "CursorKilled",
    "InterruptedDueToReplStateChange",
    "InterruptedAtShutdown",
    "WriteConflict",
    "QueryExceededMemoryLimitNoDiskUseAllowed",
];

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let limits = &evidence.options.thresholds;
    for server in servers(rule, evidence) {
        let groups = server.workload.incidents().messages.groups();
        let storms = groups.into_iter().filter(|group| {
            group.level.is_error()
                && group.count >= limits.storm_count
                && per_hour(group) >= limits.storm_per_hour
                && !is_told_elsewhere(group)
        });
        out.extend(storms.take(MAX_FINDINGS).map(|group| finding(rule, evidence, server, group)));
        let failed = errno::of(server).into_iter().filter(|failed| {
            failed.runs >= limits.storm_count
                && per_hour_of(failed) >= limits.storm_per_hour
                && !TOLD_ELSEWHERE.contains(&failed.code)
        });
        out.extend(
            failed.take(MAX_FINDINGS).map(|failed| of_class(rule, evidence, server, &failed)),
        );
    }
}

/// How many runs of a class failed an hour, over all the time that it was seen in.
fn per_hour_of(failed: &Failed<'_>) -> f64 {
    let (first, last) = (failed.class.stats.first, failed.class.stats.last);
    let us = last.zip(first).map_or(0, |(last, first)| last.0.saturating_sub(first.0));
    failed.runs as f64 / (us as f64 / 3600e6).max(1.0 / 60.0)
}

/// A class whose runs fail with one number.
fn of_class(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    failed: &Failed<'_>,
) -> Finding {
    let class = evidence.class(server, failed.class);
    let mut finding = rule.about(evidence, &class);
    finding.key = format!("{}/{}", finding.key, failed.code);
    let hourly = per_hour_of(failed);
    finding.severity = severity(hourly, failed.runs);
    finding.confidence = Confidence::High;
    finding.title =
        format!("{} failed with error {}", words::counted(failed.runs, "run"), failed.code);
    finding.message = format!(
        "{} of the {} logged runs of the class failed with error {}, {} an hour.",
        words::count(failed.runs),
        words::count(failed.class.stats.calls),
        failed.code,
        words::count(hourly.round() as u64)
    );
    let (text, note) = error_advice::of(server.engine, failed.code, "");
    finding.fixes.push(rewrite::code(text, note));
    finding.verify = "The next log of the same hours has fewer of them.".to_owned();
    finding.trade_offs = "None: each of them did its work for nothing.".to_owned();
    finding
}

fn severity(hourly: f64, count: u64) -> Severity {
    match hourly {
        rate if rate >= 3600.0 && count >= 10_000 => Severity::High,
        rate if rate >= 60.0 => Severity::Medium,
        _ => Severity::Low,
    }
}

/// How many an hour between the first and the last. A minute at least: what is written in one second
/// is no rate.
fn per_hour(group: &MessageGroup) -> f64 {
    let hours = match (group.first, group.last) {
        (Some(first), Some(last)) => last.0.saturating_sub(first.0) as f64 / 3600e6,
        _ => return 0.0,
    };
    group.count as f64 / hours.max(1.0 / 60.0)
}

fn is_told_elsewhere(group: &MessageGroup) -> bool {
    let by_code = matches!(
        &*group.code,
        "57014" | "57P01" | "57P02" | "57P03" | "57P05" | "25P03" | "40P01" | "53300"
    );
    let by_name = TOLD_BY_NAME.contains(&&*group.code);
    let by_text = ELSEWHERE.iter().any(|start| group.message.starts_with(start));
    group.topic != Topic::Other || by_code || by_name || by_text
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    group: &MessageGroup,
) -> Finding {
    // The level is left out: the same text as ERROR and FATAL is one thing to a baseline.
    let hash = xxh3_64(group.message.as_bytes());
    // What is left of a message of MongoDB's without its literals says less than the error's name.
    let told = match server.engine {
        Engine::Mongodb => format!("{}: {}", group.code, group.message),
        _ => group.message.to_string(),
    };
    let name = shorten(&told, 100);
    let mut finding = rule.about_thing(evidence, server, "message", &format!("{hash:016x}"), &name);
    let hourly = per_hour(group);
    finding.severity = match group.level {
        Level::Panic => Severity::High,
        _ => severity(hourly, group.count),
    };
    finding.confidence = Confidence::High;
    finding.title = format!("{} times: {name}", words::count(group.count));
    let code = match group.code.is_empty() {
        true => String::new(),
        false if server.engine == Engine::Postgres => format!(" with SQLSTATE {}", group.code),
        false if server.engine == Engine::Mongodb => format!(" `{}`", group.code),
        false => format!(" with code {}", group.code),
    };
    finding.message = format!(
        "This {}{code} is logged {} times, {} an hour from its first to its last.",
        group.level.word(),
        words::count(group.count),
        words::count(hourly.round() as u64)
    );
    let (_, place, class) = group.example;
    finding.evidence.push(fact_at(evidence, "the first of them", Some(place)));
    if let Some(class) = class {
        finding.evidence.push(fact_at(
            evidence,
            format!("its statement: {}", class_words(server, Some(class))),
            None,
        ));
    }
    let all = server.workload.incidents().messages.errors.count;
    finding.evidence.push(fact_at(
        evidence,
        format!(
            "{} of all {}",
            words::percent(group.count as f64 / all.max(1) as f64),
            words::counted(all, "logged error")
        ),
        None,
    ));
    let (text, note) = error_advice::of(server.engine, &group.code, &group.message);
    finding.fixes.push(rewrite::code(text, note));
    finding.verify = "The next log of the same hours has fewer of them.".to_owned();
    finding.trade_offs =
        "None to look for the sender; what a change costs depends on it.".to_owned();
    finding
}
