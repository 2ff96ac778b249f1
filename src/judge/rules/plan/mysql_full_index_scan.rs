//! `mysql-full-index-scan`: an index is read from end to end to keep few of its rows.

use super::mysql::{self, MANY_ROWS, MIN_SHARE, TOO_MANY};
use super::mysql_about::{About, how, rows, sentence};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN050",
    name: "mysql-full-index-scan",
    title: "A whole index is read",
    target: "indexes",
    engines: mysql::ENGINES,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that reads a whole index (`type: index`, `Index scan`), 1,000 rows or \
more, tests them afterwards, keeps fewer than one in twenty and takes at least 10 % of the \
statement with it.

## Why it matters

The index holds the columns that the statement reads, so it is smaller than the table, but its \
first column is not among the conditions: every entry is read and tested, at every run.

## What to do

An index that begins with the tested columns. Where the index that is read serves nothing else, it \
can go afterwards.

## When to ignore it

When the statement runs rarely, or the conditions keep most rows for other values.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let scans = mysql::reads(tree).filter(|(_, node)| node.operator == Operator::FullIndexScan);
    scans
        .filter_map(|(at, node)| {
            let (kept, is_counted) = mysql::passed(tree, at)?;
            let share = mysql::share_of_read(tree, &shares, at);
            if !mysql::is_tested(tree, at)
                || kept >= TOO_MANY
                || mysql::rows_read(tree, at) < MANY_ROWS
                || share < MIN_SHARE
            {
                return None;
            }
            let fact = format!(
                "all of index {} of {} is read, {}; {} of them {}are kept",
                node.index.as_deref().unwrap_or("?"),
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
    finding.title = format!("A whole index of {} is read to keep few of its rows", about.table());
    finding.message = format!(
        "{} {}: it does not begin with what the statement tests. That is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let columns = mysql::tested(plan.plan(), hit.at).index_columns();
    about.advise(
        finding,
        &columns,
        "Give the conditions on the table an index that begins with their columns.",
    );
    finding.verify = about.verify("type ref or range with the new key in place of index");
}
