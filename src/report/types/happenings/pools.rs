//! Pools of connections: of poolers before servers, and inside applications.

use serde::Serialize;

/// One pool, with the most of each figure that was seen.
#[derive(Clone, Debug, Serialize)]
pub struct PoolItem {
    /// The label of what holds it: an application or a pooler.
    pub server: String,
    /// Its name, `database/user` of a pooler; empty where it has none.
    pub name: String,
    /// How often it was looked at.
    pub samples: u64,
    /// Connections open.
    pub total: Option<u64>,
    /// Connections held by a caller.
    pub active: Option<u64>,
    /// Connections held by nobody.
    pub idle: Option<u64>,
    /// Callers that wait.
    pub waiting: Option<u64>,
    /// Most that it may open.
    pub max: Option<u64>,
    /// How long a client keeps a connection of a pooler: `session`, `transaction`, `statement`.
    pub mode: Option<String>,
    /// Records that tell of a caller who got no connection in time; `None` where nothing would tell.
    pub timeouts: Option<u64>,
    /// The longest wait that is known.
    pub max_wait_ms: Option<f64>,
    /// Connections that were held for too long; `None` where nothing would tell.
    pub leaks: Option<u64>,
}
