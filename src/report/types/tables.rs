//! Tables as the catalog and the server's own counters tell them.

use super::At;
use crate::model::facts::Source;
use serde::Serialize;

/// A table. What no input says is null.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct Table {
    /// The server.
    pub server: String,
    /// Its name, with its schema where that says something.
    pub name: String,
    /// Its rows, an estimate of the server.
    pub rows: Option<f64>,
    /// Its size with its indexes in bytes; without them where only that is known.
    pub size_bytes: Option<u64>,
    /// How many indexes it has.
    pub indexes: Option<usize>,
    /// Scans of the whole table, of all nodes that were read.
    pub seq_scans: Option<u64>,
    /// Rows that such a scan read, on average.
    pub rows_per_scan: Option<f64>,
    /// Scans by an index.
    pub index_scans: Option<u64>,
    /// Rows inserted, updated and deleted.
    pub rows_written: Option<u64>,
    /// Rows that are dead and not yet vacuumed.
    pub dead_rows: Option<u64>,
    /// Share of its updates that touched no index, 0 to 1.
    pub hot_share: Option<f64>,
    /// The last VACUUM.
    pub last_vacuum: Option<At>,
    /// The last ANALYZE.
    pub last_analyze: Option<At>,
    /// Where it stands.
    pub source: Source,
}
