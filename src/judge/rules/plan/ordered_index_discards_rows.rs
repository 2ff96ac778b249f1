//! `ordered-index-discards-rows`: an index is read in sort order, and a filter removes most of what it gives.

use super::postgres::{MIN_SHARE, POSTGRES, advise_index, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN017",
    name: "ordered-index-discards-rows",
    title: "An index in sort order is read past many rows",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An Index Scan below a Limit whose filter removes at least 1,000 rows, a hundred times as \
many as it keeps, and that takes at least 10 % of its statement's time.

## Why it matters

The planner hopes to find the first rows soon and reads the index in the order that is asked \
for. Where the filter is rare it reads most of the table instead.

## What to do

Build an index that begins with the filter's columns and goes on with the sort key: it gives \
the first rows at once.

## When to ignore it

When the filter's value is mostly common.
";

/// Rows that the filter must remove, and how many times as many as it keeps.
const MIN_REMOVED: f64 = 1_000.0;
const TIMES: f64 = 100.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| {
        matches!(seen.node.operator, Operator::IndexScan | Operator::IndexOnlyScan)
            && seen.node.text("Index Cond").is_none()
            && !plan_index::filter_is_of_other_kind(seen.node)
    });
    scans
        .filter_map(|seen| {
            let stops = |at: usize| plan.plan().nodes.get(at).map(|node| node.operator);
            plan.plan().ancestors(seen.at).find(|at| stops(*at) == Some(Operator::Limit))?;
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let (removed, read) = seen.filtered()?;
            let kept = read - removed;
            let fact = format!(
                "{} reads {} rows in order to find {}",
                seen.name(),
                number(read),
                number(kept)
            );
            (removed >= MIN_REMOVED && removed >= TIMES * kept).then_some(Hit {
                at: seen.at,
                share,
                fact,
            })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("An index of {} is read in order past many rows", ident::quoted(table));
    let why = "It has the order but not the filter's columns.";
    say(evidence, plan, hit, finding, title, why);
    let keys = plan_index::order_of(evidence, plan, table);
    let keys: Vec<_> = keys.iter().map(|key| &**key).collect();
    let candidate = plan_index::wanted(seen.node).sorted_by(seen.node, &keys).candidate(table);
    advise_index(evidence, plan, finding, table, candidate);
    if let Some(fix) = finding.fixes.first_mut().filter(|_| keys.is_empty()) {
        fix.note.insert_str(
            0,
            "The sort key is not in the plan: put the columns of the index that is read now behind these, \
             and no sort is needed. ",
        );
    }
    finding.verify = verify(evidence, plan, "the filter's columns in Index Cond");
}
