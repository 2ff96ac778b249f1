//! `random-uuid-key`: an InnoDB table that is stored in the order of a UUID written as text.

use super::{about_table, columns_fact, tables, type_parts};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::indexes;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH010",
    name: "random-uuid-key",
    title: "A table is stored in the order of UUIDs as text",
    target: "schema",
    engines: &[Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Rows from which the order of the key is felt.
const MANY_ROWS: f64 = 1_000_000.0;

const DOCS: &str = "\
## What it finds

In MySQL and MariaDB, a primary key of one column that holds a UUID as text: char or varchar of 36, \
or of 32 with a name of that kind. Medium where the table has a million rows or more by its \
statistics and logged statements insert into it; else low.

## Why it matters

InnoDB stores rows in the order of the key: random ones go to a page each, which has to be read, is \
split and stays half empty. Every other index repeats the key: 36 bytes an entry in place of 16.

## What to do

Keep it as binary(16) with `UUID_TO_BIN(…, 1)` (MySQL 8.0) or type uuid (MariaDB 10.7), made in the \
order of time (version 7), or take a bigint as the key and keep the UUID in a unique index.

## When to ignore it

When the table fits into memory and hardly grows.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let Some([key]) = table.table.primary_key() else { continue };
        if let Some(column) = table.table.column(key).filter(|column| is_uuid_text(column)) {
            out.push(finding(rule, evidence, table, column));
        }
    }
}

fn is_uuid_text(column: &Column) -> bool {
    let (name, length) = type_parts(column);
    let is_text = matches!(name.split(' ').next(), Some("char" | "varchar"));
    let is_called = super::has_word(&column.name, &["uuid", "guid", "uid"]);
    is_text && matches!((length.first(), is_called), (Some(36), _) | (Some(32), true))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    column: &Column,
) -> Finding {
    let (of, key) = (names::table_words(table), names::words(&column.name));
    let rows = table.table.rows();
    let inserts = table.writes(evidence);
    let others = indexes::of(table).len().saturating_sub(1);
    let mut finding = about_table(rule, evidence, table);
    finding.severity = match rows.is_some_and(|rows| rows >= MANY_ROWS) && inserts > 0 {
        true => Severity::Medium,
        false => Severity::Low,
    };
    finding.confidence = Confidence::Medium;
    finding.title = format!("{of} is stored in the order of a UUID as text");
    let size = rows.map_or(String::new(), |rows| {
        format!(" It has about {} rows.", words::count(rows.max(0.0) as u64))
    });
    finding.message = format!(
        "By the schema the primary key {key} holds UUIDs as text: rows are stored in its order, so that \
         inserts go all over the table, and every entry of its {others} other indexes repeats it.{size}"
    );
    finding.evidence.push(columns_fact(evidence, table, &[column], 1));
    finding.fixes.push(rewrite::code(
        "Make new ids in the order of time (UUID version 7), which needs no change of the schema. Then, \
         with the next change of the table, keep them as binary(16) (MySQL: UUID_TO_BIN and BIN_TO_UUID) \
         or uuid (MariaDB 10.7).",
        "Columns that refer to the key change with it. UUID_TO_BIN(…, 1) reorders version 1 only.",
    ));
    finding.verify =
        "Pages read by an insert fall, and the table grows by its rows only.".to_owned();
    finding.trade_offs = "Ids in the order of time tell when a row was made.".to_owned();
    finding
}
