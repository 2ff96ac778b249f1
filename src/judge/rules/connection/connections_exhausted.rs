//! `connections-exhausted`: clients were turned away because no slot was left.

use crate::judge::advice::{lookup, mongodb_lookup, mysql_lookup, rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, of_messages, servers};
use crate::judge::words;
use crate::model::event::{Engine, Level, Refusal};
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::messages::MessageGroup;

/// The rule.
pub static RULE: Rule = Rule {
    code: "CON001",
    name: "connections-exhausted",
    title: "Clients were turned away: no connection slot was left",
    target: "connections",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb],
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Connections that the server refused because all slots were taken, or all that a role or database \
may have.

## Why it matters

To the application the database was down. The state feeds itself: clients try again, and each \
attempt costs the server a process.

## What to do

See who holds the slots, then let fewer connections do: a pooler in transaction mode before the \
server, smaller pools in the applications, no sessions that sit idle in a transaction. A higher \
`max_connections` comes last: it needs a restart and memory, and more sessions at once make each \
slower.

## When to ignore it

When it was one accident whose cause is known, such as a deployment that opened every pool twice.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let refused = &server.workload.incidents().connections.refusals;
        if let Some(count) = refused.get(&Refusal::TooMany).filter(|count| **count > 0) {
            out.push(finding(rule, evidence, server, *count));
        }
    }
}

/// Messages that refuse a client for want of a slot.
fn is_refusal(group: &MessageGroup) -> bool {
    let starts = |starts: &[&str]| starts.iter().any(|start| group.message.starts_with(start));
    let refuses =
        ["sorry, too many clients", "too many connections for", "remaining connection slots"];
    (group.level == Level::Fatal && starts(&refuses)) || starts(&["Too many connections"])
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, server: &ServerFacts, count: u64) -> Finding {
    let incidents = server.workload.incidents();
    let mut groups = incidents.messages.groups();
    groups.retain(|group| is_refusal(group));
    let of_one_role = !groups.is_empty()
        && groups.iter().all(|group| group.message.starts_with("too many connections for"));

    let mut finding = rule.about_server(evidence, server);
    finding.severity = match of_one_role {
        true => Severity::High,
        false => Severity::Critical,
    };
    finding.confidence = Confidence::High;
    finding.title = format!("{} turned away: no slot was left", words::counted(count, "client"));
    finding.message = format!(
        "{} logged as refused because {}.",
        words::counted(count, "connection"),
        match of_one_role {
            true => "a role or database had all that it may have",
            false => "all slots of the server were taken, or those left were reserved",
        }
    );
    finding.evidence.extend(groups.iter().map(|group| of_messages(evidence, group)));
    if finding.evidence.is_empty() {
        let place = incidents.connections.refused.largest.place();
        finding.evidence.push(fact_at(evidence, "the first client that was refused", place));
    }
    let open = incidents.connections.open.samples().into_iter().map(|sample| sample.open).max();
    if let Some(open) = open.filter(|open| *open > 0) {
        finding.evidence.push(fact_at(
            evidence,
            format!(
                "at most {} of those whose end is logged were open at once",
                words::counted(open, "session")
            ),
            None,
        ));
    }
    finding.fixes.push(match server.engine {
        Engine::Postgres => setting::look(
            lookup::sessions(),
            "Who holds the slots, to be run while it happens: many `idle` sessions call for a pooler or \
             smaller pools, `idle in transaction` for shorter transactions, `active` for faster \
             statements.",
        ),
        Engine::Mongodb => mongodb_lookup::fix(
            mongodb_lookup::connections(),
            "Who holds the connections, to be run while it happens: many that are not active call for \
             smaller pools (maxPoolSize) or fewer clients, many active ones for faster operations.",
        ),
        _ => setting::look(
            mysql_lookup::sessions(),
            "Who holds the slots, to be run while it happens (one slot more is kept for an \
             administrator): many in `Sleep` call for smaller pools or a proxy, many in `Query` for \
             faster statements or shorter waits.",
        ),
    });
    finding.fixes.push(rewrite::code(
        match server.engine {
            Engine::Postgres => {
                "Put a pooler in transaction mode between the applications and the server, and count \
                 every instance: slots needed are instances × pool size."
            }
            Engine::Mongodb => {
                "Count every instance: connections needed are instances × clients in each × maxPoolSize, \
                 for each member of the replica set, and some to watch it. One MongoClient for each \
                 process is enough; maxIdleTimeMS lets idle connections go."
            }
            _ => {
                "Count every instance: slots needed are instances × pool size. Where that is too many, a \
                 proxy that shares connections (ProxySQL, MaxScale, RDS Proxy) stands between."
            }
        },
        "No pool size is advised here: that needs how long transactions hold a connection, over a \
         peak week.",
    ));
    finding.verify = "The next log of the same hours has no such refusal.".to_owned();
    finding.trade_offs = match server.engine {
        Engine::Postgres => {
            "In transaction mode a session's own state (SET, advisory session locks, LISTEN, temporary \
             tables) does not last beyond a transaction. A higher max_connections needs a restart and \
             memory for each slot."
        }
        Engine::Mongodb => {
            "Smaller pools let operations wait in the application. A higher limit \
             (net.maxIncomingConnections) needs a restart, a megabyte or so and file handles for each \
             connection."
        }
        _ => {
            "Behind a proxy a session's own state (SET, user variables, temporary tables, GET_LOCK) keeps a \
             connection to itself. A higher max_connections needs no restart, but memory and file handles \
             for each session."
        }
    }
    .to_owned();
    finding
}
