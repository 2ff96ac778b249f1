//! `sqlite-full-scan`: a table is read from end to end, at every run or for each row of a join.

use super::sqlite::{self, About};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::plan::{Operator, Plan, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN070",
    name: "sqlite-full-scan",
    title: "A table is read from end to end",
    target: "indexes",
    engines: sqlite::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of SQLite with `SCAN` of a table, at the inner side of a join or in a correlated subquery, \
or of a table that the statement tests by an equality or range of a bare column. Where \
`.scanstats` counted fewer than 1,000 rows, or less than 10 % of the work, it is silent.

## Why it matters

SQLite knows nested loops only: the inner table is read anew for each row outside. A scan at the \
outer side reads the whole table once at every run.

## What to do

An index on the tested columns: equalities first, then one range. ANALYZE afterwards.

## When to ignore it

When the table is small, or the conditions keep most of its rows.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, tell);
}

/// Whether a table is in a subquery that is run anew for rows outside: another rule speaks of it.
fn is_in_subquery(plan: &Plan, at: usize) -> bool {
    plan.ancestors(at).any(|above| plan.nodes[above].role == Role::SubPlan)
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let scans =
        tree.nodes.iter().enumerate().filter(|(_, node)| {
            matches!(node.operator, Operator::FullScan | Operator::FullIndexScan)
        });
    scans
        .filter_map(|(at, node)| {
            let share = sqlite::share(plan, at).filter(|_| !is_in_subquery(tree, at))?;
            let repeated = node.role == Role::Inner;
            let about = About::new(plan, node);
            // An index that is read from end to end may be there for its order, or for covering.
            let is_tested = !about.columns(repeated).is_empty();
            if !is_tested && (!repeated || node.operator == Operator::FullIndexScan) {
                return None;
            }
            let name = node.relation.as_deref().unwrap_or("?");
            let fact = match repeated {
                true => format!("table {name} is read from end to end for each row outside"),
                false => {
                    format!("table {name} is read from end to end, though the statement tests it")
                }
            };
            Some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(plan, node);
    finding.title = format!("Full scan of `{}`", about.table);
    finding.message = format!("{} {}.", about.scope(), sqlite::sentence(&hit.fact));
    about.advise(
        finding,
        &about.columns(node.role == Role::Inner),
        "Give the condition or the join of the scanned table an equality on a bare column, and that column \
         an index.",
    );
    finding.verify = sqlite::verify("SEARCH with the new index in place of SCAN");
}
