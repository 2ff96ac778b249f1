//! `bitmap-and-of-two-indexes`: the bitmaps of two indexes are made to keep what both have.

use super::postgres::{
    MIN_SHARE, POSTGRES, advise_index, inputs, node, nodes, say, tree_share, verify,
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
    code: "PLN022",
    name: "bitmap-and-of-two-indexes",
    title: "Two indexes are combined for one condition",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A BitmapAnd whose scan takes at least 10 % of its statement's time.

## Why it matters

Each index finds many rows to keep the few that both know.

## What to do

Build one index on the columns of both: equality first, one range last.

## When to ignore it

When each column is asked for alone as often, and writes must stay cheap.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::BitmapHeapScan);
    scans
        .filter_map(|seen| {
            let both =
                inputs(plan, seen.at).into_iter().find(|i| &*i.node.native == "BitmapAnd")?;
            let found: f64 = inputs(plan, both.at).iter().filter_map(|input| input.rows()).sum();
            let share = tree_share(plan, both.at);
            let fact = format!(
                "{} combines indexes that find {} rows to keep {}",
                seen.name(),
                number(found),
                number(seen.rows()?)
            );
            (share >= MIN_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("Two indexes of {} are combined where one would do", ident::quoted(table));
    let why = "One index on the columns of both finds just the rows that are kept.";
    say(evidence, plan, hit, finding, title, why);
    advise_index(evidence, plan, finding, table, plan_index::wanted(seen.node).candidate(table));
    finding.verify = verify(evidence, plan, "one index scan in place of the BitmapAnd");
}
