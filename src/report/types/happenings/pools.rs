//! Pools of connections: of poolers before servers, and inside applications; what the files of
//! applications say of both.

use crate::model::event::Engine;
use crate::model::facts::Source;
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

/// What the files of an application say of the databases that it uses.
#[derive(Clone, Debug, Serialize)]
pub struct ApplicationItem {
    /// Its label.
    pub server: String,
    /// Its client libraries, and what names an engine.
    pub libraries: Vec<LibraryItem>,
    /// Settings of its pools.
    pub pool_settings: Vec<PoolSettingItem>,
}

/// A client library, or a connection string of which only the engine is told.
#[derive(Clone, Debug, Serialize)]
pub struct LibraryItem {
    /// Its name.
    pub name: String,
    /// The version that is asked for.
    pub version: Option<String>,
    /// The engine that it speaks to; `None` where it speaks to several.
    pub engine: Option<Engine>,
    /// Where that stands.
    pub source: Source,
}

/// A setting of a pool.
#[derive(Clone, Debug, Serialize)]
pub struct PoolSettingItem {
    /// Its name as it stands there.
    pub name: String,
    /// Its value: a number, a switch or a duration.
    pub value: String,
    /// Where that stands.
    pub source: Source,
}
