//! `long-transaction`: transactions that stayed open until the server ended them.

use super::{ended, who_connects};
use crate::judge::advice::{lookup, rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::{Rule, servers};
use crate::judge::words;
use crate::model::event::{Cancelled, Engine};

/// The rule.
pub static RULE: Rule = Rule {
    code: "CON004",
    name: "long-transaction",
    title: "Transactions stay open too long",
    target: "connections",
    engines: &[Engine::Postgres],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Five sessions or more (`cancelled`) that `transaction_timeout` ended (PostgreSQL 17 and later). A \
log shows how long a transaction was open in no other way that is proof.

## Why it matters

All that the transaction had done is rolled back, and the time is lost. While it was open its locks \
made others wait, and vacuum could remove no row that it might still see.

## What to do

Split the work: commit after each batch, do what needs no transaction outside it. Where one long \
transaction is meant, as for a dump, set the limit for its role.

## When to ignore it

When the limit is meant to end such work.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence) {
        let found = ended(rule, evidence, server, Cancelled::TransactionTimeout);
        let Some((count, mut finding)) = found else { continue };
        let transactions = words::counted(count, "transaction");
        finding.title = format!("{transactions} ended for being open too long");
        finding.message = format!(
            "{transactions} logged as ended by transaction_timeout: all that each had done was rolled \
             back."
        );
        finding.evidence.extend(who_connects(evidence, server));
        finding.fixes.push(rewrite::code(
            "Split the work into transactions of one batch each, by a range of the key, and keep what \
             needs no transaction out of it.",
            "A batch that is tried again must not be done twice: remember the last key.",
        ));
        finding.fixes.push(setting::look(
            lookup::open_transactions(),
            "Transactions that are open just now, the oldest first.",
        ));
        finding.verify =
            "The next log of the same hours has fewer transactions ended by this timeout."
                .to_owned();
        finding.trade_offs = "Work in batches is visible to others half done.".to_owned();
        out.push(finding);
    }
}
