//! What happened beside queries: connections, waits, files, errors.

use super::{At, NoneYet, Unknown};
use crate::model::facts::Source;
use serde::Serialize;

/// Connections, as far as the log tells.
#[derive(Clone, Debug, Serialize)]
pub struct Connections {
    /// Connections that came in; `None` where the log has no such lines.
    pub total: Option<u64>,
    /// Of these, authorized ones; `None` where the log has no such lines.
    pub authorized: Option<u64>,
    /// Sessions that ended; `None` where the log has no such lines.
    pub disconnected: Option<u64>,
    /// Connections that were refused.
    pub refused: u64,
    /// Most at once.
    pub peak_concurrent: Unknown,
    /// 95th percentile of those at once.
    pub p95_concurrent: Unknown,
    /// New connections per minute.
    pub churn_per_minute: Option<f64>,
    /// Waits for a connection that ran out.
    pub timeouts: Unknown,
    /// By user.
    pub by_user: NoneYet,
    /// By host.
    pub by_host: NoneYet,
    /// By application.
    pub by_app: NoneYet,
    /// By database.
    pub by_database: NoneYet,
    /// Observed states.
    pub samples: NoneYet,
    /// Pool size.
    pub pool: Pool,
}

/// A pool size and how it was found.
#[derive(Clone, Debug, Default, Serialize)]
#[allow(missing_docs, reason = "nothing gives a size yet")]
pub struct Pool {
    pub recommended: Unknown,
    pub floor: Unknown,
    pub method: Unknown,
    pub inputs: NoneYet,
}

/// What happened beside queries, over all servers.
#[derive(Clone, Debug, Serialize)]
pub struct Incidents {
    /// Processes that were still waiting for a lock.
    pub lock_waits: Waits,
    /// Deadlocks.
    pub deadlocks: Occurred,
    /// Temporary files.
    pub temp_files: Files,
    /// Checkpoints and restartpoints.
    pub checkpoints: Waits,
    /// Automatic vacuums.
    pub autovacuum: Waits,
    /// Error records.
    pub errors: Errors,
    /// Of these, cancelled statements.
    pub cancelled: Occurred,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Occurred {
    /// How often.
    pub count: u64,
    /// Each one.
    pub items: NoneYet,
    /// When: the begin of an interval and how many.
    pub timeline: Vec<Tick>,
    /// The timeline in a line.
    #[serde(skip)]
    pub trend: String,
}

/// Something that took time.
#[derive(Clone, Debug, Serialize)]
pub struct Waits {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Time of all together.
    pub total_ms: f64,
    /// The longest.
    pub max_ms: f64,
}

/// Files that were written.
#[derive(Clone, Debug, Serialize)]
pub struct Files {
    /// How often and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// Size of all together.
    pub total_bytes: u64,
    /// The largest.
    pub max_bytes: u64,
}

/// An interval in which something happened.
#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// Its begin.
    pub at: At,
    /// How often.
    pub count: u64,
}

/// Errors.
#[derive(Clone, Debug, Serialize)]
pub struct Errors {
    /// How many records.
    pub count: u64,
    /// By message, most frequent first.
    pub items: Vec<ErrorItem>,
    /// Records whose message is not in `items`.
    pub omitted: u64,
    /// When: the begin of an interval and how many.
    pub timeline: Vec<Tick>,
    /// The timeline in a line.
    #[serde(skip)]
    pub trend: String,
}

/// Errors with one message.
#[derive(Clone, Debug, Serialize)]
pub struct ErrorItem {
    /// The server.
    pub server: String,
    /// The engine's word.
    pub severity: &'static str,
    /// SQLSTATE or the engine's code; `None` when not logged.
    pub code: Option<String>,
    /// The message without its literals.
    pub message: String,
    /// How many.
    pub count: u64,
    /// First time.
    pub first: Option<At>,
    /// Last time.
    pub last: Option<At>,
    /// The class of the first one's statement.
    pub query_id: Option<String>,
    /// The fingerprint of that class, which may never have run to its end.
    pub fingerprint: Option<String>,
    /// Where the first one is logged.
    pub source: Source,
}
