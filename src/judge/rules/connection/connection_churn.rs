//! `connection-churn`: sessions that are opened, used for a moment and closed again.

use crate::judge::advice::rewrite;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::occurrences::Occurrences;

/// Below so many connections there is no rate.
const MIN_CONNECTIONS: u64 = 100;
/// A shorter log may be nothing but the start of an application.
const MIN_PERIOD_S: f64 = 120.0;
/// Half of the sessions must be shorter, in microseconds: a pooled connection lives for minutes.
const SHORT_US: f64 = 10e6;
/// Names of those who connect that are shown.
const MAX_NAMES: usize = 3;

/// Fewer statements for each session than this are no use of a connection.
const FEW_STATEMENTS: f64 = 10.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "CON002",
    name: "connection-churn",
    title: "Sessions are opened for a moment and closed again",
    target: "connections",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

60 connections a minute or more over the whole log (`churn_per_minute`), of at least 100 and two \
minutes, half of which last less than ten seconds. Both must be logged: connections and \
disconnections. In MongoDB's log, which does not say how long a connection lasted, the number that is open \
shows it.

## Why it matters

Each connection costs a process (in MySQL a thread, mostly a kept one), authentication (slow on purpose with SCRAM), TLS, and caches of \
the catalog that are filled anew. For a session of a few statements that is most of the time, and \
none of it shows in any statement's duration.

## What to do

Keep connections: a pool in the application, or a pooler in front of the server where there are \
many short-lived processes, such as PHP, serverless functions and cron jobs.

## When to ignore it

When the sessions are those of a health check that connects on purpose. The clients of a pooler, in \
its own log, are left alone: short sessions are what it is for.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let limit = evidence.options.thresholds.churn_per_minute;
    for server in servers(rule, evidence) {
        let connections = &server.workload.incidents().connections;
        if is_of_pooler(evidence, server) {
            continue;
        }
        let period_s = evidence.period_s(server);
        let count = arrivals(server).count;
        let per_minute = count as f64 * 60.0 / period_s.max(1.0);
        if count < MIN_CONNECTIONS || period_s < MIN_PERIOD_S || per_minute < limit {
            continue;
        }
        let median_us = connections.lengths.quantile_us(0.5);
        let shown = match median_us {
            Some(us) if us < SHORT_US => {
                Some(format!("half of them shorter than {}", words::duration_us(us)))
            }
            Some(_) => None,
            None if server.engine == Engine::Mongodb => short_by_number(server, per_minute),
            None => few_statements(server),
        };
        if let Some(shown) = shown {
            out.push(finding(rule, evidence, server, per_minute, &shown));
        }
    }
}

/// The connections that came in: MongoDB's log does not say of which of them somebody was let in.
fn arrivals(server: &ServerFacts) -> &Occurrences {
    let connections = &server.workload.incidents().connections;
    match server.engine {
        Engine::Mongodb => &connections.received,
        _ => &connections.authorized,
    }
}

/// What the number of open connections, which MongoDB logs with each, says of how long they lasted: with
/// at most so many open, those that came at this rate cannot have stayed longer on average.
fn short_by_number(server: &ServerFacts, per_minute: f64) -> Option<String> {
    let connections = &server.workload.incidents().connections;
    let mean_us = connections.open_now as f64 / per_minute * 60e6;
    let is_short = connections.open_now > 0
        && connections.disconnected.count >= connections.received.count / 2
        && mean_us < SHORT_US;
    is_short.then(|| format!("open for {} on average at most", words::duration_us(mean_us)))
}

/// What a log that does not say how long sessions lasted shows of short ones: most were closed, after
/// few statements each.
fn few_statements(server: &ServerFacts) -> Option<String> {
    let connections = &server.workload.incidents().connections;
    let (began, ended) = (connections.authorized.count, connections.disconnected.count);
    let each = server.workload.overall().calls as f64 / began.max(1) as f64;
    let short = ended >= began / 2 && each < FEW_STATEMENTS && each > 0.0;
    short.then(|| format!("{each:.1} statements for each"))
}

/// Whether a pooler wrote the log: short sessions of its clients are what it is for.
fn is_of_pooler(evidence: &Evidence<'_>, server: &ServerFacts) -> bool {
    let mut inputs = evidence.facts.inputs.iter();
    inputs.any(|input| {
        input.server.as_deref() == Some(&server.label) && input.format == Some("pgbouncer")
    })
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    per_minute: f64,
    shown: &str,
) -> Finding {
    let connections = &server.workload.incidents().connections;
    let mut finding = rule.about_server(evidence, server);
    finding.severity = match per_minute {
        rate if rate >= 600.0 => Severity::Medium,
        _ => Severity::Low,
    };
    finding.title =
        format!("{} connections a minute, {shown}", words::count(per_minute.round() as u64));
    finding.message = format!(
        "{} logged over {}, {shown}: setting them up is work that no {}'s duration shows.",
        words::counted(arrivals(server).count, "connection"),
        words::duration_us(evidence.period_s(server) * 1e6),
        if server.engine == Engine::Mongodb { "operation" } else { "statement" }
    );
    finding.evidence.push(fact_at(evidence, "the first of them", arrivals(server).largest.place()));
    let names = server.workload.names();
    let who = &connections.established;
    let who = match server.engine {
        Engine::Mongodb => [
            ("application", &connections.introduced_by_app),
            ("driver", &connections.drivers),
            ("host", &connections.received_by_host),
        ],
        _ => [("user", &who.users), ("application", &who.apps), ("host", &who.hosts)],
    };
    for (kind, tally) in who {
        let shown: Vec<_> = tally
            .ranked(names)
            .into_iter()
            .take(MAX_NAMES)
            .map(|(name, share)| format!("{name} {}", words::count(share.calls)))
            .collect();
        if !shown.is_empty() {
            let fact = format!("connections by {kind}: {}", shown.join(", "));
            finding.evidence.push(fact_at(evidence, fact, None));
        }
    }
    if connections.ready.count > 0 {
        let fact = format!(
            "setting up took {} in all, {} at most",
            words::duration_us(connections.ready.sum as f64),
            words::duration_us(connections.ready.max as f64)
        );
        finding.evidence.push(fact_at(evidence, fact, connections.ready.largest.place()));
    }
    finding.fixes.push(rewrite::code(
        match server.engine {
            Engine::Mongodb => {
                "Make one MongoClient for each process and keep it: it is a pool. A client for each request, \
                 or a process for each, opens at least two connections every time, one of them to watch \
                 the server. Functions that are frozen between calls keep theirs outside of the handler."
            }
            _ => {
                "Keep connections open and share them: a pool in the application, or a pooler in front of \
                 the server where each process is short-lived."
            }
        },
        "No pool size is advised here: that needs how long transactions hold a connection, over a \
         peak week, times the instances of the application.",
    ));
    finding.verify = match server.engine {
        Engine::Postgres => {
            "The next log has fewer `connection authorized` records a minute and longer sessions."
                .to_owned()
        }
        Engine::Mongodb => "The next log has fewer `Connection accepted` messages a minute, and \
                            connections.totalCreated of db.serverStatus() rises more slowly."
            .to_owned(),
        _ => "The next log has fewer `Connect` records a minute, and Threads_created and Connections of \
              SHOW GLOBAL STATUS rise more slowly."
            .to_owned(),
    };
    finding.trade_offs = match server.engine {
        Engine::Mongodb => "A pool holds connections, and memory of the server, while it is idle.",
        _ => {
            "A pool holds slots while it is idle; a pooler is one more part to run, and in transaction \
             mode a session's own state does not last."
        }
    }
    .to_owned();
    finding
}
