//! `multi-value-column`: several values in one text, searched by the workload.

use super::{about_table, columns_fact, has_word, tables, type_parts, used_by};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::shape::{Comparison, Predicate};
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH013",
    name: "multi-value-column",
    title: "Several values in one text",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Words in the names of columns that hold several values.
const WORDS: &[&str] = &[
    "ids",
    "tags",
    "list",
    "roles",
    "codes",
    "categories",
    "labels",
    "keywords",
    "emails",
    "options",
    "permissions",
    "groups",
];
/// Functions that take a text apart.
const SPLITS: &[&str] =
    &["find_in_set", "string_to_array", "regexp_split_to_array", "substring_index", "split_part"];

const DOCS: &str = "\
## What it finds

A text column with a name in the plural (`tags`, `role_ids`) that logged statements search with a \
pattern, `FIND_IN_SET` or a function that takes it apart.

## Why it matters

No index finds one value in the middle of a text: each search reads the whole table. A value cannot \
refer to another table, and `1` is found in `11`.

## What to do

A table of its own with one row for each value; in PostgreSQL an array with a GIN index does as well.

## When to ignore it

When the column holds prose that is searched by words: that is a case for full-text search.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence).filter(|table| !table.uses.is_empty()) {
        for column in table.table.columns().iter().filter(|column| is_list(column)) {
            let used = used_by(evidence, table, column, searches)
                .or_else(|| taken_apart(evidence, table, column));
            if let Some((fact, share)) = used {
                out.push(finding(rule, evidence, table, column, fact, share));
            }
        }
    }
}

fn is_list(column: &Column) -> bool {
    let name = type_parts(column).0;
    let first = name.split(' ').next().unwrap_or_default();
    column.generated.is_none()
        && matches!(
            first,
            "text" | "varchar" | "character" | "tinytext" | "mediumtext" | "longtext"
        )
        && has_word(&column.name, WORDS)
}

fn searches(predicate: &Predicate) -> bool {
    let by = predicate.wrapped_in.as_deref().unwrap_or_default().to_lowercase();
    predicate.comparison == Comparison::Like || SPLITS.contains(&&*by)
}

/// A class whose statement calls one of the functions on the column as a condition of its own, which
/// compares nothing.
fn taken_apart(
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    column: &Column,
) -> Option<(Fact, f64)> {
    let calls = |text: &str| {
        SPLITS.iter().any(|name| {
            text.split(&format!("{name}(")).skip(1).any(|rest| {
                let arguments = rest.split(')').next().unwrap_or_default();
                let words = arguments.split(|c: char| !(c.is_alphanumeric() || c == '_'));
                words.into_iter().any(|word| word.eq_ignore_ascii_case(&column.name))
            })
        })
    };
    let (class, _) = table.classes(evidence).find(|(class, _)| calls(&class.class.fingerprint))?;
    let fact = format!(
        "class {} takes {} apart: {} of logged time",
        class.class.id,
        names::words(&column.name),
        words::percent(class.share)
    );
    let source = class.example().map(|example| evidence.source(example));
    Some((Fact { fact, source }, class.share))
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
    finding.title = format!("{name} holds several values in one text");
    finding.message = format!(
        "By the schema and the name {name} holds several values in one text, and logged statements \
         search it for one: that reads the whole table each time."
    );
    finding.evidence.push(columns_fact(evidence, table, &[column], 1));
    finding.evidence.push(fact);
    finding.fixes.push(rewrite::code(
        "Keep the values in a table of their own, one row each, with the key of this table and a \
         primary key over value and key; fill it from the text, let the application write both, then \
         search there.",
        "In PostgreSQL a text[] with a GIN index and the operator @> does as well, without references.",
    ));
    finding.verify = "The search is an equality that an index serves.".to_owned();
    finding.trade_offs = "Reading a row with all of its values takes a join.".to_owned();
    finding
}
