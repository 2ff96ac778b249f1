//! The tables of a report: those that the server's counters or a schema dump tell of.

use super::{Draft, rounded_share};
use crate::model::catalog::{self, Series, TableActivity, TableKind};
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;
use crate::report::types::{At, Table};
use std::cmp::Reverse;

/// All tables: those with the most rows read by whole scans first, then the largest.
pub fn tables(draft: &Draft<'_>) -> Vec<Table> {
    let mut all: Vec<Table> = Vec::new();
    for server in &draft.evidence.facts.servers {
        for (name, facts) in &server.catalog.tables {
            let kind = facts.definition.as_ref().map(|told| told.value.kind);
            let is_table = kind.is_none_or(|kind| !matches!(kind, TableKind::View));
            if let Some(place) = place(facts).filter(|_| is_table) {
                let mut table = table(server, facts, place, draft);
                table.name = name.shown();
                all.push(table);
            }
        }
    }
    let read = |table: &Table| {
        let rows = table.seq_scans.zip(table.rows_per_scan);
        rows.map_or(0, |(scans, rows)| (scans as f64 * rows) as u64)
    };
    all.sort_by_key(|table| {
        let rows = table.rows.unwrap_or(0.0) as u64;
        (Reverse((read(table), table.size_bytes, rows)), table.server.clone(), table.name.clone())
    });
    all
}

/// Where a table is told first.
fn place(facts: &catalog::Table) -> Option<Place> {
    let definition = facts.definition.as_ref().map(|told| told.origin.place);
    let size = facts.size.as_ref().map(|told| told.origin.place);
    let activity = facts.activity.values().map(|series| series.last.origin.place).next();
    definition.or(size).or(activity)
}

fn table(server: &ServerFacts, facts: &catalog::Table, place: Place, draft: &Draft<'_>) -> Table {
    let last = |of: fn(&TableActivity) -> Option<u64>| {
        let values = facts.activity.values().filter_map(|node| of(&node.last.value));
        values.reduce(u64::saturating_add)
    };
    let latest = |of: fn(&TableActivity) -> Option<crate::time::Timestamp>| {
        facts.activity.values().filter_map(|node: &Series<_>| of(&node.last.value)).max().map(At)
    };
    let seq_scans = last(|a| a.full_scans);
    let updated = last(|a| a.updated).filter(|updated| *updated > 0);
    let written = [last(|a| a.inserted), last(|a| a.updated), last(|a| a.deleted)];
    let size = facts.size.as_ref().map(|told| &told.value);
    Table {
        server: server.label.clone(),
        name: String::new(),
        rows: facts.rows(),
        size_bytes: size.and_then(|size| size.total_bytes.or(size.data_bytes)),
        indexes: facts.indexes_are_told.then_some(facts.indexes.len()),
        seq_scans,
        rows_per_scan: last(|a| a.full_scan_rows)
            .zip(seq_scans.filter(|scans| *scans > 0))
            .map(|(rows, scans)| (rows as f64 / scans as f64).round()),
        index_scans: last(|a| a.index_scans),
        rows_written: written.into_iter().flatten().reduce(u64::saturating_add),
        dead_rows: last(|a| a.dead_rows),
        hot_share: last(|a| a.hot_updated)
            .zip(updated)
            .map(|(hot, all)| rounded_share(hot as f64 / all as f64)),
        last_vacuum: latest(|a| a.last_vacuum),
        last_analyze: latest(|a| a.last_analyze),
        source: draft.evidence.facts.source(place),
    }
}
