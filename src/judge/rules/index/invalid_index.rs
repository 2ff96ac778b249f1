//! `invalid-index`: an index whose building failed: written on every change, read by nobody.

use super::{about_index, tables, told, write_cost};
use crate::judge::advice::{catalog_names as names, known_index, setting};
use crate::judge::evidence::indexes::{self, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, Severity, Verdict};
use crate::judge::rules::Rule;
use crate::model::catalog::TableKind;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX003",
    name: "invalid-index",
    title: "An index is invalid",
    target: "indexes",
    engines: &[Engine::Postgres],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An index that the server marks as invalid: CREATE INDEX CONCURRENTLY or REINDEX CONCURRENTLY was \
interrupted, or met rows that a unique index does not admit.

## Why it matters

No statement uses it, while most writes still maintain it, and it takes its space. What it was built \
for still reads the table, and a unique one that is invalid does not keep duplicates out for good.

## What to do

Look whether it is being built just now. If not, drop it and build it again; one whose name ends \
with _ccnew or _ccold is a leftover of REINDEX and is dropped only.

## When to ignore it

While it is being built.
";

/// What REINDEX CONCURRENTLY calls the copies that it works on.
const LEFTOVERS: &[&str] = &["_ccnew", "_ccold"];

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        // The index of a partitioned table is invalid until all partitions have theirs.
        if table.kind() == TableKind::Partitioned {
            continue;
        }
        let known = indexes::of(table);
        let failed = known.iter().filter(|index| is_invalid(index));
        out.extend(failed.map(|index| finding(rule, evidence, table, index)));
    }
}

fn is_invalid(index: &KnownIndex<'_>) -> bool {
    let told = index.index.and_then(|index| index.is_invalid.as_ref()).map(|told| told.value);
    told.unwrap_or(!index.definition.is_valid)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
) -> Finding {
    let mut finding = about_index(rule, evidence, table, index, Verdict::Invalid, None);
    let (own, of) = (names::words(index.name), names::table_words(table));
    let is_leftover = LEFTOVERS
        .iter()
        .any(|end| index.name.trim_end_matches(|c: char| c.is_ascii_digit()).ends_with(end));
    finding.severity = Severity::Medium;
    finding.confidence = Confidence::High;
    finding.title = format!("{own} on {of} is invalid");
    finding.message = format!(
        "By the server's catalog, {own} is invalid: no plan uses it, while writes to {of} may still \
         maintain it."
    );
    finding.evidence = vec![told(evidence, table, index)];
    finding.fixes.push(setting::look(
        "SELECT pid, relid::regclass AS table, index_relid::regclass AS index, phase\n\
         FROM pg_stat_progress_create_index;"
            .to_owned(),
        "First: an index that is listed here is being built just now, and is no fault.",
    ));
    let name = names::index(table, index.name);
    let create = known_index::create(table, index.name, &index.definition, " CONCURRENTLY");
    let again = match is_leftover {
        true => String::new(),
        false => format!("\n{create}"),
    };
    finding.fixes.push(Fix {
        kind: FixKind::Sql,
        text: format!("DROP INDEX CONCURRENTLY {name};{again}"),
        undo: match is_leftover {
            true => create,
            false => format!("DROP INDEX CONCURRENTLY {name};"),
        },
        note: format!(
            "Send each by itself: CONCURRENTLY runs in no transaction, and waits for older ones.{}",
            match index.definition.is_unique {
                true => " A unique index fails again while the table holds equal keys: remove these first.",
                false => "",
            }
        ),
        complete: true,
    });
    finding.verify =
        format!("`SELECT indisvalid FROM pg_index` is true for {own}, or the index is gone.");
    finding.trade_offs = format!(
        "Building reads the whole table twice; {}.{}",
        write_cost(evidence, table),
        known_index::blocker(table, evidence)
    );
    finding
}
