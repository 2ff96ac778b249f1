//! `no-primary-key`: a table whose rows nothing tells apart.

use super::{about_table, tables};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::indexes::{self, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::lexer::Dialect;
use crate::model::catalog::IndexKey;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH001",
    name: "no-primary-key",
    title: "A table has no primary key",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Sqlite],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Words in the names of tables that are filled and thrown away.
const PASSING: &[&str] = &[
    "tmp", "temp", "staging", "stage", "import", "backup", "bak", "old", "log", "logs", "archive",
];

const DOCS: &str = "\
## What it finds

A table without a primary key. One that has a unique index over columns that take no NULL, or whose \
name says that it is filled and thrown away, is a hint only.

## Why it matters

A single row cannot be named, so that a double one cannot be deleted by itself. Logical replication \
cannot carry updates and deletes; in MySQL a replica reads the whole table for each changed row, \
InnoDB adds a hidden key that nothing can use, and group replication refuses the table.

## What to do

Make the columns that name a row the primary key; where there are none, add a counting column.

## When to ignore it

Tables that are only filled, read as a whole and emptied again.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let known = indexes::of(table);
        let is_told = table.table.indexes_are_told && !table.table.columns().is_empty();
        let has_key = table.table.primary_key().is_some()
            || known.iter().any(|index| index.definition.is_primary);
        if is_told && !has_key && !inherits(table) {
            out.push(finding(rule, evidence, table, &known));
        }
    }
}

/// Whether it is a part of another table, or a virtual one, whose key is elsewhere.
fn inherits(table: &TableEvidence<'_>) -> bool {
    table.table.definition.as_ref().is_some_and(|told| {
        let is_virtual = |option: &str| option.to_lowercase().contains("virtual");
        told.value.parent.is_some() || told.value.options.iter().any(|option| is_virtual(option))
    })
}

/// A unique index whose columns take no NULL: as good as a key.
fn key_like<'i, 'f>(
    table: &TableEvidence<'_>,
    known: &'i [KnownIndex<'f>],
) -> Option<&'i KnownIndex<'f>> {
    known.iter().find(|index| {
        let definition = &index.definition;
        let never_null = |key: &IndexKey| {
            let column = key.column_name().and_then(|name| table.table.column(name));
            key.prefix_length.is_none() && column.is_some_and(|column| column.is_not_null)
        };
        definition.is_unique
            && definition.predicate.is_none()
            && definition.keys.iter().all(never_null)
    })
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    known: &[KnownIndex<'_>],
) -> Finding {
    let of = names::table_words(table);
    let unique = key_like(table, known);
    let is_passing = super::has_word(&table.name.name, PASSING);
    let mut finding = about_table(rule, evidence, table);
    finding.severity = match (unique, is_passing) {
        (None, false) => Severity::Medium,
        (None, true) => Severity::Low,
        (Some(_), _) => Severity::Info,
    };
    finding.confidence = Confidence::High;
    finding.title = format!("{of} has no primary key");
    let also = unique.map_or(String::new(), |index| {
        format!(" The unique index {} could be one.", names::words(index.name))
    });
    finding.message =
        format!("By the schema, {of} has no primary key: {}.{also}", consequence(table));
    finding.evidence.push(Fact {
        fact: format!("{of}: {} columns, no primary key", table.table.columns().len()),
        source: table.source(evidence),
    });
    finding.fixes.push(fix(table, unique));
    finding.verify = format!("The definition of {of} shows its primary key.");
    finding.trade_offs =
        "The key's index takes space and is maintained on every insert; double rows \
                          have to be removed first."
            .to_owned();
    finding
}

fn consequence(table: &TableEvidence<'_>) -> &'static str {
    match table.dialect() {
        Some(Dialect::Mysql) => {
            "row-based replication reads the whole table for each row that is changed, and no tool for \
             changes online can work on it"
        }
        Some(Dialect::Sqlite) => {
            "only the hidden rowid tells its rows apart, which VACUUM may change"
        }
        _ => {
            "double rows cannot be told apart, and logical replication refuses its updates and deletes"
        }
    }
}

fn fix(table: &TableEvidence<'_>, unique: Option<&KnownIndex<'_>>) -> Fix {
    let sql = names::table(table);
    let columns: Option<Vec<Box<str>>> = unique.map(|index| {
        index.definition.keys.iter().filter_map(IndexKey::column_name).map(Into::into).collect()
    });
    let (text, undo, note) = match (table.dialect(), columns, unique) {
        (Some(Dialect::Sqlite), ..) => {
            return rewrite::code(
                "Make the table anew with a primary key, copy the rows and rename it, in one \
                 transaction: SQLite adds no key to a table that is there.",
                "Foreign keys and triggers that name the table have to be made anew, too.",
            );
        }
        (Some(Dialect::Mysql), Some(columns), _) => (
            format!("ALTER TABLE {sql} ADD PRIMARY KEY ({});", names::columns(table, &columns)),
            format!("ALTER TABLE {sql} DROP PRIMARY KEY;"),
            "It builds the table anew; reads and writes go on in InnoDB. The unique index is needless \
             afterwards.",
        ),
        (Some(Dialect::Mysql), None, _) => (
            format!(
                "ALTER TABLE {sql} ADD COLUMN {{1}} bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY FIRST;"
            ),
            format!("ALTER TABLE {sql} DROP COLUMN {{1}};"),
            "{1} is the name of a new column, where no columns of the table name a row; else make those \
             the key. It builds the table anew with writes locked out; INVISIBLE (MySQL 8.0.23, MariaDB \
             10.3) keeps it out of SELECT *.",
        ),
        (_, Some(_), Some(index))
            if !index.is_of_constraint() && index.definition.include.is_empty() =>
        {
            let name = names::column(table, index.name);
            (
                format!(
                    "SET lock_timeout = '5s';\nALTER TABLE {sql} ADD CONSTRAINT {name} PRIMARY KEY USING INDEX {name};"
                ),
                format!("ALTER TABLE {sql} DROP CONSTRAINT {name};"),
                "The index becomes the key's: it takes a moment. Taking it back drops the index.",
            )
        }
        (_, Some(columns), _) => (
            format!(
                "SET lock_timeout = '5s';\nALTER TABLE {sql} ADD PRIMARY KEY ({});",
                names::columns(table, &columns)
            ),
            format!(
                "ALTER TABLE {sql} DROP CONSTRAINT {};",
                names::column(table, &format!("{}_pkey", table.name.name))
            ),
            "It locks the table while the index is built; a unique index that is built CONCURRENTLY \
             before, and ADD PRIMARY KEY USING INDEX, spare that. The unique constraint is needless \
             afterwards, unless a foreign key refers to it.",
        ),
        (_, None, _) => (
            format!(
                "SET lock_timeout = '5s';\nALTER TABLE {sql} ADD COLUMN {{1}} bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY;"
            ),
            format!("ALTER TABLE {sql} DROP COLUMN {{1}};"),
            "{1} is the name of a new column, where no columns of the table name a row; else make those \
             the key. It rewrites the table under a lock that stops reads and writes: on a large one add \
             the column without identity, fill it in batches, build a unique index CONCURRENTLY, and \
             make that the key.",
        ),
    };
    let complete = !text.contains("{1}");
    Fix { kind: FixKind::Sql, text, undo, note: note.to_owned(), complete }
}
