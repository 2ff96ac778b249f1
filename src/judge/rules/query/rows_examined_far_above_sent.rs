//! `rows-examined-far-above-sent`: a statement reads far more rows than it returns or changes.

use super::run_facts::{self, cause_is_in_text, is_many, mean, on_average};
use super::{MYSQL, load, mysql_no_index_join, on_tables, plan_clues, weighty};
use crate::judge::advice::index::{self, write_cost};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, ImpactLabel, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::shape::Verb;
use crate::model::event::Known;

/// Rows examined for each row returned from which most of the reading is for nothing.
const MIN_RATIO: f64 = 100.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY013",
    name: "rows-examined-far-above-sent",
    title: "Far more rows are read than returned",
    target: "queries",
    engines: MYSQL,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class whose runs examine 1,000 rows or more on average, and at least 100 for each row that they \
return (SELECT without grouping or aggregates) or change (UPDATE and DELETE, where the log says \
Rows_affected). Where the text itself shows the cause, as a function around the column or a deep \
OFFSET does, the rule about that speaks instead.

## Why it matters

Rows that are read to be thrown away cost pages of the buffer pool, time, and under InnoDB the locks of \
rows that an UPDATE or DELETE only looked at.

## What to do

An index whose columns are those of the conditions: first what is tested for equality, then one range \
or the sort key. The candidate is read off the statement; the log does not show which indexes are \
there, so look first.

## When to ignore it

When few rows match by the nature of the question and the statement runs rarely, or the conditions \
match most of the table.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        if let Some(reading) = reading(evidence, class) {
            out.push(finding(rule, evidence, class, &reading));
        }
    }
}

/// Rows by run, on average.
pub(super) struct Reading {
    examined: f64,
    useful: f64,
    /// What became of the useful ones.
    done: &'static str,
    known: Known,
}

/// What a class reads, where that is far more than it uses.
pub(super) fn reading(evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Option<Reading> {
    let shape = &class.shape;
    let (known, done) = match shape.verb {
        Verb::Select if !shape.aggregates => (Known::RowsSent, "returned"),
        Verb::Update | Verb::Delete if shape.has_where => (Known::RowsAffected, "changed"),
        _ => return None,
    };
    let examined = mean(class, Known::RowsExamined).filter(|rows| is_many(Some(*rows)))?;
    let useful = mean(class, known)?;
    let far = examined >= MIN_RATIO * useful.max(1.0);
    let is_named = cause_is_in_text(evidence, class) || mysql_no_index_join::names(class);
    (far && !is_named).then_some(Reading { examined, useful, done, known })
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    reading: &Reading,
) -> Finding {
    let Reading { examined, useful, done, known } = reading;
    let ratio = words::count((examined / useful.max(1.0)) as u64);
    let mut finding = rule.about(evidence, class);
    finding.title = format!("{ratio} rows read for each one {done}{}", on_tables(class));
    finding.message = format!(
        "{}. A logged run examines {} rows on average for {} {done}: the others are read to be thrown \
         away.",
        load(class),
        words::count(*examined as u64),
        words::counted(useful.round() as u64, "row")
    );
    let facts = [Known::RowsExamined, *known].into_iter().filter_map(|k| on_average(class, k));
    finding.evidence.extend(facts);
    finding.evidence.extend(run_facts::habit(class, Known::FullScan));
    if let Some(plan) = plan_clues::of(class) {
        let scans = plan.scans_any();
        let what = if scans { "type ALL" } else { "no table is read from end to end" };
        finding.evidence.push(plan.fact(evidence, what));
        finding.confidence = if scans { Confidence::High } else { Confidence::Medium };
    }
    finding.impact.label = ImpactLabel::Estimated;
    finding.impact.saved_ms_low = Some(0.0);
    let useless = 1.0 - useful.max(1.0) / examined;
    finding.impact.saved_ms_high = Some(class.class.stats.total_us as f64 / 1e3 * useless);
    let wanted: Vec<_> = class
        .shape
        .tables
        .iter()
        .filter_map(|table| run_facts::wanted_index(class, &table.name))
        .collect();
    finding.trade_offs = match wanted.first() {
        Some(candidate) => write_cost(evidence, class, &candidate.table),
        None => "One more index to store and to maintain.".to_owned(),
    };
    if wanted.is_empty() {
        finding.fixes.push(rewrite::code(
            "Find the table that most rows are read from (the plan's rows), and give the condition or \
             join on it an index.",
            "The statement has no condition of its own that an index could serve.",
        ));
    } else {
        finding.fixes.push(index::fix(&wanted, class, evidence));
    }
    finding.verify = format!(
        "{} The next log gives the class fewer Rows_examined.",
        verify::explain(class, "the new index as key, and about as many rows as are used")
    );
    finding
}
