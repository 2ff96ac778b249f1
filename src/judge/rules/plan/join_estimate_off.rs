//! `join-estimate-off`: the planner is off by a factor of a hundred at a join whose inputs it knew well.

use super::postgres::{MIN_SHARE, POSTGRES, Seen, code, inputs, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN025",
    name: "join-estimate-off",
    title: "The planner misjudges a join",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A join whose rows are 100 times more or less than expected while both inputs are off by less \
than 10 times, with at least 1,000 rows on one side, that takes at least 10 % of its \
statement's time with what stands above it.

## Why it matters

Join conditions are taken for independent, and values for evenly spread. What stands above \
the join is planned on that guess.

## What to do

Leave out a condition that follows from another, or join in two steps with the first in a \
temporary table that is analyzed. A foreign key on all the columns tells the planner that \
each row has one partner.

## When to ignore it

When the plan is the best one all the same.
";

/// How many times the join, and each input at most, must be off; rows that there must be.
const OFF: f64 = 100.0;
const INPUT_OFF: f64 = 10.0;
const MIN_ROWS: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let joins = nodes(plan).filter(|seen| seen.node.operator.joins());
    joins
        .filter_map(|seen| {
            let off = seen.metrics.estimate.filter(|estimate| estimate.factor >= OFF)?;
            let off_of = |input: &Seen<'_>| input.metrics.estimate.map_or(1.0, |e| e.factor);
            let inputs_right = inputs(plan, seen.at).iter().all(|input| off_of(input) < INPUT_OFF);
            let expected = seen.node.estimated.rows?;
            let rows = seen.rows()? / seen.loops()?;
            let over = plan.plan().ancestors(seen.at).filter_map(|at| node(plan, at)?.share());
            let share = (seen.share().unwrap_or(0.0) + over.sum::<f64>()).min(1.0);
            let fact = format!(
                "{} gave {} rows where {} were expected, {} times too {}",
                seen.name(),
                number(rows),
                number(expected),
                number(off.factor),
                if off.is_under { "few" } else { "many" }
            );
            let is_much = rows.max(expected) >= MIN_ROWS && share >= MIN_SHARE;
            (is_much && inputs_right).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let title = format!("The planner misjudges a {}", seen.node.native);
    let why = "Both inputs were judged right, so the error is in how they match.";
    say(evidence, plan, hit, finding, title, why);
    finding.fixes.push(code(
        "Leave out join conditions that follow from others; add the foreign key where there is one; or \
         keep the joined rows in a temporary table, ANALYZE it, and go on from there.",
        "PostgreSQL keeps no statistics across tables: CREATE STATISTICS does not help here.",
    ));
    finding.verify = verify(evidence, plan, "expected and actual rows of the join near each other");
    finding.trade_offs =
        "A condition may be left out only if the data guarantees it: a constraint says so."
            .to_owned();
}
