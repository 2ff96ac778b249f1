//! `index-loose-condition`: an index condition that does not fix its first column makes the scan walk through the whole index.

use super::postgres::{MIN_SHARE, POSTGRES, Seen, above, advise_index, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN019",
    name: "index-loose-condition",
    title: "An index is read from end to end for a few rows",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An index scan with an index condition, without a filter that removes rows, that touches more \
than 20 blocks for each row that it gives and at least 1,000 in all, and takes at least 10 % \
of its statement's time.

## Why it matters

A condition on a later column of an index does not tell where to begin: all of the index is \
read and tested.

## What to do

Build an index that begins with the columns of the condition.

## When to ignore it

When the rows are few because dead ones fill the index: VACUUM, or REINDEX CONCURRENTLY.
";

/// Blocks for each row, and in all.
const BLOCKS_PER_ROW: f64 = 20.0;
const MIN_BLOCKS: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| {
        matches!(
            seen.node.operator,
            Operator::IndexScan | Operator::IndexOnlyScan | Operator::BitmapIndexScan
        ) && seen.node.text("Index Cond").is_some()
    });
    scans
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let rows = seen.filtered().map_or(seen.rows()?, |(_, found)| found);
            // Each start goes down the tree, and each row may be on a page of its own.
            let blocks = seen.blocks() - 4.0 * seen.loops()?;
            let fact = format!(
                "{} touched {} blocks for {} rows",
                seen.name(),
                number(seen.blocks()),
                number(rows)
            );
            let is_loose = blocks >= MIN_BLOCKS && blocks > BLOCKS_PER_ROW * rows.max(1.0);
            (is_loose && scanned(plan, seen).is_some()).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

/// The node that knows the table: a bitmap's is read above it.
fn scanned<'p>(plan: &'p PlanEvidence<'_>, seen: Seen<'p>) -> Option<Seen<'p>> {
    match seen.table() {
        Some(_) => Some(seen),
        None => above(plan, seen.at).filter(|above| above.table().is_some()),
    }
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let Some(scan) = scanned(plan, seen) else { return };
    let table = scan.table().unwrap_or_default();
    let title = format!("An index of {} is walked through for few rows", ident::quoted(table));
    let why = "Its first column is not in the condition, or most of what it holds is dead.";
    say(evidence, plan, hit, finding, title, why);
    advise_index(evidence, plan, finding, table, plan_index::wanted(scan.node).candidate(table));
    finding.verify = verify(evidence, plan, "a few Buffers for each row");
}
