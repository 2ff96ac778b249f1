//! `idle-in-transaction`: sessions that began a transaction and then did nothing, until the server
//! ended them.

use super::{ended, who_connects};
use crate::judge::advice::{lookup, rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::{Rule, servers};
use crate::judge::words;
use crate::model::event::{Cancelled, Engine};

/// The rule.
pub static RULE: Rule = Rule {
    code: "CON003",
    name: "idle-in-transaction",
    title: "Sessions sit idle in a transaction",
    target: "connections",
    engines: &[Engine::Postgres],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Five sessions or more (`cancelled`) that `idle_in_transaction_session_timeout` ended: the server's \
own proof that a transaction was open and nothing was done in it.

## Why it matters

Until it is ended such a session holds its connection, its row locks and its snapshot: others wait, \
and vacuum cannot remove dead rows. When it is ended its work is rolled back, and the application \
finds out with its next statement.

## What to do

Find the code path that begins a transaction and then calls another service, waits for a user, or \
forgets to commit after an error. Move the waiting out, or commit before it. Leave the timeout in \
place: it is the guard, not the fault.

## When to ignore it

When people leave a console open: give their role a timeout of its own.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let found = ended(rule, evidence, server, Cancelled::IdleInTransactionTimeout);
        let Some((count, mut finding)) = found else { continue };
        let sessions = words::counted(count, "session");
        finding.title = format!("{sessions} ended while idle in a transaction");
        finding.message = format!(
            "{sessions} logged as ended by idle_in_transaction_session_timeout: each held its \
             connection, its locks and its snapshot until then, and lost its transaction."
        );
        finding.evidence.extend(who_connects(evidence, server));
        finding.fixes.push(rewrite::code(
            "Commit or roll back before anything that waits: a call to another service, a user, a \
             queue. Close transactions on every path, errors included, and turn off what opens one \
             without being asked.",
            "Raising the timeout only lets locks and dead rows stay for longer.",
        ));
        finding.fixes.push(setting::look(
            lookup::open_transactions(),
            "Who sits in a transaction just now, the oldest first; the query is the last that the \
             session ran, so it shows where the code stopped.",
        ));
        finding.verify =
            "The next log of the same hours has fewer sessions ended by this timeout.".to_owned();
        finding.trade_offs = "Shorter transactions give up the atomicity of what is moved out of \
                              them."
            .to_owned();
        out.push(finding);
    }
}
