//! `mysql-full-scan`: a table is read from end to end at every run.

use super::run_facts::{self, cause_is_in_text, habit, is_many, mean, on_average, plain};
use super::{
    MYSQL, load, mysql_no_index_join, name_words, on_tables, plan_clues,
    rows_examined_far_above_sent, weighty,
};
use crate::judge::advice::index::{self, write_cost};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::model::event::Known;

/// Share of the rows examined that a scan's own counter must have, for the scan to be what reads them.
const MOST: f64 = 0.5;
/// Share of a table's rows that pass its conditions from which reading them by an index costs more than
/// the scan: on MariaDB 10.11 an index on a ninth of the rows doubled the time.
const TOO_MANY: f64 = 0.05;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY014",
    name: "mysql-full-scan",
    title: "A table is read from end to end",
    target: "queries",
    engines: MYSQL,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class with a condition whose runs scan a table of 1,000 rows or more: half or more of the records \
say `Full_scan: Yes` (MariaDB, Percona), or most rows examined were read by `Read_rnd_next` \
(`log_slow_extra` of MySQL 8), or the logged plan has `type ALL` and \
fewer than one row in twenty passes. It is silent where `rows-examined-far-above-sent`, or a rule about \
the text or the join, already names the class.

## Why it matters

The time grows with the table, and the scan drives other tables' pages out of the buffer pool.

## What to do

An index on the columns of the conditions. A plan with numbers that are far off calls for ANALYZE \
TABLE first: the optimizer may scan because it believes the table to be small.

## When to ignore it

When the statement is meant to read the table (a report, an export), the condition matches most of it, \
or the table stays small.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let named = rows_examined_far_above_sent::reading(evidence, class).is_some()
            || cause_is_in_text(evidence, class)
            || mysql_no_index_join::names(class);
        if class.shape.predicates.is_empty() || named {
            continue;
        }
        let (table, facts) = scan(evidence, class);
        if !facts.is_empty() {
            out.push(finding(rule, evidence, class, table.as_deref(), facts));
        }
    }
    plan::mysql_full_scan::check(rule, evidence, out);
}

/// The table that is scanned, where a plan names it, and what shows the scan; nothing where none does
/// or the table is small.
fn scan(evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> (Option<String>, Vec<Fact>) {
    let mut facts = Vec::new();
    let mut table = None;
    let examined = mean(class, Known::RowsExamined);
    if let Some(plan) = plan_clues::of(class) {
        let rows = plan.rows();
        let scans = rows.iter().filter(|row| {
            let selective = row.passed.is_none_or(|passed| passed < TOO_MANY);
            row.is_scan() && selective && is_many(Some(row.rows_known()))
        });
        let Some(row) = scans.max_by(|a, b| a.rows_known().total_cmp(&b.rows_known())) else {
            return (None, facts);
        };
        table = Some(plan.table_of(row).to_owned());
        let what =
            format!("type ALL on {}, {} rows", row.table, words::count(row.rows_known() as u64));
        facts.push(plan.fact(evidence, &what));
        if let Some(off) = row.off_by().filter(|off| *off > super::OFF_BY) {
            facts.push(plain(format!(
                "the estimate of its rows is off by {} times: ANALYZE TABLE",
                words::count(off as u64)
            )));
        }
    }
    if is_many(examined) {
        facts.extend(habit(class, Known::FullScan));
        let by_scan = mean(class, Known::ReadRndNext).unwrap_or(0.0);
        if by_scan >= MOST * examined.unwrap_or(f64::MAX) {
            facts.extend(on_average(class, Known::ReadRndNext));
        }
        if !facts.is_empty() {
            facts.extend(on_average(class, Known::RowsExamined));
        }
    }
    (table, facts)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    table: Option<&str>,
    facts: Vec<Fact>,
) -> Finding {
    let mut finding = rule.about(evidence, class);
    let on = table.map_or_else(|| on_tables(class), |table| format!(" on {}", name_words(table)));
    finding.title = format!("Full scan{on}");
    finding.message = format!(
        "{}. The logged runs read a table from end to end, though the statement has conditions.",
        load(class)
    );
    // Only a plan tells how many of the rows pass.
    finding.confidence = match table.is_some() && facts.len() > 1 {
        true => Confidence::High,
        false => Confidence::Medium,
    };
    finding.evidence.extend(facts);
    let tables = &class.shape.tables;
    let scanned = tables.iter().filter(|used| table.is_none_or(|table| used.name == table));
    let wanted: Vec<_> =
        scanned.filter_map(|used| run_facts::wanted_index(class, &used.name)).collect();
    match wanted.first() {
        Some(candidate) => {
            finding.trade_offs = write_cost(evidence, class, &candidate.table);
            let mut fix = index::fix(&wanted, class, evidence);
            fix.note.push_str(
                " It pays where few of the rows match: where a tenth do, the scan is as fast, unless the \
                 index also holds every column that the statement reads.",
            );
            finding.fixes.push(fix);
        }
        None => {
            finding.trade_offs = "A kept sum has to be kept up at every write.".to_owned();
            finding.fixes.push(rewrite::code(
                "Give the condition or join on the scanned table an index; where the statement is meant \
                 to read most of it, keep its answer in a summary table that is refreshed.",
                "No condition of the statement is one that an index can be read off.",
            ));
        }
    }
    finding.verify = verify::explain(class, "type ref or range and a key in place of ALL");
    finding
}
