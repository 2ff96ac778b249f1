//! `seq-scan-discards-rows`: a whole table is read to keep a few of its rows.

use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::{self, number};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::event::Engine;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN002",
    name: "seq-scan-discards-rows",
    title: "A whole table is read to keep few of its rows",
    target: "indexes",
    engines: &[Engine::Postgres],
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Seq Scan whose filter removes at least 90 % of the rows it reads, at least 1,000 of them, and \
that takes at least 10 % of its statement's time.

## Why it matters

The server reads and tests every row of the table, each time. An index on the columns of the \
filter leads to the few rows that are kept.

## What to do

Build the index that the finding prints, after a look at those that the table has.

## When to ignore it

When the statement runs so seldom that an index, which every write must maintain, costs more than \
it saves, and when the filter keeps most rows for other values.
";

/// Share of the rows read that the filter must remove.
const REMOVED: f64 = 0.9;
/// Rows that it must remove, over all loops.
const MIN_REMOVED: f64 = 1_000.0;
/// Share of the statement that the scan must take.
const MIN_SHARE: f64 = 0.1;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(plan, hit, finding));
}

/// Rows that a node removed and kept, over all loops.
fn removed_and_kept(plan: &PlanEvidence<'_>, at: usize) -> Option<(f64, f64)> {
    let node = plan.plan().nodes.get(at)?;
    let ran = node.measured()?;
    let removed = node.number("Rows Removed by Filter")? * ran.loops as f64;
    Some((removed, plan.metrics().nodes.get(at)?.rows?.value))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = plan.plan().nodes.iter().enumerate();
    let scans = scans.filter(|(_, node)| node.operator == Operator::FullScan);
    scans
        .filter_map(|(at, node)| {
            let share = plan.metrics().nodes.get(at)?.share?;
            let (removed, kept) = removed_and_kept(plan, at)?;
            let part = removed / (removed + kept);
            if part < REMOVED || removed < MIN_REMOVED || share < MIN_SHARE {
                return None;
            }
            let fact = format!(
                "{} reads {} rows and removes {} of them",
                plan_words::name(node),
                number(removed + kept),
                percent(part)
            );
            Some(Hit { at, share: share * part, fact })
        })
        .collect()
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let node = plan.plan().nodes.get(hit.at);
    let relation = node.and_then(|node| node.relation.as_deref()).unwrap_or("the table");
    finding.title = format!("Seq Scan on {relation} reads rows to throw them away");
    finding.message = format!(
        "{}. The scan takes up to {} of the statement's time.",
        hit.fact,
        percent(hit.share)
    );
}
