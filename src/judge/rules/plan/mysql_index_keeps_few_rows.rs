//! `mysql-index-keeps-few-rows`: an index finds rows of which most are thrown away.

use super::mysql::{self, MANY_ROWS, MIN_SHARE};
use super::mysql_about::{About, how, rows, sentence};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN052",
    name: "mysql-index-keeps-few-rows",
    title: "An index finds rows that are thrown away",
    target: "indexes",
    engines: mysql::ENGINES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL or MariaDB that finds 1,000 rows or more of a table by an index (`ref`, `range`, \
`Index lookup`, `Index range scan`), keeps fewer than one in ten of them, and takes at least 10 % \
of the statement with it.

## Why it matters

Each row that the index finds is fetched from the table by its primary key, one by one, only to \
fail the other conditions. That costs more than the scan of as many rows.

## What to do

Put the other tested columns into the index, behind those that it finds the rows by.

## When to ignore it

When the statement runs rarely, or the other conditions keep most rows for other values.
";

/// Share of the rows found that may be kept.
const FEW: f64 = 0.1;
/// Columns of a proposed index.
const MAX_COLUMNS: usize = 4;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let scans = mysql::reads(tree).filter(|(_, node)| node.operator == Operator::IndexScan);
    scans
        .filter_map(|(at, node)| {
            let (kept, is_counted) = mysql::passed(tree, at)?;
            let share = mysql::share_of_read(tree, &shares, at);
            if !mysql::is_tested(tree, at)
                || kept >= FEW
                || mysql::rows_read(tree, at) < MANY_ROWS
                || share < MIN_SHARE
            {
                return None;
            }
            let fact = format!(
                "index {} finds {} of {}; {} of them {}are kept",
                node.index.as_deref().unwrap_or("?"),
                rows(plan, at),
                mysql::called(node),
                percent(kept),
                how(is_counted)
            );
            Some(Hit { at, share: share * (1.0 - kept), fact })
        })
        .collect()
}

/// The columns by which the index finds the rows, and behind them those that are tested afterwards.
fn columns(plan: &PlanEvidence<'_>, hit: &Hit) -> Vec<String> {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return Vec::new() };
    let mut columns: Vec<String> = mysql::key_columns(node);
    // Behind a range nothing narrows any more.
    let is_range = &*node.native == "range" || node.native.contains("range scan");
    let tested = mysql::tested(plan.plan(), hit.at);
    let keys = std::mem::take(&mut columns);
    let wanted = match is_range {
        true => [tested.equal, keys].concat(),
        false => [keys, tested.index_columns()].concat(),
    };
    for column in wanted {
        if !columns.contains(&column) && columns.len() < MAX_COLUMNS {
            columns.push(column);
        }
    }
    columns
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("An index of {} finds rows that are thrown away", about.table());
    finding.message = format!(
        "{} {}: the others are fetched to fail the rest of the conditions. That is up to {} of the \
         statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let known = mysql::key_columns(node).len();
    let columns = Some(columns(plan, hit)).filter(|all| all.len() > known && known > 0);
    about.advise(
        finding,
        &columns.unwrap_or_default(),
        "Put the columns of the other conditions into the index, behind those that it finds the rows by; \
         an equality goes before a range.",
    );
    finding.verify = about.verify("the new key, and about as many rows read as are kept");
}
