//! `char-flag`: yes or no kept as a letter.

use super::{are, columns_of, each_table, has_word, type_parts};
use crate::judge::advice::alter::{self, Change};
use crate::judge::advice::rewrite;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::{Column, ConstraintKind};
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH004",
    name: "char-flag",
    title: "Yes or no kept as a letter",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Words in the names of columns that say yes or no.
const WORDS: &[&str] = &[
    "is",
    "has",
    "can",
    "should",
    "was",
    "did",
    "allow",
    "allows",
    "enable",
    "enabled",
    "disabled",
    "active",
    "deleted",
    "flag",
    "visible",
    "locked",
    "verified",
    "confirmed",
    "published",
    "paid",
];
/// Pairs of letters that mean yes and no.
const PAIRS: &[[&str; 2]] = &[
    ["'Y'", "'N'"],
    ["'y'", "'n'"],
    ["'T'", "'F'"],
    ["'t'", "'f'"],
    ["'0'", "'1'"],
    ["'J'", "'N'"],
];

const DOCS: &str = "\
## What it finds

A column of one character whose name says yes or no (`is_active`, `deleted`), or whose default or \
CHECK names one of the pairs Y and N, T and F, 0 and 1.

## Why it matters

Any letter fits, in either case, unless a CHECK keeps the others out; each client translates. In \
PostgreSQL character(1) takes as much space as a text of one letter, more than a boolean.

## What to do

`boolean`; in MySQL and MariaDB that is `tinyint(1)`.

## When to ignore it

When there is a third value, or other systems read the letter.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_table(rule, evidence, out, is_flag, |table, columns, finding| {
        finding.confidence = Confidence::Medium;
        finding.title = format!("{} {} kept as a letter", columns_of(table, columns), are(columns));
        finding.message =
            "By the schema and the names, these columns say yes or no with a letter: \
                           every other letter fits as well, and each client has to translate."
                .to_owned();
        finding.fixes.push(match table.dialect() {
            Some(Dialect::Mysql) => rewrite::code(
                "Add a column of type boolean, fill it by comparing the letter, let the application \
                 write both, then read the new one, then drop the old one.",
                "Changing the type in place turns letters that are no digits into 0 or is refused.",
            ),
            _ => alter::types(table, &changes(columns), NOTE),
        });
        finding.verify =
            "Counting the rows by the old and the new column gives the same numbers.".to_owned();
        finding.trade_offs =
            "Every statement that compares or writes the letter has to change.".to_owned();
    });
}

/// What is open and in the way.
const NOTE: &str = "{1} is the letter that means yes, as a text; {2} the one that means no. A default and \
    a CHECK on the column have to be dropped before, and given anew after.";

fn changes<'a>(columns: &[&'a Column]) -> Vec<Change<'a>> {
    let change = |column: &&'a Column| Change {
        column,
        to: "boolean".to_owned(),
        using: Some("{column} = {1}"),
        back: Some("CASE WHEN {column} THEN {1} WHEN NOT {column} THEN {2} END"),
    };
    columns.iter().map(change).collect()
}

fn is_flag(table: &TableEvidence<'_>, column: &Column) -> bool {
    let (name, length) = type_parts(column);
    let is_short = matches!(
        (&*name, length.first()),
        ("character" | "char" | "bpchar", None | Some(1))
            | ("character varying" | "varchar", Some(1))
    );
    let is_key = table.is_in_primary_key(&column.name) || table.is_in_foreign_key(&column.name);
    is_short && !is_key && (has_word(&column.name, WORDS) || says_yes_or_no(table, column))
}

/// Whether a default or a condition of the column names a letter of a pair, and no third one.
fn says_yes_or_no(table: &TableEvidence<'_>, column: &Column) -> bool {
    let default = column.default.as_deref();
    let is_default =
        default.is_some_and(|text| PAIRS.iter().flatten().any(|letter| text.starts_with(letter)));
    let mut checks = table.table.constraints.values().filter_map(|told| match &told.value.kind {
        ConstraintKind::Check(text) if text.contains(&*column.name) => Some(text),
        _ => None,
    });
    match checks.next() {
        Some(text) => {
            // Constants may be hidden: two of them are a pair all the same.
            let quotes = text.matches('\'').count();
            PAIRS.iter().any(|pair| quotes == 4 && pair.iter().all(|letter| text.contains(letter)))
        }
        None => is_default,
    }
}
