//! `lossy-bitmap`: a bitmap that does not fit in memory forgets which rows it meant.

use super::postgres::{MIN_SHARE, POSTGRES, advise_memory, code, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::ident;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN010",
    name: "lossy-bitmap",
    title: "A bitmap does not fit in memory",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Bitmap Heap Scan of whose blocks more than 10 % are lossy, which takes at least 10 % of \
its statement's time.

## Why it matters

A bitmap that outgrows `work_mem` keeps blocks in place of rows: every row of these is \
fetched and tested again.

## What to do

Give the statement the memory for its bitmap, which the finding computes from the blocks, or \
an index that finds fewer rows.

## When to ignore it

When the scan reads most of the table anyway.
";

/// Share of the blocks that must be lossy.
const LOSSY: f64 = 0.1;
/// Memory of one block in a bitmap: its entry, and the room in the hash table around it.
const ENTRY_BYTES: u64 = 64;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::BitmapHeapScan);
    scans
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let (lossy, all) = blocks(seen.node)?;
            let fact = format!(
                "{} read {} blocks, {} of them lossy",
                seen.name(),
                number(all),
                percent(lossy / all)
            );
            (lossy > LOSSY * all).then_some(Hit { at: seen.at, share: share * lossy / all, fact })
        })
        .collect()
}

/// Lossy blocks, and all.
fn blocks(node: &Node) -> Option<(f64, f64)> {
    let lossy = node.number("Lossy Heap Blocks").filter(|lossy| *lossy > 0.0)?;
    Some((lossy, lossy + node.number("Exact Heap Blocks").unwrap_or(0.0)))
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let all = blocks(seen.node).map_or(0.0, |(_, all)| all);
    let title = format!("The bitmap of {} does not fit in work_mem", ident::quoted(table));
    let why = "A lossy block stands for all of its rows: each is fetched and tested again.";
    say(evidence, plan, hit, finding, title, why);
    finding.confidence = Confidence::High;
    let how = format!("{ENTRY_BYTES} bytes for each of the blocks, and not less than 8 MB");
    advise_memory(evidence, plan, finding, (all as u64).saturating_mul(ENTRY_BYTES), &how);
    if finding.fixes.is_empty() {
        finding.fixes.push(code(
            "Find fewer rows: an index on all columns of the condition.",
            "A bitmap of this size stands for a large part of the table.",
        ));
    }
    finding.verify = verify(evidence, plan, "`Heap Blocks: exact=…` without `lossy`");
}
