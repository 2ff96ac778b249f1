//! `text-for-typed-value`: numbers or points in time kept as text, and cast by the workload.

use super::{about_table, columns_fact, has_word, tables, type_parts, used_by};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH012",
    name: "text-for-typed-value",
    title: "Numbers or times kept as text",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Words in the names of columns that hold numbers or times.
const WORDS: &[&str] = &[
    "date",
    "time",
    "timestamp",
    "at",
    "on",
    "day",
    "amount",
    "price",
    "count",
    "quantity",
    "qty",
    "total",
    "age",
    "year",
    "number",
    "score",
    "size",
    "id",
];
/// Casts and functions that make a number or a time of a text.
const CASTS: &[&str] = &[
    "::integer",
    "::int",
    "::int4",
    "::bigint",
    "::int8",
    "::numeric",
    "::decimal",
    "::date",
    "::timestamp",
    "::timestamptz",
    "::timestamp with time zone",
    "::timestamp without time zone",
    "::double precision",
    "::signed",
    "::unsigned",
    "::datetime",
    "to_date",
    "to_timestamp",
    "to_number",
    "str_to_date",
    "+",
];

const DOCS: &str = "\
## What it finds

A text column with a name that says number or time, which logged statements cast to a number or a \
time in their conditions. The name alone raises nothing.

## Why it matters

An index on the text cannot serve the cast, sorting is by letters (10 before 9), the planner does \
not know the distribution, and one value that is none makes the statement fail.

## What to do

Give the column the type that the statements cast to: a new column, filled in batches, then the swap.

## When to ignore it

When the column holds other values as well and the cast is guarded.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence).filter(|table| !table.uses.is_empty()) {
        for column in table.table.columns().iter().filter(|column| is_text(column)) {
            let casts = |wrapped: &str| CASTS.contains(&wrapped.to_lowercase().as_str());
            let used = used_by(evidence, table, column, |predicate| {
                predicate.wrapped_in.as_deref().is_some_and(casts)
            });
            if let Some((fact, share)) = used.filter(|_| has_word(&column.name, WORDS)) {
                out.push(finding(rule, evidence, table, column, fact, share));
            }
        }
    }
}

fn is_text(column: &Column) -> bool {
    let name = type_parts(column).0;
    let first = name.split(' ').next().unwrap_or_default();
    column.generated.is_none()
        && matches!(first, "text" | "varchar" | "character" | "char" | "tinytext" | "mediumtext")
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    column: &Column,
    fact: Fact,
    share: f64,
) -> Finding {
    let name = names::words(&format!("{}.{}", table.name.shown(), column.name));
    let mut finding = about_table(rule, evidence, table);
    finding.key.push_str(&format!(".{}", crate::judge::advice::ident::shown(&column.name)));
    finding.severity = Severity::of_share(share).clamp(Severity::Low, rule.at_most);
    finding.confidence = Confidence::Medium;
    finding.impact.share = share;
    finding.title = format!("{name} keeps a number or time as text");
    finding.message = format!(
        "By the schema {name} is text, and logged statements cast it in their conditions: no plain \
         index serves that, and one value that does not fit makes them fail."
    );
    finding.evidence.push(columns_fact(evidence, table, &[column], 1));
    finding.evidence.push(fact);
    finding.fixes.push(rewrite::code(
        "Add a column of the type that the statements cast to, fill it in batches, let the application \
         write both, then read the new one with an index, and drop the old one.",
        "Values that do not fit come to light while filling: decide what becomes of them first.",
    ));
    finding.verify =
        "The statements compare the column without a cast, by an index on it.".to_owned();
    finding.trade_offs = "Values that do not fit the type have nowhere to go.".to_owned();
    finding
}
