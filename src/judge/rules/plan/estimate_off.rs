//! `estimate-off`: the planner expected another number of rows of a scan, by a factor of ten or more.

use super::postgres::{MIN_SHARE, POSTGRES, node, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, plan_index, statistics};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN007",
    name: "estimate-off",
    title: "The planner misjudges how many rows a scan gives",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A scan of a table whose rows per loop are 10 times more or less than the planner expected, \
with at least 100 rows on one side, below other nodes that take at least 10 % of the \
statement's time and were planned on that guess. Scans that were stopped early are left \
alone.

## Why it matters

Joins, sorts and their memory are chosen by the expected rows. From a wrong number the \
planner chooses them wrongly.

## What to do

ANALYZE the table. Where several columns are tested together and depend on each other, \
create statistics over them: the planner takes columns for independent. Expressions and \
functions on columns have no statistics of their own (from 14 on CREATE STATISTICS takes \
them).

## When to ignore it

When the plan is the best one all the same.
";

/// How many times the estimate must be off.
const OFF: f64 = 10.0;
/// Rows that there must be, or were expected.
const MIN_ROWS: f64 = 100.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator.reads_table());
    scans
        .filter_map(|seen| {
            let off = seen.metrics.estimate.filter(|estimate| estimate.factor >= OFF)?;
            seen.table()?;
            let expected = seen.node.estimated.rows?;
            let per_loop = seen.rows()? / seen.loops()?;
            let share = planned_on_it(plan, seen.at);
            let how = if off.is_under { "too few" } else { "too many" };
            let fact = format!(
                "{} gave {} rows a loop where {} were expected: {} times {how}",
                seen.name(),
                number(per_loop),
                number(expected),
                number(off.factor)
            );
            let is_many = expected.max(per_loop) >= MIN_ROWS;
            (is_many && share >= MIN_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

/// The share of the nodes that were chosen by the rows of a scan: all above it, and what they join.
fn planned_on_it(plan: &PlanEvidence<'_>, at: usize) -> f64 {
    let is_choice =
        |above: &usize| plan.plan().nodes.get(*above).is_some_and(|node| node.operator.joins());
    match plan.plan().ancestors(at).filter(is_choice).last() {
        Some(join) => (tree_share(plan, join) - tree_share(plan, at)).max(0.0),
        // Without a join the same plan comes out, whatever the estimate: what is left is memory.
        None => 0.0,
    }
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("The planner misjudges the rows of {}", ident::quoted(table));
    let why = "What stands above it in the plan was chosen by that number.";
    say(evidence, plan, hit, finding, title, why);
    finding.confidence = Confidence::Medium;
    let wanted = plan_index::wanted(seen.node);
    finding.fixes.push(statistics::analyze(table));
    if let columns @ [_, _, ..] = wanted.columns().as_slice() {
        finding.fixes.insert(0, statistics::extended(table, columns));
    }
    finding.verify = verify(
        evidence,
        plan,
        "expected and actual rows of the scan that are less than ten times apart",
    );
    finding.trade_offs =
        "Other plans on the table may change too, mostly for the better: compare the slowest classes \
         before and after."
            .to_owned();
}
