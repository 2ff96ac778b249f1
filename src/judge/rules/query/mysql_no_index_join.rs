//! `mysql-no-index-join`: a joined table is read in full because no index serves the join.

use super::explain_rows::ExplainRow;
use super::plan_clues::PlanClues;
use super::run_facts::{habit, is_many, mean, on_average};
use super::{MYSQL, load, name_words, on_tables, plan_clues, table_of, weighty};
use crate::judge::advice::index::{self, Candidate, write_cost};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::lang::sql::shape::Comparison;
use crate::model::event::Known;

/// What the plan says of a join without an index.
const BUFFER: &str = "Using join buffer";

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY015",
    name: "mysql-no-index-join",
    title: "Join without an index",
    target: "queries",
    engines: MYSQL,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class over several tables that examines 1,000 rows or more a run, of which half or more of the \
records say `Full_join: Yes`, or whose logged plan has a table with `Using join buffer`.

## Why it matters

Without an index on the joined column the table is read anew for each buffer of rows of the tables \
before it, or, with a hash join, once as a whole at every run.

## What to do

An index on the column that the table is joined by. Both columns must have one type and one collation, \
else the index cannot be used.

## When to ignore it

When the joined table is small, or most of it is in the answer: a hash join of whole tables is then the \
right plan.
";

/// What shows that a class joins a table without an index.
struct Unserved<'c> {
    /// The flag of the slow log.
    flag: Option<Fact>,
    /// The logged plan, and its row of the joined table.
    row: Option<(PlanClues<'c>, ExplainRow<'c>)>,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let Some(Unserved { flag, row }) = unserved(class) else { continue };
        let table = row.as_ref().map(|(plan, row)| plan.table_of(row));
        let mut finding = finding(rule, evidence, class, table);
        finding.confidence = match (&flag, &row) {
            (Some(_), Some(_)) => Confidence::High,
            _ => Confidence::Medium,
        };
        finding.evidence.extend(flag);
        finding.evidence.extend(on_average(class, Known::RowsExamined));
        if let Some((plan, row)) = row {
            finding.evidence.push(plan.fact(evidence, &format!("{BUFFER} for {}", row.table)));
        }
        out.push(finding);
    }
    plan::mysql_no_index_join::check(rule, evidence, out);
}

/// Whether this rule names a class, so that others about its rows stay silent.
pub(super) fn names(class: &ClassEvidence<'_>) -> bool {
    unserved(class).is_some()
}

fn unserved<'c>(class: &'c ClassEvidence<'_>) -> Option<Unserved<'c>> {
    if class.shape.tables.len() < 2 || !is_many(mean(class, Known::RowsExamined)) {
        return None;
    }
    let plan = plan_clues::of(class);
    let buffered = |plan: PlanClues<'c>| {
        let mut rows = plan.rows().into_iter();
        let row = rows.find(|row| row.notes("using_join_buffer") && row.is_scan())?;
        Some((plan, row))
    };
    match plan {
        // It decides: where it joins by indexes, the flag is of another run or part.
        Some(plan) => buffered(plan)
            .map(|row| Unserved { flag: habit(class, Known::FullJoin), row: Some(row) }),
        None => habit(class, Known::FullJoin).map(|flag| Unserved { flag: Some(flag), row: None }),
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    table: Option<&str>,
) -> Finding {
    let mut finding = rule.about(evidence, class);
    let on = table.map_or_else(|| on_tables(class), |table| format!(" to {}", name_words(table)));
    finding.title = format!("Join without an index{on}");
    finding.message = format!(
        "{}. The logged runs join a table by a column that no index serves, so the whole table is read \
         for it.",
        load(class)
    );
    // Without a plan each joined column may be the one; a key called id has its index.
    let mut wanted: Vec<_> = class
        .shape
        .predicates
        .iter()
        .filter(|p| p.join && p.comparison == Comparison::Equal && p.wrapped_in.is_none())
        .filter_map(|p| Some((table_of(class, &p.column)?, &*p.column.column)))
        .filter(|(of, column)| table.map_or(*column != "id", |table| table == *of))
        .map(|(of, column)| Candidate::btree(class, of, &[column]))
        .collect();
    wanted.dedup();
    match wanted.first() {
        Some(candidate) => {
            finding.trade_offs = write_cost(evidence, class, &candidate.table);
            let mut fix = index::fix(&wanted, class, evidence);
            fix.note.push_str(" Both columns of the join need one type and one collation.");
            finding.fixes.push(fix);
        }
        None => {
            finding.trade_offs =
                "None to look for the condition; what an index costs depends on it.".to_owned();
            finding.fixes.push(rewrite::code(
                "See whether every table is joined by a condition on its own bare column, and give that \
                 column an index.",
                "No such condition was found in the statement: a table without one is multiplied with \
                 the others.",
            ));
        }
    }
    finding.verify =
        verify::explain(class, "type ref or eq_ref for the joined table, and no join buffer");
    finding
}
