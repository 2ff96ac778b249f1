//! `utf8mb3-text`: MySQL's character set that holds three of UTF-8's four bytes.

use super::{about_table, tables};
use crate::judge::advice::{catalog_names as names, ident};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH020",
    name: "utf8mb3-text",
    title: "A table cannot hold all of Unicode",
    target: "schema",
    engines: &[Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Info,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Columns that are named in a message.
const NAMED: usize = 5;

const DOCS: &str = "\
## What it finds

Tables and columns of MySQL and MariaDB in the character set utf8mb3, which older servers call utf8: by \
the options of the table and the collations of its columns. A hint only.

## Why it matters

It has no room for characters of four bytes: emoji and many names are refused or cut off. It is \
deprecated. A join with a column in utf8mb4 converts the utf8mb3 side row by row, and its index is not \
used.

## What to do

Convert to utf8mb4, tables that are joined with each other in one go, and the connection's character \
set with them. Look at indexes first: a key takes a third more bytes, and rows in the format COMPACT \
bear 767 of them.

## When to ignore it

Columns that hold codes in ASCII; ascii or latin1 would tell that better.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let Some(definition) = table.table.definition.as_ref().map(|told| &told.value) else {
            continue;
        };
        let default = definition.options.iter().find(|option| is_default(option));
        let columns: Vec<_> =
            definition.columns.iter().filter(|column| is_narrow(column)).collect();
        let texts = definition.columns.iter().any(|c| c.collation.is_none() && is_text(c));
        if (default.is_some() && texts) || !columns.is_empty() {
            out.push(finding(rule, evidence, table, default.map(|option| &**option), &columns));
        }
    }
}

/// Whether an option of a table makes it utf8mb3: `CHARSET=utf8`, `COLLATE=utf8mb3_general_ci`.
fn is_default(option: &str) -> bool {
    option.split_once('=').is_some_and(|(name, value)| match &*name.to_ascii_uppercase() {
        "CHARSET" | "CHARACTER SET" | "COLLATE" => is_utf8mb3(value),
        _ => false,
    })
}

/// Whether a character set, or a collation of one, is utf8mb3.
fn is_utf8mb3(name: &str) -> bool {
    let name = name.trim_matches(['\'', '`', '"']).to_ascii_lowercase();
    matches!(name.split('_').next(), Some("utf8" | "utf8mb3"))
}

fn is_narrow(column: &Column) -> bool {
    column.collation.as_deref().is_some_and(is_utf8mb3)
}

fn is_text(column: &Column) -> bool {
    let name = column.type_name.to_lowercase();
    ["char", "varchar", "text", "tinytext", "mediumtext", "longtext", "enum", "set"]
        .iter()
        .any(|kind| name.split(['(', ' ']).next() == Some(kind))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    default: Option<&str>,
    columns: &[&Column],
) -> Finding {
    let (of, sql) = (names::table_words(table), names::table(table));
    let mut finding = about_table(rule, evidence, table);
    finding.severity = Severity::Info;
    finding.confidence = Confidence::High;
    finding.title = format!("{of} is in utf8mb3 and cannot hold all of Unicode");
    let named: Vec<_> = columns.iter().take(NAMED).map(|c| names::words(&c.name)).collect();
    let what = match (default, &*named) {
        (Some(option), []) => format!("its texts by {}", names::words(option)),
        (_, named) => format!("the columns {}", named.join(", ")),
    };
    finding.message = format!(
        "By the schema {of} keeps text in utf8mb3 ({what}): characters of four bytes are refused or cut \
         off, and joins with columns in utf8mb4 pass over indexes."
    );
    let fact = match (default, columns) {
        (Some(option), _) => ident::shown(option),
        (None, columns) => {
            crate::judge::words::counted(columns.len() as u64, "column") + " in utf8mb3"
        }
    };
    finding.evidence.push(Fact { fact: format!("{of}: {fact}"), source: table.source(evidence) });
    finding.fixes.push(Fix {
        kind: FixKind::Sql,
        text: format!(
            "SET SESSION lock_wait_timeout = 5;\nALTER TABLE {sql} CONVERT TO CHARACTER SET utf8mb4;"
        ),
        undo: format!("ALTER TABLE {sql} CONVERT TO CHARACTER SET utf8mb3;"),
        note: "It copies the table, changes the collation to utf8mb4's default (name one with COLLATE \
               where the order counts), and nobody writes meanwhile; pt-online-schema-change does it in \
               stages. Columns in other character sets change too, and types of texts may grow. \
               Columns that foreign keys tie together have to change together. The undo loses what \
               utf8mb3 cannot hold."
            .to_owned(),
        complete: true,
    });
    finding.verify = format!("`SHOW CREATE TABLE` gives utf8mb4 for {of} and each of its columns.");
    finding.trade_offs =
        "Keys and temporary tables in memory take up to a third more space.".to_owned();
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_and_collations_tell_the_character_set() {
        for (option, is_narrow) in [
            ("CHARSET=utf8", true),
            ("CHARACTER SET=utf8mb3", true),
            ("COLLATE='utf8_unicode_ci'", true),
            ("CHARSET=utf8mb4", false),
            ("COLLATE=utf8mb4_bin", false),
            ("ROW_FORMAT=utf8", false),
            ("CHARSET", false),
        ] {
            assert_eq!(is_default(option), is_narrow, "{option}");
        }
    }
}
