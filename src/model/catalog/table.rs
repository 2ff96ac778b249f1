//! Tables: their columns, constraints and parts, how large they are and how they are used.

use super::told::{self, Series, Told};
use super::{Column, ColumnStats, Index, TableName};
use crate::model::workload::examples::Place;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// What a relation is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum TableKind {
    /// A table, or a collection.
    #[default]
    Table,
    /// A table whose rows are in its partitions.
    Partitioned,
    /// A partition of another table.
    Partition,
    /// A view.
    View,
    /// A materialized view.
    MaterializedView,
    /// A table of another server.
    Foreign,
}

/// How a table is partitioned.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PartitionKey {
    /// `range`, `list`, `hash`, `key`.
    pub method: Box<str>,
    /// The columns, or an expression as printed.
    pub keys: Vec<Box<str>>,
}

/// A partition that is no table of its own: MySQL's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Part {
    /// Its name.
    pub name: Box<str>,
    /// Its bounds as printed, `VALUES LESS THAN (2020)`; empty where the method needs none.
    pub bounds: Box<str>,
}

/// What a table is made of.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Definition {
    /// What it is.
    pub kind: TableKind,
    /// Its columns in their order.
    pub columns: Vec<Column>,
    /// How it is partitioned.
    pub partition_key: Option<PartitionKey>,
    /// Its partitions that are no tables of their own, in their order.
    pub parts: Vec<Part>,
    /// The table that it is a partition of, or inherits from.
    pub parent: Option<TableName>,
    /// The bounds of a partition as printed.
    pub bounds: Option<Box<str>>,
    /// MySQL's storage engine in lower case.
    pub storage_engine: Option<Box<str>>,
    /// Its options as printed: `fillfactor=70`, `WITHOUT ROWID`, `STRICT`.
    pub options: Vec<Box<str>>,
    /// The next number of its AUTO_INCREMENT, where it is said.
    pub next_number: Option<u64>,
}

/// What a foreign key refers to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct References {
    /// The table.
    pub table: TableName,
    /// Its columns; empty: its primary key.
    pub columns: Vec<Box<str>>,
    /// What a delete there does here, in lower case, if not nothing: `cascade`, `set null`.
    pub on_delete: Option<Box<str>>,
    /// The same of an update.
    pub on_update: Option<Box<str>>,
}

/// What a constraint says.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum ConstraintKind {
    /// The primary key.
    Primary,
    /// Each key once.
    Unique,
    /// A foreign key.
    Foreign(References),
    /// A condition, as printed.
    Check(Box<str>),
    /// No two rows may collide.
    Exclusion,
}

/// A constraint of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Constraint {
    /// What it says.
    pub kind: ConstraintKind,
    /// Its columns in their order; empty for conditions.
    pub columns: Vec<Box<str>>,
    /// It is checked for all rows that were there before it: false for `NOT VALID`.
    pub is_validated: bool,
}

/// How large a table is.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Size {
    /// Rows as the planner believes.
    pub rows: Option<f64>,
    /// Bytes of its own data.
    pub data_bytes: Option<u64>,
    /// Bytes of its indexes.
    pub index_bytes: Option<u64>,
    /// Bytes of all.
    pub total_bytes: Option<u64>,
    /// Pages of its own data.
    pub pages: Option<u64>,
}

/// How a table was used since the statistics were reset.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct TableActivity {
    /// Scans of the whole table.
    pub full_scans: Option<u64>,
    /// Rows that these read.
    pub full_scan_rows: Option<u64>,
    /// Scans by an index.
    pub index_scans: Option<u64>,
    /// Rows that these fetched.
    pub index_scan_rows: Option<u64>,
    /// Rows inserted.
    pub inserted: Option<u64>,
    /// Rows updated.
    pub updated: Option<u64>,
    /// Rows updated without touching an index.
    pub hot_updated: Option<u64>,
    /// Rows deleted.
    pub deleted: Option<u64>,
    /// Rows that live, an estimate.
    pub live_rows: Option<u64>,
    /// Rows that are dead and not yet vacuumed, an estimate.
    pub dead_rows: Option<u64>,
    /// Rows changed since the last ANALYZE.
    pub changed_since_analyze: Option<u64>,
    /// The last VACUUM, by hand or by the server.
    pub last_vacuum: Option<Timestamp>,
    /// The last ANALYZE, by hand or by the server.
    pub last_analyze: Option<Timestamp>,
    /// The last scan of the whole table.
    pub last_full_scan: Option<Timestamp>,
}

/// What is known of a table.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Table {
    /// What it is made of.
    pub definition: Option<Told<Definition>>,
    /// Its indexes by name; those without one by what they are made of.
    pub indexes: BTreeMap<Box<str>, Index>,
    /// Whether a source claims to tell all its indexes: a schema dump does, a plan does not.
    pub indexes_are_told: bool,
    /// Its constraints by name; those without one by what they say.
    pub constraints: BTreeMap<Box<str>, Told<Constraint>>,
    /// The planner's statistics by column.
    pub column_stats: BTreeMap<Box<str>, Told<ColumnStats>>,
    /// How large it is.
    pub size: Option<Told<Size>>,
    /// How it is used, by the node that told it (empty where no source says).
    pub activity: BTreeMap<Box<str>, Series<TableActivity>>,
}

impl Table {
    /// An index, made when nothing was known of it.
    pub fn index(&mut self, name: &str) -> &mut Index {
        self.indexes.entry(name.into()).or_default()
    }

    /// Its columns, where a source told them.
    pub fn columns(&self) -> &[Column] {
        self.definition.as_ref().map_or(&[], |told| &told.value.columns)
    }

    /// A column by its name in any case of letters.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns().iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Its rows: as the planner believes, else those that live.
    pub fn rows(&self) -> Option<f64> {
        let planned =
            self.size.as_ref().and_then(|told| told.value.rows).filter(|rows| *rows >= 0.0);
        let live = || self.activity.values().filter_map(|node| node.last.value.live_rows).max();
        planned.or_else(|| live().map(|rows| rows as f64))
    }

    /// The columns of its primary key, in their order.
    pub fn primary_key(&self) -> Option<&[Box<str>]> {
        let is_primary = |told: &&Told<Constraint>| told.value.kind == ConstraintKind::Primary;
        self.constraints.values().find(is_primary).map(|told| &*told.value.columns)
    }

    /// Adds what another source tells of it.
    pub fn merge(&mut self, other: Table) {
        told::keep_later(&mut self.definition, other.definition);
        for (name, index) in other.indexes {
            self.index(&name).merge(index);
        }
        self.indexes_are_told |= other.indexes_are_told;
        for (name, constraint) in other.constraints {
            told::later(self.constraints.entry(name), constraint);
        }
        for (name, stats) in other.column_stats {
            told::later(self.column_stats.entry(name), stats);
        }
        told::keep_later(&mut self.size, other.size);
        told::merge_series(&mut self.activity, other.activity);
    }

    pub(super) fn each_place_mut(&mut self, change: &mut dyn FnMut(&mut Place)) {
        self.definition.iter_mut().for_each(|told| change(&mut told.origin.place));
        for index in self.indexes.values_mut() {
            index.definition.iter_mut().for_each(|told| change(&mut told.origin.place));
            index.is_invalid.iter_mut().for_each(|told| change(&mut told.origin.place));
            index.size_bytes.iter_mut().for_each(|told| change(&mut told.origin.place));
            index.activity.values_mut().flat_map(Series::places_mut).for_each(&mut *change);
        }
        self.constraints.values_mut().for_each(|told| change(&mut told.origin.place));
        self.column_stats.values_mut().for_each(|told| change(&mut told.origin.place));
        self.size.iter_mut().for_each(|told| change(&mut told.origin.place));
        self.activity.values_mut().flat_map(Series::places_mut).for_each(&mut *change);
    }
}
