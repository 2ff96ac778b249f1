//! Rules about connections and sessions: one file each, and here what those about sessions that a
//! limit on time ended share.

pub mod connection_churn;
pub mod connections_exhausted;
pub mod idle_in_transaction;
pub mod long_transaction;

use crate::judge::advice::ident;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::{Rule, fact_at};
use crate::judge::words;
use crate::model::event::Cancelled;
use crate::model::facts::ServerFacts;

/// Ended sessions an hour from which a habit is more than a nuisance.
const MANY_PER_HOUR: f64 = 60.0;

/// A finding about sessions that a limit ended, where there are enough: title, message and fixes are
/// the rule's to say.
fn ended(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    why: Cancelled,
) -> Option<(u64, Finding)> {
    let incidents = server.workload.incidents();
    let count = incidents.cancellations.get(&why).copied().unwrap_or(0);
    if count < evidence.options.thresholds.cancelled {
        return None;
    }
    let mut finding = rule.about_server(evidence, server);
    let per_hour = count as f64 * 3600.0 / evidence.period_s(server).max(3600.0);
    finding.severity = match per_hour >= MANY_PER_HOUR {
        true => Severity::Medium,
        false => Severity::Low,
    };
    finding.confidence = Confidence::High;
    finding.evidence.push(example(evidence, server, why));
    Some((count, finding))
}

/// The first record of its kind, or, where the log says it in words that are not known here, of any
/// session that was ended.
fn example(evidence: &Evidence<'_>, server: &ServerFacts, why: Cancelled) -> Fact {
    let (code, words) = match why {
        Cancelled::IdleInTransactionTimeout => ("25P03", "idle-in-transaction timeout"),
        _ => ("25P04", "transaction timeout"),
    };
    let incidents = server.workload.incidents();
    let first = incidents
        .messages
        .groups()
        .into_iter()
        .filter(|group| {
            let told = match group.code.is_empty() {
                true => group.message.ends_with(&format!(" due to {words}")),
                false => &*group.code == code,
            };
            group.level.is_error() && told
        })
        .min_by_key(|group| group.first);
    match first {
        Some(group) => {
            fact_at(evidence, format!("the first: {}", group.message), Some(group.example.1))
        }
        None => fact_at(
            evidence,
            "the first session that was ended",
            incidents.terminated.largest.place(),
        ),
    }
}

/// Who has sessions at all, which is where to look: the record itself is of no statement.
fn who_connects(evidence: &Evidence<'_>, server: &ServerFacts) -> Option<Fact> {
    let apps = server.workload.who().apps.ranked(server.workload.names());
    let shown: Vec<_> = apps
        .into_iter()
        .take(3)
        .map(|(name, share)| {
            format!("{} {}", ident::shown(name), words::counted(share.calls, "statement"))
        })
        .collect();
    (!shown.is_empty())
        .then(|| fact_at(evidence, format!("logged by application: {}", shown.join(", ")), None))
}
