//! Operations that are in no class, and what the time of those that are was spent on.

use serde::Serialize;

/// Operations of one kind on one server that are in no class and in no total.
#[derive(Clone, Debug, Serialize)]
pub struct KeptApart {
    /// The server.
    pub server: String,
    /// Why: the name of an [`Apart`](crate::model::event::Apart), such as `write_twice`.
    pub what: &'static str,
    /// How many.
    pub count: u64,
    /// Their time, as far as it was logged.
    pub total_ms: f64,
    /// Why, in words.
    #[serde(skip)]
    pub why: &'static str,
}

/// What time was spent on, of all runs of a server.
#[derive(Clone, Debug, Serialize)]
pub struct ServerSpent {
    /// The server.
    pub server: String,
    /// A part of it.
    #[serde(flatten)]
    pub spent: Spent,
}

/// A part of the time of some runs. Parts overlap.
#[derive(Clone, Debug, Serialize)]
pub struct Spent {
    /// The attribute that says it, such as `lock_wait`; `waiting` is what was no work.
    pub what: &'static str,
    /// Runs whose records carry it.
    pub runs: u64,
    /// Time.
    pub total_ms: f64,
    /// Share of the time of all these runs, those that do not carry it included.
    pub share: f64,
    /// Of a run that carries it; `None` where it is computed from the sums.
    pub mean_ms: Option<f64>,
    /// The same; `None` below 20 of them.
    pub p95_ms: Option<f64>,
    /// The longest.
    pub max_ms: Option<f64>,
    /// In words.
    #[serde(skip)]
    pub title: &'static str,
}
