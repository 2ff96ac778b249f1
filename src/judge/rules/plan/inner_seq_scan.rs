//! `inner-seq-scan`: a whole table is read anew for each row of another.

use super::postgres::{
    MIN_SHARE, POSTGRES, above, advise_index, is_rerun, node, nodes, say, verify,
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
    code: "PLN003",
    name: "inner-seq-scan",
    title: "A whole table is read again and again",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Seq Scan on the inner side of a nested loop or in a subplan that ran more than once, \
tested at least 10,000 rows in all, and takes at least 10 % of its statement's time.

## Why it matters

Each outer row costs a pass over the whole table, so the time grows with the product of \
both.

## What to do

Build an index on the column that is compared with the outer row; the finding prints it. \
With it each outer row costs a few blocks.

## When to ignore it

When the inner table has one or two blocks and stays so small.
";

/// Rows that all passes together must test.
const MIN_TESTED: f64 = 10_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::FullScan);
    scans
        .filter(|seen| is_rerun(plan.plan(), seen.at))
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let loops = seen.loops()?;
            let tested = match seen.filtered() {
                Some((_, tested)) => tested,
                None => seen.rows()?,
            };
            let fact = format!(
                "{} ran {} times and tested {} rows in all",
                seen.name(),
                number(loops),
                number(tested)
            );
            (tested >= MIN_TESTED).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("Seq Scan on {} for each row of another table", ident::quoted(table));
    let why = "Each pass reads the whole table to find what belongs to one row.";
    say(evidence, plan, hit, finding, title, why);
    let join = above(plan, hit.at).and_then(|join| join.node.text("Join Filter"));
    let candidate = plan_index::wanted_of(seen.node, join.as_slice()).candidate(table);
    advise_index(evidence, plan, finding, table, candidate);
    finding.verify = verify(
        evidence,
        plan,
        "an Index Scan in place of the Seq Scan, with as many loops as before",
    );
}
