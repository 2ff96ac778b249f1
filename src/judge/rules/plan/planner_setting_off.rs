//! `planner-setting-off`: a setting forbids the planner a kind of node.

use super::postgres::{POSTGRES, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{lookup, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::plan::Value;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN037",
    name: "planner-setting-off",
    title: "The planner is forbidden its best plan",
    target: "server",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan whose Settings list an `enable_…` that is off, apart from those that are off by \
default.

## Why it matters

Such a switch is a tool for a trial. In production it keeps all statements of its role, \
database or server from the plan that suits them.

## What to do

Find where it is set, and reset it. If one statement needs it, set it there alone (SET \
LOCAL) and look for the wrong estimate behind.

## When to ignore it

In a trial.
";

/// What the switch costs is known only from a run without it.
const ASSUMED_SHARE: f64 = 0.05;
/// Off unless somebody asks for them.
const OFF_BY_DEFAULT: &[&str] = &["enable_partitionwise_join", "enable_partitionwise_aggregate"];

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let off = switched_off(plan);
    if off.is_empty() {
        return Vec::new();
    }
    let fact = format!(
        "{} off",
        match off.as_slice() {
            [one] => format!("{one} is"),
            many => format!("{} are", many.join(", ")),
        }
    );
    vec![Hit { at: 0, share: ASSUMED_SHARE, fact }]
}

/// The switches of the planner that are off, where the plan tells its settings.
fn switched_off<'p>(plan: &PlanEvidence<'p>) -> Vec<&'p str> {
    let settings = plan.plan().details.group("Settings").into_iter().flat_map(|group| group.iter());
    let is_off = |value: &Value| match value {
        Value::Text(text) => &**text == "off",
        Value::Flag(flag) => !flag,
        _ => false,
    };
    settings
        .filter(|(name, value)| name.starts_with("enable_") && is_off(value))
        .map(|(name, _)| name)
        .filter(|name| !OFF_BY_DEFAULT.contains(name))
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let off = switched_off(plan);
    finding.title = "The planner is forbidden a kind of node".to_owned();
    finding.message = format!(
        "In this plan {}. What that costs, only a run without it shows; every statement of the role, \
         database or server where it is set pays it.{}",
        hit.fact,
        if plan.load_share.is_some() { " All its logged runs are planned so." } else { "" }
    );
    finding.fixes.push(setting::look(
        lookup::where_set(&off),
        "Where it is set: on the server (source and file), for a database or for a role. Take it back \
         there: ALTER ROLE … RESET, ALTER DATABASE … RESET, or the configuration file and a reload.",
    ));
    finding.verify =
        verify(evidence, plan, "no enable_… in Settings, and a shorter Execution Time");
    finding.trade_offs =
        "A statement for which it was set may need its estimate corrected.".to_owned();
}
