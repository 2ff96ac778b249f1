//! `default-estimate`: the planner knows nothing about a function and takes its default.

use super::postgres::{MIN_SHARE, POSTGRES, node, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::advice::ident;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Fix, FixKind, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN026",
    name: "default-estimate",
    title: "A function is expected to give 1,000 rows",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Function Scan that was expected to give the default of 1,000 rows (or 100 of an array) and \
gave ten times more or less, below nodes that take at least 10 % of the statement's time.

## Why it matters

The planner does not look into functions. Joins above it are chosen by that default.

## What to do

Tell it: `ALTER FUNCTION … ROWS n` with the rows that it gives as a rule. Or keep its rows \
in a temporary table that is analyzed.

## When to ignore it

When the number of rows varies so much that no number is right.
";

/// What the planner takes where it knows nothing.
const DEFAULTS: &[f64] = &[1_000.0, 100.0];
/// How many times it must be off.
const OFF: f64 = 10.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| &*seen.node.native == "Function Scan");
    scans
        .filter_map(|seen| {
            let off = seen.metrics.estimate.filter(|estimate| estimate.factor >= OFF)?;
            let expected = seen.node.estimated.rows.filter(|rows| DEFAULTS.contains(rows))?;
            let rows = seen.rows()? / seen.loops()?;
            let over = plan.plan().ancestors(seen.at);
            let joins =
                over.filter(|at| node(plan, *at).is_some_and(|over| over.node.operator.joins()));
            let share =
                joins.last().map_or(0.0, |join| tree_share(plan, join) - tree_share(plan, seen.at));
            let fact = format!(
                "{} gave {} rows where {} were expected by default, {} times off",
                seen.name(),
                number(rows),
                number(expected),
                number(off.factor)
            );
            (share >= MIN_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let function = seen.node.text("Function Name").or(seen.table()).unwrap_or_default();
    let rows =
        seen.rows().zip(seen.loops()).map_or(0.0, |(rows, loops)| (rows / loops).round().max(1.0));
    let name = ident::quoted(function);
    let title = format!("The planner knows nothing about the rows of {name}");
    say(evidence, plan, hit, finding, title, "The joins above were chosen by that default.");
    finding.fixes.push(Fix {
        kind: FixKind::Sql,
        text: format!("ALTER FUNCTION {name} ROWS {rows:.0};"),
        undo: format!("ALTER FUNCTION {name} ROWS {:.0};", seen.node.estimated.rows.unwrap_or(1_000.0)),
        note: "The rows of this one run: take what is usual. Functions of one name with other arguments \
               need theirs in parentheses. Functions of extensions and of the system belong to others: \
               there keep the rows in a temporary table and ANALYZE it."
            .to_owned(),
        complete: true,
    });
    finding.verify =
        verify(evidence, plan, "expected and actual rows of the Function Scan near each other");
    finding.trade_offs =
        "All statements that call the function are planned with that number.".to_owned();
}
