//! What [`mysql-temporary-on-disk`](crate::judge::rules::query::mysql_temporary_on_disk) finds in plans
//! that no log tells the load of: files of plans, and plans of statements that were not logged. No
//! plan says whether a temporary table goes to disk.

use super::mysql::{self, MIN_SHARE};
use super::mysql_about::{self, About, sentence};
use super::{Hit, each_plan, mysql_filesort};
use crate::judge::advice::{mysql_lookup, rewrite, setting};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::{Node, Operator, Plan};

/// Rows of a temporary table from which it is a cost of its own.
const MANY_KEPT: f64 = 10_000.0;

/// Looks at the plans for the rule.
pub(in crate::judge::rules) fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    if plan.load_share.is_some() {
        return Vec::new();
    }
    let (shares, tree) = (mysql::shares(plan), plan.plan());
    let tables = tree.nodes.iter().enumerate().filter(|(_, node)| fills_table(node));
    tables
        .filter_map(|(at, _)| {
            let (kept, is_counted) = kept(tree, at)?;
            let share = own_share(tree, &shares, at);
            if kept < MANY_KEPT || share < MIN_SHARE {
                return None;
            }
            let rows = number(kept.round());
            let how = match (is_counted, tree.is_executed()) {
                (true, _) => format!("{rows} rows are"),
                (false, true) => format!("up to {rows} rows are"),
                (false, false) => format!("up to {rows} rows, by the optimizer's guess, are"),
            };
            let tables = read_below(tree, at).map(mysql::called).collect::<Vec<_>>().join(", ");
            let fact = format!("{how} kept in a temporary table of what is read of {tables}");
            Some(Hit { at, share, fact })
        })
        .collect()
}

/// Whether a node puts rows into a temporary table.
fn fills_table(node: &Node) -> bool {
    node.details.flag("using_temporary_table") == Some(true)
        || &*node.native == "temporary_table"
        || node.native.to_ascii_lowercase().contains("temporary table")
}

/// The tables that are read at a node or below it.
fn read_below(plan: &Plan, at: usize) -> impl Iterator<Item = &Node> {
    let end = plan.nodes.get(at).map_or(at, |node| node.end);
    let reads = mysql::reads(plan).filter(move |(table, _)| (at..end).contains(table));
    reads.map(|(_, node)| node)
}

/// The rows of a temporary table, and whether what reads it counted them; else as many as come in,
/// which is the most that it can hold.
fn kept(plan: &Plan, at: usize) -> Option<(f64, bool)> {
    let parent = plan.nodes.get(at)?.parent;
    let counted = parent.filter(|above| {
        let above = &plan.nodes[*above];
        let reads_it = |relation: &str| relation.starts_with('<') && relation.contains("temporary");
        above.operator == Operator::Sort || above.relation.as_deref().is_some_and(reads_it)
    });
    let counted = counted.filter(|above| !mysql_filesort::is_limited(plan, *above));
    let counted = counted.and_then(|above| {
        let node = &plan.nodes[above];
        let measured = || node.measured().and_then(|ran| Some(ran.rows?.total(ran.loops).0));
        node.number("r_output_rows").or_else(measured)
    });
    match counted {
        Some(rows) => Some((rows, true)),
        None => Some((rows_into(plan, at)?, false)),
    }
}

/// The rows that come in: those of the last table that is read for them, behind its conditions.
fn rows_into(plan: &Plan, at: usize) -> Option<f64> {
    let end = plan.nodes.get(at)?.end;
    let (last, _) = mysql::reads(plan).filter(|(table, _)| (at..end).contains(table)).last()?;
    let passed = mysql::passed(plan, last).map_or(1.0, |(passed, _)| passed);
    Some(mysql::rows_read(plan, last) * passed)
}

/// The part of the statement that filling the table takes. Of a plan that was not executed: a row is
/// as dear to keep as to read.
fn own_share(plan: &Plan, shares: &[f64], at: usize) -> f64 {
    let end = plan.nodes.get(at).map_or(at, |node| node.end);
    let last = mysql::reads(plan).map(|(table, _)| table).filter(|table| (at..end).contains(table));
    let Some(last) = last.last() else { return 0.0 };
    if plan.is_executed() {
        return mysql_filesort::own_share(plan, shares, at, last);
    }
    let read: f64 = mysql::reads(plan).map(|(table, _)| mysql::rows_read(plan, table)).sum();
    let kept = rows_into(plan, at).unwrap_or(0.0);
    kept / (kept + read).max(1.0)
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(node) = read_below(plan.plan(), hit.at).last() else { return };
    let about = About::new(evidence, plan, node);
    finding.title = "Many rows go through a temporary table".to_owned();
    finding.message = format!(
        "{} {}. That is up to {} of the statement. The plan does not say whether the table goes to disk.",
        about.scope(),
        sentence(&hit.fact),
        percent(hit.share)
    );
    // Only a log or the status counters prove the disk; guesses do not even tell groups from rows.
    let (at_most, confidence) = match plan.plan().is_executed() {
        true => (Severity::Medium, Confidence::Medium),
        false => (Severity::Low, Confidence::Low),
    };
    finding.severity = finding.severity.min(at_most);
    finding.confidence = confidence;
    finding.fixes.push(rewrite::code(
        "Group, and drop doubles, by the columns of one index, select only what is read, and fetch long \
         texts by key afterwards; leave out DISTINCT where a key is among the columns.",
        "The columns of the select list, of GROUP BY and of ORDER BY all stand in the temporary table; \
         rows that come in the order of an index need none.",
    ));
    finding.fixes.push(setting::look(
        mysql_lookup::temporary_tables(),
        "In a new session, behind the statement: Created_tmp_disk_tables above 0 is the disk. MySQL from 8.0 \
         on does not count there the files that its TempTable engine maps into memory.",
    ));
    finding.verify =
        mysql_about::verify_of(evidence, plan, "no temporary table, or few rows in it");
    finding.trade_offs = "An index costs writes and space.".to_owned();
}
