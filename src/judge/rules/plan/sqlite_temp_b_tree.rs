//! `sqlite-temp-b-tree`: rows are sorted or grouped in a temporary B-tree.

use super::sqlite::{self, About};
use super::{Hit, each_plan};
use crate::judge::advice::sqlite_index::Key;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::plan::Plan;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN072",
    name: "sqlite-temp-b-tree",
    title: "Rows are sorted in a temporary B-tree",
    target: "indexes",
    engines: sqlite::ENGINES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of SQLite with `USE TEMP B-TREE FOR ORDER BY`, `GROUP BY` or `DISTINCT`, also for the last \
terms of an ORDER BY.

## Why it matters

All rows are written into a B-tree of their own before the first is returned, so a LIMIT saves \
nothing; beyond the cache it goes to a temporary file.

## What to do

An index that has the order: the columns tested for equality, then those of the ORDER BY or GROUP \
BY with their directions.

## When to ignore it

When few rows are sorted, or all are wanted in an order that nobody waits for.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, tell);
}

/// How the lines of such a tree begin.
const TREE: &str = "USE TEMP B-TREE FOR ";

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let nodes = plan.plan().nodes.iter().enumerate();
    nodes
        .filter_map(|(at, node)| {
            let what = node.native.strip_prefix(TREE)?;
            let share = sqlite::share(plan, at)?;
            let fact = format!("a temporary B-tree is filled for {what}");
            Some(Hit { at, share, fact })
        })
        .collect()
}

/// The table whose rows come first, and so give the order, beside a node.
fn first_table(plan: &Plan, at: usize) -> Option<usize> {
    let above = plan.nodes.get(at)?.parent?;
    let before = plan.children(above).take_while(|child| *child < at);
    before.into_iter().find(|child| plan.nodes[*child].operator.reads_table())
}

/// The columns of the GROUP BY, where all are bare names.
fn group(statement: &str) -> Vec<Key> {
    const ENDS: [&str; 5] = [" having ", " order by ", " limit ", ")", ";"];
    let text = statement.to_lowercase();
    let Some((_, rest)) = text.split_once(" group by ") else { return Vec::new() };
    let end = ENDS.iter().filter_map(|end| rest.find(end)).min().unwrap_or(rest.len());
    let names = rest.get(..end).unwrap_or_default().split(',').map(|name| {
        let name = name.trim().rsplit('.').next().unwrap_or_default();
        let is_word = !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
        is_word.then(|| (name.to_owned(), false))
    });
    names.collect::<Option<_>>().unwrap_or_default()
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let Some(sort) = tree.nodes.get(hit.at) else { return };
    let what = sort.native.strip_prefix(TREE).unwrap_or_default();
    let first = first_table(tree, hit.at);
    let about = About::new(plan, first.map_or(sort, |first| &tree.nodes[first]));
    let of = match about.table.is_empty() {
        true => String::new(),
        false => format!(" of `{}`", about.table),
    };
    finding.title = format!("A temporary B-tree for {what}{of}");
    finding.message = format!(
        "{} {}: no row is returned before all are in it.",
        about.scope(),
        sqlite::sentence(&hit.fact)
    );
    let is_single = about.shape().tables.len() == 1;
    let ordered = match (what, is_single) {
        ("GROUP BY", true) => group(about.statement()),
        ("GROUP BY" | "DISTINCT", _) => Vec::new(),
        _ => about.order(),
    };
    let mut keys = about.equal_columns(false);
    keys.retain(|(column, _)| ordered.iter().all(|(known, _)| known != column));
    keys.extend(ordered.iter().cloned());
    if ordered.is_empty() {
        keys.clear();
    }
    about.advise(
        finding,
        &keys,
        "Sort by the columns of one index of the outer table; leave out the ORDER BY or DISTINCT where \
         nobody needs it.",
    );
    finding.verify = sqlite::verify("no USE TEMP B-TREE");
}
