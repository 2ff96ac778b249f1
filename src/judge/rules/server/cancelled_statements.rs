//! `cancelled-statements`: work that was thrown away, and why.

use super::{MAX_FINDINGS, interrupted};
use crate::judge::advice::{rewrite, setting, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Fact, Finding, Fix, ImpactLabel, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::{Cancelled, Engine};
use crate::model::facts::ServerFacts;
use crate::model::workload::stats::Stats;
use std::cmp::Reverse;

/// Round limits that a timeout may be set to, in seconds.
const ROUND_S: [u64; 9] = [5, 10, 30, 60, 120, 300, 600, 1800, 3600];
/// Classes that a recommended timeout would have ended, shown.
const MAX_KILLED: usize = 5;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV005",
    name: "cancelled-statements",
    title: "Statements are cancelled",
    target: "server",
    engines: &[Engine::Postgres, Engine::Mongodb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of which five runs or more (`cancelled`) were cancelled: by a timeout, by a user, by \
recovery on a standby, in MongoDB by `maxTimeMS`, a client that went away or a change of roles. Where the log does not say the statement, as many on the server as a whole.

## Why it matters

A cancelled run has cost its time and gives nothing. It logs no duration, so it is in no mean and no \
percentile: a statement that always hits its timeout looks free. The time it lost is counted here, \
as the log shows it, else as long as the longest run that was let finish: at least that much. MongoDB's \
log has the time of each.

## What to do

Make the statement fit its limit: it is the slowest there is. Raise the limit only for the role \
that may take longer. Where users cancel by hand, a timeout does the same without them; the finding \
lists what it would have ended in this log.

## When to ignore it

When the limit is meant to end such runs, as for searches that anybody may type.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let least = evidence.options.thresholds.cancelled;
    for server in servers(rule, evidence) {
        if server.engine == Engine::Mongodb {
            out.extend(interrupted::findings(rule, evidence, server));
            continue;
        }
        let all = server.workload.classes().iter();
        let mut classes: Vec<_> = all.filter(|c| c.troubles().cancelled >= least).collect();
        classes.sort_by_key(|c| (Reverse((c.lost_us(), c.troubles().cancelled)), c.id));
        for class in classes.into_iter().take(MAX_FINDINGS) {
            out.push(of_class(rule, evidence, &evidence.class(server, class)));
        }
        let known: u64 = server.workload.classes().iter().map(|c| c.troubles().cancelled).sum();
        let count = server.workload.incidents().cancelled.count;
        // Autovacuum gives way on its own, and `slow-autovacuum` tells where it does so too often.
        let vacuums = reason(server, Cancelled::Autovacuum);
        let unknown = count.saturating_sub(known).saturating_sub(vacuums);
        if unknown >= least {
            out.push(of_server(rule, evidence, server, unknown));
        }
    }
}

fn reason(server: &ServerFacts, why: Cancelled) -> u64 {
    server.workload.incidents().cancellations.get(&why).copied().unwrap_or(0)
}

fn of_class(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let troubles = class.class.troubles();
    let by_hand = troubles.cancelled - troubles.timeouts.min(troubles.cancelled);
    let lost_us = class.class.lost_us();
    let mut finding = rule.about(evidence, class);
    let cost = lost_us as f64 / evidence.total_us.saturating_add(lost_us).max(1) as f64;
    finding.severity = Severity::of_share(cost).clamp(Severity::Low, rule.at_most);
    let runs = words::counted(troubles.cancelled, "run");
    let lost = words::duration_us(lost_us as f64);
    finding.title = match lost_us {
        0 => format!("{runs} cancelled"),
        _ => format!("{runs} cancelled, at least {lost} lost"),
    };
    finding.message = format!(
        "{runs} of it ended without an answer, {} by a timeout and {} for other reasons{}; those that \
         finished took {} of logged time.",
        words::count(troubles.timeouts),
        words::count(by_hand),
        match lost_us {
            0 => ", after a time that is not logged".to_owned(),
            _ => format!(": at least {lost} went into those that timed out"),
        },
        words::duration_us(class.class.stats.total_us as f64)
    );
    finding.evidence.extend(reasons(evidence, class.server));
    if troubles.lost.count > 0 {
        finding.evidence.push(fact_at(
            evidence,
            format!(
                "the log shows how long {} of them had run: {}",
                words::count(troubles.lost.count),
                words::duration_us(troubles.lost.total_us as f64)
            ),
            None,
        ));
    }
    // What is lost is in no duration, so a share of the logged time cannot hold it.
    finding.impact.label = ImpactLabel::Unknown;
    finding.fixes.push(rewrite::code(
        "Make the statement fit: read the plan of a run with the values that time out (EXPLAIN without \
         ANALYZE does not execute it), then an index, a smaller answer, or batches.",
        "If it waits for a lock rather than works, lock-waits names it.",
    ));
    // The log counts reasons by server only: with conflicts among them nobody may have cancelled.
    let conflicts = reason(class.server, Cancelled::RecoveryConflict);
    let others = conflicts + reason(class.server, Cancelled::Other);
    if by_hand > troubles.timeouts && conflicts > 0 {
        finding.fixes.push(feedback());
    } else if by_hand > troubles.timeouts
        && others == 0
        && let Some(limit_s) = limit_s(&class.class.stats)
    {
        finding.evidence.push(fact_at(evidence, would_end(evidence, class, limit_s), None));
        finding.fixes.push(setting::of_role(
            class.only_user(),
            "statement_timeout",
            &format!("{limit_s}s"),
            "Ends by itself what users end by hand. The evidence lists what it would have ended in \
             this log.",
        ));
    }
    finding.verify = verify::explain(class, "a run that ends within the limit");
    finding.trade_offs =
        "A longer limit holds connections and locks for longer; a shorter one ends runs that somebody \
         waits for."
            .to_owned();
    finding
}

/// Why statements of this server were cancelled.
fn reasons(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Fact> {
    let incidents = server.workload.incidents();
    let mut counted: Vec<_> =
        incidents.cancellations.iter().filter(|(why, _)| !why.ends_session()).collect();
    counted.sort_by_key(|(why, count)| (Reverse(**count), **why));
    let texts: Vec<_> = counted
        .into_iter()
        .map(|(why, count)| format!("{} by {}", words::count(*count), why.word()))
        .collect();
    let place = incidents.cancelled.largest.place();
    (!texts.is_empty())
        .then(|| fact_at(evidence, format!("cancelled on the server: {}", texts.join(", ")), place))
}

/// A round limit of at least twice the slowest hundredth of what finished, and of a minute.
fn limit_s(stats: &Stats) -> Option<u64> {
    let usual_us = stats.p99_us().unwrap_or(stats.max_us as f64);
    let wanted_s = (2.0 * usual_us / 1e6).max(60.0);
    ROUND_S.into_iter().find(|limit| *limit as f64 >= wanted_s && stats.timed > 0)
}

/// Runs of a class that lasted at least so long.
fn longer(stats: &Stats, limit_s: u64) -> u64 {
    let limit_us = limit_s.saturating_mul(1_000_000);
    stats.histogram.buckets().iter().filter(|b| b.upper_us() >= limit_us).map(|b| b.count).sum()
}

/// What a timeout would have ended in this log, on this server.
fn would_end(evidence: &Evidence<'_>, about: &ClassEvidence<'_>, limit_s: u64) -> String {
    let mut ended: Vec<_> = evidence
        .classes
        .iter()
        .filter(|class| class.server.label == about.server.label)
        .map(|class| (longer(&class.class.stats, limit_s), class))
        .filter(|(calls, _)| *calls > 0)
        .collect();
    ended.sort_by_key(|(calls, class)| (Reverse(*calls), class.class.id));
    let shown: Vec<_> = ended
        .iter()
        .take(MAX_KILLED)
        .map(|(calls, class)| {
            format!(
                "{} of class {} (longest {})",
                words::counted(*calls, "run"),
                class.class.id,
                words::duration_us(class.class.stats.max_us as f64)
            )
        })
        .collect();
    let more = match ended.len().saturating_sub(MAX_KILLED) {
        0 => String::new(),
        more => format!(" and {}", words::counted(more as u64, "class more")),
    };
    match shown.is_empty() {
        true => format!(
            "a statement_timeout of {limit_s} s would have ended no run that finished in this log, \
             whatever its role"
        ),
        false => format!(
            "a statement_timeout of {limit_s} s for all roles would have ended in this log: {}{more}",
            shown.join(", ")
        ),
    }
}

/// Against conflicts with recovery.
fn feedback() -> Fix {
    setting::of_server(
        &[("hot_standby_feedback", "on")],
        "On the standby: the primary then keeps the rows that its queries need, at the price of bloat \
         on the primary for as long as they run. Or raise max_standby_streaming_delay there, at the \
         price of lag.",
    )
}

fn of_server(rule: &Rule, evidence: &Evidence<'_>, server: &ServerFacts, unknown: u64) -> Finding {
    let incidents = server.workload.incidents();
    let mut finding = rule.about_server(evidence, server);
    finding.title = format!("{} cancelled", words::counted(unknown, "unnamed statement"));
    finding.message = format!(
        "{} logged as cancelled, {} of them without the statement or of classes with few each.",
        words::counted(incidents.cancelled.count, "statement"),
        words::count(unknown)
    );
    finding.evidence.extend(reasons(evidence, server));
    finding.fixes.push(match reason(server, Cancelled::RecoveryConflict) > unknown / 2 {
        true => feedback(),
        false => setting::of_server(
            &[("log_min_error_statement", "error")],
            "The statement is then logged beside each error, so that the next report can say which \
             they are.",
        ),
    });
    finding.verify = "The next log names the statements, or has fewer of them.".to_owned();
    finding.trade_offs = "One STATEMENT line more per error.".to_owned();
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_limit_is_round_and_far_from_what_finishes() {
        let mut stats = Stats::default();
        assert_eq!(limit_s(&stats), None);
        stats.add(None, Some(2_000_000), 1);
        assert_eq!(limit_s(&stats), Some(60));
        stats.add(None, Some(200_000_000), 1);
        assert_eq!((limit_s(&stats), longer(&stats, 60), longer(&stats, 600)), (Some(600), 1, 0));
    }
}
