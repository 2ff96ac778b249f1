//! `memoize-evictions`: a Memoize node throws its answers away before they are asked for again.

use super::postgres::{
    MIN_SHARE, POSTGRES, Seen, above, advise_memory, code, node, nodes, say, side, tree,
    tree_share, verify,
};
use super::{Hit, each_plan};
use crate::judge::advice::statistics;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN028",
    name: "memoize-evictions",
    title: "A cache of lookups forgets what it knows",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Memoize with evictions or overflows that found less than half of what it was asked for, \
and whose tree takes at least 10 % of its statement's time.

## Why it matters

Each miss is looked up anew and costs more than without the cache.

## What to do

Correct the estimate of the distinct values (ANALYZE of the table that drives the loop); \
then memory, for the statement or its role.

## When to ignore it

When the values hardly repeat: another join will be chosen once the statistics say so.
";

/// Share of the questions that must be found for the cache to pay.
const HITS: f64 = 0.5;
/// Room beside the entries.
const SPARE: f64 = 1.2;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let caches = nodes(plan).filter(|seen| seen.node.operator == Operator::Memoize);
    caches
        .filter_map(|seen| {
            let number_of = |name: &str| seen.node.number(name).unwrap_or(0.0);
            let (hits, misses) = (number_of("Cache Hits"), number_of("Cache Misses"));
            let lost = number_of("Cache Evictions") + number_of("Cache Overflows");
            let share = tree_share(plan, seen.at);
            let rate = hits / (hits + misses).max(1.0);
            let fact = format!(
                "{} found {} of what it was asked for and evicted {} answers",
                seen.name(),
                percent(rate),
                number(lost)
            );
            (lost > 0.0 && rate < HITS && share >= MIN_SHARE).then_some(Hit {
                at: seen.at,
                share,
                fact,
            })
        })
        .collect()
}

/// The memory for all distinct answers.
fn wanted_bytes(node: &Node) -> u64 {
    let number_of = |name: &str| node.number(name).unwrap_or(0.0).max(0.0);
    let (misses, evicted) = (number_of("Cache Misses"), number_of("Cache Evictions"));
    let kept = (misses - evicted).max(1.0);
    (number_of("Peak Memory Usage") * 1024.0 * misses / kept * SPARE) as u64
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let title = "A Memoize node finds hardly anything".to_owned();
    say(
        evidence,
        plan,
        hit,
        finding,
        title,
        "It has no room for the answers, or they never repeat.",
    );
    let driver = above(plan, hit.at).and_then(|join| side(plan, join.at, Role::Outer));
    let tables =
        driver.into_iter().flat_map(|driver| tree(plan, driver.at).filter_map(Seen::table));
    if let Some(table) = tables.into_iter().next() {
        finding.fixes.push(statistics::analyze(table));
    }
    let how = "the memory that was used, for all that was missed";
    advise_memory(evidence, plan, finding, wanted_bytes(seen.node), how);
    if finding.fixes.is_empty() {
        finding
            .fixes
            .push(code("Join on fewer distinct values, or let a hash join be chosen.", ""));
    }
    finding.verify =
        verify(evidence, plan, "more Hits than Misses and no Evictions, or a Hash Join");
}
