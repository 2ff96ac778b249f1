//! The tables that the advisor knows: rows, pages, how many different values columns have, and the
//! indexes that are there. From the catalog where it tells them, else from the plans of the logs.
//!
//! Everything is an estimate in the units of a planner: rows and pages of 8 KiB.

use super::measured::Measured;
use crate::judge::evidence::{Evidence, TableEvidence, indexes};
use crate::model::catalog::{Column, ConstraintKind, IndexKey, KeyPart};
use crate::model::event::Engine;
use std::collections::BTreeMap;

/// Bytes of a page.
pub const PAGE_BYTES: f64 = 8192.0;
/// Bytes that a row of a table needs beside its columns.
const ROW_OVERHEAD_BYTES: f64 = 28.0;
/// Bytes that an entry of an index needs beside its keys, and of one that repeats the keys of the
/// entry before it.
const ENTRY_OVERHEAD_BYTES: f64 = 14.0;
const REPEATED_ENTRY_BYTES: f64 = 6.5;
/// How full pages of an index are.
const FILL: f64 = 0.9;
/// Different values of a column of which nothing is known.
const UNKNOWN_DISTINCT: f64 = 200.0;

/// Where a table's size is known from.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum SizeSource {
    /// A snapshot of the server's own figures.
    Catalog,
    /// A plan that read the whole table.
    Plan,
    /// The time that statements took which had to read all of it.
    Time,
}

/// A column.
#[derive(Clone, PartialEq, Debug)]
pub struct ColumnModel {
    /// Its name.
    pub name: String,
    /// Its type as printed, in lower case.
    pub type_name: String,
    /// Mean width in bytes.
    pub width: f64,
    /// Different values.
    pub distinct: f64,
    /// Whether `distinct` rests on anything but a default.
    pub distinct_is_known: bool,
    /// Share of NULLs.
    pub null_share: Option<f64>,
    /// How far the order of the rows follows the column, -1 to 1.
    pub correlation: Option<f64>,
    /// It takes no NULL.
    pub is_not_null: bool,
}

/// An index, or one that could be.
#[derive(Clone, PartialEq, Debug)]
pub struct IndexModel {
    /// Its keys: columns, or expressions in parentheses as written; whether each falls.
    pub keys: Vec<(String, bool)>,
    /// Columns that are stored with it.
    pub include: Vec<String>,
    /// Its condition.
    pub predicate: Option<String>,
    /// Its access method.
    pub method: &'static str,
    /// No two rows have the same keys.
    pub is_unique: bool,
    /// Pages.
    pub pages: f64,
    /// The rows of the table stand in its order: InnoDB's primary key.
    pub is_clustered: bool,
}

/// A table.
#[derive(Clone, Debug)]
pub struct TableModel {
    /// Its place among [`Evidence::tables`].
    pub at: usize,
    /// Rows.
    pub rows: f64,
    /// Pages of its own.
    pub pages: f64,
    /// Where these are known from.
    pub size: SizeSource,
    /// Its columns.
    pub columns: Vec<ColumnModel>,
    /// The indexes that it has.
    pub indexes: Vec<IndexModel>,
    /// Columns that every index of it holds, unseen: the key by which InnoDB and SQLite find rows.
    pub suffix: Vec<String>,
    /// Logged runs that write to it.
    pub writes: u64,
}

impl TableModel {
    /// A table whose size is known, or guessed: `guessed_rows` from the time of its statements.
    pub fn of(
        at: usize,
        table: &TableEvidence<'_>,
        evidence: &Evidence<'_>,
        measured: &Measured,
        guessed_rows: Option<f64>,
    ) -> Option<Self> {
        let told_rows = table.table.rows();
        let seen = measured.size(at);
        let (rows, size) = match (told_rows, seen) {
            (Some(rows), _) => (rows, SizeSource::Catalog),
            (None, Some((rows, _))) => (rows, SizeSource::Plan),
            (None, None) => (guessed_rows?, SizeSource::Time),
        };
        let columns: Vec<_> =
            table.table.columns().iter().map(|column| column_model(table, column, rows)).collect();
        let row_bytes = columns.iter().map(|column| column.width).sum::<f64>() + ROW_OVERHEAD_BYTES;
        let told = table.table.size.as_ref().map(|told| &told.value);
        let pages = told
            .and_then(|size| size.pages.map(|pages| pages as f64))
            .or_else(|| {
                told.and_then(|size| size.data_bytes).map(|bytes| bytes as f64 / PAGE_BYTES)
            })
            .or_else(|| seen.and_then(|(_, pages)| pages))
            .unwrap_or(rows * row_bytes / PAGE_BYTES);
        let mut model = TableModel {
            at,
            rows,
            pages: pages.max(1.0),
            size,
            columns,
            indexes: Vec::new(),
            suffix: suffix(table),
            writes: table.writes(evidence),
        };
        model.indexes = known_indexes(table, &model);
        for column in model.columns.iter_mut().filter(|column| !column.distinct_is_known) {
            if let Some(distinct) = measured.distinct(at, &column.name) {
                column.distinct = distinct.min(rows.max(1.0));
                column.distinct_is_known = true;
            }
        }
        Some(model)
    }

    /// A column by its name.
    pub fn column(&self, name: &str) -> Option<&ColumnModel> {
        self.columns.iter().find(|column| column.name.eq_ignore_ascii_case(name))
    }

    /// Different values of a column.
    pub fn distinct(&self, name: &str) -> f64 {
        let by_default = UNKNOWN_DISTINCT.min(self.rows);
        self.column(name).map_or(by_default, |column| column.distinct).max(1.0)
    }

    /// Whether no two rows have the same values in these columns.
    pub fn is_unique(&self, columns: &[&str]) -> bool {
        self.indexes.iter().any(|index| {
            index.is_unique
                && index.predicate.is_none()
                && index
                    .keys
                    .iter()
                    .all(|(key, _)| columns.iter().any(|column| column.eq_ignore_ascii_case(key)))
        })
    }

    /// Pages that an index on these keys has; `share` is the part of the rows in it.
    pub fn index_pages(&self, keys: &[(String, bool)], include: &[String], share: f64) -> f64 {
        let width = |name: &str| self.column(name).map_or(16.0, |column| column.width);
        let keys_bytes: f64 = keys.iter().map(|(key, _)| width(key)).sum();
        let rows = self.rows * share;
        let distinct = keys.iter().map(|(key, _)| self.distinct(key)).product::<f64>();
        let entry = match rows / distinct.max(1.0) {
            // Entries with the same keys are stored as one with a list of rows.
            repeats if repeats >= 2.0 && include.is_empty() => {
                REPEATED_ENTRY_BYTES + (keys_bytes + ENTRY_OVERHEAD_BYTES) / repeats.min(50.0)
            }
            _ => {
                let include: f64 = include.iter().map(|column| width(column)).sum();
                keys_bytes + include + ENTRY_OVERHEAD_BYTES
            }
        };
        (rows * entry / (PAGE_BYTES * FILL)).max(1.0)
    }
}

/// The primary key, where rows are found by it.
fn suffix(table: &TableEvidence<'_>) -> Vec<String> {
    let key = table.table.primary_key().unwrap_or_default();
    let is_row_id = || {
        let column = key.first().and_then(|name| table.table.column(name));
        key.len() == 1 && column.is_some_and(|column| &*column.type_name == "integer")
    };
    match table.server.engine.family() {
        "mysql" => key.iter().map(ToString::to_string).collect(),
        "sqlite" if is_row_id() => key.iter().map(ToString::to_string).collect(),
        _ => Vec::new(),
    }
}

fn known_indexes(table: &TableEvidence<'_>, model: &TableModel) -> Vec<IndexModel> {
    let is_mysql = matches!(table.server.engine, Engine::Mysql | Engine::Mariadb);
    let known = indexes::of(table).into_iter().filter(indexes::KnownIndex::is_usable);
    known
        .filter_map(|index| {
            let definition = &index.definition;
            let keys: Vec<_> = definition.keys.iter().map(key_of).collect();
            let method = match &*definition.method {
                "btree" => "btree",
                "hash" => "hash",
                "gin" => "gin",
                "brin" => "brin",
                _ => return None,
            };
            let include: Vec<_> = definition.include.iter().map(ToString::to_string).collect();
            let told = index.size_bytes().map(|bytes| bytes as f64 / PAGE_BYTES);
            Some(IndexModel {
                pages: told.unwrap_or_else(|| model.index_pages(&keys, &include, 1.0)).max(1.0),
                keys,
                include,
                predicate: definition.predicate.as_deref().map(str::to_owned),
                method,
                is_unique: definition.is_unique,
                is_clustered: is_mysql && definition.is_primary,
            })
        })
        .collect()
}

fn key_of(key: &IndexKey) -> (String, bool) {
    let text = match &key.part {
        KeyPart::Column(name) if key.prefix_length.is_none() => name.to_string(),
        // A part of a column finds rows, but neither sorts nor covers: it is taken for an expression.
        KeyPart::Column(name) => format!("({name})"),
        KeyPart::Expression(text) => text.to_string(),
    };
    (text, key.is_descending)
}

fn column_model(table: &TableEvidence<'_>, column: &Column, rows: f64) -> ColumnModel {
    let stats = table.table.column_stats.get(&column.name).map(|told| &told.value);
    let by_type = match &*column.type_name {
        "boolean" | "tinyint(1)" => Some(2.0),
        "character(1)" | "char(1)" => Some(5.0),
        "date" => Some(2500.0),
        _ => None,
    };
    let is_alone_unique = table.table.constraints.values().any(|told| {
        matches!(told.value.kind, ConstraintKind::Primary | ConstraintKind::Unique)
            && matches!(&*told.value.columns, [only] if only.eq_ignore_ascii_case(&column.name))
    });
    let told = stats.and_then(|stats| stats.distinct_of(rows)).filter(|distinct| *distinct >= 1.0);
    let known = told.or(is_alone_unique.then_some(rows)).or(by_type);
    ColumnModel {
        name: column.name.to_string(),
        type_name: column.type_name.to_string(),
        width: stats
            .and_then(|stats| stats.width_bytes)
            .unwrap_or_else(|| width_of(&column.type_name)),
        distinct: known.unwrap_or(UNKNOWN_DISTINCT).min(rows.max(1.0)),
        distinct_is_known: known.is_some(),
        null_share: stats.and_then(|stats| stats.null_share),
        correlation: stats.and_then(|stats| stats.correlation),
        is_not_null: column.is_not_null,
    }
}

/// The mean width of a type in bytes, as far as its name tells.
fn width_of(type_name: &str) -> f64 {
    let length = type_name
        .split_once('(')
        .and_then(|(_, rest)| rest.split([',', ')']).next()?.trim().parse::<f64>().ok());
    let name = type_name.split('(').next().unwrap_or_default().trim();
    match name {
        "boolean" | "tinyint" => 1.0,
        "smallint" => 2.0,
        "integer" | "int" | "date" | "real" | "mediumint" | "float" => 4.0,
        "uuid" => 16.0,
        "character" | "char" | "binary" => length.unwrap_or(1.0) + 1.0,
        "character varying" | "varchar" | "varbinary" => {
            (length.unwrap_or(64.0) / 2.0).min(48.0) + 1.0
        }
        "text" | "bytea" | "blob" | "longtext" | "mediumtext" | "json" | "jsonb" => 64.0,
        _ if type_name.ends_with("[]") => 48.0,
        _ => 8.0,
    }
}

/// A column of a table, by the table's place in the evidence.
pub type TableColumn = (usize, String);

/// Gives columns that refer to a unique column of another table, by a foreign key or by the joins of
/// the statements, as many different values as that table has rows at most.
pub fn narrow_references(
    models: &mut BTreeMap<usize, TableModel>,
    references: &[(TableColumn, TableColumn)],
) {
    for ((table, column), (other, referred)) in references {
        let Some(there) = models.get(other).filter(|there| there.is_unique(&[referred])) else {
            continue;
        };
        let most = there.rows.max(1.0);
        let Some(here) = models.get_mut(table) else { continue };
        let rows = here.rows.max(1.0);
        let own = here.columns.iter_mut().find(|own| own.name.eq_ignore_ascii_case(column));
        if let Some(own) = own.filter(|own| !own.distinct_is_known) {
            own.distinct = most.min(rows);
            own.distinct_is_known = true;
        }
    }
}
