//! `cte-filtered-late`: a materialised CTE makes many rows of which a filter outside keeps few.

use super::postgres::{MIN_SHARE, POSTGRES, Seen, code, node, nodes, say, tree_share, verify};
use super::{Hit, each_plan};
use crate::judge::advice::ident;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::{Node, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN030",
    name: "cte-filtered-late",
    title: "A CTE is made whole and then filtered",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A CTE Scan whose filter removes at least 90 % of the rows, at least 1,000, where the CTE and \
its scan take at least 10 % of the statement's time.

## Why it matters

A materialised CTE is computed without the conditions outside: indexes cannot serve them.

## What to do

Write `AS NOT MATERIALIZED` (12 and later), or repeat the condition inside the CTE.

## When to ignore it

When the CTE is read several times with other conditions, or has side effects.
";

/// Share of the rows that the filter must remove, and how many.
const REMOVED: f64 = 0.9;
const MIN_REMOVED: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| &*seen.node.native == "CTE Scan");
    scans
        .filter_map(|seen| {
            let (removed, made) = seen.filtered()?;
            let source = source(plan, seen).map_or(0.0, |cte| tree_share(plan, cte.at));
            let share = (source + seen.share().unwrap_or(0.0)).min(1.0);
            let fact = format!(
                "{} makes {} rows and keeps {}",
                seen.name(),
                number(made),
                number(made - removed)
            );
            let is_much = removed >= MIN_REMOVED && removed / made >= REMOVED && share >= MIN_SHARE;
            is_much.then_some(Hit { at: seen.at, share, fact })
        })
        .collect()
}

/// The name of the CTE that a node scans.
fn cte_name(scan: &Node) -> Option<&str> {
    scan.text("CTE Name").or(scan.relation.as_deref())
}

/// What makes the rows of a CTE.
fn source<'p>(plan: &'p PlanEvidence<'_>, scan: Seen<'_>) -> Option<Seen<'p>> {
    let label = format!("CTE {}", cte_name(scan.node)?);
    nodes(plan)
        .find(|seen| seen.node.role == Role::Cte && seen.node.label.as_deref() == Some(&*label))
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let name = ident::quoted(cte_name(seen.node).unwrap_or_default());
    let title = format!("The CTE {name} is made whole and then filtered");
    say(evidence, plan, hit, finding, title, "Its rows are made without the condition outside.");
    finding.fixes.push(code(
        &format!("Write `WITH {name} AS NOT MATERIALIZED (…)`, or repeat the condition inside it."),
        "NOT MATERIALIZED is of PostgreSQL 12 and later. A CTE that writes, or that is recursive, stays \
         materialised; one that is read twice is then computed twice.",
    ));
    finding.verify =
        verify(evidence, plan, "no CTE Scan, and the condition in the scan of the table");
    finding.trade_offs = "Where the CTE is read several times, each computes it anew.".to_owned();
}
