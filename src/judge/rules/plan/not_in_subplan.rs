//! `not-in-subplan`: a NOT IN whose list does not fit a hash table is searched from the start for each row.

use super::postgres::{MIN_SHARE, POSTGRES, above, code, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Role;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN029",
    name: "not-in-subplan",
    title: "NOT IN searches its list row by row",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A filter `NOT (SubPlan …)` whose subplan ran at least 100 times and takes at least 10 % of \
its statement's time.

## Why it matters

NOT IN cannot be planned as a join, because of NULL. Where the list does not fit `work_mem` \
it is read again for each row.

## What to do

Write NOT EXISTS, which is planned as an anti join. Only where both columns are NOT NULL: \
with a NULL in the list NOT IN gives no rows at all.

## When to ignore it

When the list is short.
";

/// Runs that there must be.
const MIN_LOOPS: f64 = 100.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let subplans = nodes(plan).filter(|seen| seen.node.role == Role::SubPlan);
    subplans
        .filter_map(|seen| {
            let loops = seen.loops().filter(|loops| *loops >= MIN_LOOPS)?;
            let asker = above(plan, seen.at)?;
            let filter = asker.node.text("Filter").unwrap_or_default();
            let is_not_in = filter.contains("NOT (SubPlan") || filter.contains("ALL (");
            let share = (tree_share(plan, seen.at) + asker.share().unwrap_or(0.0)).min(1.0);
            let fact = format!(
                "the list of NOT IN was searched {} times for {}",
                number(loops),
                asker.name()
            );
            (is_not_in && share >= MIN_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = "NOT IN searches its list for each row".to_owned();
    say(evidence, plan, hit, finding, title, "The list did not fit a hash table of work_mem.");
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Write NOT EXISTS (SELECT FROM inner WHERE inner.column = outer.column) in place of NOT IN.",
        "Only where both columns are NOT NULL, else the rows differ: NOT IN with a NULL in its list gives \
         none. Where that cannot be said, more work_mem for the statement makes it a hashed SubPlan.",
    ));
    finding.verify = verify(evidence, plan, "an Anti Join, and the same rows as before");
    finding.trade_offs = "None where both columns are NOT NULL.".to_owned();
}
