//! `too-many-indexes`: a table that is written to and has so many indexes that writing is mostly
//! maintaining them.

use super::{held_rows, tables, told};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::indexes::{self, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::TableKind;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX006",
    name: "too-many-indexes",
    title: "A table has very many indexes",
    target: "indexes",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Indexes from which a written table has many.
const MANY: usize = 10;
/// How many times the table's own bytes its indexes may take.
const FAR_ABOVE: f64 = 3.0;
/// Bytes of indexes below which their number is no matter.
const SMALL_BYTES: u64 = 100_000_000;
/// Indexes that are listed in a finding.
const LISTED: usize = 5;

const DOCS: &str = "\
## What it finds

A table with ten indexes or more that logged statements write to, or one whose indexes take more \
than three times the bytes of its rows, and 100 MB at least.

## Why it matters

An insert writes every index. In PostgreSQL an update that changes any indexed column writes them \
all, too. They compete for the cache with what is really read.

## What to do

Start with those that are duplicate, redundant or unused. Then see whether one index of several \
columns replaces some of single columns.

## When to ignore it

When the table is read far more than written, and statistics show that all of them are used.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let known = indexes::of(table);
        let writes = table.writes(evidence);
        let is_many = known.len() >= MANY && writes > 0;
        let heavy = weight(table).filter(|(indexes, rows)| {
            *indexes >= SMALL_BYTES && *indexes as f64 > FAR_ABOVE * *rows as f64
        });
        let is_part = table.kind() == TableKind::Partition && table.parent().is_some();
        if !is_part && (is_many || heavy.is_some()) {
            out.push(finding(rule, evidence, table, &known, writes, heavy));
        }
    }
}

/// Bytes of the indexes and of the rows, where both are told and the table is not empty.
fn weight(table: &TableEvidence<'_>) -> Option<(u64, u64)> {
    let size = &table.table.size.as_ref()?.value;
    Some((size.index_bytes?, size.data_bytes.filter(|bytes| *bytes > 0)?))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    known: &[KnownIndex<'_>],
    writes: u64,
    heavy: Option<(u64, u64)>,
) -> Finding {
    let (of, shown) = (names::table_words(table), table.name.shown());
    let mut finding = rule.about_thing(evidence, table.server, "table", &shown, &shown);
    let by_load = Severity::of_share(table.write_share);
    finding.severity = by_load.max(Severity::Low).min(rule.at_most);
    finding.confidence = Confidence::Medium;
    finding.impact.share = table.write_share.min(1.0);
    let count = match known.len() {
        1 => "1 index".to_owned(),
        many => format!("{many} indexes"),
    };
    finding.title = format!("{of} has {count}");
    let sizes = heavy.map_or(String::new(), |(indexes, rows)| {
        format!(" They take {}, its rows {}.", words::bytes(indexes), words::bytes(rows))
    });
    finding.message = format!(
        "By the schema {of} has {count}, and {} logged statements write to it ({} of logged time): \
         each insert maintains every index.{sizes}",
        words::count(writes),
        words::percent(table.write_share)
    );
    finding.evidence.push(Fact { fact: format!("{of}: {count}"), source: table.source(evidence) });
    if let Some(rows) = table.table.rows() {
        finding.evidence.push(held_rows(evidence, table, rows));
    }
    let mut largest: Vec<_> = known.iter().collect();
    largest.sort_by_key(|index| (std::cmp::Reverse(index.size_bytes()), index.name));
    finding
        .evidence
        .extend(largest.into_iter().take(LISTED).map(|index| told(evidence, table, index)));
    finding.fixes.push(rewrite::code(
        "Drop what other findings call duplicate, redundant or unused; then look which statements \
         each of the others serves, and let one index of several columns take the place of some of \
         single columns.",
        "One at a time, each with the statement that builds it again kept.",
    ));
    finding.verify =
        "Inserts and updates of the table get faster, and no read gets slower.".to_owned();
    finding.trade_offs =
        "Each index that goes may be missed by a statement that runs rarely.".to_owned();
    finding
}
