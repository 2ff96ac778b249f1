//! `timestamp-without-zone`: points in time that do not say of which zone.

use super::{are, columns_of, each_table, type_parts};
use crate::judge::advice::alter::{self, Change};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH003",
    name: "timestamp-without-zone",
    title: "Points in time without a zone",
    target: "schema",
    engines: &[Engine::Postgres],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Columns of type `timestamp without time zone` in PostgreSQL. Low where other tables of the same \
schema keep points in time with a zone, so that both are compared; else a hint: many frameworks keep \
UTC in them by custom.

## Why it matters

The value is what a clock on a wall showed. Compared with `now()` or a column with a zone it is read \
in the zone of the session, so that the same statement answers differently for two clients, and \
indexes may not serve it. An hour a year exists twice.

## What to do

`timestamp with time zone`, which takes the same eight bytes and keeps UTC.

## When to ignore it

When every client keeps UTC by agreement, or the time is meant to be of no zone: opening hours.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let is_zoneless = |name: &str| matches!(name, "timestamp" | "timestamp without time zone");
    each_table(
        rule,
        evidence,
        out,
        |_, column| is_zoneless(&type_parts(column).0),
        |table, columns, finding| {
            let mixed = mixes(table);
            finding.severity = if mixed { Severity::Low } else { Severity::Info };
            finding.confidence = if mixed { Confidence::Medium } else { Confidence::Low };
            finding.title =
                format!("{} {} without time zone", columns_of(table, columns), are(columns));
            let also = match mixed {
                true => {
                    " Other columns of the schema have one: comparing both depends on the session's zone."
                }
                false => "",
            };
            finding.message = format!(
                "By the schema these points in time do not say of which zone they are: each client reads \
             them in its own.{also}"
            );
            let changes: Vec<_> = columns
                .iter()
                .map(|column| {
                    let digits = match type_parts(column).1.first() {
                        Some(digits) => format!("({digits})"),
                        None => String::new(),
                    };
                    Change {
                        column,
                        to: format!("timestamp{digits} with time zone"),
                        using: Some("{column} AT TIME ZONE {1}"),
                        back: Some("{column} AT TIME ZONE {1}"),
                    }
                })
                .collect();
            finding.fixes.push(alter::types(
            table,
            &changes,
            "{1} is the zone that the values were written in, as a text, such as that of UTC. Where it \
             is UTC, and the session's TimeZone is set to UTC, leaving out USING spares the rewrite from \
             version 12 on.",
        ));
            finding.verify =
                "extract(epoch from …) of some rows gives the instants that were meant.".to_owned();
            finding.trade_offs =
                "Clients get values with an offset, and drivers may map them to another type."
                    .to_owned();
        },
    );
}

/// Whether the same schema has points in time with a zone.
fn mixes(table: &TableEvidence<'_>) -> bool {
    let tables = table.server.catalog.tables.iter();
    tables.filter(|(name, _)| name.schema == table.name.schema).any(|(_, other)| {
        other.columns().iter().any(|column| {
            matches!(&*type_parts(column).0, "timestamp with time zone" | "timestamptz")
        })
    })
}
