//! `mysql-index-merge`: two indexes are read and intersected where one of both columns would do.

use super::mysql::{self, MIN_SHARE};
use super::mysql_about::{About, sentence};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator, Plan, Properties, Value};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN055",
    name: "mysql-index-merge",
    title: "Two indexes do the work of one",
    target: "indexes",
    engines: mysql::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that intersects the entries of several indexes of one table \
(`index_merge` with `intersect`, `Using intersect(…)`, `Intersect rows sorted by row ID`), where \
that takes at least 10 % of the statement.

## Why it matters

Each index is read for all rows that its own condition fits, to keep the few that fit both.

## What to do

One index on both columns. It serves the statements of the first column as well, so that one of \
the two indexes can go afterwards. A merge for an OR (`union`, `sort_union`) is what it should be \
and left alone.

## When to ignore it

When the statement runs rarely and the table is written to often.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// What a plan says of an intersection.
const INTERSECT: &str = "intersect";
/// Columns of a proposed index.
const MAX_COLUMNS: usize = 4;

/// Whether a node intersects the entries of indexes.
fn intersects(node: &Node) -> bool {
    let says = |text: &str| text.to_ascii_lowercase().starts_with(INTERSECT);
    node.operator == Operator::BitmapCombine
        && (says(&node.native)
            || node.index.as_deref().is_some_and(says)
            || node.details.get("using_intersect").is_some()
            || node.details.group("index_merge").is_some_and(|g| g.get(INTERSECT).is_some()))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let merges = tree.nodes.iter().enumerate().filter(|(_, node)| intersects(node));
    merges
        .filter_map(|(at, node)| {
            let share = mysql::share_of_tree(tree, &shares, at);
            let fact =
                format!("table {} is read by an intersection of indexes", table(tree, at, node));
            (share >= MIN_SHARE).then_some(Hit { at, share, fact })
        })
        .collect()
}

/// The table that the indexes belong to: of TREE that of the inputs.
fn table<'p>(plan: &'p Plan, at: usize, node: &'p Node) -> &'p str {
    let inputs = plan.children(at).map(|child| mysql::called(&plan.nodes[child]));
    std::iter::once(mysql::called(node)).chain(inputs).find(|name| !name.is_empty()).unwrap_or("?")
}

/// The columns by which the merged indexes are read.
fn columns(plan: &Plan, at: usize) -> Vec<String> {
    let Some(node) = plan.nodes.get(at) else { return Vec::new() };
    let mut found: Vec<String> = Vec::new();
    let merged = node.details.group("index_merge").and_then(|group| group.get(INTERSECT));
    if let Some(Value::List(items)) = merged {
        for item in items.iter() {
            let Value::Group(item) = item else { continue };
            let parts: &Properties = item.group("range").unwrap_or(item);
            found.extend(parts.texts("used_key_parts").into_iter().map(str::to_owned));
        }
    }
    let inputs = plan.children(at).take(MAX_COLUMNS);
    found.extend(inputs.flat_map(|child| mysql::key_columns(&plan.nodes[child])));
    if found.is_empty() {
        found = mysql::tested(plan, at).equal;
    }
    let mut columns: Vec<String> = Vec::new();
    for column in found {
        if !columns.contains(&column) && columns.len() < MAX_COLUMNS {
            columns.push(column);
        }
    }
    columns
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let named = tree.children(hit.at).chain([hit.at]).filter_map(|at| tree.nodes.get(at));
    let Some(node) = named.filter(|node| node.relation.is_some()).last() else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("Indexes of {} are intersected where one would do", about.table());
    finding.message = format!(
        "{} {}: each of them is read for all rows that its own condition fits, to keep those that fit all. \
         That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    about.advise(
        finding,
        &columns(tree, hit.at),
        "Build one index on the columns of the intersected indexes; it takes the place of that of its first \
         column.",
    );
    finding.verify = about.verify("type ref with the new key in place of index_merge");
}
