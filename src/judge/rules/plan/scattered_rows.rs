//! `scattered-rows`: a scan touches far more blocks than its rows can fill.

use super::postgres::{MIN_SHARE, POSTGRES, code, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, statistics};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN035",
    name: "scattered-rows",
    title: "Many blocks are read for few rows",
    target: "server",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Seq Scan that touches at least 100 blocks for each row that it reads, those removed by its \
filter included, at least 1,000 in all, and takes at least 10 % of its statement's time.

## Why it matters

The blocks hold dead rows or nothing: a table that was emptied by DELETE keeps its size.

## What to do

VACUUM lets new rows use the room. To give it back, rewrite the table: VACUUM FULL locks it, \
pg_repack does not. For tables that are emptied again and again, TRUNCATE or partitions that \
are dropped.

## When to ignore it

When the table fills up again soon.
";

/// Blocks for each row, and in all.
const BLOCKS_PER_ROW: f64 = 100.0;
const MIN_BLOCKS: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::FullScan);
    scans
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let rows =
                seen.rows()? + seen.metrics.rows_removed.map_or(0.0, |removed| removed.most());
            let blocks = seen.blocks();
            let fact = format!(
                "{} touched {} blocks for {} rows",
                seen.name(),
                number(blocks),
                number(rows)
            );
            let is_bloated = blocks >= MIN_BLOCKS && blocks >= BLOCKS_PER_ROW * rows.max(1.0);
            is_bloated.then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("{} is mostly empty space", ident::quoted(table));
    say(evidence, plan, hit, finding, title, "The blocks hold dead rows, or nothing.");
    finding.fixes.push(statistics::vacuum(table));
    finding.fixes.push(code(
        "Then give the room back: VACUUM FULL in a quiet hour, or pg_repack without the lock.",
        "VACUUM FULL locks the table against reads and writes while it copies it, and needs room for the \
         copy. VACUUM alone cuts off only what is empty at the end of the table.",
    ));
    finding.verify = verify(evidence, plan, "a few Buffers for each row");
    finding.trade_offs = "The table grows again when rows come.".to_owned();
}
