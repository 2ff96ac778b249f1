//! `error-storm`: one error, again and again.

use super::{MAX_FINDINGS, class_words};
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
    engines: &[Engine::Postgres],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An error whose text, without its values, is logged 100 times or more (`storm_count`), at ten an \
hour or more between the first and the last (`storm_per_hour`). Deadlocks, cancelled statements, \
refused connections for want of slots and crashes have rules of their own.

## Why it matters

Each is a statement that did its work for nothing and rolled its transaction back; together they \
fill the log and hide the one error that matters. Repeated failures of authentication may be an \
attack, or a job with an old password.

## What to do

What the class of the SQLSTATE calls for: the finding says it. The example's line and statement \
lead to the code.

## When to ignore it

When the application counts on the error, such as a unique violation as a lock. Then INSERT … ON \
CONFLICT says the same without an error.
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
];

/// SQLSTATE or its class, how messages of it begin where none is logged, what to do, and a word of
/// caution. The first that fits counts.
const ADVICE: &[(&str, &[&str], &str, &str)] = &[
    (
        "23505",
        &["duplicate key value"],
        "Where the row may be there already, say so: INSERT … ON CONFLICT DO NOTHING or DO UPDATE. \
         Where it must not, find who sends it twice.",
        "Each failed INSERT leaves a dead row and a dead index entry behind.",
    ),
    (
        "23",
        &["insert or update on table", "null value in column", "new row for relation"],
        "Check the value before it is sent, or send the rows in an order that the constraints allow.",
        "The constraint is right until proven otherwise: it keeps wrong data out.",
    ),
    (
        "28",
        &[
            "password authentication failed",
            "no pg_hba.conf entry",
            "role \"",
            "Peer authentication",
        ],
        "Find the host that tries (log_connections and %h in log_line_prefix show it): a job with an \
         old password, or somebody who guesses. Close the port to all who need not reach it.",
        "Guessing is told from a wrong setting by the number of users and hosts.",
    ),
    (
        "40001",
        &["could not serialize access"],
        "Run the whole transaction again on SQLSTATE 40001, keep it short, and mark what only reads \
         READ ONLY.",
        "It is part of the contract of REPEATABLE READ and SERIALIZABLE, not a fault.",
    ),
    (
        "25006",
        &["cannot execute "],
        "Send writes to the primary: target_session_attrs=read-write in the connection string with \
         all hosts in it, or a balancer that asks pg_is_in_recovery(). If nothing was meant to be a \
         standby, look for default_transaction_read_only.",
        "After a failover clients that keep their connections stay with the old primary.",
    ),
    (
        "25P02",
        &["current transaction is aborted"],
        "Find the error before it: this one only says that the transaction was used on after it \
         failed. Roll back on the first error.",
        "The first error of the session tells the cause.",
    ),
    (
        "42501",
        &["permission denied"],
        "Grant what the role needs, or find who uses the wrong role.",
        "A grant of more than the statement needs is a hole that stays.",
    ),
    (
        "42",
        &["relation \"", "column \"", "syntax error", "function ", "operator does not exist"],
        "Compare the statement with the schema: code and migration are out of step, the search_path \
         is another, or the text is built wrongly.",
        "A statement that never parsed never worked: nobody may need it any more.",
    ),
    (
        "22",
        &["invalid input syntax", "value too long", "division by zero", "invalid byte sequence"],
        "Check values before they are sent, or choose the type that holds them.",
        "It may be somebody who tries what the application lets through.",
    ),
    (
        "53",
        &["out of memory", "could not resize shared memory", "No space left"],
        "Find what ran short (memory, disk, slots) in the message and in the system's metrics of that \
         time.",
        "The statement that fails is rarely the one that took it all.",
    ),
    (
        "08",
        &["could not receive data", "unexpected EOF", "connection to client lost"],
        "Find who drops connections: a client that ends without closing, or an idle limit of a \
         balancer or firewall between.",
        "The statement was rolled back.",
    ),
];

/// What to do where nothing more is known of an error.
const GENERAL: (&str, &str) = (
    "Look at the example's record and statement: the message names what is wrong.",
    "The text stands for all that differ in their values only.",
);

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
    let by_text = ELSEWHERE.iter().any(|start| group.message.starts_with(start));
    group.topic != Topic::Other || by_code || by_text
}

fn advice(group: &MessageGroup) -> (&'static str, &'static str) {
    let by_code = |(code, ..): &&(&str, &[&str], _, _)| group.code.starts_with(code);
    let by_text = |(_, starts, ..): &&(&str, &[&str], _, _)| {
        starts.iter().any(|start| group.message.starts_with(start))
    };
    let known = match group.code.is_empty() {
        true => ADVICE.iter().find(by_text),
        false => ADVICE.iter().find(by_code),
    };
    known.map_or(GENERAL, |(_, _, text, note)| (text, note))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    group: &MessageGroup,
) -> Finding {
    // The level is left out: the same text as ERROR and FATAL is one thing to a baseline.
    let hash = xxh3_64(group.message.as_bytes());
    let name = shorten(&group.message, 100);
    let mut finding = rule.about_thing(evidence, server, "message", &format!("{hash:016x}"), &name);
    let hourly = per_hour(group);
    finding.severity = match hourly {
        _ if group.level == Level::Panic => Severity::High,
        rate if rate >= 3600.0 && group.count >= 10_000 => Severity::High,
        rate if rate >= 60.0 => Severity::Medium,
        _ => Severity::Low,
    };
    finding.confidence = Confidence::High;
    finding.title = format!("{} times: {name}", words::count(group.count));
    let code = match group.code.is_empty() {
        true => String::new(),
        false => format!(" with SQLSTATE {}", group.code),
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
    let (text, note) = advice(group);
    finding.fixes.push(rewrite::code(text, note));
    finding.verify = "The next log of the same hours has fewer of them.".to_owned();
    finding.trade_offs =
        "None to look for the sender; what a change costs depends on it.".to_owned();
    finding
}
