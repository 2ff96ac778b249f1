//! `build-side-larger`: a hash table is built of the side that turned out to be the larger.

use super::postgres::{MIN_SHARE, POSTGRES, Seen, code, misjudged, nodes, say, side, verify};
use super::{Hit, each_plan};
use crate::judge::advice::statistics;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::{Operator, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN023",
    name: "build-side-larger",
    title: "A hash join builds its table of the larger side",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Hash Join whose hashed side gave at least 10,000 rows, ten times as many as the other, \
though it was expected to be the smaller, and that takes at least 10 % of its statement's \
time to build.

## Why it matters

Building a hash table costs more than probing it, and the larger one needs the memory.

## What to do

Correct the estimate of the hashed side: ANALYZE, or statistics over columns that are tested \
together.

## When to ignore it

When an outer join allows no other side.
";

/// Rows of the hashed side, and how many times as many as the other's.
const MIN_ROWS: f64 = 10_000.0;
const TIMES: f64 = 10.0;
/// How many times the estimate of the guilty scan must be off.
const OFF: f64 = 3.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let joins = nodes(plan).filter(|seen| seen.node.operator == Operator::HashJoin);
    joins
        .filter_map(|seen| {
            let (outer, inner) =
                (side(plan, seen.at, Role::Outer)?, side(plan, seen.at, Role::Inner)?);
            let (probes, built) = (outer.rows()?, inner.rows()?);
            let expected = inner.node.estimated.rows? <= outer.node.estimated.rows?;
            let share = inner.share()?;
            let fact = format!(
                "{} builds a hash table of {} rows to look up {}",
                seen.name(),
                number(built),
                number(probes)
            );
            let is_much = built >= MIN_ROWS && built >= TIMES * probes && share >= MIN_SHARE;
            (is_much && expected).then_some(Hit { at: inner.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = "A hash table is built of the larger side".to_owned();
    say(evidence, plan, hit, finding, title, "The planner took it for the smaller one.");
    match misjudged(plan, hit.at, OFF).and_then(Seen::table) {
        Some(table) => finding.fixes.push(statistics::analyze(table)),
        None => finding.fixes.push(code(
            "Find the lowest node below the Hash whose estimate is off, and ANALYZE its table.",
            "No scan below the Hash is misjudged by itself: the error arises where tables are joined.",
        )),
    }
    finding.verify = verify(evidence, plan, "the Hash above the smaller table");
    finding.trade_offs =
        "Other plans on the table may change too, mostly for the better.".to_owned();
}
