//! `temp-blocks-written`: a node that keeps rows (a CTE, a Materialize, a window) writes them to temporary files.

use super::postgres::{
    BLOCK_BYTES, MIN_SHARE, POSTGRES, Seen, advise_memory, code, inputs, node, nodes, say, verify,
};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::bytes;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN024",
    name: "temp-blocks-written",
    title: "Rows that are kept for later go to disk",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A node other than a sort or a hash that wrote temporary blocks, and that takes at least 10 % \
of its statement's time.

## Why it matters

What does not fit in `work_mem` is written to temporary files and read again.

## What to do

Keep fewer rows and columns, or let the part be inlined (`NOT MATERIALIZED`). Then memory, \
for the statement or its role.

## When to ignore it

When the rows are read many times, so that the file saves work.
";

/// What memory saves of the node's time at most: a twentieth to a third in trials on PostgreSQL 15,
/// whose files stayed in the system's cache.
const SPILL_PART: f64 = 0.3;
/// Rows in memory take more room than in a file.
const MEMORY_PER_BYTE: u64 = 2;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let keeps = |operator: Operator| {
        matches!(
            operator,
            Operator::Materialize
                | Operator::DerivedScan
                | Operator::Window
                | Operator::RowSource
                | Operator::RecursiveUnion
        )
    };
    let keepers = nodes(plan).filter(|seen| keeps(seen.node.operator));
    keepers
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let written = written_bytes(plan, seen);
            let fact = format!("{} wrote {} to temporary files", seen.name(), bytes(written));
            (written > 0).then_some(Hit { at: seen.at, share: share * SPILL_PART, fact })
        })
        .collect()
}

/// What a node wrote itself.
fn written_bytes(plan: &PlanEvidence<'_>, seen: Seen<'_>) -> u64 {
    let of = |seen: Seen<'_>| seen.node.number("Temp Written Blocks").unwrap_or(0.0).max(0.0);
    let below: f64 = inputs(plan, seen.at).into_iter().map(of).sum();
    (of(seen) - below).max(0.0) as u64 * BLOCK_BYTES
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let written = written_bytes(plan, seen);
    let title = format!("{} keeps {} on disk", seen.name(), bytes(written));
    say(
        evidence,
        plan,
        hit,
        finding,
        title,
        "What does not fit in work_mem is written and read again.",
    );
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Keep fewer rows and columns for later; write the CTE `AS NOT MATERIALIZED` where it is read \
         once or its conditions can be pushed in.",
        "From PostgreSQL 12 on a CTE that is read once is inlined by itself, unless it has side effects.",
    ));
    let how = format!("{MEMORY_PER_BYTE} times what went to disk");
    advise_memory(evidence, plan, finding, written.saturating_mul(MEMORY_PER_BYTE), &how);
    finding.verify = verify(evidence, plan, "no `temp written` in Buffers");
}
