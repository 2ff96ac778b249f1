//! `unused-index`: an index that no scan has used for as long as the statistics count.

use super::{Hints, about_index, held_by, is_of_parent, tables, told, write_cost};
use crate::judge::advice::{catalog_names as names, known_index};
use crate::judge::evidence::indexes::{self, Comparer, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity, Verdict};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::{Constraint, ConstraintKind, INDEXES_LISTED, Told};
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX005",
    name: "unused-index",
    title: "An index is not used",
    target: "indexes",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Days that statistics must cover before no scan means anything.
const MIN_DAYS: f64 = 7.0;
/// Days that cover the end of a month for sure.
const MONTH_DAYS: f64 = 31.0;
/// Bytes below which an index is no burden.
const SMALL_BYTES: u64 = 1_000_000;
/// Bytes from which an index that nothing reads is worth a change.
const LARGE_BYTES: u64 = 100_000_000;

const DOCS: &str = "\
## What it finds

An index without a single scan on any server whose statistics were read, over at least seven days; \
never one of a primary key or another constraint, a unique one, one that serves a foreign key, one that a statement names in a hint, or one that was built since. Where the age of the \
statistics is unknown or short, it says so and is a hint.

## Why it matters

Every write maintains it, and in PostgreSQL updates of its columns cannot take the short way (HOT); \
it takes disk and cache.

## What to do

Merge the statistics of all replicas first: an index may be used there only. Let the statistics cover \
the end of a month, when reports run. Then hide it (MySQL, MariaDB, MongoDB) or drop it, with the \
statement that builds it kept.

## When to ignore it

When a yearly job needs it, or a replica whose statistics were not given reads by it.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let mut hints = Hints::default();
    for table in tables(rule, evidence) {
        let comparer = Comparer::of(table);
        let known = indexes::of(table);
        for index in known.iter().filter(|index| index.is_usable()) {
            let is_held = index.definition.is_unique || index.is_of_constraint();
            if is_held || !is_without_scans(table, index) || is_of_parent(table, index, &comparer) {
                continue;
            }
            // Of two that serve a foreign key, neither may have a scan: without both deletes get slow.
            let serves_reference = table.table.constraints.values().any(|told| {
                is_reference(&told.value) && comparer.serves(&index.definition, &told.value.columns)
            });
            let mut is_hinted = || held_by(index, hints.of(evidence, table.server)).is_some();
            if !serves_reference && !is_hinted() {
                out.push(finding(rule, evidence, table, index));
            }
        }
    }
}

fn is_reference(constraint: &Constraint) -> bool {
    matches!(constraint.kind, ConstraintKind::Foreign(_))
}

/// Whether all nodes that tell of it say that nothing scanned it: at least one does, or it is missing
/// in a list of those that were used.
fn is_without_scans(table: &TableEvidence<'_>, index: &KnownIndex<'_>) -> bool {
    let Some(index) = index.index else { return false };
    let mut states = index.activity.values().map(|series| &series.last.value);
    match index.activity.is_empty() {
        true => list_of_used(table).is_some(),
        false => states.all(|state| state.scans == Some(0)),
    }
}

/// The list of used indexes that has others of the table, so that it is known to be in use there.
fn list_of_used<'f>(table: &TableEvidence<'f>) -> Option<&'f Told<f64>> {
    let is_listed = table.table.indexes.values().any(|index| !index.activity.is_empty());
    let list = table.server.catalog.counters.get(INDEXES_LISTED)?;
    is_listed.then_some(&list.last)
}

/// Days that the shortest statistics of an index cover; `None` where one does not say.
fn days(table: &TableEvidence<'_>, index: &KnownIndex<'_>) -> Option<f64> {
    let server = table.server.catalog.server.as_ref();
    let of_server = server.and_then(|told| told.value.stats_since.or(told.value.started));
    let each = index.index?.activity.values().map(|series| {
        let since = series.last.value.since.or(of_server)?;
        let taken =
            series.last.origin.taken.or_else(|| server.and_then(|told| told.origin.taken))?;
        Some(taken.0.saturating_sub(since.0).max(0) as f64 / 86_400e6)
    });
    each.collect::<Option<Vec<_>>>()?.into_iter().min_by(f64::total_cmp)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
) -> Finding {
    let mut finding = about_index(rule, evidence, table, index, Verdict::Unused, None);
    let (own, of) = (names::words(index.name), names::table_words(table));
    let days = days(table, index);
    let nodes = index.index.map_or(0, |index| index.activity.len()).max(1);
    let size = index.size_bytes().unwrap_or_default();
    let mut missing = Vec::new();
    match days {
        None => missing.push("since when the statistics count"),
        Some(days) if days < MIN_DAYS => missing.push("statistics of at least seven days"),
        Some(days) if days < MONTH_DAYS => missing.push("statistics that cover the end of a month"),
        Some(_) => {}
    }
    if nodes < 2 {
        missing.push("the same from every replica, if there are any");
    }
    let is_old = days.is_some_and(|days| days >= MIN_DAYS);
    finding.severity = match (is_old, size) {
        (false, _) => Severity::Info,
        (true, size) if size >= LARGE_BYTES && table.writes(evidence) > 0 => Severity::Medium,
        (true, size) if size >= SMALL_BYTES => Severity::Low,
        (true, _) => Severity::Info,
    };
    finding.confidence = if missing.is_empty() { Confidence::High } else { Confidence::Low };
    finding.title = match is_old {
        true => format!("{own} on {of} is not used"),
        false => format!("{own} on {of} has no scan yet"),
    };
    let over = match days {
        Some(days) => format!("over {}", words::counted(days as u64, "day")),
        None => "over an unknown time".to_owned(),
    };
    let open = match missing.is_empty() {
        true => String::new(),
        false => format!(" What is missing to be sure: {}.", missing.join("; ")),
    };
    finding.message = format!(
        "The server's statistics count no scan of {own} {over}, on {}. By the schema no constraint \
         needs it.{open}",
        words::counted(nodes as u64, "server")
    );
    finding.evidence.push(told(evidence, table, index));
    for (node, series) in index.index.into_iter().flat_map(|index| &index.activity) {
        let node = if node.is_empty() { "the server" } else { node };
        finding.evidence.push(Fact {
            fact: format!("0 scans on {}", names::words(node)),
            source: Some(evidence.facts.source(series.last.origin.place)),
        });
    }
    let is_missing = index.index.is_none_or(|index| index.activity.is_empty());
    if let Some(list) = list_of_used(table).filter(|_| is_missing) {
        finding.evidence.push(Fact {
            fact: format!(
                "not among the {} rows of `INDEX_STATISTICS`",
                words::count(list.value as u64)
            ),
            source: Some(evidence.facts.source(list.origin.place)),
        });
    }
    finding.fixes = known_index::drop(table, index, "No scan of it is counted.");
    finding.verify =
        "For a week after it nothing got slower: compare two logs of the same weekdays.".to_owned();
    finding.trade_offs = format!(
        "A statement that runs rarely may have needed it, and building it again takes its time; {}.{}",
        write_cost(evidence, table),
        known_index::blocker(table, evidence)
    );
    finding
}
