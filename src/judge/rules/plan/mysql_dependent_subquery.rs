//! `mysql-dependent-subquery`: a subquery is run anew for row after row.

use super::mysql::{self, MIN_SHARE};
use super::mysql_about::{About, rows, sentence};
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
    code: "PLN053",
    name: "mysql-dependent-subquery",
    title: "A subquery runs for each row",
    target: "queries",
    engines: mysql::ENGINES,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB in which a subquery depends on the row around it (`DEPENDENT SUBQUERY`, \
`dependent: true`) or cannot be kept (`UNCACHEABLE`), runs 100 times or more, and takes at least \
10 % of the statement.

## Why it matters

The subquery is run once for each row outside. If no index finds its rows, each run reads a whole \
table; with an index it is as many lookups.

## What to do

Where the runs scan a table, an index on the column that ties the subquery to the outer row. Then \
a join with the sums by that column in place of the subquery, if most rows outside need one.

## When to ignore it

When few rows outside need it and an index serves it.
";

/// Runs from which a subquery is a cost of its own.
const MANY_RUNS: f64 = 100.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let find = |plan: &PlanEvidence<'_>| {
        // The rule about the text of the statement says the same of logged runs.
        let is_told = evidence.class_of(plan).is_some_and(|c| {
            c.class.stats.calls > 0 && c.shape.correlated.iter().any(|s| !s.exists)
        });
        if is_told { Vec::new() } else { find(plan) }
    };
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Whether a node is the top of a subquery that is run anew for the rows around it.
fn is_rerun(plan: &Plan, node: &Node) -> bool {
    match node.text("select_type") {
        Some(kind) => {
            let is_rerun =
                |kind: &str| matches!(kind, "DEPENDENT SUBQUERY" | "UNCACHEABLE SUBQUERY");
            // Of a join in a subquery the first table stands for all.
            is_rerun(kind)
                && node
                    .parent
                    .is_none_or(|above| plan.nodes[above].text("select_type") != Some(kind))
        }
        None => node.role == Role::SubPlan,
    }
}

/// How often a subquery runs: counted, else for each row that the statement around it has.
fn runs(plan: &Plan, at: usize) -> f64 {
    // A cache that was given up counts the runs until then: the subquery below it counts on.
    let inside = plan.nodes.get(at..=at + 1).unwrap_or_default().iter();
    if let Some(loops) = inside.filter_map(|node| Some(node.measured()?.loops)).max() {
        return loops as f64;
    }
    let outside = mysql::reads(plan).take_while(|(outer, _)| *outer < at);
    let outside = outside.filter(|(_, node)| node.text("select_type").is_none_or(is_outer));
    let rows = outside.map(|(outer, node)| {
        let kept = mysql::passed(plan, outer).map_or(1.0, |(kept, _)| kept);
        node.estimated.rows.unwrap_or(1.0).max(1.0) * kept
    });
    rows.product()
}

fn is_outer(kind: &str) -> bool {
    matches!(kind, "SIMPLE" | "PRIMARY")
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let subqueries = tree.nodes.iter().enumerate().filter(|(_, node)| is_rerun(tree, node));
    subqueries
        .filter_map(|(at, _)| {
            let runs = runs(tree, at);
            let share = mysql::share_of_tree(tree, &shares, at);
            if runs < MANY_RUNS || share < MIN_SHARE {
                return None;
            }
            // The most expensive table in it is where an index may help.
            let (read, node) = mysql::reads(tree)
                .filter(|(read, _)| (at..tree.nodes[at].end).contains(read))
                .max_by(|a, b| shares[a.0].total_cmp(&shares[b.0]))?;
            let fact = format!(
                "the subquery over {} runs {} times and reads {}",
                mysql::called(node),
                number(runs.round()),
                rows(plan, read)
            );
            Some(Hit { at: read, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let tree = plan.plan();
    let Some(node) = tree.nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    let scans = matches!(node.operator, Operator::FullScan | Operator::FullIndexScan);
    finding.title = format!("A subquery over {} runs for each row", about.table());
    finding.message = format!(
        "{} {}, {}: up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        match scans {
            true => "each time from end to end",
            false => "by an index",
        },
        percent(hit.share)
    );
    let columns = mysql::tested(tree, hit.at).index_columns();
    if scans && !columns.is_empty() {
        about.advise(finding, &columns, "");
    }
    finding.fixes.push(rewrite::code(
        "Join the statement with the subquery's sums, grouped by the column that ties it to the row \
         outside, in place of the subquery: it is then computed once.",
        "A LEFT JOIN keeps the rows outside that have no match; a COUNT that was 0 comes as NULL and needs \
         COALESCE, a SUM stays NULL. It pays where most rows outside need the value; where few do, keep \
         the subquery and its index.",
    ));
    finding.verify = about.verify("no dependent subquery, or one that finds its rows by a key");
    if finding.trade_offs.is_empty() {
        finding.trade_offs =
            "The join computes the value for all groups, also for those that no row outside needs."
                .to_owned();
    }
}
