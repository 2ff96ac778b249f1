//! `hash-spilled`: a hash join or a hash aggregate that does not fit in memory goes through temporary files.

use super::postgres::{POSTGRES, Seen, above, advise_memory, code, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::bytes;
use crate::model::plan::{Node, Operator};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN006",
    name: "hash-spilled",
    title: "A hash goes through the disk",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Hash with more than one batch, or a HashAggregate that wrote to disk, which together with \
its join takes at least 2 % of its statement's time.

## Why it matters

Beyond one batch both inputs of a join, or the rows of the groups, are written to temporary \
files and read again.

## What to do

Give the statement or its role the memory that one batch needs (`work_mem` × \
`hash_mem_multiplier`), or hash less: fewer columns, fewer rows, a better estimate of them.

## When to ignore it

Huge joins of reports may spill: one pass through the disk is cheap beside reading the \
tables.
";

/// What memory saves of the node's time at most: a twentieth to a third in trials on PostgreSQL 15,
/// whose files stayed in the system's cache.
const SPILL_PART: f64 = 0.3;
/// Share of the statement below which a spill is not worth a word.
const MIN_SPILL_SHARE: f64 = 0.02;
/// Groups are kept with their keys and states: so many bytes of memory for one of the files.
const MEMORY_PER_FILE_BYTE: u64 = 3;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    nodes(plan)
        .filter_map(|seen| {
            let what = spill(seen.node)?;
            let join = above(plan, seen.at).filter(|join| join.node.operator.joins());
            let share = seen.share().unwrap_or(0.0) + join.and_then(Seen::share).unwrap_or(0.0);
            let fact = format!("{} {what}", seen.name());
            (share * SPILL_PART >= MIN_SPILL_SHARE).then_some(Hit {
                at: seen.at,
                share: share * SPILL_PART,
                fact,
            })
        })
        .collect()
}

/// How a node spilled, if it did.
fn spill(node: &Node) -> Option<String> {
    let is_many = |name: &str| node.number(name).filter(|batches| *batches > 1.0);
    match node.operator {
        Operator::Hash => {
            is_many("Hash Batches").map(|batches| format!("took {} batches", number(batches)))
        }
        Operator::Aggregate => {
            node.number("Disk Usage").filter(|kilobytes| *kilobytes > 0.0).map(|kilobytes| {
                format!("wrote {} to temporary files", bytes(kilobytes as u64 * 1024))
            })
        }
        _ => None,
    }
}

/// The memory of one batch.
fn wanted_bytes(node: &Node) -> u64 {
    let number = |name: &str| node.number(name).unwrap_or(0.0).max(0.0);
    let peak = number("Peak Memory Usage") as u64 * 1024;
    match node.operator {
        Operator::Hash => peak.saturating_mul(number("Hash Batches") as u64),
        _ => peak.saturating_add(
            (number("Disk Usage") as u64 * 1024).saturating_mul(MEMORY_PER_FILE_BYTE),
        ),
    }
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let what = spill(seen.node).unwrap_or_default();
    let why = "What does not fit in memory is written to temporary files and read again.";
    say(evidence, plan, hit, finding, format!("{} {what}", seen.node.native), why);
    finding.confidence = Confidence::High;
    finding.fixes.push(code(
        "Hash less: join and group only the columns that are needed, filter before joining, group \
         before joining.",
        "Where the excerpt shows an estimate that is far too low, better statistics let the planner \
         size the hash, or take another way.",
    ));
    let how = "the memory of one batch times the batches, or that of the groups and three times their \
               files; from PostgreSQL 15 on hash_mem_multiplier gives hashes twice the setting; and \
               where the files stay in the system's cache one large batch may be no faster than \
               several, which the trial shows";
    advise_memory(evidence, plan, finding, wanted_bytes(seen.node), how);
    finding.verify = verify(evidence, plan, "`Batches: 1` and no Disk Usage");
}
