//! Interrupted operations as MongoDB's log tells them, each with its time and the name of its error: the
//! findings of `cancelled-statements` on MongoDB.

use super::MAX_FINDINGS;
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Finding, Fix, ImpactLabel, Severity};
use crate::judge::rules::{Rule, fact_at};
use crate::judge::words;
use crate::model::event::Known;
use crate::model::facts::ServerFacts;
use crate::model::workload::attributes::Figures;
use crate::model::workload::tally::Share;
use std::cmp::Reverse;

/// Names of the errors by which an operation is interrupted: what ended it.
const INTERRUPTED: &[(&str, &str)] = &[
    ("MaxTimeMSExpired", "a limit on time (maxTimeMS)"),
    ("ExceededTimeLimit", "a limit on time"),
    ("NetworkInterfaceExceededTimeLimit", "a limit on time of the network"),
    ("LockTimeout", "a limit on waiting for a lock"),
    ("TransactionExceededLifetimeLimitSeconds", "the limit on the life of a transaction"),
    ("ClientDisconnect", "the client, which went away"),
    ("Interrupted", "somebody who killed it"),
    ("CursorKilled", "somebody who killed its cursor"),
    ("InterruptedDueToReplStateChange", "a change of the member's role"),
    ("InterruptedAtShutdown", "the server's end"),
];
/// Those that a limit on time stands behind.
const BY_LIMIT: usize = 5;

/// Runs of a class that one error ended.
struct Interrupted<'f> {
    name: &'f str,
    by: &'static str,
    is_by_limit: bool,
    share: Share,
}

/// The classes of a server that lost most time to interrupted runs.
pub(super) fn findings(rule: &Rule, evidence: &Evidence<'_>, server: &ServerFacts) -> Vec<Finding> {
    let least = evidence.options.thresholds.cancelled;
    let mut classes: Vec<_> = evidence
        .classes
        .iter()
        .filter(|class| class.server.label == server.label)
        .map(|class| (interrupted(class), class))
        .filter(|(ends, _)| runs(ends) >= least)
        .collect();
    classes.sort_by_key(|(ends, class)| (Reverse((lost_us(ends), runs(ends))), class.class.id));
    let shown = classes.into_iter().take(MAX_FINDINGS);
    shown.map(|(ends, class)| finding(rule, evidence, class, &ends)).collect()
}

fn runs(ends: &[Interrupted<'_>]) -> u64 {
    ends.iter().map(|end| end.share.calls).sum()
}

fn lost_us(ends: &[Interrupted<'_>]) -> u64 {
    ends.iter().map(|end| end.share.total_us).sum()
}

/// How runs of a class were ended, most frequent first.
fn interrupted<'f>(class: &ClassEvidence<'f>) -> Vec<Interrupted<'f>> {
    let Some(Figures::Words(errors)) = class.class.attributes().get(Known::ErrorName) else {
        return Vec::new();
    };
    let errors = errors.ranked(class.server.workload.names()).into_iter();
    errors
        .filter_map(|(name, share)| {
            let at = INTERRUPTED.iter().position(|(known, _)| *known == name)?;
            Some(Interrupted { name, by: INTERRUPTED[at].1, is_by_limit: at < BY_LIMIT, share })
        })
        .collect()
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    ends: &[Interrupted<'_>],
) -> Finding {
    let (runs, lost_us) = (runs(ends), lost_us(ends));
    let total_us = class.class.stats.total_us;
    let mut finding = rule.about(evidence, class);
    let cost = lost_us as f64 / evidence.total_us.max(1) as f64;
    finding.severity = Severity::of_share(cost).clamp(Severity::Low, rule.at_most);
    let lost = words::duration_us(lost_us as f64);
    finding.title = format!("{} interrupted, {lost} lost", words::counted(runs, "operation"));
    let by: Vec<_> =
        ends.iter().map(|end| format!("{} by {}", words::count(end.share.calls), end.by)).collect();
    finding.message = format!(
        "{} of the {} of the class ended without an answer: {}. {lost} of the {} that they took went into \
         those.",
        words::count(runs),
        words::counted(class.class.stats.calls, "logged run"),
        by.join(", "),
        words::duration_us(total_us as f64)
    );
    for end in ends {
        let fact = format!(
            "{}: {}, {} on average",
            end.name,
            words::counted(end.share.calls, "run"),
            words::duration_us(end.share.total_us as f64 / end.share.calls.max(1) as f64)
        );
        finding.evidence.push(fact_at(evidence, fact, None));
    }
    finding.impact.label = ImpactLabel::Derived;
    finding.impact.saved_ms_low = Some(0.0);
    finding.impact.saved_ms_high = Some(lost_us.min(total_us) as f64 / 1e3);
    finding.fixes.push(fix(ends));
    finding.fixes.extend(mongodb_explain::look(class));
    finding.verify = mongodb_explain::verify(
        "a plan that ends within the limit: narrow indexBounds, no COLLSCAN",
    );
    finding.trade_offs =
        "A longer limit holds connections and memory for longer; a shorter one ends runs that somebody \
         waits for."
            .to_owned();
    finding
}

fn fix(ends: &[Interrupted<'_>]) -> Fix {
    let most = ends.iter().max_by_key(|end| end.share.calls);
    match most {
        Some(end) if !end.is_by_limit => rewrite::code(
            "Find out who ends it: a client that goes away mostly has a shorter limit of its own \
             (socketTimeoutMS, a request's timeout). Give the operation a maxTimeMS just below it, so that \
             the server does not work on for nobody.",
            "A limit in the client alone leaves the server at work until it sees the connection closed.",
        ),
        _ => rewrite::code(
            "Make the operation fit its limit: an index, a smaller answer, batches. Raise maxTimeMS only \
             where an answer that comes later is still of use.",
            "An operation that only waited (for a lock, a ticket, the disk) fits when what it waits for is \
             gone: waiting-operations names that.",
        ),
    }
}
