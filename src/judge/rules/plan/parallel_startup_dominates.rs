//! `parallel-startup-dominates`: a short statement waits for its parallel workers to start.

use super::postgres::{POSTGRES, nodes, say, user, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::{counted, duration_us};
use crate::model::plan::{Node, Operator};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN041",
    name: "parallel-startup-dominates",
    title: "Starting workers takes longer than the work",
    target: "server",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Gather with workers that takes for itself, whatever rounding did, at least 30 % of a \
statement of less than 50 ms.

## Why it matters

Each worker is a new process: to start, attach and stop it takes some milliseconds. Where the \
work is shorter than that, one process is done earlier, and leaves the cores to others.

## What to do

See which settings make so small a plan parallel: `parallel_setup_cost` and \
`min_parallel_table_scan_size` below their defaults, or a table's `parallel_workers`. Set them \
back, or let the role of the short statements have no workers.

## When to ignore it

When the statement runs rarely.
";

/// Statements below this are over before workers pay.
pub(super) const SHORT_MS: f64 = 50.0;
/// Part of the statement that the Gather takes for itself.
const MIN_GATHER_SHARE: f64 = 0.3;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let Some(run_ms) = plan.plan().run_ms().filter(|run_ms| *run_ms < SHORT_MS) else {
        return Vec::new();
    };
    let gathers = nodes(plan).filter(|seen| seen.node.operator == Operator::Gather);
    gathers
        .filter_map(|seen| {
            let launched = launched(seen.node).filter(|launched| *launched > 0.0)?;
            let own_ms = seen.metrics.self_ms?.least();
            let share = (own_ms / run_ms).min(1.0);
            let fact = format!(
                "{} takes at least {} of {} to start and to end {}",
                seen.name(),
                duration_us(own_ms * 1e3),
                duration_us(run_ms * 1e3),
                counted(launched as u64, "worker")
            );
            (share >= MIN_GATHER_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn launched(gather: &Node) -> Option<f64> {
    gather.number("Workers Launched")
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let workers = plan.plan().nodes.get(hit.at).and_then(launched).unwrap_or_default();
    let workers = counted(workers as u64, "parallel worker");
    let title = format!("{workers} for a short statement");
    say(evidence, plan, hit, finding, title, "In one process it would be over before they work.");
    finding.fixes.push(setting::look(
        lookup::settings(&[
            "parallel_setup_cost",
            "parallel_tuple_cost",
            "min_parallel_table_scan_size",
            "min_parallel_index_scan_size",
            "max_parallel_workers_per_gather",
        ]),
        "The defaults are 1000, 0.1, 8 MB, 512 kB and 2: with lower ones small plans go parallel. Where all \
         stand as they should, the planner expects far more rows than come, or the table has a \
         parallel_workers of its own.",
    ));
    finding.fixes.push(setting::of_role(
        user(evidence, plan),
        "max_parallel_workers_per_gather",
        "0",
        "For a role whose statements are all short. One with long reports too needs its workers: there \
         SET LOCAL in the transactions of the short ones.",
    ));
    finding.verify = verify(evidence, plan, "no Gather, and less time in all");
    finding.trade_offs = "Long statements of the same role go without workers, too.".to_owned();
}
