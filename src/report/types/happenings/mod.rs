//! What happened beside queries, over all servers.

mod activity;
mod connections;
mod indexes;
mod locks;
mod messages;
mod pools;
mod storage;

pub use activity::{Activity, ActivityRow, Breakdown, Origin};
pub use connections::{
    Connections, Interval, LengthBand, Pool, Pooler, Running, Sample, SessionShare,
};
pub use indexes::{Expiries, ExpiryItem, IndexBuildItem, IndexBuilds};
pub use locks::{DeadlockItem, DeadlockPart, Deadlocks, Held, LockItem, LockWaits};
pub use messages::{Cancelled, CancelledItem, Errors, MessageItem, Messages};
pub use pools::{ApplicationItem, LibraryItem, PoolItem, PoolSettingItem};
pub use storage::{Autovacuum, Checkpoints, MaintenanceItem, TempFileItem, TempFiles};

use super::At;
use serde::Serialize;

/// What happened beside queries, over all servers.
#[derive(Clone, Debug, Serialize)]
pub struct Incidents {
    /// Waits for locks while they lasted.
    pub lock_waits: LockWaits,
    /// Waits for locks that ended in the lock.
    pub locks_acquired: Waits,
    /// Waits for locks that ended without it.
    pub locks_failed: Waits,
    /// Deadlocks.
    pub deadlocks: Deadlocks,
    /// Temporary files.
    pub temp_files: TempFiles,
    /// Checkpoints and restartpoints.
    pub checkpoints: Checkpoints,
    /// Checkpoints that took so long that a server said so (MongoDB).
    pub slow_checkpoints: Waits,
    /// Automatic vacuums.
    pub autovacuum: Autovacuum,
    /// Automatic analyzes.
    pub autoanalyze: Waits,
    /// Indexes that were built.
    pub index_builds: IndexBuilds,
    /// Documents that were deleted because they expired.
    pub expiries: Expiries,
    /// Error records.
    pub errors: Errors,
    /// Warnings.
    pub warnings: Messages,
    /// News of the server.
    pub events: Messages,
    /// Statements and maintenance that were cancelled.
    pub cancelled: Cancelled,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct Occurred {
    /// How often.
    pub count: u64,
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

/// An interval in which something happened.
#[derive(Clone, Debug, Serialize)]
pub struct Tick {
    /// Its begin.
    pub at: At,
    /// How often.
    pub count: u64,
}

/// How often something with a name was seen.
#[derive(Clone, Debug, Serialize)]
pub struct Count {
    /// The name.
    pub name: String,
    /// How often.
    pub count: u64,
}

/// The class that something happened to.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Concerned {
    /// Its id; `None` where the log does not say.
    pub query_id: Option<String>,
    /// Its fingerprint.
    pub fingerprint: Option<String>,
}
