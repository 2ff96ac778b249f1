//! What [`many-plan-trials`](crate::judge::rules::mongodb::many_plan_trials) finds in explain documents: many
//! rejected plans. How long their trial took only the verbosity `allPlansExecution` tells, by its works.

use super::mongodb::{self, About};
use super::{Hit, each_plan};
use crate::judge::advice::mongodb_lookup;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::rules::mongodb::many_plan_trials::{HIDING, fewer_indexes};
use crate::judge::words::percent;
use crate::model::plan::{Properties, Value};
use std::collections::BTreeSet;

/// Rejected plans from which choosing is work of its own.
const MANY_REJECTED: f64 = 5.0;
/// Indexes of one finding that are proposed to be hidden.
const MAX_HIDDEN: usize = 4;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let rejected = planners(plan).filter_map(|(_, about)| about.number("rejectedPlans"));
    let most = rejected.fold(0.0, f64::max);
    if !mongodb::is_apart(plan) || most < MANY_REJECTED {
        return Vec::new();
    }
    let fact = format!("{} plans were rejected for the one that was taken", number(most));
    vec![Hit { at: 0, share: trial_share(plan).unwrap_or(0.0), fact }]
}

/// What planners told: of the whole plan, or of the node of each shard, with its place.
fn planners<'p>(
    plan: &'p PlanEvidence<'_>,
) -> impl Iterator<Item = (Option<usize>, &'p Properties)> {
    let plan = plan.plan();
    let nodes = plan.nodes.iter().enumerate().map(|(at, node)| (Some(at), &node.details));
    std::iter::once((None, &plan.details)).chain(nodes)
}

/// The part of the works that the rejected plans did, where each plan of the trial tells its own.
fn trial_share(plan: &PlanEvidence<'_>) -> Option<f64> {
    let examined = |tried: &Properties| {
        let count = |name| tried.number(name).unwrap_or(0.0);
        count("totalKeysExamined") + count("totalDocsExamined")
    };
    let mut rejected = 0.0;
    for (_, about) in planners(plan) {
        let Some(Value::List(tried)) = about.get("allPlansExecution") else { continue };
        let works = tried.iter().filter_map(|one| match one {
            Value::Group(one) => Some(examined(one)),
            _ => None,
        });
        // The winner stands first; what it did in the trial it did for the result.
        rejected += works.skip(1).sum::<f64>();
    }
    let of_result: f64 = planners(plan).map(|(_, about)| examined(about)).fold(0.0, f64::max);
    (rejected > 0.0).then(|| rejected / (rejected + of_result))
}

/// The indexes that were tried, by name.
fn candidates(plan: &PlanEvidence<'_>) -> BTreeSet<String> {
    let rejected = planners(plan).flat_map(|(_, about)| about.texts("rejectedIndexes"));
    // A plan that uses several lists them; stages without an index stand there by their own name.
    let rejected = rejected.flat_map(|names| names.split(", ")).filter(|name| !is_stage(name));
    let taken = plan.plan().nodes.iter().filter_map(|node| node.index.as_deref());
    rejected.chain(taken).map(str::to_owned).collect()
}

fn is_stage(name: &str) -> bool {
    name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_')
}

/// The indexes of whose fields another one has all, first: by the names that the server gives, such as
/// `customer_1` and `customer_1_at_-1`.
fn redundant(names: &BTreeSet<String>) -> Vec<&str> {
    let begins = |other: &String, name: &String| {
        other.strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with('_'))
    };
    let is_field = |name: &String| name.ends_with("_1") || name.ends_with("_-1");
    let of_all = names.iter().filter(|name| is_field(name));
    of_all
        .filter(|name| names.iter().any(|other| begins(other, name)))
        .map(String::as_str)
        .take(MAX_HIDDEN)
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let about = About::new(evidence, plan);
    let names = candidates(plan);
    finding.title = format!("Many plans are tried for a command on {}", about.place());
    finding.message = format!(
        "{} {}: each was tried, up to 10,000 works or 101 documents of it, whenever no plan was kept. {}",
        about.scope(),
        super::mysql_about::sentence(&hit.fact),
        match hit.share > 0.0 {
            true => format!("That was {} of the keys and documents read.", percent(hit.share)),
            false => "How much that is the plan does not say.".to_owned(),
        }
    );
    // A kept plan spares the trial, and whether one is kept no explain tells.
    finding.severity = finding.severity.min(Severity::Medium);
    finding.confidence = Confidence::Low;
    let listed = names.iter().map(String::as_str).collect::<Vec<_>>().join(", ");
    finding.evidence.push(Fact {
        fact: format!("indexes of the plans that were tried: {listed}"),
        source: Some(plan.source(evidence.facts)),
    });
    let redundant = redundant(&names);
    if let Some((database, collection)) = about.namespace().split_once('.') {
        finding.fixes.push(match redundant.is_empty() {
            true => mongodb_lookup::fix(
                mongodb_lookup::index_use(database, collection),
                "The indexes, and how often each was used since the server started: on every member of the \
                 replica set by itself. It only looks.",
            ),
            false => mongodb_lookup::hide(database, collection, &redundant),
        });
    }
    finding.fixes.push(fewer_indexes());
    finding.verify = mongodb::verify("fewer rejectedPlans, and the same winning plan");
    finding.trade_offs = HIDING.to_owned();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_index_that_another_one_begins_with_is_redundant() {
        let names = ["a_1", "a_1_b_-1", "ab_1", "a_-1", "b_1", "by_status", "by_status_2"];
        let names = names.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(redundant(&names), ["a_1"]);
    }
}
