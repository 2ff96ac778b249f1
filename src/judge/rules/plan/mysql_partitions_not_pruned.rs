//! `mysql-partitions-not-pruned`: all partitions of a table are read because no condition is on the partition key.

use super::mysql::{self, MANY_ROWS, MIN_SHARE};
use super::mysql_about::{About, how, rows, sentence};
use super::{Hit, each_plan};
use crate::judge::advice::{mysql_lookup, rewrite, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::{counted, percent};
use crate::model::plan::{Node, Value};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN059",
    name: "mysql-partitions-not-pruned",
    title: "Every partition is read",
    target: "queries",
    engines: mysql::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that reads ten or more partitions of a table, tests the rows and keeps \
fewer than one in two, and takes at least 10 % of the statement with it.

## Why it matters

Without a condition on the partition key the server has to look into every partition: each has its \
own index trees, so even a lookup by an index is made as many times.

## What to do

Add the condition on the partition key that the application knows (the day, the tenant), as a \
plain comparison with constants. The server then reads the partitions that can match only.

## When to ignore it

When the statement is about all of them.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

/// Partitions from which reading them all is worth a word.
const MANY_PARTITIONS: usize = 10;
/// Share of the rows that may be kept: of a statement about all rows there is nothing to prune.
const MOST: f64 = 0.5;

/// How many partitions a node reads.
fn partitions(node: &Node) -> usize {
    match node.details.get("partitions") {
        Some(Value::List(items)) => items.len(),
        Some(Value::Text(text)) => text.split(',').count(),
        _ => 0,
    }
}

/// Whether a node reads so many partitions that the rule looks at it.
pub(super) fn reads_many(node: &Node) -> bool {
    partitions(node) >= MANY_PARTITIONS
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let parted = mysql::reads(tree).filter(|(_, node)| reads_many(node));
    parted
        .filter_map(|(at, node)| {
            let (kept, is_counted) = mysql::passed(tree, at)?;
            let share = mysql::share_of_read(tree, &shares, at);
            if !mysql::is_tested(tree, at)
                || kept >= MOST
                || mysql::rows_read(tree, at) < MANY_ROWS
                || share < MIN_SHARE
            {
                return None;
            }
            let fact = format!(
                "{} of {} are read, {}; {} of these {}are kept",
                counted(partitions(node) as u64, "partition"),
                mysql::called(node),
                rows(plan, at),
                percent(kept),
                how(is_counted)
            );
            Some(Hit { at, share: share * (1.0 - kept), fact })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    let count = partitions(node);
    finding.title = format!("{count} partitions of {} are read", about.table());
    finding.message = format!(
        "{} {}: no condition leaves one of them out. That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    finding.fixes.push(setting::look(
        mysql_lookup::partitions_of(about.name()),
        "The partition key and how many rows each partition has.",
    ));
    finding.fixes.push(rewrite::code(
        "Add the condition on the partition key that the application knows, as a comparison of the bare \
         column with constants.",
        "A condition prunes if it is on the column itself, or on the expression that the table is \
         partitioned by; a function around it, or a value of another type, does not. Where the application \
         knows no such condition, an index on the tested columns is looked up once in each partition.",
    ));
    finding.verify = about.verify("fewer names in partitions");
    finding.trade_offs =
        "The statement then answers for the named part only: that must be what is asked."
            .to_owned();
}
