//! `sort-feeds-limit`: all rows are read and sorted, and a LIMIT takes the first few.

use super::postgres::{
    MIN_SHARE, POSTGRES, above, advise_index, inputs, node, nodes, say, tree_share, verify,
};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN018",
    name: "sort-feeds-limit",
    title: "Many rows are sorted to return a few",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Sort right below a Limit that takes in at least 10,000 rows, a hundred times as many as \
are returned, and that takes at least 10 % of its statement's time with what it sorts.

## Why it matters

To know the first rows in an order, all must be read, unless an index has the order.

## What to do

Build an index on the columns tested for equality and then the sort keys, in their \
directions. The scan then stops after as many rows as are returned.

## When to ignore it

When the statement's time is that of a join or of groups that must be made first.
";

/// Rows that are sorted, and how many times as many as are returned.
const MIN_ROWS: f64 = 10_000.0;
const TIMES: f64 = 100.0;
/// A sort that gives so many times what is returned feeds an OFFSET, which has a rule of its own.
const SKIPPED: f64 = 10.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let sorts = nodes(plan).filter(|seen| seen.node.operator == Operator::Sort);
    sorts
        .filter_map(|seen| {
            let limit =
                above(plan, seen.at).filter(|above| above.node.operator == Operator::Limit)?;
            let input = inputs(plan, seen.at).into_iter().next()?;
            let (sorted, given) = (input.rows()?, limit.rows()?);
            let share = tree_share(plan, seen.at);
            let skips = seen.rows()? >= SKIPPED * given.max(1.0);
            let fact =
                format!("{} rows are read and sorted to return {}", number(sorted), number(given));
            let scans = input.node.operator == Operator::FullScan;
            let is_much = sorted >= MIN_ROWS && sorted >= TIMES * given && share >= MIN_SHARE;
            (is_much && scans && !skips).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let Some(scan) = inputs(plan, hit.at).into_iter().next() else { return };
    let table = scan.table().unwrap_or_default();
    let title = format!("{} is sorted whole for its first rows", ident::quoted(table));
    let why = "An index in that order gives the first rows without reading the others.";
    say(evidence, plan, hit, finding, title, why);
    let keys = seen.node.details.texts("Sort Key");
    let candidate = plan_index::wanted(scan.node).sorted_by(scan.node, &keys).candidate(table);
    advise_index(evidence, plan, finding, table, candidate);
    finding.verify = verify(evidence, plan, "an Index Scan right below the Limit, and no Sort");
}
