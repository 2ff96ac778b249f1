//! `workers-not-launched`: a parallel plan ran with fewer workers than planned.

use super::postgres::{MIN_SHARE, POSTGRES, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN031",
    name: "workers-not-launched",
    title: "Planned parallel workers did not come",
    target: "server",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Gather with fewer workers launched than planned, whose tree takes at least 10 % of the \
statement's time.

## Why it matters

The plan was chosen for so many processes. When all of `max_parallel_workers` are busy, \
fewer come, and the leader does the work alone, by a plan that is poor for one process.

## What to do

See how many are configured and how often they run out. Raise `max_parallel_workers` (with \
`max_worker_processes`) only as far as there are cores; else lower \
`max_parallel_workers_per_gather` for the roles that need it least.

## When to ignore it

When it happens in rare rush hours only.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    nodes(plan)
        .filter_map(|seen| {
            let planned = seen.node.number("Workers Planned")?;
            let launched = seen.node.number("Workers Launched")?;
            let whole = tree_share(plan, seen.at);
            let share = whole * (planned - launched) / (planned + 1.0);
            let fact = format!(
                "{} planned {} workers and got {}",
                seen.name(),
                number(planned),
                number(launched)
            );
            (launched < planned && share >= MIN_SHARE).then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = "Fewer parallel workers came than were planned".to_owned();
    say(evidence, plan, hit, finding, title, "What is left does the work by a plan made for more.");
    finding.fixes.push(setting::look(
        lookup::settings(&["max_worker_processes", "max_parallel_workers", "max_parallel_workers_per_gather"]),
        "The workers of all statements together are limited by max_parallel_workers, and those of all \
         kinds by max_worker_processes, which needs a restart. More workers than cores help nobody.",
    ));
    finding.verify = verify(evidence, plan, "as many Workers Launched as Planned");
    finding.trade_offs = "Workers that this statement gets, others do not.".to_owned();
}
