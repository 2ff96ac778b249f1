//! `oversized-varchar`: text columns far longer than an index or a sort should reserve.

use super::{columns_of, each_table, type_parts};
use crate::judge::advice::{alter, catalog_names as names, setting};
use crate::judge::evidence::indexes;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH009",
    name: "oversized-varchar",
    title: "Text columns longer than an index should reserve",
    target: "schema",
    // In PostgreSQL and SQLite a shorter limit saves nothing.
    engines: &[Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Characters beyond which a limit is no habit any more: many tools declare 255.
const USUAL: u32 = 255;

const DOCS: &str = "\
## What it finds

In MySQL and MariaDB, a `varchar` of more than 255 characters that is a key of an index in full \
length. PostgreSQL and SQLite are left alone: there a shorter limit saves neither space nor time.

## Why it matters

Sort buffers and temporary tables in memory reserve room for the longest value, and an index takes \
keys of at most 3072 bytes: four for each character. Entries of the index are compared in full.

## What to do

Look how long the values really are. Index a prefix of the column, or give it the limit that the \
values need, with room to grow. Never shorten a key below what it may have to hold.

## When to ignore it

When the values are that long, or the index must be unique over the whole value.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_table(rule, evidence, out, is_oversized, |table, columns, finding| {
        finding.confidence = Confidence::Medium;
        finding.title =
            format!("Long text in full length as a key: {}", columns_of(table, columns));
        finding.message = "By the schema these columns take more than 255 characters and are keys of an \
                           index in full length: sorts and temporary tables reserve four bytes for each \
                           character, whatever the values are."
            .to_owned();
        let longest: Vec<_> = columns
            .iter()
            .map(|column| format!("max(char_length({}))", names::column(table, &column.name)))
            .collect();
        finding.fixes.push(setting::look(
            format!("SELECT {} FROM {};", longest.join(", "), names::table(table)),
            "First: how long the values really are. It reads the whole table.",
        ));
        let changes: Vec<_> =
            columns.iter().map(|column| alter::Change::plain(column, "varchar({1})")).collect();
        finding.fixes.push(alter::types(
            table,
            &changes,
            "{1} is a limit above the longest value, with room to grow: longer values are refused \
             afterwards. Mostly an index on a prefix, column(50), is enough and changes nothing else.",
        ));
        finding.verify =
            "Statements that sort or group by it write fewer temporary tables to disk.".to_owned();
        finding.trade_offs =
            "A limit that is too short refuses inserts; an index on a prefix cannot \
                              answer from the index alone."
                .to_owned();
    });
}

fn is_oversized(table: &TableEvidence<'_>, column: &Column) -> bool {
    let (name, length) = type_parts(column);
    let is_long = matches!(&*name, "varchar" | "character varying" | "nvarchar")
        && length.first().is_some_and(|length| *length > USUAL);
    is_long
        && indexes::of(table).iter().any(|index| {
            matches!(&*index.definition.method, "btree" | "hash")
                && index.definition.keys.iter().any(|key| {
                    let name = key.column_name().unwrap_or_default();
                    key.prefix_length.is_none() && name.eq_ignore_ascii_case(&column.name)
                })
        })
}
