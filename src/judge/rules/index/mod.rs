//! Rules about indexes that a catalog tells: one file each, and here what they share: which tables
//! they look at, and how a finding lists its index.

pub mod duplicate_index;
pub mod invalid_index;
pub mod missing_index;
mod missing_index_mongodb;
pub mod redundant_index;
pub mod too_many_indexes;
pub mod unindexed_foreign_key;
pub mod unused_index;

use super::Rule;
use crate::judge::advice::{catalog_names as names, known_index};
use crate::judge::evidence::hints::HintedNames;
use crate::judge::evidence::indexes::{self, Comparer, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Fact, Finding, IndexVerdict, Verdict};
use crate::judge::words;
use crate::model::catalog::TableKind;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use std::collections::BTreeMap;

/// The engines whose catalogs tell all indexes of a table.
const ENGINES: &[Engine] =
    &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Sqlite, Engine::Mongodb];

/// The tables of the engines that a rule knows whose rows are kept on their server.
fn tables<'e, 'f>(
    rule: &'e Rule,
    evidence: &'e Evidence<'f>,
) -> impl Iterator<Item = &'e TableEvidence<'f>> {
    evidence
        .tables
        .iter()
        .filter(|table| rule.engines.contains(&table.server.engine))
        .filter(|table| table.holds_rows() || table.kind() == TableKind::MaterializedView)
}

/// What statements hint at, by server, read once for a rule.
#[derive(Default)]
struct Hints<'f>(BTreeMap<&'f str, HintedNames>);

impl<'f> Hints<'f> {
    fn of(&mut self, evidence: &Evidence<'f>, server: &'f ServerFacts) -> &HintedNames {
        self.0.entry(&server.label).or_insert_with(|| HintedNames::of(evidence, server))
    }
}

/// Why an index has to stay, whatever another one serves: `None` if nothing holds it.
fn held_by(index: &KnownIndex<'_>, hints: &HintedNames) -> Option<&'static str> {
    let definition = &index.definition;
    if definition.is_primary {
        return Some("it is the primary key's");
    }
    if definition.is_exclusion {
        return Some("an exclusion constraint stands on it");
    }
    if definition.is_replica_identity {
        return Some("it is the table's replica identity");
    }
    if definition.is_clustered {
        return Some("the table is clustered by it");
    }
    if definition.expires_after_s.is_some() {
        return Some("rows expire by it");
    }
    let constraint = definition.constraint.as_deref().unwrap_or_default();
    (hints.has(index.name) || hints.has(constraint)).then_some("a logged statement names it")
}

/// Whether an index is a partition's part of an index that its parent has.
fn is_of_parent(table: &TableEvidence<'_>, index: &KnownIndex<'_>, comparer: &Comparer) -> bool {
    table.kind() == TableKind::Partition
        && table.parent().is_some_and(|parent| {
            indexes::of_table(parent)
                .iter()
                .any(|whole| comparer.are_equal(&whole.definition, &index.definition))
        })
}

/// A finding about an index of a table, listed with its verdict.
fn about_index(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
    verdict: Verdict,
    other: Option<&str>,
) -> Finding {
    let handle = format!("{}/{}", table.name.shown(), index.name);
    let name = format!("{}.{}", table.name.shown(), index.name);
    let mut finding = rule.about_thing(evidence, table.server, "index", &handle, &name);
    finding.indexes.push(IndexVerdict {
        verdict,
        table: table.name.shown(),
        name: index.name.to_owned(),
        columns: known_index::keys_words(&index.definition),
        other: other.map(str::to_owned),
        ddl: known_index::create(table, index.name, &index.definition, ""),
        size_bytes: index.size_bytes(),
        serves: Vec::new(),
    });
    finding
}

/// The definition of an index as evidence, at the place that tells it.
fn told(evidence: &Evidence<'_>, table: &TableEvidence<'_>, index: &KnownIndex<'_>) -> Fact {
    let origin = index.index.and_then(|i| i.definition.as_ref()).map(|told| told.origin);
    let place = origin.or_else(|| table.origin()).map(|origin| origin.place);
    let mut keys = known_index::keys_words(&index.definition).join(", ");
    if let Some(predicate) = &index.definition.predicate {
        keys.push_str(&format!(" where {predicate}"));
    }
    let unique = if index.definition.is_unique { "unique, " } else { "" };
    let size = index.size_bytes().map_or(String::new(), |size| format!(", {}", words::bytes(size)));
    let fact = format!(
        "{} ({unique}{} on {}{size})",
        names::words(index.name),
        names::words(&index.definition.method),
        names::words(&keys)
    );
    Fact { fact, source: place.map(|place| evidence.facts.source(place)) }
}

/// What an index costs, from the logged writes to its table.
fn write_cost(evidence: &Evidence<'_>, table: &TableEvidence<'_>) -> String {
    match table.writes(evidence) {
        0 => "no write to the table is logged".to_owned(),
        writes => format!("{} logged statements write to the table", words::count(writes)),
    }
}

/// Indexes of one table that are compared with each other: with more, every pair would take long.
const MAX_COMPARED: usize = 500;

/// How many rows a table has, as evidence.
fn held_rows(evidence: &Evidence<'_>, table: &TableEvidence<'_>, rows: f64) -> Fact {
    let size = table.table.size.as_ref().map(|told| told.origin);
    let live = || table.table.activity.values().next().map(|series| series.last.origin);
    let place = size.or_else(live).map(|origin| origin.place);
    Fact {
        fact: format!("about {} rows", words::count(rows.max(0.0) as u64)),
        source: place.map(|place| evidence.facts.source(place)),
    }
}

#[cfg(test)]
mod tests;
