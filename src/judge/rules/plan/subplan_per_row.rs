//! `subplan-per-row`: a subquery that refers to the row outside runs for each of them.

use super::postgres::{
    MIN_SHARE, POSTGRES, Seen, above, code, node, nodes, say, tree_share, verify,
};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Role;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN013",
    name: "subplan-per-row",
    title: "A subquery runs for each row",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A SubPlan that ran at least 100 times and takes at least 10 % of its statement's time. Those \
of NOT IN have a rule of their own.

## Why it matters

Each row starts the subquery anew. A join finds the partners of all rows at once.

## What to do

Write it as a join with a grouped derived table, as LEFT JOIN LATERAL, or as EXISTS where \
only existence is asked.

## When to ignore it

When few rows come and each run finds its rows by an index.
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
            let share = tree_share(plan, seen.at);
            let asker = above(plan, seen.at)?;
            let filter = asker.node.text("Filter").unwrap_or_default();
            let fact = format!("{} ran {} times for {}", seen.name(), number(loops), asker.name());
            let is_not_in = filter.contains("NOT (SubPlan") || filter.contains("ALL (");
            (share >= MIN_SHARE && !is_not_in).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let loops = node(plan, hit.at).and_then(Seen::loops).unwrap_or_default();
    let title = format!("A subquery ran {} times for one statement", number(loops));
    let why = "It refers to the row outside, so it starts anew for each.";
    say(evidence, plan, hit, finding, title, why);
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Compute the value for all rows at once in a grouped derived table, and LEFT JOIN it; or use \
         LEFT JOIN LATERAL (…) ON true; or EXISTS where only existence is asked.",
        "LEFT JOIN keeps rows without a match: SUM, AVG, MIN and MAX are NULL for them as in the \
         subquery, COUNT needs coalesce(…, 0). A scalar subquery fails on two rows, a join repeats \
         the outer row: group by the join column.",
    ));
    finding.verify = verify(
        evidence,
        plan,
        "no SubPlan, and the same rows as before, those without a match included",
    );
    finding.trade_offs =
        "The join reads the inner table once for all rows, which is dearer where few \
                          outer rows remain."
            .to_owned();
}
