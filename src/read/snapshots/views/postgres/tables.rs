//! `pg_stat_user_tables`, sizes of `pg_class`, and `pg_stats` without its values.

use super::table_of;
use crate::model::catalog::{
    Catalog, Column, ColumnStats, Definition, Identity, Origin, Sequence, Size, TableActivity,
    TableKind, TableName, Told, add_state,
};
use crate::read::snapshots::views::{Rows, View};
use std::collections::BTreeMap;

/// How tables are used.
pub fn activity(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let Some(name) = table_of(&row) else { continue };
        let later = |a: &str, b: &str| row.time(a).max(row.time(b));
        let activity = TableActivity {
            full_scans: row.count("seq_scan"),
            full_scan_rows: row.count("seq_tup_read"),
            index_scans: row.count("idx_scan"),
            index_scan_rows: row.count("idx_tup_fetch"),
            inserted: row.count("n_tup_ins"),
            updated: row.count("n_tup_upd"),
            hot_updated: row.count("n_tup_hot_upd"),
            deleted: row.count("n_tup_del"),
            live_rows: row.count("n_live_tup"),
            dead_rows: row.count("n_dead_tup"),
            changed_since_analyze: row.count("n_mod_since_analyze"),
            last_vacuum: later("last_vacuum", "last_autovacuum"),
            last_analyze: later("last_analyze", "last_autoanalyze"),
            last_full_scan: row.time("last_seq_scan"),
        };
        let table = catalog.table(name);
        let told = Told::new(activity, row.origin());
        add_state(&mut table.activity, row.node(), told);
        size(&row, table);
    }
}

/// How large tables are.
pub fn sizes(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        // Indexes have pages, too.
        let is_table = row.text("relkind").is_none_or(|kind| matches!(kind, "r" | "p" | "m"));
        if let Some(name) = table_of(&row).filter(|_| is_table) {
            size(&row, catalog.table(name));
        }
    }
}

fn size(row: &View<'_>, table: &mut crate::model::catalog::Table) {
    let first = |names: &[&str]| names.iter().find_map(|name| row.count(name));
    let size = Size {
        rows: row.number("reltuples").filter(|rows| *rows >= 0.0),
        data_bytes: first(&["table_bytes", "pg_relation_size", "heap_bytes"]),
        index_bytes: first(&["index_bytes", "indexes_bytes", "pg_indexes_size"]),
        total_bytes: first(&["total_bytes", "pg_total_relation_size"]),
        pages: row.count("relpages"),
    };
    if size != Size::default() {
        let told = Told::new(size, row.origin());
        if table.size.as_ref().is_none_or(|mine| mine.origin < told.origin) {
            table.size = Some(told);
        }
    }
}

/// What the planner knows of columns. Most common values and bounds of histograms are rows of users
/// and stay where they are.
pub fn column_statistics(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(name), Some(column)) = (table_of(&row), row.text("attname")) else { continue };
        // Of a table with children there are two rows: the one with all counts.
        let origin = row.origin();
        let stats = ColumnStats {
            null_share: row.number("null_frac"),
            width_bytes: row.number("avg_width"),
            distinct: row.number("n_distinct"),
            top_share: ["top_freqs", "most_common_freqs"]
                .iter()
                .find_map(|name| first_number(row.text(name)?)),
            correlation: row.number("correlation"),
        };
        catalog.table(name).column_stats.insert(column.into(), Told::new(stats, origin));
    }
}

/// What columns tables have, as `querylens collect` asks for them.
pub fn columns(rows: &Rows<'_>, catalog: &mut Catalog) {
    let mut tables: BTreeMap<TableName, (Definition, Origin)> = BTreeMap::new();
    for row in rows.iter() {
        let (Some(name), Some(column)) = (table_of(&row), row.text("attname")) else { continue };
        let (definition, _) =
            tables.entry(name).or_insert_with(|| (definition(&row), row.origin()));
        let default = row.text("column_default");
        let is_identity = row.text("attidentity").is_some();
        let from_sequence = default.is_some_and(|default| default.starts_with("nextval("));
        definition.columns.push(Column {
            name: column.into(),
            type_name: row.text("column_type").unwrap_or_default().into(),
            is_not_null: row.flag("attnotnull") == Some(true),
            default: default.map(Into::into),
            identity: match (is_identity, from_sequence) {
                (true, _) => Some(Identity::Identity),
                (false, true) => Some(Identity::Sequence),
                (false, false) => None,
            },
            generated: None,
            collation: None,
        });
    }
    for (name, (definition, origin)) in tables {
        catalog.table(name).definition = Some(Told::new(definition, origin));
    }
}

/// What a table is, without its columns.
fn definition(row: &View<'_>) -> Definition {
    let parent = row.text("parent").map(|parent| match parent.split_once('.') {
        Some((schema, name)) => TableName::new(Some(schema), name),
        None => TableName::new(row.text("nspname"), parent),
    });
    let kind = match (row.text("relkind"), &parent) {
        (Some("p"), _) => TableKind::Partitioned,
        (Some("m"), _) => TableKind::MaterializedView,
        (Some("f"), _) => TableKind::Foreign,
        (_, Some(_)) => TableKind::Partition,
        (_, None) => TableKind::Table,
    };
    Definition { kind, parent, ..Definition::default() }
}

/// Sequences.
pub fn sequences(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let Some(name) = row.text("sequencename") else { continue };
        let number = |column: &str| row.text(column).and_then(|text| text.parse().ok());
        let sequence = Sequence { last: number("last_value"), max: number("max_value") };
        let name = TableName::new(row.text("schemaname"), name);
        catalog.sequences.insert(name, Told::new(sequence, row.origin()));
    }
}

/// The first number of an array as text: `{0.2,0.1}`.
fn first_number(array: &str) -> Option<f64> {
    array.trim_start_matches(['{', '[', '"']).split([',', '}', ']']).next()?.trim().parse().ok()
}
