//! `unsafe-storage-engine`: tables of MySQL and MariaDB in an engine without transactions.

use super::{about_table, tables};
use crate::judge::advice::catalog_names as names;
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH007",
    name: "unsafe-storage-engine",
    title: "A table without transactions",
    target: "schema",
    engines: &[Engine::Mysql, Engine::Mariadb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Tables in the storage engine MyISAM (or Aria, where MariaDB's own tables are not meant). Medium and \
above where the logs show writes to it, by their share of the load; else low.

## Why it matters

One write locks the whole table for all others. A crash may leave it broken until REPAIR TABLE. \
There is no ROLLBACK and no foreign key, and a consistent backup has to lock it.

## What to do

InnoDB. Look at full-text and spatial indexes first: minimum word length and stop words differ.

## When to ignore it

Tables that are filled once and only read.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let definition = table.table.definition.as_ref().map(|told| &told.value);
        let engine = definition.and_then(|definition| definition.storage_engine.as_deref());
        if let Some(engine @ ("myisam" | "aria")) = engine {
            out.push(finding(rule, evidence, table, engine));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    engine: &str,
) -> Finding {
    let (of, sql) = (names::table_words(table), names::table(table));
    let writes = table.writes(evidence);
    let mut finding = about_table(rule, evidence, table);
    finding.severity = match writes {
        0 => Severity::Low,
        _ => Severity::of_share(table.read_share + table.write_share)
            .clamp(Severity::Medium, rule.at_most),
    };
    finding.confidence = Confidence::High;
    finding.impact.share = table.write_share.min(1.0);
    finding.title = format!("{of} is in the storage engine {engine}");
    finding.message = format!(
        "By the schema, {of} is in {engine}: each write locks the whole table, a crash may break it, \
         and nothing can be rolled back. {writes} logged statements write to it."
    );
    finding.evidence.push(Fact {
        fact: format!("{of}: storage engine {engine}"),
        source: table.source(evidence),
    });
    finding.fixes.push(Fix {
        kind: FixKind::Sql,
        text: format!("SET SESSION lock_wait_timeout = 5;\nALTER TABLE {sql} ENGINE=InnoDB;"),
        undo: format!("ALTER TABLE {sql} ENGINE={engine};"),
        note: "It copies the table and locks out writes meanwhile; pt-online-schema-change does it in \
               stages. InnoDB takes more space, and wants a primary key and a buffer pool that holds \
               what is hot."
            .to_owned(),
        complete: true,
    });
    finding.verify = format!("`SHOW TABLE STATUS` gives InnoDB for {of}.");
    finding.trade_offs =
        "count(*) without a condition reads an index from end to end in InnoDB; the \
                          data takes more space."
            .to_owned();
    finding
}
