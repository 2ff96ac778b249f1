//! `jit-overhead`: just-in-time compilation takes a large part of a short statement.

use super::postgres::{POSTGRES, say, user, verify};
use super::{Hit, each_plan};
use crate::judge::advice::setting;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::{duration_us, percent};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN014",
    name: "jit-overhead",
    title: "Compiling takes longer than it saves",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A statement of less than 10 s of which just-in-time compilation takes at least 20 %.

## Why it matters

From a cost of 100,000 on (`jit_above_cost`) PostgreSQL compiles expressions before it runs \
them. For short statements, and for plans of many partitions, that takes longer than it \
saves.

## What to do

Switch JIT off for the role that runs such statements, or raise `jit_above_cost`. Where the \
cost is that high because an estimate is wrong, correct that.

## When to ignore it

When the same role runs long reports that gain from it.
";

/// Share of the execution that compiling must take.
const PART: f64 = 0.2;
/// Longer statements may gain from it.
const MAX_MS: f64 = 10_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let metrics = plan.metrics();
    let (Some(jit_ms), Some(total)) = (metrics.jit_ms, metrics.total_ms) else { return Vec::new() };
    let share = jit_ms / total.value.max(jit_ms).max(f64::MIN_POSITIVE);
    if share < PART || total.value > MAX_MS {
        return Vec::new();
    }
    let fact = format!(
        "just-in-time compilation took {} of {}",
        duration_us(jit_ms * 1e3),
        duration_us(total.value * 1e3)
    );
    vec![Hit { at: 0, share, fact }]
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let title = format!("JIT takes {} of a short statement", percent(hit.share));
    let why = "What is compiled runs too short to earn that back.";
    say(evidence, plan, hit, finding, title, why);
    finding.confidence = Confidence::High;
    finding.fixes.push(setting::of_role(
        user(evidence, plan),
        "jit_above_cost",
        "1000000",
        "Ten times the default, for this role only; `jit = off` switches it off altogether.",
    ));
    finding.verify = verify(evidence, plan, "no JIT section, and a shorter Execution Time");
    finding.trade_offs =
        "Statements of the role that run for minutes lose what JIT saves them.".to_owned();
}
