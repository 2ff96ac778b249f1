//! `reads-from-disk`: a node spends most of its time in reading blocks.

use super::postgres::{MIN_SHARE, POSTGRES, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::{duration_us, percent};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN034",
    name: "reads-from-disk",
    title: "A node waits for the disk",
    target: "server",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A node that touched at least 1,000 blocks, read more than 10 % of them, and spent at least \
half of its time in reading them (`track_io_timing`), where that time is at least 10 % of \
the statement's.

## Why it matters

What is not in memory is read from the disk, or at best from the system's cache.

## What to do

Read fewer blocks: an index that covers the statement, smaller rows, fewer rows. Compare the \
size of the table with the memory of the server.

## When to ignore it

For the first run after a restart, and for reports that read what nobody else does.
";

/// Blocks that must be touched, and the share that must be read.
const MIN_BLOCKS: f64 = 1_000.0;
const MIN_READ: f64 = 0.1;
/// The share of the node's time that reading must take.
const MIN_IO: f64 = 0.5;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.table().is_some());
    scans
        .filter_map(|seen| {
            let own = seen.metrics.self_ms.filter(|own| own.is_sure())?.value;
            let io = seen.metrics.self_io_ms?.min(own);
            let read = seen.metrics.self_blocks_read?;
            let share = seen.share()? * io / own;
            let fact = format!(
                "{} read {} of {} blocks from disk and waited {} for them",
                seen.name(),
                number(read),
                number(seen.blocks()),
                duration_us(io * 1e3)
            );
            let is_much = seen.blocks() >= MIN_BLOCKS && read > MIN_READ * seen.blocks();
            (is_much && io >= MIN_IO * own && share >= MIN_SHARE).then_some(Hit {
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

    let title = format!("Reading {} from disk takes {}", ident::quoted(table), percent(hit.share));
    say(evidence, plan, hit, finding, title, "Its blocks are not in the server's memory.");
    finding.fixes.push(setting::look(
        lookup::size_and_memory(table),
        "Where the table is much larger than the memory, only reading less of it helps: an index that \
         covers the statement, partitions, smaller rows.",
    ));
    finding.verify =
        verify(evidence, plan, "fewer `read` in Buffers, in a second run as in the first");
    finding.trade_offs = "None: the query only looks.".to_owned();
}
