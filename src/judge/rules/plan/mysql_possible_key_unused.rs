//! `mysql-possible-key-unused`: an index fits the condition, but the table is read from end to end.

use super::mysql::{self, MANY_ROWS, MIN_SHARE, TOO_MANY};
use super::mysql_about::{About, how, rows, sentence};
use super::{Hit, each_plan, mysql_range_checked};
use crate::judge::advice::{mysql_lookup, rewrite, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN051",
    name: "mysql-possible-key-unused",
    title: "An index that fits is not used",
    target: "indexes",
    engines: mysql::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that reads a whole table of 1,000 rows or more though it lists possible \
keys, keeps fewer than one row in twenty, and takes at least 10 % of the statement with it.

## Why it matters

The optimizer knew the index and could not use it: mostly because a text column is compared with a \
number, or with a text of another collation, so that each row has to be converted; else because \
its numbers on the table are wrong.

## What to do

Compare like with like: a text in quotes for a text column, one collation on both sides of a join. \
If the types agree, ANALYZE TABLE.

## When to ignore it

When the table is small or the conditions keep most rows for other values.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Whether a node leaves a key aside that fits its condition.
pub(super) fn is_left_aside(node: &Node) -> bool {
    node.operator == Operator::FullScan && !node.details.texts("possible_keys").is_empty()
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let scans = mysql::reads(tree).filter(|(_, node)| is_left_aside(node));
    scans
        .filter_map(|(at, node)| {
            let (kept, is_counted) = mysql::passed(tree, at)?;
            let share = mysql::share_of_read(tree, &shares, at);
            if kept >= TOO_MANY
                || mysql::rows_read(tree, at) < MANY_ROWS
                || share < MIN_SHARE
                || mysql_range_checked::is_checked(tree, node)
            {
                return None;
            }
            let fact = format!(
                "table {} is read from end to end, {}; {} of them {}are kept, though {} would fit",
                mysql::called(node),
                rows(plan, at),
                percent(kept),
                how(is_counted),
                node.details.texts("possible_keys").join(", ")
            );
            Some(Hit { at, share: share * (1.0 - kept), fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("An index of {} that fits is not used", about.table());
    finding.message = format!(
        "{} {}. An index that fits and is left aside mostly means that the compared values have another \
         type or collation than the column.",
        about.scope(),
        sentence(&hit.fact)
    );
    finding.fixes.push(setting::look(
        mysql_lookup::columns_of(about.name()),
        "The types and collations of the columns: a text column that is compared with a number, or with a \
         text of another collation, cannot be found by its index.",
    ));
    finding.fixes.push(rewrite::code(
        "Bind the value with the type of the column: a text in quotes for a text column, a number for a \
         number; give the columns of a join one type and one collation.",
        "Where the types agree and the value is selective, the numbers of the optimizer are wrong: ANALYZE \
         TABLE brings them up to date.",
    ));
    finding.verify = about.verify("one of the possible keys as key, and type ref or range");
    finding.trade_offs =
        "None where the value takes the type of the column. A column that changes its type \
                          is built anew, with all its rows."
            .to_owned();
}
