//! `sort-spilled`: a sort that does not fit in memory goes through temporary files.

use super::postgres::{POSTGRES, advise_memory, code, node, nodes, say, verify};
use super::{Hit, each_plan, sort_feeds_group};
use crate::judge::advice::memory;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::bytes;
use crate::model::plan::{Node, Operator};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN005",
    name: "sort-spilled",
    title: "A sort goes through the disk",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Sort whose method is an external merge, which takes at least 2 % of its statement's time. \
Where it only serves a grouping and is much of the work, `sort-feeds-group` tells it.

## Why it matters

What does not fit in `work_mem` is written to temporary files and read again, once or more.

## What to do

Sort less first: fewer columns, fewer rows, an index that has the order already. Then \
memory, for the statement or its role, never for the whole server.

## When to ignore it

A nightly export that nobody waits for may spill.
";

/// What memory saves of the node's time at most: a twentieth to a third in trials on PostgreSQL 15,
/// whose files stayed in the system's cache.
const SPILL_PART: f64 = 0.3;
/// Share of the statement below which a spill is not worth a word.
const MIN_SPILL_SHARE: f64 = 0.02;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let sorts = nodes(plan).filter(|seen| {
        seen.node.operator == Operator::Sort && !sort_feeds_group::is_told(plan, seen.at)
    });
    sorts
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share * SPILL_PART >= MIN_SPILL_SHARE)?;
            let disk_bytes = disk_bytes(seen.node)?;
            let fact = format!(
                "{} of {} rows wrote {} to temporary files",
                seen.name(),
                number(seen.rows()?),
                bytes(disk_bytes)
            );
            Some(Hit { at: seen.at, share: share * SPILL_PART, fact })
        })
        .collect()
}

/// What a sort wrote, if it did.
fn disk_bytes(node: &Node) -> Option<u64> {
    let is_disk = node.text("Sort Space Type") == Some("Disk");
    let kilobytes = node.number("Sort Space Used").filter(|_| is_disk)?;
    Some(kilobytes.max(0.0) as u64 * 1024)
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let disk = disk_bytes(seen.node).unwrap_or_default();
    let why = "What does not fit in work_mem goes through the disk.";
    say(evidence, plan, hit, finding, format!("Sort spills {} to disk", bytes(disk)), why);
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Sort less: select only the columns that are needed, filter before sorting, or give the sort \
         keys an index that has the order.",
        "The finding's excerpt shows the sort keys. An index pays where the statement stops after \
         some rows; to read a whole table in order a sort is mostly cheaper.",
    ));
    let how = format!(
        "{} times what went to disk, since a sort in memory took 1.1 to 3.4 times its file in trials \
         on PostgreSQL 15",
        memory::MEMORY_PER_FILE
    );
    advise_memory(evidence, plan, finding, disk.saturating_mul(memory::MEMORY_PER_FILE), &how);
    finding.verify =
        verify(evidence, plan, "`Sort Method: quicksort` in place of `external merge`");
}
