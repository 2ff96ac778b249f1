//! Errors, warnings, news of the server, and what was cancelled.

use super::super::At;
use super::{Concerned, Count, Occurred};
use crate::model::facts::Source;
use serde::Serialize;

/// Messages of one kind.
#[derive(Clone, Debug, Serialize)]
pub struct Messages {
    /// How many records, and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// By message, most frequent first.
    pub items: Vec<MessageItem>,
    /// Records whose message is not in `items`.
    pub omitted: u64,
}

/// Errors.
#[derive(Clone, Debug, Serialize)]
pub struct Errors {
    /// How many, and by message.
    #[serde(flatten)]
    pub messages: Messages,
    /// By the first two characters of their SQLSTATE, with its name.
    pub classes: Vec<Count>,
    /// Messages of each level, warnings included.
    pub levels: Vec<Count>,
}

/// Messages with one text.
#[derive(Clone, Debug, Serialize)]
pub struct MessageItem {
    /// The server.
    pub server: String,
    /// The engine's word.
    pub severity: &'static str,
    /// SQLSTATE or the engine's code; `None` when not logged.
    pub code: Option<String>,
    /// What it is about, in words.
    pub topic: &'static str,
    /// The message without its literals.
    pub message: String,
    /// How many.
    pub count: u64,
    /// First time.
    pub first: Option<At>,
    /// Last time.
    pub last: Option<At>,
    /// The class of the first one's statement, which may never have run to its end.
    #[serde(flatten)]
    pub concerned: Concerned,
    /// Where the first one is logged.
    pub source: Source,
    /// A person should look at it today.
    pub urgent: bool,
}

/// Statements and maintenance that were cancelled.
#[derive(Clone, Debug, Serialize)]
pub struct Cancelled {
    /// How many, and when.
    #[serde(flatten)]
    pub occurred: Occurred,
    /// By reason; sessions that were ended are among them.
    pub items: Vec<Count>,
    /// Time that statements lost to timeouts at least, over all classes.
    pub lost_ms: f64,
    /// By class, most time lost first.
    pub by_query: Vec<CancelledItem>,
}

/// What was cancelled of one class.
#[derive(Clone, Debug, Serialize)]
pub struct CancelledItem {
    /// The server.
    pub server: String,
    /// The class.
    #[serde(flatten)]
    pub concerned: Concerned,
    /// How many.
    pub count: u64,
    /// Of these, by a limit on time.
    pub timeouts: u64,
    /// Time lost to them at least: as logged, else as long as the class's longest finished run.
    pub lost_ms: f64,
    /// Runs that finished.
    pub calls: u64,
}
