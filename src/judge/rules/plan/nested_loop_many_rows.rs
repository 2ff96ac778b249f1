//! `nested-loop-many-rows`: a nested loop was chosen for few outer rows, and many came.

use super::postgres::{POSTGRES, Seen, code, misjudged, nodes, say, side, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{plan_index, statistics};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::{Operator, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN008",
    name: "nested-loop-many-rows",
    title: "A nested loop runs far more often than planned",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Nested Loop whose inner side ran at least 1,000 times, takes at least 30 % of the \
statement's time, and whose outer side gave at least 10 times the rows that were expected.

## Why it matters

A nested loop is the best join for a few outer rows and one of the worst for many: each of \
them costs a lookup. A hash join reads both sides once.

## What to do

Correct the estimate that misled the planner: ANALYZE, or statistics over the columns that \
are tested together. Do not switch nested loops off for the server or the role: other \
statements need them.

## When to ignore it

When the inner lookups are cheap and a hash join would have to read a far larger table.
";

/// How often the inner side must have run.
const MIN_LOOPS: f64 = 1_000.0;
/// The share of the statement that it must take.
const MIN_INNER_SHARE: f64 = 0.3;
/// How many times more rows than expected the outer side must give.
const OFF: f64 = 10.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let joins = nodes(plan).filter(|seen| seen.node.operator == Operator::NestedLoop);
    joins
        .filter_map(|seen| {
            let outer = side(plan, seen.at, Role::Outer)?;
            let inner = side(plan, seen.at, Role::Inner)?;
            let loops = inner.loops()?;
            let off = outer.metrics.estimate.filter(|off| off.is_under && off.factor >= OFF)?;
            let share = tree_share(plan, inner.at);
            let fact = format!(
                "the inner side of {} ran {} times; {} times as many outer rows came as expected",
                seen.name(),
                number(loops),
                number(off.factor)
            );
            let is_much = loops >= MIN_LOOPS && share >= MIN_INNER_SHARE;
            is_much.then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let inner = side(plan, hit.at, Role::Inner).and_then(Seen::loops).unwrap_or_default();
    let title = format!("Nested Loop looked up {} rows one by one", number(inner));
    let why = "It was chosen for few rows; for so many a hash join reads each side once.";
    say(evidence, plan, hit, finding, title, why);
    let guilty = side(plan, hit.at, Role::Outer).and_then(|outer| misjudged(plan, outer.at, OFF));
    let guilty = guilty.and_then(|scan| Some((scan, scan.table()?)));
    finding.tables = guilty.iter().map(|(_, table)| (*table).to_owned()).collect();
    match guilty {
        Some((scan, table)) => {
            if let columns @ [_, _, ..] = plan_index::wanted(scan.node).columns().as_slice() {
                finding.fixes.push(statistics::extended(table, columns));
            }
            finding.fixes.push(statistics::analyze(table));
        }
        None => finding.fixes.push(code(
            "Find what misled the planner: the lowest node below the loop whose estimate is off. For a \
             join of several conditions, join in two steps with the first in a temporary table that \
             is analyzed.",
            "No scan below the loop is misjudged by itself, so the error arises where tables are \
             joined, for which PostgreSQL keeps no statistics.",
        )),
    }
    finding.verify = verify(
        evidence,
        plan,
        "expected and actual rows of the outer side that are near each other, and a Hash Join in place \
         of the Nested Loop",
    );
    finding.trade_offs =
        "A hash join needs memory for one side, and reads it whole: dearer where few \
                          outer rows come."
            .to_owned();
}
