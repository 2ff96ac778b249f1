//! Checkpoints and maintenance of tables, with the server's own numbers. What a version does not log
//! is `None`.

use std::borrow::Cow;

/// Why a checkpoint began. Several may hold at once.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct CheckpointCause {
    /// It is a restartpoint, on a standby.
    pub restartpoint: bool,
    /// `checkpoint_timeout` passed.
    pub time: bool,
    /// `max_wal_size` was near.
    pub wal: bool,
    /// Somebody asked for it: CHECKPOINT, a base backup, CREATE DATABASE …
    pub requested: bool,
    /// The server was going down, or had just recovered.
    pub shutdown_or_recovery: bool,
}

/// A completed checkpoint or restartpoint.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Checkpoint {
    /// It is a restartpoint, on a standby.
    pub restartpoint: bool,
    /// Buffers written.
    pub buffers: u64,
    /// SLRU buffers written (PostgreSQL 18).
    pub slru_buffers: u64,
    /// WAL files added, removed and recycled.
    pub wal_added: u64,
    /// WAL files removed.
    pub wal_removed: u64,
    /// WAL files recycled.
    pub wal_recycled: u64,
    /// Time of the writes in microseconds, stretched on purpose by
    /// `checkpoint_completion_target`.
    pub write_us: u64,
    /// Time of the syncs in microseconds.
    pub sync_us: u64,
    /// Total time in microseconds.
    pub total_us: u64,
    /// Files synced.
    pub sync_files: u64,
    /// The longest sync in microseconds.
    pub longest_sync_us: u64,
    /// WAL since the last one, in bytes.
    pub distance_bytes: Option<u64>,
    /// The server's estimate of the next distance, in bytes.
    pub estimate_bytes: Option<u64>,
}

/// What maintenance does.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MaintenanceKind {
    /// Vacuum.
    Vacuum,
    /// Analyze.
    Analyze,
}

/// How maintenance ended.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum MaintenanceStep {
    /// It was done.
    Done,
    /// It was not begun: the table was locked.
    Skipped,
    /// It was cancelled: somebody wanted a lock.
    Cancelled,
}

/// Maintenance of one table.
#[derive(Clone, Debug)]
pub struct Maintenance<'a> {
    /// What.
    pub kind: MaintenanceKind,
    /// How it ended.
    pub step: MaintenanceStep,
    /// The table as the server names it: `database.schema.table`, or less when skipped.
    pub table: Cow<'a, [u8]>,
    /// It read every page that is not frozen.
    pub aggressive: bool,
    /// It was forced, to prevent wraparound.
    pub to_prevent_wraparound: bool,
    /// Scans of all indexes.
    pub index_scans: Option<u64>,
    /// Pages given back.
    pub pages_removed: Option<u64>,
    /// Pages left.
    pub pages_remain: Option<u64>,
    /// Pages read (PostgreSQL 15 and later).
    pub pages_scanned: Option<u64>,
    /// Dead rows removed.
    pub tuples_removed: Option<u64>,
    /// Rows left.
    pub tuples_remain: Option<u64>,
    /// Dead rows that some snapshot still needs.
    pub tuples_dead: Option<u64>,
    /// Buffers found in memory.
    pub buffer_hits: Option<u64>,
    /// Buffers read.
    pub buffer_misses: Option<u64>,
    /// Buffers made dirty.
    pub buffer_dirtied: Option<u64>,
    /// WAL records.
    pub wal_records: Option<u64>,
    /// Full page images in WAL.
    pub wal_fpi: Option<u64>,
    /// WAL in bytes.
    pub wal_bytes: Option<u64>,
    /// Time of reads in microseconds (`track_io_timing`).
    pub read_us: Option<u64>,
    /// Time of writes in microseconds (`track_io_timing`).
    pub write_us: Option<u64>,
    /// Time slept for `vacuum_cost_delay` in microseconds (PostgreSQL 18).
    pub delay_us: Option<u64>,
    /// CPU time in microseconds, user and system.
    pub cpu_us: Option<u64>,
    /// Elapsed time in microseconds.
    pub elapsed_us: Option<u64>,
}

impl<'a> Maintenance<'a> {
    /// Maintenance of which only what, how it ended and where is known.
    pub fn new(kind: MaintenanceKind, step: MaintenanceStep, table: Cow<'a, [u8]>) -> Self {
        Maintenance {
            kind,
            step,
            table,
            aggressive: false,
            to_prevent_wraparound: false,
            index_scans: None,
            pages_removed: None,
            pages_remain: None,
            pages_scanned: None,
            tuples_removed: None,
            tuples_remain: None,
            tuples_dead: None,
            buffer_hits: None,
            buffer_misses: None,
            buffer_dirtied: None,
            wal_records: None,
            wal_fpi: None,
            wal_bytes: None,
            read_us: None,
            write_us: None,
            delay_us: None,
            cpu_us: None,
            elapsed_us: None,
        }
    }
}
