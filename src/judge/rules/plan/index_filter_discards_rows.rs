//! `index-filter-discards-rows`: an index leads to many rows, and a filter removes most of them.

use super::postgres::{
    MIN_SHARE, POSTGRES, Seen, advise_index, inputs, node, nodes, say, tree_share, verify,
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
    code: "PLN004",
    name: "index-filter-discards-rows",
    title: "An index finds rows that a filter then throws away",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An Index Scan or Bitmap Heap Scan with an index condition whose filter removes at least 80 % \
of the rows that the index found, at least 100 a loop and 1,000 in all, and that takes at \
least 10 % of its statement's time.

## Why it matters

The index knows only a part of the condition. Each row that it finds is fetched from the \
table to test the rest.

## What to do

Extend the index by the columns of the filter: equality first, one range last. Then drop the \
shorter index if nothing else needs it.

## When to ignore it

When the filter's columns change with every update of a row, or when other values of the \
filter keep most rows.
";

/// Share of the found rows that the filter must remove.
const REMOVED: f64 = 0.8;
/// Rows that it must remove in each loop, and in all.
const MIN_REMOVED_PER_LOOP: f64 = 100.0;
const MIN_REMOVED: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    nodes(plan).filter_map(|seen| of_scan(plan, seen)).collect()
}

fn of_scan(plan: &PlanEvidence<'_>, seen: Seen<'_>) -> Option<Hit> {
    let found_by = ["Index Cond", "Recheck Cond"].iter().any(|name| seen.node.text(name).is_some());
    let of_two = inputs(plan, seen.at).iter().any(|input| &*input.node.native == "BitmapAnd");
    let is_scan = matches!(
        seen.node.operator,
        Operator::IndexScan | Operator::IndexOnlyScan | Operator::BitmapHeapScan
    );
    if !is_scan || !found_by || of_two || plan_index::filter_is_of_other_kind(seen.node) {
        return None;
    }
    let share = tree_share(plan, seen.at);
    let (removed, found) = seen.filtered()?;
    let part = removed / found;
    let per_loop = removed / seen.loops()?;
    let is_much = part >= REMOVED && per_loop >= MIN_REMOVED_PER_LOOP && removed >= MIN_REMOVED;
    let fact = format!(
        "{} finds {} rows by its index and keeps {} after its filter",
        seen.name(),
        number(found),
        number(found - removed)
    );
    (is_much && share >= MIN_SHARE).then_some(Hit { at: seen.at, share: share * part, fact })
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("The index on {} finds rows that a filter removes", ident::quoted(table));
    let why = "Each of them was fetched from the table for nothing: the index lacks the filter's columns.";
    say(evidence, plan, hit, finding, title, why);
    let candidate = plan_index::wanted(seen.node).candidate(table);
    advise_index(evidence, plan, finding, table, candidate);
    finding.verify = verify(
        evidence,
        plan,
        "the filter's columns in Index Cond, and hardly any Rows Removed by Filter",
    );
}
