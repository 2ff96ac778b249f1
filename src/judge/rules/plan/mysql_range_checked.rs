//! `mysql-range-checked`: the optimizer chooses an index anew for each row of a join.

use super::mysql::{self, MIN_SHARE};
use super::mysql_about::{About, rows, sentence};
use super::{Hit, each_plan};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Plan};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN058",
    name: "mysql-range-checked",
    title: "An index is chosen anew for each row",
    target: "indexes",
    engines: mysql::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that says `Range checked for each record` (`Re-planned for each row`) \
of a table, where that takes at least 10 % of the statement.

## Why it matters

No index was good for all rows of the tables before it, so the optimizer estimates for each of \
these rows whether a range of an index or a scan of the table is cheaper, and reads that. The \
estimates alone take time.

## What to do

Give the join an equality, or a range with both ends, on a column that has an index, so that one \
plan is good for all rows.

## When to ignore it

When few rows come from the tables before it.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// MariaDB's words.
const NATIVE: &str = "range-checked-for-each-record";

/// Whether the index for a table is chosen anew for each row.
pub(super) fn is_checked(plan: &Plan, node: &Node) -> bool {
    let above = node.parent.and_then(|above| plan.nodes.get(above));
    above.is_some_and(|above| &*above.native == NATIVE)
        || node.details.get("range_checked_for_each_record").is_some()
        || node.text("message").is_some_and(|message| message.contains("re-planned for each"))
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let checked = mysql::reads(tree).filter(|(_, node)| is_checked(tree, node));
    checked
        .filter_map(|(at, node)| {
            let above = node.parent.filter(|above| &*tree.nodes[*above].native == NATIVE);
            let share = mysql::share_of_tree(tree, &shares, above.unwrap_or(at));
            let fact = format!(
                "for each row of the tables before {} its index is chosen anew; it reads {}",
                mysql::called(node),
                rows(plan, at)
            );
            (share >= MIN_SHARE).then_some(Hit { at, share, fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("The index of {} is chosen anew for each row", about.table());
    finding.message = format!(
        "{} {}. That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    finding.fixes.push(rewrite::code(
        "Join by an equality on a column that has an index. Where it has to be a range, give it both ends, \
         and join the few rows that it is about: the latest one before a time, for example, by a subquery \
         with ORDER BY and LIMIT 1.",
        "Where the types or collations of the compared columns differ, the range cannot be used at all: give \
         them one type first.",
    ));
    finding.verify = about.verify("type ref, eq_ref or range with one key for the table");
    finding.trade_offs = "The statement has to be written anew; compare its answers.".to_owned();
}
