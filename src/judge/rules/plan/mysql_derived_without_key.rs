//! `mysql-derived-without-key`: the rows of a derived table are searched from end to end for each row of a join.

use super::mysql::{self, MANY_ROWS, MIN_SHARE};
use super::mysql_about::{scope, sentence, verify_of};
use super::{Hit, each_plan};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator, Plan, Role};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN054",
    name: "mysql-derived-without-key",
    title: "A derived table is joined without a key",
    target: "queries",
    engines: mysql::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that joins a derived table, view or CTE (`<derived2>`) by reading all \
its rows for each row or buffer of rows before it, 1,000 rows or more in all, and that takes at \
least 10 % of the statement with it.

## Why it matters

MySQL (5.6 and later) and MariaDB give such a table a key of its own for the join (`<auto_key0>`, \
`key0`), but only for an equality of its bare column. Without one every row is compared with every \
row.

## What to do

Join by an equality of the bare column, of one type and collation on both sides, or compute the \
expression inside the derived table.

## When to ignore it

When the derived table has a handful of rows.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Whether a node scans a derived table as the inner side of a join, and the node that joins it.
fn joined_without_key(plan: &Plan, at: usize, node: &Node) -> Option<usize> {
    if node.operator != Operator::DerivedScan || node.index.is_some() {
        return None;
    }
    // A filter or a buffer may stand between.
    let above = plan.ancestors(at).take(2).find(|above| plan.nodes[*above].operator.joins())?;
    let below = std::iter::once(at)
        .chain(plan.ancestors(at))
        .find(|below| plan.nodes[*below].parent == Some(above))?;
    (plan.nodes[below].role == Role::Inner).then_some(above)
}

/// Pairs of rows that the join compares: counted, else as expected.
fn compared(plan: &Plan, at: usize, joined_by: usize) -> f64 {
    let per_run = mysql::rows_per_run(&plan.nodes[at]).unwrap_or(0.0);
    let join = &plan.nodes[joined_by];
    let before = match join.text("join_type") {
        // A join buffer is read once for many rows, each of which is compared with each of the buffer.
        Some(_) => mysql::runs(plan, joined_by),
        None => mysql::runs(plan, at),
    };
    per_run * before
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let nodes = tree.nodes.iter().enumerate();
    nodes
        .filter_map(|(at, node)| {
            let joined_by = joined_without_key(tree, at, node)?;
            // A hash of its rows is a key as well.
            let is_hashed = tree.nodes[joined_by].operator == Operator::HashJoin
                || tree.nodes[joined_by]
                    .text("join_type")
                    .is_some_and(|kind| kind.starts_with("BNLH"));
            let compared = compared(tree, at, joined_by);
            let own = shares.get(joined_by).copied().unwrap_or(0.0);
            let share = (mysql::share_of_read(tree, &shares, at) + own).min(1.0);
            if is_hashed || compared < MANY_ROWS || share < MIN_SHARE {
                return None;
            }
            let fact = format!(
                "{} has no key, and {} pairs of rows are compared to join it",
                mysql::called(node),
                number(compared.round())
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    finding.title = "A derived table is joined without a key".to_owned();
    finding.message = format!(
        "{} {}: up to {} of the statement.",
        scope(plan),
        sentence(&hit.fact),
        percent(hit.share)
    );
    finding.fixes.push(rewrite::code(
        "Join the derived table by an equality between its bare column and that of the other table; \
         compute what the condition computes inside it, as a column of its own.",
        "The server then gives it a key of its own (`key0`, `<auto_key0>`). Both columns need one type and \
         one collation. A condition other than an equality (<, BETWEEN, OR) never gets one: then let fewer \
         rows into the derived table.",
    ));
    finding.verify = verify_of(evidence, plan, "a key for the derived table, and few rows by it");
    finding.trade_offs =
        "The key is built at every run, in memory: less than the comparisons.".to_owned();
}
