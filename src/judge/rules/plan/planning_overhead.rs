//! `planning-overhead`: planning a statement takes longer than running it.

use super::postgres::{POSTGRES, capitalised, code, verify};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::{duration_us, percent};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN033",
    name: "planning-overhead",
    title: "Planning takes longer than running",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A statement whose planning takes at least 5 ms and longer than its execution.

## Why it matters

Many joins, many partitions or large statistics make planning long. A statement that is \
planned anew at each call pays it each time.

## What to do

Prepare the statement, so that after five runs a generic plan may be kept; give the \
partition key in the condition, so that fewer partitions are looked at; join fewer tables.

## When to ignore it

For statements that run rarely. A first run in a session also fills its caches: look at a \
second one.
";

/// Planning shorter than this is not worth a word.
const MIN_MS: f64 = 5.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let metrics = plan.metrics();
    let (Some(planning_ms), Some(total)) = (metrics.planning_ms, metrics.total_ms) else {
        return Vec::new();
    };
    if planning_ms < MIN_MS || planning_ms <= total.value {
        return Vec::new();
    }
    let fact = format!(
        "planning took {}, execution {}",
        duration_us(planning_ms * 1e3),
        duration_us(total.value * 1e3)
    );
    vec![Hit { at: 0, share: planning_ms / (planning_ms + total.value), fact }]
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = "Planning takes longer than running".to_owned();
    finding.title = title;
    finding.message = format!(
        "{}. This plan is {} planning: a statement that is planned at each call pays that each time.",
        capitalised(&hit.fact),
        percent(hit.share)
    );
    if plan.load_share.is_some() {
        finding.message.push_str(" Logged durations of simple statements hold it.");
    }
    finding.fixes.push(code(
        "Prepare the statement once for each connection and execute it with parameters; the driver or \
         the pooler must keep prepared statements. Join fewer tables, and give the partition key.",
        "From the sixth execution on PostgreSQL may keep one plan for all values \
         (plan_cache_mode = auto): where values differ much, set plan_cache_mode = force_custom_plan \
         for that statement again.",
    ));
    finding.verify = verify(evidence, plan, "a Planning Time below the Execution Time");
    finding.trade_offs = "A kept plan does not fit every value.".to_owned();
}
