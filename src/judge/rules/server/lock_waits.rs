//! `lock-waits`: statements that stand in line for a lock.

use super::{MAX_FINDINGS, class_words, lock_time};
use crate::judge::advice::{ident, lookup, rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Fix, FixKind, ImpactLabel, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::{Engine, LockObject};
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::locks::WaitGroup;

/// The `lock_timeout` that is advised for migrations, in seconds.
const LOCK_TIMEOUT_S: u64 = 2;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV002",
    name: "lock-waits",
    title: "Statements wait for a lock",
    target: "server",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Waits for one kind of lock (a class, a mode, a kind of object, a table) of together 10 seconds or \
more (`lock_wait_us`). The five that waited longest are findings of their own. In the slow log of MySQL \
and MariaDB it is classes with so much Lock_time that it makes a fifth of their time or more.

## Why it matters

A statement that waits does nothing, and holds what it has meanwhile: its connection, its own \
locks, its snapshot. Whoever comes later waits behind it. No index makes it faster.

## What to do

By what was waited for: rows and transactions call for shorter transactions, hot rows for other \
ways to count, tables for migrations that give up and try again, advisory locks for the \
application's own protocol. The statement that the holder last logged before the wait is a place to \
start, never proof: what held the lock may be an earlier statement of the same transaction, or one \
that is not logged.

## When to ignore it

When the waits fall into a known maintenance window, or belong to a job queue whose workers wait by \
design.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let least = evidence.options.thresholds.lock_wait_us;
    for server in servers(rule, evidence) {
        let groups = server.workload.incidents().locks.groups();
        let long = groups.into_iter().filter(|group| waited_us(group) >= least);
        out.extend(long.take(MAX_FINDINGS).map(|group| finding(rule, evidence, server, group)));
        let by_share = |waited_us| severity(waited_us, evidence.total_us);
        out.extend(lock_time::findings(rule, evidence, server, by_share));
    }
}

/// At least how long it was waited: a wait without a logged end lasted as long as was last seen.
fn waited_us(group: &WaitGroup) -> u64 {
    group.waited_us.max(group.longest_us)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    group: &WaitGroup,
) -> Finding {
    let waited = waited_us(group);
    let id = group.class.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let on = group.table.as_deref().map_or_else(String::new, |table| format!("/{table}"));
    let handle = format!("{id}/{}/{}{on}", group.mode, group.object.word().replace(' ', "-"));
    let name = lock_words(group);
    let mut finding = rule.about_thing(evidence, server, "lock", &handle, &name);
    finding.subject.query_id = group.class.map(|id| id.to_string());
    finding.severity = severity(waited, evidence.total_us);
    finding.title = format!("{} of waiting for {name}", words::duration_us(waited as f64));
    let waits = (group.acquired + group.failed).max(group.waiting);
    finding.message = format!(
        "{} of one class lasted at least {} together, the longest {}; {} ended without the lock. {}",
        words::counted(waits, "logged wait"),
        words::duration_us(waited as f64),
        words::duration_us(group.longest_us as f64),
        words::count(group.failed),
        why(group)
    );
    let example = Some(group.example.2);
    finding.evidence.push(fact_at(
        evidence,
        format!("waited: {}", class_words(server, group.class)),
        example,
    ));
    let mut holders: Vec<_> = group.holders.iter().collect();
    holders.sort_by_key(|(id, count)| (std::cmp::Reverse(**count), **id));
    for (holder, count) in holders.into_iter().take(3) {
        finding.evidence.push(fact_at(
            evidence,
            format!(
                "last logged before by the session that held the lock, {} of {}; not proof of the \
                 cause: {}",
                words::count(*count),
                words::counted(group.waiting, "wait"),
                class_words(server, Some(*holder))
            ),
            None,
        ));
    }
    let class = group.class.and_then(|id| server.workload.class(id));
    let within = class.map_or(0, |class| class.stats.total_us.min(group.waited_us));
    if within > 0 {
        finding.impact.label = ImpactLabel::Derived;
        finding.impact.share = within as f64 / evidence.total_us.max(1) as f64;
        finding.impact.saved_ms_low = Some(0.0);
        finding.impact.saved_ms_high = Some(within as f64 / 1e3);
    }
    if group.object == LockObject::Relation {
        finding.evidence.push(fact_at(evidence, would_end(server), None));
    }
    finding.fixes = fixes(group);
    finding.verify =
        "While it happens, the query above shows who waits for whom; the next log of the \
                      same hours has fewer `still waiting` records for it."
            .to_owned();
    finding.trade_offs =
        "Shorter transactions give up the atomicity of what is moved out of them; a \
                          lock_timeout makes callers retry."
            .to_owned();
    finding
}

/// By the time lost beside all logged time; of a small log even most of it is not much.
fn severity(waited_us: u64, total_us: u64) -> Severity {
    let most = match waited_us {
        us if us >= 600_000_000 => Severity::High,
        us if us >= 30_000_000 => Severity::Medium,
        _ => Severity::Low,
    };
    let share = waited_us as f64 / total_us.max(1) as f64;
    Severity::of_share(share).clamp(Severity::Low, most)
}

fn lock_words(group: &WaitGroup) -> String {
    let table = group
        .table
        .as_deref()
        .map_or_else(String::new, |table| format!(" of `{}`", ident::quoted_part(table)));
    format!("{} on {}{table}", ident::shown(&group.mode), group.object.word())
}

fn why(group: &WaitGroup) -> &'static str {
    match group.object {
        LockObject::Transaction | LockObject::Tuple | LockObject::Record => {
            "It waited for other transactions that had changed or locked the same rows."
        }
        LockObject::Relation if is_strong(&group.mode) => {
            "It wanted a whole table for itself; everyone who comes later waits behind it."
        }
        LockObject::Relation => {
            "Somebody had, or waited for, a whole table: a migration, LOCK TABLE, VACUUM FULL or \
             TRUNCATE."
        }
        LockObject::Extension => "Many sessions wanted to add pages to the same table at once.",
        LockObject::Advisory => "The lock is the application's own: pg_advisory_lock and its kin.",
        LockObject::VirtualTransaction => {
            "It waited for every transaction that was open before it, as CREATE INDEX CONCURRENTLY \
             does."
        }
        LockObject::Other => "What was locked is neither a row nor a table.",
    }
}

/// Modes that only changes of the table itself ask for.
fn is_strong(mode: &str) -> bool {
    matches!(mode, "AccessExclusiveLock" | "ExclusiveLock" | "ShareRowExclusiveLock" | "ShareLock")
}

/// What the advised `lock_timeout` would have ended in this log, were it set for all that want a
/// whole table: classes with their waits and the longest.
fn would_end(server: &ServerFacts) -> String {
    let limit_us = LOCK_TIMEOUT_S * 1_000_000;
    let groups = server.workload.incidents().locks.groups();
    let ended = groups.into_iter().filter(|group| {
        group.object == LockObject::Relation
            && is_strong(&group.mode)
            && group.longest_us >= limit_us
    });
    let mut shown: Vec<_> = ended
        .map(|group| {
            let waits = (group.acquired + group.failed).max(group.waiting);
            format!(
                "up to {} of {} (longest {})",
                words::counted(waits, "wait"),
                group
                    .class
                    .map_or_else(|| "unknown statements".to_owned(), |id| format!("class {id}")),
                words::duration_us(group.longest_us as f64)
            )
        })
        .collect();
    let more = match shown.len().saturating_sub(MAX_FINDINGS) {
        0 => String::new(),
        more => format!(" and {} more", words::count(more as u64)),
    };
    shown.truncate(MAX_FINDINGS);
    let whom = match shown.is_empty() {
        true => "no logged wait".to_owned(),
        false => shown.join(", "),
    };
    format!(
        "a lock_timeout of {LOCK_TIMEOUT_S} s for those that want a whole table would have ended in \
         this log: {whom}{more}"
    )
}

fn fixes(group: &WaitGroup) -> Vec<Fix> {
    let live = setting::look(
        lookup::blocked_sessions(),
        "Who waits for whom, to be run while it happens; it changes nothing.",
    );
    let fix = match group.object {
        LockObject::Transaction | LockObject::Tuple | LockObject::Record => rewrite::code(
            "Keep the transaction that holds the rows short: no calls to other services inside it, \
             the contended update last, commit at once. For a hot counter insert rows and sum them \
             up later; for a queue take rows with FOR UPDATE SKIP LOCKED.",
            "The row is held until the holder's COMMIT or ROLLBACK, whatever it does meanwhile.",
        ),
        LockObject::Relation => lock_timeout(),
        LockObject::Extension => rewrite::code(
            "Load with COPY or inserts of many rows in fewer sessions, or partition the table, so that \
             fewer extend the same one.",
            "PostgreSQL 16 extends tables with less waiting.",
        ),
        LockObject::Advisory => rewrite::code(
            "Take the lock with pg_try_advisory_xact_lock and come back later when it is not free, \
             hold it for less, or use more than one key.",
            "A session lock (pg_advisory_lock) stays until it is released or the session ends, which \
             a pooler may delay for long.",
        ),
        LockObject::VirtualTransaction => rewrite::code(
            "Build the index at an hour without long transactions, and end those that only sit open.",
            "It waits for every transaction that is older, on any table of the database.",
        ),
        LockObject::Other => rewrite::code(
            "Find the holder with the query below while it happens.",
            "The log says the mode and the kind only.",
        ),
    };
    vec![fix, live]
}

fn lock_timeout() -> Fix {
    Fix {
        kind: FixKind::Sql,
        text: format!("SET lock_timeout = '{LOCK_TIMEOUT_S}s';"),
        undo: "RESET lock_timeout;".to_owned(),
        note: format!(
            "In the session of the migration or maintenance only, before its first statement: it gives \
             up after {LOCK_TIMEOUT_S} s instead of holding up everyone behind it, and is tried again. \
             It ends no statement of other sessions; the evidence lists what it would have ended in \
             this log."
        ),
        complete: true,
    }
}
