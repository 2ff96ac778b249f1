//! What happened when, and who ran how much.

use super::super::At;
use serde::Serialize;

/// What happened in one interval.
#[derive(Clone, Debug, Serialize)]
pub struct ActivityRow {
    /// Its begin.
    pub at: At,
    /// Queries that ended in it.
    pub queries: u64,
    /// Of these, reads.
    pub reads: u64,
    /// Of these, writes.
    pub writes: u64,
    /// Time of the queries.
    pub total_ms: f64,
    /// Connections that came in.
    pub connections: u64,
    /// Sessions that ended.
    pub disconnections: u64,
    /// Errors.
    pub errors: u64,
    /// Lock waits.
    pub lock_waits: u64,
    /// Temporary files.
    pub temp_files: u64,
    /// Checkpoints that completed.
    pub checkpoints: u64,
    /// Automatic vacuums.
    pub vacuums: u64,
}

/// What happened when.
#[derive(Clone, Debug, Serialize)]
pub struct Activity {
    /// Width of the intervals in seconds.
    pub width_s: i64,
    /// The intervals that saw something.
    pub items: Vec<ActivityRow>,
}

/// Who ran how much, and what.
#[derive(Clone, Debug, Serialize)]
pub struct Breakdown {
    /// By type of statement.
    pub types: Vec<Origin>,
    /// By database.
    pub databases: Vec<Origin>,
    /// By user.
    pub users: Vec<Origin>,
    /// By client host.
    pub hosts: Vec<Origin>,
    /// By application.
    pub apps: Vec<Origin>,
    /// Runs that were prepared.
    pub prepared: u64,
}

/// The runs of one name.
#[derive(Clone, Debug, Serialize)]
pub struct Origin {
    /// The name; `None` for names that were folded because there were too many.
    pub name: Option<String>,
    /// Runs.
    pub calls: u64,
    /// Their time.
    pub total_ms: f64,
    /// Their share of all logged time.
    pub share: f64,
}
