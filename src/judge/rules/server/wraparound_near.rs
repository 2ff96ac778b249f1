//! `wraparound-near`: the server warns that transaction ids run out.

use super::messages;
use crate::judge::advice::{lookup, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, of_messages, servers};
use crate::judge::words;
use crate::model::event::{Engine, Topic};
use crate::model::facts::ServerFacts;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV008",
    name: "wraparound-near",
    title: "Transaction ids run out",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

The server's own warnings that a database must be vacuumed within so many transactions, or that it \
takes no more commands to avoid losing data (critical), or that its oldest snapshot is far in the \
past (high: nothing can be frozen behind it). Automatic vacuums `to prevent wraparound` alone are \
normal and raise nothing.

## Why it matters

When the ids run out the server refuses every statement that needs a new one: no more writes until \
the old rows are frozen.

## What to do

Look today. First remove what holds old rows: transactions, prepared transactions, replication \
slots. Then vacuum the tables with the oldest rows, in the database that is named, as superuser.

## When to ignore it

Never. Where the log is old, look whether the ages have fallen since.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let warnings = server.workload.incidents().messages.about(Topic::Wraparound);
        if warnings > 0 {
            out.push(finding(rule, evidence, server, warnings));
        }
    }
}

/// Whether the limit itself is near, rather than an old snapshot in the way of freezing.
fn is_near(message: &str) -> bool {
    !["oldest xmin", "oldest multixact", "cutoff for removing"]
        .iter()
        .any(|start| message.starts_with(start))
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, server: &ServerFacts, warnings: u64) -> Finding {
    let mut finding = rule.about_server(evidence, server);
    let groups = messages(server, |group| group.topic == Topic::Wraparound);
    let near = groups.iter().any(|group| is_near(&group.message));
    let count = words::counted(warnings, "warning");
    finding.confidence = Confidence::High;
    (finding.severity, finding.title, finding.message) = match near {
        true => (
            Severity::Critical,
            format!("Transaction ids run out: {count}"),
            format!(
                "{count} of the server logged that a database must be vacuumed soon or takes no more \
                 commands."
            ),
        ),
        false => (
            Severity::High,
            format!("Something old keeps rows from being frozen: {count}"),
            format!(
                "{count} of the server logged that the oldest snapshot is far in the past: transaction \
                 ids do not run out yet, but vacuum cannot freeze what that snapshot may still see."
            ),
        ),
    };
    finding.evidence.extend(groups.iter().map(|group| of_messages(evidence, group)));
    let forced = server.workload.incidents().maintenance.to_prevent_wraparound;
    finding.evidence.push(fact_at(
        evidence,
        format!(
            "{} to prevent wraparound logged as done",
            words::counted(forced, "automatic vacuum")
        ),
        None,
    ));
    finding.fixes.push(setting::look(
        format!("{}\n{}", lookup::transaction_ages(), lookup::oldest_tables()),
        "How old each database is, then the tables of the database that is connected to. At an age of \
         about 2.1 billion the server stops taking writes.",
    ));
    finding.fixes.push(setting::look(
        lookup::old_snapshots(),
        "What keeps rows from being frozen, the oldest first. End it before vacuuming, or the vacuum \
         is in vain.",
    ));
    finding.fixes.push(setting::look(
        "VACUUM (VERBOSE);".to_owned(),
        "In the database that is named, by a superuser, table by table where time is short: the \
         oldest first. Plain, not FULL and not FREEZE, which do more than is needed and FULL needs ids \
         itself. It needs no single-user mode, and it takes no lock that stops reads or writes.",
    ));
    finding.verify = "The ages fall after each vacuum, and the warnings stop.".to_owned();
    finding.trade_offs =
        "Freezing reads whole tables and writes WAL; not freezing stops all writes.".to_owned();
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_snapshot_is_told_from_a_near_limit() {
        let cases = [
            ("database ? must be vacuumed within ? transactions", true),
            ("oldest xmin is far in the past", false),
            ("cutoff for removing and freezing tuples is far in the past", false),
        ];
        for (message, near) in cases {
            assert_eq!(is_near(message), near, "{message}");
        }
    }
}
