//! `deadlocks`: sessions that waited for one another, of which the server ended one.

use super::errno::{self, DEADLOCK, Failed};
use super::{MAX_FINDINGS, class_words};
use crate::judge::advice::{ident, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Fix, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::locks::{DeadlockGroup, DeadlockPart};

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV003",
    name: "deadlocks",
    title: "Deadlocks",
    target: "server",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Deadlocks, those of the same statements together; where only a slow log with error numbers is there, \
the classes whose runs ended in one. The five most frequent cycles are findings of \
their own.

## Why it matters

The server ends one of the transactions with SQLSTATE 40P01 (MySQL and MariaDB: error 1213): its work is \
lost, and its user sees an error unless the application tries again. PostgreSQL looks for deadlocks after \
`deadlock_timeout`, until when all of them stand still; InnoDB looks at once.

## What to do

Take locks in the same order everywhere: rows by their key, tables by their name. Where one \
statement changes many rows, lock them in order first. And try the whole transaction again on \
that error: a rare deadlock is normal in a busy system, a lost order is not.

## When to ignore it

When it happens once in a long while and the application tries again.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let cycles = server.workload.incidents().locks.cycles();
        let no_cycles = cycles.is_empty();
        let cycles = cycles.into_iter().take(MAX_FINDINGS);
        out.extend(cycles.map(|cycle| finding(rule, evidence, server, cycle)));
        if no_cycles {
            let victims = errno::of(server).into_iter().filter(|failed| failed.code == DEADLOCK);
            let victims = victims.take(MAX_FINDINGS);
            out.extend(victims.map(|failed| of_class(rule, evidence, server, &failed)));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    cycle: &DeadlockGroup,
) -> Finding {
    let id =
        |part: &DeadlockPart| part.class.map_or_else(|| "unknown".to_owned(), |id| id.to_string());
    let mut handle = cycle.parts.iter().map(id).collect::<Vec<_>>().join("+");
    if handle.is_empty() {
        handle.push_str("unknown");
    }
    let table = cycle.table.as_deref();
    if let Some(table) = table {
        handle = format!("{handle}/{table}");
    }
    let name = match table {
        Some(table) if server.engine == Engine::Postgres => {
            format!("`{}`", ident::quoted_part(table))
        }
        // InnoDB names the database, too.
        Some(table) => format!("`{}`", ident::shown(table)),
        None => "statements that wait for one another".to_owned(),
    };
    let mut finding = rule.about_thing(evidence, server, "deadlock", &handle, &name);
    finding.severity = severity(cycle.count);
    finding.confidence = Confidence::High;
    let on = table.map_or_else(String::new, |_| format!(" on {name}"));
    finding.title = format!("{}{on}", words::counted(cycle.count, "deadlock"));
    finding.message = format!(
        "{} {} logged between {}; each time the server ended one transaction with {}.",
        words::counted(cycle.count, "deadlock"),
        if cycle.count == 1 { "is" } else { "are" },
        match cycle.parts.len() {
            0 => "statements, which the log does not name".to_owned(),
            n => words::counted(n as u64, "participant"),
        },
        code(server.engine)
    );
    let place = Some(cycle.example.1);
    for (at, part) in cycle.parts.iter().enumerate() {
        finding.evidence.push(fact_at(
            evidence,
            format!(
                "waited for {} on {}{}: {}",
                ident::shown(&part.mode),
                part.object.word(),
                part.index
                    .as_deref()
                    .map_or_else(String::new, |index| format!(" of index {}", ident::shown(index))),
                class_words(server, part.class)
            ),
            place.filter(|_| at == 0),
        ));
    }
    finding.evidence.push(fact_at(
        evidence,
        format!("ended in the example: {}", class_words(server, cycle.example.2)),
        place,
    ));
    finding.fixes.push(rewrite::code(
        "Make every transaction that touches these rows take them in one order: sort by the key \
         before updating one by one, and change tables in a fixed sequence.",
        match cycle.parts.as_slice() {
            [] if server.engine != Engine::Postgres => {
                "innodb_print_all_deadlocks = ON writes every cycle with its statements into the error log."
            }
            [] => "The cycle is in the DETAIL of the record, which this log lacks: \
                   log_error_verbosity = default keeps it.",
            parts if parts.windows(2).all(|pair| pair[0].class == pair[1].class) => {
                "All participants ran statements of the same class: the rows came in different orders."
            }
            _ => "The participants ran different statements: find the transactions around them.",
        },
    ));
    if let Some(table) = table.filter(|_| server.engine == Engine::Postgres) {
        finding.fixes.push(rewrite::fragment(
            format!(
                "SELECT 1 FROM {} WHERE {{1}} ORDER BY {{2}} FOR UPDATE;",
                ident::quoted_part(table)
            ),
            "At the beginning of the transaction: locks the rows in order. {1} is the condition of \
             the update, {2} the primary key. Rows that were inserted meanwhile are not in it. FOR NO KEY \
             UPDATE is enough where no key column changes, and lets foreign-key checks pass.",
        ));
    }
    if server.engine != Engine::Postgres {
        finding.fixes.push(fewer_locks());
    }
    finding.fixes.push(try_again(server.engine));
    finding.verify = match server.engine {
        Engine::Postgres => {
            "The next log of the same hours has no `deadlock detected` of these statements."
                .to_owned()
        }
        _ => "The next log of the same hours has no deadlock of these statements.".to_owned(),
    };
    finding.trade_offs =
        "A fixed order may hold locks for longer; trying again repeats the work.".to_owned();
    finding
}

fn severity(count: u64) -> Severity {
    match count {
        0..3 => Severity::Low,
        3..100 => Severity::Medium,
        _ => Severity::High,
    }
}

/// What the client gets to see.
fn code(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "SQLSTATE 40P01",
        _ => "error 1213",
    }
}

/// A class whose runs were the ones that the server ended.
fn of_class(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    failed: &Failed<'_>,
) -> Finding {
    let mut finding = rule.about(evidence, &evidence.class(server, failed.class));
    finding.severity = severity(failed.runs);
    finding.confidence = Confidence::High;
    finding.title = words::counted(failed.runs, "deadlock");
    finding.message = format!(
        "{} of the {} logged runs ended in a deadlock with error 1213; with whom is not in this log.",
        words::count(failed.runs),
        words::count(failed.class.stats.calls)
    );
    finding.fixes.push(rewrite::code(
        "Make every transaction that touches these rows take them in one order: sort by the key before \
         updating one by one, and change tables in a fixed sequence.",
        "innodb_print_all_deadlocks = ON writes every cycle with its statements into the error log.",
    ));
    finding.fixes.push(fewer_locks());
    finding.fixes.push(try_again(server.engine));
    finding.verify =
        "The next log of the same hours has fewer errors 1213 of the class.".to_owned();
    finding.trade_offs =
        "A fixed order may hold locks for longer; trying again repeats the work.".to_owned();
    finding
}

/// InnoDB locks what a statement looks at, not what it changes.
fn fewer_locks() -> Fix {
    rewrite::code(
        "Give the conditions of the UPDATE, DELETE or SELECT … FOR UPDATE an index, so that fewer rows \
         and gaps are locked; where no phantom matters, run the transaction in READ COMMITTED.",
        "Without an index every row is locked, and in REPEATABLE READ the gaps between them too: two \
         INSERTs into one gap can then wait for each other.",
    )
}

fn try_again(engine: Engine) -> Fix {
    rewrite::code(
        format!(
            "Run the whole transaction again on {}, a few times, after a short random pause.",
            code(engine)
        ),
        "The server has rolled it back in full, so nothing is done twice in the database; calls to \
         other services may be.",
    )
}
