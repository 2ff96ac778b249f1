//! `entity-attribute-value`: attributes kept as rows, which statements put together again by joins.

use super::asked::Asked;
use super::{about_table, columns_fact, has_word, name_words, tables};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::{ClassEvidence, Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::demand::{Demand, Test};
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH019",
    name: "entity-attribute-value",
    title: "Attributes are kept as rows and joined again",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Joins of the table in one statement from which it is put together by them.
const MIN_USES: usize = 3;
/// Columns that such a table has at most: keys, an attribute, its value and when it was set.
const MAX_COLUMNS: usize = 8;
/// Words in the name of the column that says which attribute a row holds.
const ATTRIBUTES: &[&str] =
    &["attribute", "attr", "key", "name", "property", "field", "option", "code"];
/// Words in the name of the column that holds it.
const VALUES: &[&str] = &["value", "val"];

const DOCS: &str = "\
## What it finds

A table with a column for the name of an attribute and one for its value (`attribute`, `value`; \
`meta_key`, `meta_value`) that one logged statement uses three times or more, each time for another \
attribute.

## Why it matters

One row of the thing takes a join for each attribute. The planner sees one column for all of them, \
estimates badly, and no value has a type, a check or a reference of its own.

## What to do

Make columns of the attributes that are searched or shown together; keep the rare ones in one JSON \
column.

## When to ignore it

When users define the attributes and each is looked up by itself.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let mut asked = Asked::new(evidence);
    for table in tables(rule, evidence).filter(|table| !table.uses.is_empty()) {
        let Some((attribute, value)) = attribute_and_value(table) else { continue };
        let mut found = Vec::new();
        let mut last = None;
        for (class, one) in table.classes(evidence) {
            // A class stands here as often as it names the table.
            if last.replace(one.class) == Some(one.class) {
                continue;
            }
            let Some(demand) = asked.demand(class) else { continue };
            let uses = asked.uses_of(table, &demand);
            let joined = uses.iter().filter(|at| picks(&demand, **at, attribute)).count();
            if joined >= MIN_USES {
                found.push((class, joined));
            }
        }
        if !found.is_empty() {
            out.push(finding(rule, evidence, table, &[attribute, value], &found));
        }
    }
}

/// The columns that name an attribute and hold its value.
fn attribute_and_value<'f>(table: &TableEvidence<'f>) -> Option<(&'f Column, &'f Column)> {
    let columns = table.table.columns();
    let value = columns.iter().find(|column| has_word(&column.name, VALUES))?;
    // `key` of `meta_key` says it, `name` of `attribute_name`, `attribute_id` where these have a table.
    let says = |column: &&Column| {
        has_word(&column.name, ATTRIBUTES) && name_words(&column.name).len() <= 2
    };
    let attribute = columns.iter().find(|column| says(column) && column.name != value.name)?;
    (3..=MAX_COLUMNS).contains(&columns.len()).then_some((attribute, value))
}

/// Whether a use of the table picks one attribute.
fn picks(demand: &Demand, at: usize, attribute: &Column) -> bool {
    let filters = demand.uses.get(at).map_or(&[][..], |used| &used.filters);
    filters.iter().any(|filter| {
        filter.test == Test::Equal && filter.column.eq_ignore_ascii_case(&attribute.name)
    })
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    columns: &[&Column],
    classes: &[(&ClassEvidence<'_>, usize)],
) -> Finding {
    let of = names::table_words(table);
    let share = classes.iter().map(|(class, _)| class.share).sum::<f64>().min(1.0);
    let most = classes.iter().map(|(_, joined)| *joined).max().unwrap_or_default();
    let mut finding = about_table(rule, evidence, table);
    finding.confidence = Confidence::Medium;
    finding.impact.share = share;
    finding.title = format!("{of} keeps attributes as rows, joined {most} times by one statement");
    finding.message = format!(
        "By the schema {of} holds one attribute in each row, and {} put them together again: one joins \
         it {most} times.",
        match classes.len() {
            1 => "a logged statement has to".to_owned(),
            several => format!("{several} logged statements have to"),
        }
    );
    finding.evidence.push(columns_fact(evidence, table, columns, columns.len()));
    for (class, joined) in classes.iter().take(super::NAMED) {
        let fact = format!(
            "class {} uses it {joined} times: {}, {} of logged time",
            class.class.id,
            words::counted(class.class.stats.calls, "call"),
            words::percent(class.share)
        );
        let source = class.example().map(|example| evidence.source(example));
        finding.evidence.push(Fact { fact, source });
    }
    finding.fixes.push(rewrite::code(
        "Make columns of the attributes that these statements ask for, with their own types, in the \
         table of the things themselves; fill them from the rows, let the application write both, then \
         read the columns. Rare attributes fit into one JSON column.",
        "Until then an index that begins with the attribute and the value, or with the thing and the \
         attribute, serves each of the joins.",
    ));
    finding.verify = "The statements above read one row for each thing.".to_owned();
    finding.trade_offs =
        "A new attribute that is searched for takes a change of the schema.".to_owned();
    finding
}
