//! `repeated-columns`: a list kept as numbered columns.

use super::{about_table, columns_fact, columns_of, tables};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::Column;
use crate::model::event::Engine;
use std::collections::BTreeMap;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH011",
    name: "repeated-columns",
    title: "A list kept as numbered columns",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Sqlite],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Numbered columns that make a list.
const MIN_COLUMNS: usize = 3;
/// Names that are numbered for other reasons: lines of an address, quarters, percentiles.
const NUMBERED: &[&str] =
    &["address", "addr", "line", "street", "q", "p", "sha", "md", "utf", "ipv", "int", "level"];

const DOCS: &str = "\
## What it finds

Three columns or more of one type whose names differ by a number only: `phone1`, `phone2`, `phone3`. \
Lines of addresses, quarters and percentiles are left alone. Low where a logged statement tests more \
than one of them, else a hint.

## Why it matters

Looking for a value has to test each column, with an index on each; one value more than there are \
columns needs a change of the schema.

## What to do

A table of its own with one row for each value, or an array or JSON where nothing looks them up.

## When to ignore it

When the number of values is fixed by nature.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let mut groups: BTreeMap<(&str, &str), Vec<&Column>> = BTreeMap::new();
        for column in table.table.columns() {
            let stem = column.name.trim_end_matches(|c: char| c.is_ascii_digit());
            let digits = column.name.get(stem.len()..).unwrap_or_default();
            let stem = stem.trim_end_matches('_');
            let is_list = matches!(digits.len(), 1 | 2) && stem.len() > 1;
            if is_list && !super::has_word(stem, NUMBERED) {
                groups.entry((stem, &column.type_name)).or_default().push(column);
            }
        }
        let found = groups.into_iter().filter(|(_, columns)| columns.len() >= MIN_COLUMNS);
        out.extend(
            found.map(|((stem, _), columns)| finding(rule, evidence, table, stem, &columns)),
        );
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    stem: &str,
    columns: &[&Column],
) -> Finding {
    let mut finding = about_table(rule, evidence, table);
    let is_tested = |column: &&&Column| !table.predicates_of(evidence, &column.name).is_empty();
    let tested = columns.iter().take(super::LISTED).filter(is_tested).count();
    finding.key.push_str(&format!(".{}", crate::judge::advice::ident::shown(stem)));
    finding.severity = if tested > 1 { Severity::Low } else { Severity::Info };
    finding.confidence = if tested > 1 { Confidence::Medium } else { Confidence::Low };
    finding.title = format!("A list in numbered columns: {}", columns_of(table, columns));
    let also = match tested {
        0 | 1 => String::new(),
        many => format!(" Logged statements test {many} of them."),
    };
    finding.message = format!(
        "By the schema, {} columns hold one value of {} each: looking for a value tests them one by \
         one.{also}",
        columns.len(),
        names::words(stem)
    );
    finding.evidence.push(columns_fact(evidence, table, columns, columns.len()));
    finding.fixes.push(rewrite::code(
        "Keep the values in a table of their own, one row each, with the key of this table and an index \
         on the value; fill it from the columns, let the application write both, then read the new one.",
        "Where nothing looks values up, leave the columns as they are.",
    ));
    finding.verify = "A lookup by value is one condition on one indexed column.".to_owned();
    finding.trade_offs = "Reading a row with all of its values takes a join.".to_owned();
    finding
}
