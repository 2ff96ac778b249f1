//! `mysql-constant-false`: the conditions of a statement can never be true.

use super::mysql_about::{scope, sentence, verify_of};
use super::{Hit, each_plan, mysql};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::plan::Node;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN057",
    name: "mysql-constant-false",
    title: "A condition that is never true",
    target: "queries",
    engines: mysql::ENGINES,
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that says so: `Impossible WHERE`, `Impossible HAVING`, `Impossible ON \
condition`, `Zero rows (…)`.

## Why it matters

The statement costs a round trip and its parsing, and returns nothing. Often it is a parameter \
that was never set, two filters that exclude each other, or an empty list.

## What to do

Look where the application makes the condition, and leave the call out where it cannot match.

## When to ignore it

When the values come from users and the case is meant.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// What the plan says of conditions that are never true, in lower case. That no row matches a key says
/// nothing of other values.
const NEVER: [&str; 4] =
    ["impossible where", "impossible having", "impossible on condition", "impossible filter"];

/// What the server says of a node's conditions.
fn cause(node: &Node) -> Option<&str> {
    let said = ["message", "zero_rows_cause", "Extra"].into_iter();
    said.flat_map(|name| node.details.texts(name)).find(|text| {
        let text = text.to_ascii_lowercase();
        // The row that a constant key finds is a matter of the data.
        !text.contains("after reading const") && NEVER.iter().any(|never| text.contains(never))
    })
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    // A part of a statement that is never true costs nothing.
    let root = plan.plan().root().and_then(cause);
    let input = plan.plan().nodes.get(1).filter(|node| node.parent == Some(0)).and_then(cause);
    let only = plan.plan().nodes.len() <= 2;
    let said = root.map(|cause| (0, cause)).or(input.filter(|_| only).map(|cause| (1, cause)));
    said.map(|(at, cause)| Hit { at, share: 1.0, fact: format!("the server says: {cause}") })
        .into_iter()
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    finding.title = "The condition of a statement is never true".to_owned();
    finding.message = format!(
        "{} {}: no row can match, whatever the tables hold.",
        scope(plan),
        sentence(&hit.fact)
    );
    finding.confidence = Confidence::High;
    finding.fixes.push(rewrite::code(
        "See where the application makes the condition: a parameter that is not set, filters that exclude \
         each other, an empty list. Leave the call out where nothing can match.",
        "The plan is that of the values it was made with: with others the condition may be a good one.",
    ));
    finding.verify = verify_of(evidence, plan, "tables in place of an impossible condition");
    finding.trade_offs = "None.".to_owned();
}
