//! `foreign-scan-filters-locally`: a condition on a foreign table is tested here, after all rows were fetched.

use super::postgres::{MIN_SHARE, POSTGRES, code, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::ident;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN038",
    name: "foreign-scan-filters-locally",
    title: "Foreign rows are fetched to be thrown away",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Foreign Scan whose filter removes at least 90 % of the rows, at least 1,000, and that \
takes at least 10 % of its statement's time.

## Why it matters

Every row crosses the network to be thrown away.

## What to do

Write the condition with built-in immutable functions and bare columns, so that it is sent \
to the other server; or put it into a view there. For functions of extensions that are on \
both sides, name them in the server's `extensions` option.

## When to ignore it

When the foreign source can test nothing by itself (files, some other databases).
";

/// Share of the rows that the filter must remove, and how many.
const REMOVED: f64 = 0.9;
const MIN_REMOVED: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::ForeignScan);
    scans
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let (removed, read) = seen.filtered()?;
            let part = removed / read;
            let fact = format!(
                "{} fetches {} rows and keeps {}",
                seen.name(),
                number(read),
                number(read - removed)
            );
            (part >= REMOVED && removed >= MIN_REMOVED).then_some(Hit {
                at: seen.at,
                share: share * part,
                fact,
            })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title =
        format!("Rows of the foreign table {} are fetched to be thrown away", ident::quoted(table));
    say(evidence, plan, hit, finding, title, "The condition is not sent to the other server.");
    finding.fixes.push(code(
        "Write the condition on the bare column with built-in operators (a range in place of a formatted \
         date), so that it is part of Remote SQL; or make a view with it on the other server.",
        "postgres_fdw sends only what is immutable and built in, or of an extension that its server \
         option `extensions` names. EXPLAIN (VERBOSE) shows Remote SQL.",
    ));
    finding.verify =
        verify(evidence, plan, "the condition in Remote SQL (EXPLAIN VERBOSE), and no Filter");
    finding.trade_offs = "None but the changed statement.".to_owned();
}
