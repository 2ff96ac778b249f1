//! `no-parallel-scan`: a scan of a second or more runs in one process.

use super::postgres::{POSTGRES, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::duration_us;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN032",
    name: "no-parallel-scan",
    title: "A long scan runs in one process",
    target: "server",
    engines: POSTGRES,
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Seq Scan of at least 1 s that takes at least 50 % of its statement, in a plan without \
parallel workers.

## Why it matters

PostgreSQL would share such a scan among workers, unless something keeps it from it: a \
function that is not marked as parallel safe, a statement that writes or locks, a cursor, or \
the settings.

## What to do

Look at the functions of the condition and at the settings. Mark functions of your own that \
neither write nor depend on the session as PARALLEL SAFE.

## When to ignore it

When the server has few cores or many sessions.
";

/// The time of the scan, and its share.
const MIN_MS: f64 = 1_000.0;
const MIN_SCAN_SHARE: f64 = 0.5;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let is_parallel = nodes(plan).any(|seen| seen.node.operator == Operator::Gather);
    let writes =
        nodes(plan).any(|seen| matches!(seen.node.operator, Operator::Modify | Operator::LockRows));
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::FullScan);
    scans
        .filter(|_| !is_parallel && !writes)
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SCAN_SHARE)?;
            let ms = seen.metrics.self_ms?.least();
            let fact = format!("{} took {} in one process", seen.name(), duration_us(ms * 1e3));
            (ms >= MIN_MS).then_some(Hit { at: seen.at, share: share / 2.0, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("A long scan of {} runs in one process", ident::quoted(table));
    let why =
        "Two workers would share it, if the settings and all functions in the statement allow it.";
    say(evidence, plan, hit, finding, title, why);
    finding.fixes.push(setting::look(
        lookup::parallel_unsafe_functions(),
        "The functions of your own that keep a statement serial: r runs in the leader only, u nowhere in \
         a parallel plan. `ALTER FUNCTION … PARALLEL SAFE` is right only for functions that neither \
         write nor depend on the state of the session. The settings that limit workers are \
         max_parallel_workers_per_gather and min_parallel_table_scan_size.",
    ));
    finding.verify = verify(evidence, plan, "a Gather above a Parallel Seq Scan");
    finding.trade_offs = "A parallel scan takes several cores at once.".to_owned();
}
