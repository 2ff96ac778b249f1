//! Connections and sessions.

use super::super::{At, NoneYet, Unknown};
use super::{ApplicationItem, Count, PoolItem};
use serde::Serialize;

/// Connections, as far as the log tells.
#[derive(Clone, Debug, Serialize)]
pub struct Connections {
    /// Connections that came in; `None` where the log has no such lines.
    pub total: Option<u64>,
    /// Clients that proved who they are; `None` where the log has no such lines.
    pub authenticated: Option<u64>,
    /// Clients that said what they are; `None` where the log has no such lines.
    pub introduced: Option<u64>,
    /// Their drivers, with versions.
    pub drivers: Vec<Count>,
    /// Their operating systems.
    pub systems: Vec<Count>,
    /// Connections that were authorized; `None` where the log has no such lines.
    pub authorized: Option<u64>,
    /// Of these, encrypted ones.
    pub encrypted: Option<u64>,
    /// Sessions that ended; `None` where the log has no such lines.
    pub disconnected: Option<u64>,
    /// Connections that were refused.
    pub refused: u64,
    /// Why they were refused.
    pub refusals: Vec<Count>,
    /// By which method clients proved who they are.
    pub methods: Vec<Count>,
    /// Mean time until a new session could run its first query.
    pub setup_ms: Option<f64>,
    /// Most ended sessions open at a sampled moment; most connections open at any, where the server
    /// itself counts them (then `sampled_every_s` is `None`).
    pub peak_concurrent: Option<u64>,
    /// 95th percentile of those.
    pub p95_concurrent: Option<u64>,
    /// Seconds between two samples.
    pub sampled_every_s: Option<i64>,
    /// New connections per minute.
    pub churn_per_minute: Option<f64>,
    /// Records that tell of a caller who got no connection of its pool in time; `None` where no
    /// application's log tells of its pool.
    pub timeouts: Option<u64>,
    /// Sessions that a timeout or an administrator ended.
    pub terminated: u64,
    /// How long ended sessions lasted.
    pub session_mean_ms: Option<f64>,
    /// Half of them lasted no longer.
    pub session_p50_ms: Option<f64>,
    /// 95 % of them lasted no longer.
    pub session_p95_ms: Option<f64>,
    /// The longest.
    pub session_max_ms: Option<f64>,
    /// Ended sessions by length.
    pub session_lengths: Vec<LengthBand>,
    /// What the next four count: `connections`, or where no line tells of any, `sessions` that ran
    /// something.
    pub names_count: &'static str,
    /// Connections by user.
    pub by_user: Vec<Count>,
    /// Connections by host.
    pub by_host: Vec<Count>,
    /// Connections by application.
    pub by_app: Vec<Count>,
    /// Connections by database.
    pub by_database: Vec<Count>,
    /// Ended sessions by user, database, host and application.
    pub sessions: Vec<SessionShare>,
    /// Statements that ran at once; `None` where too little was timed.
    pub statements: Option<Running>,
    /// Sessions that were open at the boundaries of intervals; then, pool by pool, what applications
    /// log of theirs.
    pub samples: Vec<Sample>,
    /// Pools of applications and poolers.
    pub pools: Vec<PoolItem>,
    /// What files of applications say of the databases that they use.
    pub applications: Vec<ApplicationItem>,
    /// What a connection pooler counted.
    pub pooler: Option<Pooler>,
    /// Pool size.
    pub pool: Pool,
    /// New connections in a line.
    #[serde(skip)]
    pub trend: String,
}

/// Statements that ran at once, of those that were logged: start = end - duration.
#[derive(Clone, Debug, Serialize)]
pub struct Running {
    /// Their time ÷ that between the first and the last boundary.
    pub average: Option<f64>,
    /// 95th percentile of what ran at a boundary.
    pub p95: Option<u64>,
    /// Most that ran at a boundary.
    pub peak: u64,
    /// The first boundary with the most.
    pub peak_at: Option<At>,
    /// Seconds between two boundaries.
    pub sampled_every_s: i64,
    /// Boundaries in the period.
    pub samples: u64,
    /// Runs are known to be missing from the log, or their durations.
    pub lower_bound: bool,
    /// The intervals between two boundaries in which anything ran.
    pub over_time: Vec<Interval>,
    /// The same in a line.
    #[serde(skip)]
    pub trend: String,
}

/// Statements in an interval between two boundaries.
#[derive(Clone, Debug, Serialize)]
pub struct Interval {
    /// Its first instant.
    pub at: At,
    /// Statements that ran then.
    pub running: u64,
    /// Their time ÷ the interval: how many ran on average.
    pub average: f64,
}

/// Sessions of about one length.
#[derive(Clone, Debug, Serialize)]
pub struct LengthBand {
    /// In words.
    pub label: &'static str,
    /// How many.
    pub count: u64,
}

/// The ended sessions of one name.
#[derive(Clone, Debug, Serialize)]
pub struct SessionShare {
    /// `user`, `database`, `host` or `app`.
    pub by: &'static str,
    /// The name.
    pub name: String,
    /// How many.
    pub count: u64,
    /// How long they lasted together.
    pub total_ms: f64,
}

/// Sessions of a server, or connections of a pool, at one moment.
#[derive(Clone, Debug, Serialize)]
pub struct Sample {
    /// The moment.
    pub at: At,
    /// The pool; `None` for sessions of a server.
    pub pool: Option<String>,
    /// Ended sessions that were open then; open connections of a pool.
    pub total: u64,
    /// Of these, held by a caller; a server's log does not say.
    pub active: Option<u64>,
    /// Of these, held by nobody; a server's log does not say.
    pub idle: Option<u64>,
    /// Of these, idle in a transaction; a log does not say.
    pub idle_in_transaction: Unknown,
    /// Callers waiting for a connection; a server's log does not say.
    pub waiting: Option<u64>,
    /// Most that are allowed, where that is said.
    pub max: Option<u64>,
}

/// What a connection pooler counted, over its stats lines.
#[derive(Clone, Debug, Serialize)]
pub struct Pooler {
    /// How many lines.
    pub lines: u64,
    /// Mean transactions per second.
    pub transactions_per_s: Option<f64>,
    /// Mean queries per second.
    pub queries_per_s: f64,
    /// Most queries per second in one line.
    pub max_queries_per_s: u64,
    /// Mean bytes per second from clients.
    pub in_bytes_per_s: f64,
    /// Mean bytes per second to clients.
    pub out_bytes_per_s: f64,
    /// Mean of the mean transaction times.
    pub transaction_ms: Option<f64>,
    /// Mean of the mean query times.
    pub query_ms: f64,
    /// Mean of the mean waits for a server connection.
    pub wait_ms: Option<f64>,
    /// The largest of these.
    pub max_wait_ms: Option<f64>,
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
