//! What an application says of its own pool of connections.

use std::borrow::Cow;

/// A pool at one moment, as far as it says.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct PoolFigures {
    /// Callers that wait for a connection.
    pub waiting: Option<u64>,
    /// Connections that a caller holds.
    pub active: Option<u64>,
    /// Connections that are open.
    pub total: Option<u64>,
    /// Connections that nobody holds.
    pub idle: Option<u64>,
    /// The most that it may open.
    pub max: Option<u64>,
}

/// What happened in a pool.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum PoolStep {
    /// It was looked at.
    Sampled,
    /// A caller got no connection in time.
    TimedOut {
        /// How long it waited, in microseconds.
        waited_us: Option<u64>,
    },
    /// A caller held a connection for longer than is thought right.
    Leaked,
}

/// One record of an application's log about a pool.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PoolNews<'a> {
    /// The pool's name; empty where it has none.
    pub pool: Cow<'a, str>,
    /// What happened.
    pub step: PoolStep,
    /// The pool at that moment.
    pub figures: PoolFigures,
}
