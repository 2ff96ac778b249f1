//! `sqlite-correlated-subquery`: a subquery is run anew for each row.

use super::sqlite::{self, About};
use super::{Hit, each_plan};
use crate::judge::advice::rewrite;
use crate::judge::advice::sqlite_index::Key;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::lexer::Dialect;
use crate::lang::sql::shape::{self, Comparison};
use crate::model::plan::{Node, Operator, Plan};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN073",
    name: "sqlite-correlated-subquery",
    title: "A subquery runs for each row",
    target: "queries",
    engines: sqlite::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of SQLite with `CORRELATED SCALAR SUBQUERY` or `CORRELATED LIST SUBQUERY` that scans a \
table or builds an index.

## Why it matters

The subquery is run once for each row outside, and each run reads a whole table.

## What to do

An index on the columns that tie the subquery to the row outside. Or a join with the subquery's \
sums, grouped by these columns.

## When to ignore it

When few rows outside need it.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, tell);
}

/// How the lines of such a subquery begin.
const CORRELATED: &str = "CORRELATED";

/// Whether a table is read in a way that an index of its own would spare.
fn is_unserved(node: &Node) -> bool {
    matches!(node.operator, Operator::FullScan | Operator::FullIndexScan)
        || node.details.flag("automatic") == Some(true)
}

/// The first table in a subquery that no index serves.
fn unserved(plan: &Plan, subquery: usize) -> Option<usize> {
    let end = plan.nodes.get(subquery)?.end;
    (subquery + 1..end).find(|at| is_unserved(&plan.nodes[*at]))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let tree = plan.plan();
    let nodes = tree.nodes.iter().enumerate();
    let subqueries = nodes.filter(|(_, node)| node.native.starts_with(CORRELATED));
    subqueries
        .filter_map(|(at, _)| {
            let table = unserved(tree, at)?;
            let share = sqlite::share(plan, table)?;
            let name = tree.nodes[table].relation.as_deref().unwrap_or("?");
            let fact = format!("a subquery that reads all of {name} is run for each row outside");
            Some(Hit { at, share, fact })
        })
        .collect()
}

/// Whether a subquery writes a column bare, or behind one of the names of its table: a column of the
/// row outside stands behind another name.
fn is_written(text: &str, names: &[&str], column: &str) -> bool {
    let text = text.to_lowercase();
    text.match_indices(&*column.to_lowercase()).any(|(at, _)| {
        let before = text.get(..at).unwrap_or_default();
        match before.strip_suffix('.') {
            None => !before.ends_with(|c: char| c.is_alphanumeric() || c == '_'),
            Some(qualified) => names.iter().any(|name| {
                let rest = qualified.strip_suffix(&*name.to_lowercase());
                rest.is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || c == '_'))
            }),
        }
    })
}

/// The columns of a table that the subquery over it compares for equality.
fn columns(about: &About<'_, '_>, called: &str) -> Vec<Key> {
    let mut keys: Vec<Key> = Vec::new();
    for text in sqlite::subqueries(about.statement()) {
        let shape = shape::read(text, Dialect::Sqlite);
        if !shape.tables.iter().any(|used| used.name.eq_ignore_ascii_case(&about.table)) {
            continue;
        }
        let is_own = |table: Option<&str>| {
            table.is_none_or(|table| table.eq_ignore_ascii_case(&about.table))
        };
        let equal = shape.predicates.iter().filter(|p| {
            p.comparison == Comparison::Equal
                && p.wrapped_in.is_none()
                && !p.below_or
                && is_own(p.column.table.as_deref())
                && is_written(text, &[called, &about.table], &p.column.column)
        });
        for predicate in equal {
            if keys.iter().all(|(known, _)| *known != predicate.column.column) {
                keys.push((predicate.column.column.clone(), false));
            }
        }
    }
    keys
}

fn tell(plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let Some(table) = unserved(tree, hit.at) else { return };
    let about = About::new(plan, &tree.nodes[table]);
    finding.title = format!("A subquery that scans `{}` runs for each row", about.table);
    finding.message = format!("{} {}.", about.scope(), sqlite::sentence(&hit.fact));
    about.advise(
        finding,
        &columns(&about, tree.nodes[table].relation.as_deref().unwrap_or_default()),
        "Give the column that ties the subquery to the row outside an index.",
    );
    finding.fixes.push(rewrite::code(
        "Join the statement with the subquery's sums, grouped by the column that ties it to the row \
         outside, in place of the subquery: it is then computed once.",
        "A LEFT JOIN keeps the rows outside that have no match; a COUNT that was 0 comes as NULL and needs \
         coalesce, a SUM stays NULL.",
    ));
    finding.verify =
        sqlite::verify("SEARCH with an index in the subquery, or no CORRELATED subquery at all");
}
