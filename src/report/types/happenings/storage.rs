//! Temporary files, checkpoints, and maintenance of tables.

use super::super::At;
use super::{Concerned, Count, Occurred};
use crate::model::facts::Source;
use serde::Serialize;

/// Temporary files.
#[derive(Clone, Debug, Serialize)]
pub struct TempFiles {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Size of all together.
    pub total_bytes: u64,
    /// The largest.
    pub max_bytes: u64,
    /// By class, most bytes first.
    pub items: Vec<TempFileItem>,
    /// Files of no class, or of one that is not in `items`.
    pub omitted: u64,
    /// Their bytes.
    pub omitted_bytes: u64,
}

/// The temporary files of one class.
#[derive(Clone, Debug, Serialize)]
pub struct TempFileItem {
    /// The server.
    pub server: String,
    /// The class.
    #[serde(flatten)]
    pub concerned: Concerned,
    /// How many.
    pub count: u64,
    /// Size of all together.
    pub total_bytes: u64,
    /// The largest.
    pub max_bytes: u64,
}

/// Checkpoints and restartpoints.
#[derive(Clone, Debug, Serialize)]
pub struct Checkpoints {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Time of all together.
    pub total_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// Why they began.
    pub items: Vec<Count>,
    /// Of these, restartpoints on a standby.
    pub restartpoints: u64,
    /// Warnings that they follow one another too fast.
    pub too_frequent: u64,
    /// Buffers written.
    pub buffers: u64,
    /// Most buffers in one.
    pub max_buffers: u64,
    /// SLRU buffers written.
    pub slru_buffers: u64,
    /// WAL files added.
    pub wal_added: u64,
    /// WAL files removed.
    pub wal_removed: u64,
    /// WAL files recycled.
    pub wal_recycled: u64,
    /// Time of writes, stretched on purpose.
    pub write_ms: f64,
    /// Time of syncs.
    pub sync_ms: f64,
    /// The longest sync of all files of one.
    pub max_sync_ms: f64,
    /// Files synced.
    pub sync_files: u64,
    /// The longest sync of a file.
    pub longest_sync_ms: f64,
    /// WAL between two, on average.
    pub mean_distance_bytes: Option<u64>,
    /// Most WAL between two.
    pub max_distance_bytes: Option<u64>,
    /// The largest estimate of the next distance.
    pub max_estimate_bytes: Option<u64>,
}

/// Automatic vacuums.
#[derive(Clone, Debug, Serialize)]
pub struct Autovacuum {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Time of all together.
    pub total_ms: f64,
    /// The longest.
    pub max_ms: f64,
    /// Of these, aggressive ones.
    pub aggressive: u64,
    /// Of these, forced to prevent wraparound.
    pub to_prevent_wraparound: u64,
    /// Vacuums and analyzes that were not begun, since the table was locked.
    pub skipped: u64,
    /// Vacuums and analyzes that were cancelled, since somebody wanted a lock.
    pub cancelled: u64,
    /// By table, most time first.
    pub items: Vec<MaintenanceItem>,
    /// Tables that are not in `items`.
    pub omitted: u64,
}

/// What the server did to one table.
#[derive(Clone, Debug, Serialize)]
#[allow(missing_docs, reason = "each is the sum of a number that the server logs by that name")]
pub struct MaintenanceItem {
    /// The server.
    pub server: String,
    /// The table as the server names it.
    pub table: String,
    pub vacuums: u64,
    pub aggressive: u64,
    pub to_prevent_wraparound: u64,
    pub analyzes: u64,
    pub skipped: u64,
    pub cancelled: u64,
    pub vacuum_ms: f64,
    pub longest_ms: f64,
    pub analyze_ms: f64,
    pub cpu_ms: f64,
    pub io_ms: f64,
    pub delay_ms: f64,
    pub index_scans: u64,
    pub pages_removed: u64,
    pub pages_remain: Option<u64>,
    pub tuples_removed: u64,
    pub tuples_remain: Option<u64>,
    /// Dead rows that had to stay, at most in one vacuum.
    pub tuples_not_removable: u64,
    pub buffer_hits: u64,
    pub buffer_misses: u64,
    pub buffer_dirtied: u64,
    pub wal_bytes: u64,
    /// First time.
    pub first: Option<At>,
    /// Last time.
    pub last: Option<At>,
    /// Where the longest is logged.
    pub source: Option<Source>,
}
