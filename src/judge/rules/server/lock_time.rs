//! Waits for locks as MySQL's slow log tells them, one time for each run: the findings of `lock-waits` on
//! MySQL and MariaDB. What the time holds depends on the server.

use super::MAX_FINDINGS;
use crate::judge::advice::{mysql_lookup, rewrite, setting};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, ImpactLabel};
use crate::judge::rules::{Rule, fact_at};
use crate::judge::words;
use crate::lang::sql::shape::Verb;
use crate::model::event::{Engine, Known};
use crate::model::facts::ServerFacts;
use std::cmp::Reverse;

/// Share of a class's time that is waiting from which the waits are its trouble.
const MIN_SHARE: f64 = 0.2;
/// The `lock_wait_timeout` that is advised for migrations, in seconds.
const LOCK_WAIT_S: u64 = 5;
/// The first MySQL whose Lock_time holds waits for rows.
const WITH_ROWS: (u32, u32, u32) = (8, 0, 28);

/// The classes of a server that spent most time waiting.
pub(super) fn findings(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    severity: impl Fn(u64) -> crate::judge::finding::Severity,
) -> Vec<Finding> {
    let least = evidence.options.thresholds.lock_wait_us;
    let mut waiting: Vec<_> = evidence
        .classes
        .iter()
        .filter(|class| class.server.label == server.label)
        .map(|class| (waited_us(class), class))
        .filter(|(us, class)| {
            let total = class.class.stats.total_us as f64;
            *us >= least && *us as f64 >= MIN_SHARE * total
        })
        .collect();
    waiting.sort_by_key(|(us, class)| (Reverse(*us), class.class.id));
    waiting
        .into_iter()
        .take(MAX_FINDINGS)
        .map(|(us, class)| {
            let mut finding = finding(rule, evidence, class, us);
            finding.severity = severity(us).min(rule.at_most);
            finding
        })
        .collect()
}

/// Lock_time, or what Percona Server tells of row locks where that is more. Both are part of the runs'
/// time, so what is above it is no measurement.
fn waited_us(class: &ClassEvidence<'_>) -> u64 {
    let sum = |known| class.class.attributes().numbers(known).map_or(0, |numbers| numbers.sum);
    let us = sum(Known::LockTime).max(sum(Known::InnodbLockWait));
    u64::try_from(us).unwrap_or(u64::MAX).min(class.class.stats.total_us)
}

/// What Lock_time is on a server.
fn meaning(server: &ServerFacts) -> &'static str {
    match (server.engine, server.workload.version().and_then(numbers_of)) {
        (Engine::Mariadb, _) => {
            "On MariaDB that is waiting for whole tables (LOCK TABLES, DDL, metadata), not for rows: waits \
             for rows are in Engine_time."
        }
        (_, Some(version)) if version >= WITH_ROWS => {
            "From MySQL 8.0.28 on that is waiting for rows as well as for whole tables."
        }
        (_, Some(_)) => {
            "Before MySQL 8.0.28 that is waiting for whole tables (LOCK TABLES, DDL, metadata), not for \
             rows."
        }
        (_, None) => {
            "From MySQL 8.0.28 on that is waiting for rows too, before it for whole tables only; the log \
             does not say which version wrote it."
        }
    }
}

/// `8.0.46` as numbers.
fn numbers_of(version: &str) -> Option<(u32, u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??, parts.next().flatten().unwrap_or(0)))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    waited_us: u64,
) -> Finding {
    let total_us = class.class.stats.total_us;
    let mut finding = rule.about(evidence, class);
    finding.confidence = Confidence::Medium;
    finding.title = format!("{} of waiting for locks", words::duration_us(waited_us as f64));
    finding.message = format!(
        "{} of the {} that the logged runs took was waiting for a lock. {}",
        words::duration_us(waited_us as f64),
        words::duration_us(total_us as f64),
        meaning(class.server)
    );
    let locks = class.class.attributes().numbers(Known::LockTime);
    if let Some(locks) = locks {
        let p95 = locks.p95().map_or_else(String::new, |us| {
            format!(", 95 % of them at most {}", words::duration_us(us))
        });
        let fact = format!(
            "Lock_time of {}: the longest {}{p95}",
            words::counted(locks.records, "logged run"),
            words::duration_us(locks.max as f64)
        );
        finding.evidence.push(fact_at(evidence, fact, None));
    }
    finding.evidence.push(fact_at(evidence, would_end(evidence, class.server), None));
    finding.impact.label = ImpactLabel::Derived;
    finding.impact.saved_ms_low = Some(0.0);
    finding.impact.saved_ms_high = Some(waited_us.min(total_us) as f64 / 1e3);
    finding.fixes = fixes();
    finding.verify =
        "While it happens, the query above shows who waits and which transactions are open; \
                      the next log of the same hours has less Lock_time."
            .to_owned();
    finding.trade_offs =
        "Shorter transactions give up the atomicity of what is moved out of them; a \
                          migration that gives up has to be tried again."
            .to_owned();
    finding
}

/// What the advised limit would have ended in this log: statements that change tables, with their waits.
fn would_end(evidence: &Evidence<'_>, server: &ServerFacts) -> String {
    let limit_us = LOCK_WAIT_S * 1_000_000;
    let ended = evidence.classes.iter().filter(|class| {
        let longest = class.class.attributes().numbers(Known::LockTime).map_or(0, |n| n.max);
        longest >= limit_us
            && class.server.label == server.label
            && matches!(class.shape.verb, Verb::Ddl)
    });
    let shown: Vec<_> = ended
        .take(MAX_FINDINGS)
        .map(|class| {
            let runs = words::counted(class.class.stats.calls, "run");
            format!("up to {runs} of class {}", class.class.id)
        })
        .collect();
    let whom = match shown.is_empty() {
        true => "no logged statement".to_owned(),
        false => shown.join(", "),
    };
    format!(
        "a lock_wait_timeout of {LOCK_WAIT_S} s for those that change tables would have ended in this \
         log: {whom}"
    )
}

fn fixes() -> Vec<Fix> {
    vec![
        setting::look(
            mysql_lookup::open_transactions(),
            "Who holds locks just now, to be run while it happens: the oldest transaction is a place to \
             start, never proof.",
        ),
        Fix {
            kind: FixKind::Sql,
            text: format!("SET SESSION lock_wait_timeout = {LOCK_WAIT_S};"),
            undo: "SET SESSION lock_wait_timeout = DEFAULT;".to_owned(),
            note: format!(
                "In the session of a migration only, before its first statement: it gives up after \
                 {LOCK_WAIT_S} s instead of holding up everyone behind it, and is tried again. The \
                 evidence lists what it would have ended."
            ),
            complete: true,
        },
        rewrite::code(
            "Commit sooner: nothing that waits for a user, a queue or another service inside a \
             transaction, and no LOCK TABLES around work on InnoDB tables.",
            "Every table that a transaction has used stays locked against ALTER TABLE until it ends, be it \
             by a SELECT.",
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_their_numbers() {
        assert!(numbers_of("8.0.28") >= Some(WITH_ROWS) && numbers_of("8.4") >= Some(WITH_ROWS));
        assert!(numbers_of("8.0.9") < Some(WITH_ROWS) && numbers_of("5.7.42") < Some(WITH_ROWS));
        assert_eq!((numbers_of("8"), numbers_of("")), (None, None));
    }
}
