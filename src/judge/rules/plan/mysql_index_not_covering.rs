//! `mysql-index-not-covering`: an index finds many rows that are fetched for a few columns more.

use super::mysql::{self, MANY_ROWS};
use super::mysql_about::{About, rows, sentence};
use super::{Hit, each_plan};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::event::Engine;
use crate::model::plan::{Node, Operator};

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN060",
    name: "mysql-index-not-covering",
    title: "Rows are fetched for a few columns that the index lacks",
    target: "indexes",
    engines: &[Engine::Mysql],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A plan of MySQL that finds 1,000 rows or more of a table by an index and keeps at least a tenth of \
them, takes at least 30 % of the statement with it, and uses at most four columns beyond those by \
which it finds them. Only the JSON forms tell the columns (`used_columns`).

## Why it matters

An index of InnoDB ends in the primary key: for any other column the row is looked up by that key, \
one row after the other, in pages all over the table. An index that holds all used columns answers \
by itself.

## What to do

Put the missing columns behind those of the index, where they are few and narrow; drop the old index \
if the new one begins with all its columns.

## When to ignore it

When the table is written more than it is read: every write to one of the columns goes to the index, \
too.
";

/// Part of the statement that the read must take.
const MIN_READ_SHARE: f64 = 0.3;
/// Used columns beyond those of the key up to which an index of them all stays narrow.
const MAX_BEYOND: usize = 4;
/// Share of the rows kept below which the conditions belong into the index first.
const FEW: f64 = 0.1;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let scans = mysql::reads(tree).filter(|(_, node)| node.operator == Operator::IndexScan);
    scans
        .filter_map(|(at, node)| {
            let beyond = beyond(node)?;
            let share = mysql::share_of_read(tree, &shares, at);
            let drops = mysql::passed(tree, at).is_some_and(|(kept, _)| kept < FEW);
            if drops || mysql::rows_read(tree, at) < MANY_ROWS || share < MIN_READ_SHARE {
                return None;
            }
            let fact = format!(
                "index {} finds {} of {}, each of which is fetched for {}",
                node.index.as_deref().unwrap_or("?"),
                rows(plan, at),
                mysql::called(node),
                beyond.join(", ")
            );
            Some(Hit { at, share, fact })
        })
        .collect()
}

/// The columns that a read uses beyond those by which it finds the rows, where they are few and
/// nothing of the row is written.
fn beyond(node: &Node) -> Option<Vec<&str>> {
    let keys = mysql::key_columns(node);
    let mut columns = node.details.texts("used_columns");
    columns.retain(|column| !keys.iter().any(|key| key.eq_ignore_ascii_case(column)));
    let writes = ["update", "delete", "insert", "replace"];
    let is_written = writes.iter().any(|name| node.details.flag(name) == Some(true));
    let is_few = !keys.is_empty() && (1..=MAX_BEYOND).contains(&columns.len()) && !is_written;
    is_few.then_some(columns)
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = plan.plan().nodes.get(hit.at) else { return };
    let about = About::new(evidence, plan, node);
    finding.title = format!("Rows of {} are fetched for a few columns", about.table());
    finding.message = format!(
        "{} {}. With them in the index no row would be: that is up to {} of the statement.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    let mut columns = mysql::key_columns(node);
    columns.extend(beyond(node).unwrap_or_default().into_iter().map(str::to_owned));
    about.advise(finding, &columns, "Put the used columns behind those of the index.");
    // What the index holds behind the columns that are used of it, no plan tells.
    finding.confidence = Confidence::Low;
    if let Some(fix) = finding.fixes.first_mut().filter(|fix| !fix.undo.is_empty()) {
        fix.note.push_str(
            " Leave out columns of the primary key: every index of InnoDB ends in them. A column of a \
             long text does not belong here, and a length of it covers nothing. Keep all columns of the \
             old index in the order that it has: then the new one replaces it.",
        );
    }
    finding.trade_offs.push_str(
        " It is wider than the old one, and every update of one of its columns writes it, too.",
    );
    finding.verify =
        about.verify("a covering index (`Using index` in Extra, `Covering index` in the tree)");
}
