//! `archiver-failing`: WAL cannot be archived.

use super::messages;
use crate::judge::advice::{lookup, rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, of_messages, servers};
use crate::judge::words;
use crate::model::event::{Engine, Topic};
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;

/// The archiver tries three times before it says so and waits a minute: fewer are a hiccup.
const MIN_FAILURES: u64 = 3;
/// One round of tries takes seconds: failures within less than this are one, in microseconds.
const ROUND_US: i64 = 60_000_000;
/// A failure so near to the end of the log may still go on, in microseconds.
const RECENT_US: i64 = 600_000_000;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV009",
    name: "archiver-failing",
    title: "WAL is not archived",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Three or more messages that archiving a WAL file failed. When the last of them stands within ten \
minutes of the end of the log, it may still go on, and the finding is critical. What lasted less \
than a minute is one round of tries, and of medium severity.

## Why it matters

The server keeps every file that is not archived: pg_wal grows until the disk is full and the server \
stops. And a backup without the WAL that follows it cannot be restored to a later time.

## What to do

Run the archive command by hand for one file, as the server's user, and see what it says: the \
target's disk, its rights, its network, its quota. Never empty pg_wal by hand.

## When to ignore it

When the archive was down for a known while and `last_archived_time` has moved on since.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let groups = messages(server, is_failure);
        let failures: u64 = groups.iter().map(|group| group.count).sum();
        if failures >= MIN_FAILURES {
            out.push(finding(rule, evidence, server, &groups, failures));
        }
    }
}

fn is_failure(group: &MessageGroup) -> bool {
    group.topic == Topic::Archiving && group.message.contains("fail")
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    groups: &[&MessageGroup],
    failures: u64,
) -> Finding {
    let last = groups.iter().filter_map(|group| group.last).max();
    let end = evidence.period(server).map(|(_, end)| end);
    let goes_on =
        last.zip(end).is_some_and(|(last, end)| end.0.saturating_sub(last.0) <= RECENT_US);
    let mut finding = rule.about_server(evidence, server);
    let first = groups.iter().filter_map(|group| group.first).min();
    let one_round =
        first.zip(last).is_some_and(|(first, last)| last.0.saturating_sub(first.0) < ROUND_US);
    finding.severity = match goes_on {
        _ if one_round => Severity::Medium,
        true => Severity::Critical,
        false => Severity::High,
    };
    finding.confidence = Confidence::High;
    finding.title = format!("WAL archiving fails: {}", words::counted(failures, "message"));
    finding.message = format!(
        "{} about failed archiving logged; {}.",
        words::counted(failures, "message"),
        match goes_on {
            true if one_round =>
                "all within one minute, near the end of the log: it may still go on",
            true => "the last one stands at the end of the log, so it may still go on",
            false => "none in the last ten minutes of the log",
        }
    );
    finding.evidence.extend(groups.iter().map(|group| of_messages(evidence, group)));
    finding.fixes.push(setting::look(
        lookup::archiver(),
        "What was archived last, what failed last, and how much WAL waits on the disk. The second \
         needs pg_monitor or superuser.",
    ));
    finding.fixes.push(rewrite::code(
        "Run archive_command by hand for the file that fails, as the server's user, mend what it says, \
         and watch failed_count stand still.",
        "Do not set archive_command to something that always succeeds: the gap makes every older \
         backup end there. Do not delete files in pg_wal.",
    ));
    finding.verify =
        "last_archived_time moves on, failed_count stands still, and the files in pg_wal \
                      become fewer after a checkpoint."
            .to_owned();
    finding.trade_offs = "None.".to_owned();
    finding
}
