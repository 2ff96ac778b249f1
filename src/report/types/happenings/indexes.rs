//! Indexes that a server built, and documents that expired by one.

use super::super::At;
use super::Occurred;
use crate::model::facts::Source;
use serde::Serialize;

/// Indexes that were built while the logs were written.
#[derive(Clone, Debug, Serialize)]
pub struct IndexBuilds {
    /// Builds that ended well, and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Builds that failed.
    pub failed: u64,
    /// Longest first.
    pub items: Vec<IndexBuildItem>,
    /// Builds that are not in `items`.
    pub omitted: u64,
}

/// One build; or all of one thread, where the log does not say which lines are of one.
#[derive(Clone, Debug, Serialize)]
pub struct IndexBuildItem {
    /// The server.
    pub server: String,
    /// The collection with its database; `None` where the log does not say.
    pub namespace: Option<String>,
    /// Some of what was built is of other collections.
    pub has_others: bool,
    /// The index, or the first by name of those that were begun.
    pub index: Option<String>,
    /// Indexes that were begun.
    pub begun: u64,
    /// Builds that ended well.
    pub done: u64,
    /// Builds that failed.
    pub failed: u64,
    /// Documents read.
    pub documents: u64,
    /// From the first line to the last, or as the log tells it; `None` where neither is there.
    pub elapsed_ms: Option<f64>,
    /// Of that, scans of the collection, as far as the log tells.
    pub scan_ms: f64,
    /// First line.
    pub first: Option<At>,
    /// Last line.
    pub last: Option<At>,
    /// Where it is logged.
    pub source: Option<Source>,
}

/// Documents that were deleted because an index says that they expired (TTL).
#[derive(Clone, Debug, Serialize)]
pub struct Expiries {
    /// Passes over an index, and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Time of all passes.
    pub total_ms: f64,
    /// The longest pass.
    pub max_ms: f64,
    /// By index, most time first.
    pub items: Vec<ExpiryItem>,
    /// Passes that are not in `items`.
    pub omitted: u64,
}

/// Documents that expired by one index.
#[derive(Clone, Debug, Serialize)]
pub struct ExpiryItem {
    /// The server.
    pub server: String,
    /// The collection with its database.
    pub namespace: String,
    /// The index.
    pub index: String,
    /// Passes that were logged.
    pub passes: u64,
    /// Documents deleted.
    pub deleted: u64,
    /// Most in one pass.
    pub max_deleted: u64,
    /// Time of all passes.
    pub total_ms: f64,
    /// The longest pass.
    pub max_ms: f64,
    /// Where that is logged.
    pub source: Option<Source>,
}
