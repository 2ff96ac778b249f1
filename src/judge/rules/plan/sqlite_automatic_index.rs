//! `sqlite-automatic-index`: SQLite builds an index for the statement at every run, and throws it away.

use super::sqlite::{self, About};
use super::{Hit, each_plan, sqlite_view_used_twice};
use crate::judge::advice::sqlite_index::Key;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::plan::Node;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN071",
    name: "sqlite-automatic-index",
    title: "An index is built anew at every run",
    target: "indexes",
    engines: sqlite::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of SQLite with `AUTOMATIC COVERING INDEX` or `AUTOMATIC PARTIAL COVERING INDEX` on a table.

## Why it matters

No index serves the join, so SQLite reads the whole table and builds one in memory at every run of \
the statement, for that run only.

## What to do

Build it for good, on the columns that the plan names. ANALYZE afterwards.

## When to ignore it

When the statement runs rarely, or the table is a temporary or small one.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, tell);
}

/// The columns of an automatic index, from its condition: `b=? AND c>?`.
fn columns(node: &Node) -> Vec<Key> {
    let parts = node.text("condition").into_iter().flat_map(|text| text.split(" AND "));
    let columns = parts.map_while(|part| {
        let end = part.find(['=', '<', '>', ' '])?;
        let column = part.get(..end)?.trim_matches(['"', '(']);
        (!column.is_empty()).then(|| (column.to_owned(), false))
    });
    columns.collect()
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let nodes = plan.plan().nodes.iter().enumerate();
    let automatic = nodes.filter(|(_, node)| {
        // A derived table cannot have any other.
        node.details.flag("automatic") == Some(true)
            && !sqlite_view_used_twice::is_kept(plan.plan(), node)
    });
    automatic
        .filter_map(|(at, node)| {
            let share = plan.metrics().nodes.get(at)?.share.unwrap_or(1.0);
            let fact = format!(
                "an index of {} by ({}) is built at every run",
                node.relation.as_deref().unwrap_or("?"),
                node.text("condition").unwrap_or("?")
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(plan, node);
    finding.title = format!("An index of `{}` is built anew at every run", about.table);
    finding.message = format!(
        "{} {}, for that run only: the whole table is read for it.",
        about.scope(),
        sqlite::sentence(&hit.fact)
    );
    about.advise(finding, &columns(node), "Build the index that the plan names for good.");
    finding.verify = sqlite::verify("SEARCH with the new index, without AUTOMATIC");
}
