//! What sessions waited for, as repeated looks at the server's sessions show it.

use super::At;
use serde::Serialize;

/// A profile of waits.
#[derive(Clone, PartialEq, Debug, Default, Serialize)]
pub struct SampledWaits {
    /// How often the sessions were looked at.
    pub samples: u64,
    /// When the first of these looks was.
    pub first: Option<At>,
    /// When the last was.
    pub last: Option<At>,
    /// What was seen, most often first.
    pub items: Vec<WaitItem>,
    /// Kinds of waits that are not among these, each as often as it was seen.
    pub folded: u64,
}

/// A statement that was seen waiting for an event.
#[derive(Clone, PartialEq, Debug, Serialize)]
pub struct WaitItem {
    /// The server.
    pub server: String,
    /// Its query class; the server's own number of the statement where its text is not shown.
    pub query_id: Option<String>,
    /// The beginning of its normalised statement.
    pub statement: Option<String>,
    /// The kind of the event.
    pub event_type: Option<String>,
    /// The event; null while it ran.
    pub event: Option<String>,
    /// The state of the session.
    pub state: Option<String>,
    /// The query class, the statement or the session that it waited for.
    pub blocked_by: Option<String>,
    /// In how many looks it was seen.
    pub samples: u64,
    /// Its share of the looks of the same view, 0 to 1; null for a single look.
    pub share: Option<f64>,
}
