//! `select-star`: a weighty statement reads every column of its tables.

use super::{SERVERS, asks_for_one_row, by_engine, candidate, is_mysql, load, on_tables, weighty};
use crate::judge::advice::{lookup, mysql_lookup, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::shape::Verb;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY003",
    name: "select-star",
    title: "SELECT * in a weighty statement",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

`SELECT *` or `t.*` over a table, in a class with at least 1 % of the logged time. Stars over \
subqueries and CTEs, which bound the columns themselves, and lookups of one row by its `id` are \
left alone.

## Why it matters

Every column is fetched, sent and decoded, long texts and JSON out of TOAST included, and no index \
alone can answer the statement. How much that costs depends on the width of the rows, which a log \
does not show: this is a candidate.

## What to do

Look at the widths of the table's columns. If wide ones are there that the caller does not read, \
name the columns that it does read. The list is the code's to decide; none is proposed here.

## When to ignore it

When the table is narrow, or the caller needs every column of the few rows it asks for.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let shape = &class.shape;
        if shape.selects_star && shape.verb == Verb::Select && !asks_for_one_row(class) {
            out.push(finding(rule, evidence, class));
        }
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let mut finding = rule.about(evidence, class);
    candidate(&mut finding);
    finding.title =
        format!("SELECT *{}: name the columns, if wide ones go unread", on_tables(class));
    finding.message = format!(
        "{}. The statement asks for every column. How wide the rows are is not in the log, so this \
         is a candidate: it pays where long texts or JSON are fetched and not read.",
        load(class)
    );
    if let [table] = class.shape.tables.as_slice() {
        finding.fixes.push(Fix {
            kind: FixKind::Sql,
            text: match is_mysql(class) {
                true => mysql_lookup::widths_of(class, &table.name),
                false => lookup::widths_of(&table.name),
            },
            undo: String::new(),
            note: by_engine(
                class,
                "Widths as of the last ANALYZE. A value moved out to TOAST counts with its pointer \
                 only: text, json and bytea columns may hold far more than they show.",
                "The most that each column may hold, not what it holds. InnoDB keeps long values of \
                 text, json and blob columns on pages of their own, which are read only when the \
                 column is asked for; such a column may also take a temporary table to disk.",
            )
            .to_owned(),
            complete: true,
        });
    }
    finding.fixes.push(rewrite::code(
        "Replace * by the columns that the caller reads.",
        "The list is not proposed here: the log does not show what the caller reads.",
    ));
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "a smaller row width (width=) and, with a covering index, an Index Only Scan",
            "`Using index` where an index holds all that is asked for",
        ),
    );
    finding.trade_offs =
        "A named list has to be kept in step with the code; an ORM may load the left-out columns \
         one by one later."
            .to_owned();
    finding
}
