//! `integer-key-near-limit`: a key that counts up nears the largest number of its type, or refers to
//! one of a wider type.

use super::{tables, type_parts};
use crate::judge::advice::{alter, catalog_names as names};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::{Column, ConstraintKind};
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH008",
    name: "integer-key-near-limit",
    title: "A counting key nears the limit of its type",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Parts of the type's range that are used up, and what that means.
const STEPS: &[(f64, Severity)] = &[
    (0.95, Severity::Critical),
    (0.80, Severity::High),
    (0.65, Severity::Medium),
    (0.50, Severity::Low),
];

const DOCS: &str = "\
## What it finds

A key column of an integer type narrower than bigint, of which at least half the numbers are used \
up: by the next number of the sequence or AUTO_INCREMENT, else by the number of rows, which used at \
least as many. Low from 50 %, medium from 65 %, high from 80 %, critical from 95 %. Also a column \
that refers to a key of a wider type than its own.

## Why it matters

At the limit every insert fails. Widening the type then rewrites a table of two billion rows while \
nothing can be written.

## What to do

Widen it to bigint while there is time, in stages: a new column, a trigger, the old rows in \
batches, then the swap. Columns that refer to it first. Never a narrower type for a key.

## When to ignore it

When the table takes no new rows.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        for column in table.table.columns() {
            let Some(limit) = limit(column) else { continue };
            let counts = column.identity.is_some() || is_lone_key(table, column);
            let used = used(evidence, table).filter(|_| counts);
            let step = used.as_ref().and_then(|used| {
                let share = used.number / limit;
                STEPS
                    .iter()
                    .find(|(from, _)| share >= *from)
                    .map(|(_, severity)| (share, *severity))
            });
            if let (Some(used), Some((share, severity))) = (used, step) {
                let mut finding = near(rule, evidence, table, column, used, limit, share);
                finding.severity = severity;
                out.push(finding);
            } else if let Some(finding) = narrower(rule, evidence, table, column, limit) {
                out.push(finding);
            }
        }
    }
}

/// The largest number of an integer type narrower than bigint.
fn limit(column: &Column) -> Option<f64> {
    let name = type_parts(column).0;
    let is_unsigned = name.contains("unsigned");
    let signed: f64 = match name.split(' ').next()? {
        "tinyint" => 127.0,
        "smallint" | "smallserial" | "int2" => 32_767.0,
        "mediumint" => 8_388_607.0,
        "integer" | "int" | "serial" | "int4" => 2_147_483_647.0,
        _ => return None,
    };
    Some(if is_unsigned { signed * 2.0 + 1.0 } else { signed })
}

fn is_lone_key(table: &TableEvidence<'_>, column: &Column) -> bool {
    let key = table.table.primary_key().unwrap_or_default();
    let is_own = |key: &str| key.eq_ignore_ascii_case(&column.name);
    matches!(key, [only] if is_own(only)) && !table.is_in_foreign_key(&column.name)
}

/// How many numbers are used up, at least.
struct Used {
    number: f64,
    fact: Fact,
    is_exact: bool,
}

fn used(evidence: &Evidence<'_>, table: &TableEvidence<'_>) -> Option<Used> {
    let definition = table.table.definition.as_ref()?;
    if let Some(next) = definition.value.next_number {
        return Some(Used {
            number: next as f64,
            fact: Fact {
                fact: format!("the next number is {}", words::count(next)),
                source: table.source(evidence),
            },
            is_exact: true,
        });
    }
    let rows = table.table.rows()?;
    let origin = table.table.size.as_ref().map_or(definition.origin, |told| told.origin);
    Some(Used {
        number: rows,
        fact: Fact {
            fact: format!("about {} rows, each of which used a number", words::count(rows as u64)),
            source: Some(evidence.facts.source(origin.place)),
        },
        is_exact: false,
    })
}

fn about_column(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    column: &Column,
) -> Finding {
    let name = format!("{}.{}", table.name.shown(), column.name);
    rule.about_thing(evidence, table.server, "column", &name, &name)
}

fn near(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    column: &Column,
    used: Used,
    limit: f64,
    share: f64,
) -> Finding {
    let mut finding = about_column(rule, evidence, table, column);
    let name = names::words(&finding.subject.name);
    finding.confidence = if used.is_exact { Confidence::High } else { Confidence::Medium };
    let at_least = if used.is_exact { "" } else { "at least " };
    finding.title = format!("{name} has used {at_least}{} of its numbers", words::percent(share));
    finding.message = format!(
        "By the schema {name} is of type {}, which ends at {}: {at_least}{} of its numbers are used. At \
         the end every insert fails.",
        names::words(&column.type_name),
        words::count(limit as u64),
        words::percent(share)
    );
    finding.evidence.push(used.fact);
    finding.fixes = alter::widened(table, column);
    finding.verify =
        format!("The definition of the table gives bigint for {name} and all that refer to it.");
    finding.trade_offs =
        "Four bytes more for each row and each entry of an index on it; clients that \
                          keep it in 32 bits have to change."
            .to_owned();
    finding
}

/// A reference that is narrower than what it refers to: it fails before that does.
fn narrower(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    column: &Column,
    own: f64,
) -> Option<Finding> {
    let (there, key) = table.table.constraints.values().find_map(|told| {
        let ConstraintKind::Foreign(references) = &told.value.kind else { return None };
        let at =
            told.value.columns.iter().position(|name| name.eq_ignore_ascii_case(&column.name))?;
        let parent = table.other(evidence, &references.table)?;
        let key = match references.columns.as_slice() {
            [] => parent.table.primary_key()?.get(at)?,
            columns => columns.get(at)?,
        };
        Some((parent, parent.table.column(key)?))
    })?;
    let is_wider = match limit(key) {
        Some(limit) => limit > own,
        None => {
            matches!(type_parts(key).0.split(' ').next(), Some("bigint" | "bigserial" | "int8"))
        }
    };
    if !is_wider {
        return None;
    }
    let mut finding = about_column(rule, evidence, table, column);
    let name = names::words(&finding.subject.name);
    let other = names::words(&format!("{}.{}", there.name.shown(), key.name));
    let is_near = there.table.rows().is_some_and(|rows| rows >= own * 0.5);
    finding.severity = if is_near { Severity::High } else { Severity::Low };
    finding.confidence = Confidence::High;
    finding.title = format!("{name} is narrower than {other}, to which it refers");
    finding.message = format!(
        "By the schema {name} is of type {} and refers to {other} of type {}: once that passes {}, no \
         row here can refer to the new ones.",
        names::words(&column.type_name),
        names::words(&key.type_name),
        words::count(own as u64)
    );
    for one in [table, there] {
        finding.evidence.push(Fact {
            fact: format!("definition of {}", names::table_words(one)),
            source: one.source(evidence),
        });
    }
    finding.fixes = alter::widened(table, column);
    finding.verify = format!("The definitions give one type for {name} and {other}.");
    finding.trade_offs =
        "Four bytes more for each row and each entry of an index on it.".to_owned();
    Some(finding)
}
