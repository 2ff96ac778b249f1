//! `cartesian-join`: a join without any condition makes the product of both sides.

use super::postgres::{MIN_SHARE, POSTGRES, code, nodes, say, side, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::{Operator, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN027",
    name: "cartesian-join",
    title: "Every row is joined with every other",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Nested Loop without a condition on either side whose inner side gives more than one row, \
that makes at least 1,000,000 rows and takes at least 10 % of its statement's time.

## Why it matters

The rows are the product of both sides. Mostly a join condition was forgotten.

## What to do

Add the missing condition to ON or WHERE. If the product is meant, write CROSS JOIN, and \
make it of as few rows as can be.

## When to ignore it

When the product is meant.
";

/// Rows that the product must have.
const MIN_ROWS: f64 = 1e6;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let joins = nodes(plan).filter(|seen| {
        seen.node.operator == Operator::NestedLoop && seen.node.text("Join Filter").is_none()
    });
    joins
        .filter_map(|seen| {
            let inner = side(plan, seen.at, Role::Inner)?;
            let free = match inner.node.operator {
                Operator::Materialize => true,
                operator => operator == Operator::FullScan && inner.node.text("Filter").is_none(),
            };
            let (rows, loops) = (seen.rows()?, inner.loops()?);
            let per_loop = inner.rows()? / loops;
            let share = (seen.share().unwrap_or(0.0) + tree_share(plan, inner.at)).min(1.0);
            let fact = format!(
                "{} joins {} rows with {} each, without a condition: {} rows",
                seen.name(),
                number(loops),
                number(per_loop),
                number(rows)
            );
            let is_product = free && loops > 1.0 && per_loop > 1.0 && rows >= MIN_ROWS;
            (is_product && share >= MIN_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = "A join without a condition makes the product of both sides".to_owned();
    say(evidence, plan, hit, finding, title, "Mostly a join condition was forgotten.");
    finding.fixes.push(code(
        "Add the join condition that is missing. If the product is meant, write CROSS JOIN, and group \
         or filter both sides before it.",
        "DISTINCT or GROUP BY over the product hides the fault and keeps its cost.",
    ));
    finding.verify =
        verify(evidence, plan, "a join with a condition, and as many rows as are meant");
    finding.trade_offs = "The result changes where the condition was missing.".to_owned();
}
