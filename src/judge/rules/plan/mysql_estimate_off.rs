//! `mysql-estimate-off`: the optimizer expected other numbers of rows than came, before a join.

use super::mysql::{self, MIN_SHARE};
use super::mysql_about::{About, scope, sentence};
use super::{Hit, each_plan, mysql_range_checked};
use crate::judge::advice::mysql_lookup;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::event::Engine;
use crate::model::plan::{Node, Operator, Plan};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN056",
    name: "mysql-estimate-off",
    title: "The optimizer expects other numbers of rows",
    target: "queries",
    engines: mysql::ENGINES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An executed plan of MySQL (EXPLAIN ANALYZE) or MariaDB (ANALYZE) in which a table of a join gave \
ten times more or fewer rows than was expected, 100 rows or more, and what follows takes at least \
10 % of the statement. Where the numbers agree within their rounding, and below a LIMIT, nothing \
is said.

## Why it matters

The order of a join and its indexes are chosen by these numbers: where they are wrong, a cheaper \
plan may have been left aside.

## What to do

Collect what the optimizer knows: ANALYZE TABLE, and for columns without an index a histogram \
(MySQL 8.0) or statistics that are independent of the engine (MariaDB 10.4 and later use them by \
default).

## When to ignore it

When another order of the join would be no faster.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Times that an estimate must be off.
const OFF_BY: f64 = 10.0;
/// Rows that the larger of both numbers must be.
const MIN_ROWS: f64 = 100.0;
/// Columns that statistics are collected for.
const MAX_COLUMNS: usize = 8;

/// Rows that a table gives to what follows, in one run: expected and counted. In the forms with a
/// filter of its own that gives them.
fn given(plan: &Plan, at: usize) -> Option<(f64, f64)> {
    let node = plan.nodes.get(at)?;
    let above = node.parent.and_then(|above| plan.nodes.get(above));
    let gives = above.filter(|above| above.operator == Operator::Filter).unwrap_or(node);
    let ran = gives.measured().filter(|ran| ran.loops > 0)?;
    let counted = ran.rows?.per_loop(ran.loops);
    let part = |name: &str| node.number(name).map_or(1.0, |percent| percent / 100.0);
    let expected = gives.estimated.rows? * part("filtered");
    // A mean of rows is never closer to the truth than it is printed.
    let (low, high) = (counted.0 - counted.1, counted.0 + counted.1);
    let counted = if high < expected { high } else { low.max(0.0) };
    Some((expected, counted * part("r_filtered")))
}

/// Whether something above stops before all rows are read.
fn stops_early(plan: &Plan, at: usize) -> bool {
    plan.ancestors(at).any(|above| {
        let node = &plan.nodes[above];
        node.operator == Operator::Limit || node.details.get("r_limit").is_some()
    })
}

/// The part of the statement that the order of a join decides: the join, with all that is below.
fn join_share(plan: &Plan, shares: &[f64], at: usize) -> Option<f64> {
    let join = plan.ancestors(at).find(|above| plan.nodes[*above].operator.joins())?;
    Some(mysql::share_of_tree(plan, shares, join))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    mysql::reads(tree)
        .filter_map(|(at, node)| {
            let (expected, counted) = given(tree, at)?;
            let factor =
                (expected.max(1.0) / counted.max(1.0)).max(counted.max(1.0) / expected.max(1.0));
            let share = join_share(tree, &shares, at)?;
            let runs = mysql::runs(tree, at);
            if factor < OFF_BY
                || expected.max(counted) * runs < MIN_ROWS
                || share < MIN_SHARE
                || stops_early(tree, at)
                || mysql_range_checked::is_checked(tree, node)
            {
                return None;
            }
            let fact = format!(
                "table {} gave {} rows where {} were expected, {} times {}",
                mysql::called(node),
                number(counted.round()),
                number(expected.round()),
                number(factor.round()),
                if counted < expected { "fewer" } else { "more" }
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

/// The columns that the conditions on a table test.
fn columns(plan: &Plan, at: usize, node: &Node) -> Vec<String> {
    let tested = mysql::tested(plan, at);
    let all = mysql::key_columns(node).into_iter().chain(tested.equal).chain(tested.range);
    let mut columns: Vec<String> = Vec::new();
    for column in all {
        if !columns.contains(&column) && columns.len() < MAX_COLUMNS {
            columns.push(column);
        }
    }
    columns
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let Some(node) = tree.nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("The optimizer expects another number of rows of {}", about.table());
    finding.message = format!(
        "{} {}. The order of the join was chosen by the wrong number.",
        scope(plan),
        sentence(&hit.fact)
    );
    // Nobody knows what another order would save.
    finding.impact.saved_ms_low = None;
    finding.impact.saved_ms_high = None;
    finding.impact.label = crate::judge::finding::ImpactLabel::Unknown;
    let columns = columns(tree, hit.at, node);
    finding.fixes.push(mysql_lookup::statistics_of(
        about.name(),
        &columns,
        tree.engine == Engine::Mariadb,
    ));
    finding.verify =
        about.verify("an expected number of rows near the counted one, and maybe another order");
    finding.trade_offs =
        "ANALYZE TABLE reads a sample of the table (MariaDB's PERSISTENT FOR all of it), \
                          and every later plan that uses the table is made from the new numbers."
            .to_owned();
}
