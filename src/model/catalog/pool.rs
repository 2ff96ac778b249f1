//! Pools of connections, as a pooler before the server shows them.

/// Whose connections a pool holds.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct PoolName {
    /// The database, as clients name it.
    pub database: Box<str>,
    /// The user; `None` for what holds for all pools of the database.
    pub user: Option<Box<str>>,
}

/// A pool, as it stood.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Pool {
    /// Clients that have a connection of the server.
    pub active: Option<u64>,
    /// Clients that wait for one.
    pub waiting: Option<u64>,
    /// Connections of the server that nobody uses.
    pub idle: Option<u64>,
    /// Connections of the server, used or not.
    pub connections: Option<u64>,
    /// How long the client that waits longest has waited, in microseconds.
    pub max_wait_us: Option<u64>,
    /// The most connections that it may hold.
    pub size: Option<u64>,
    /// How long a client keeps a connection: `session`, `transaction`, `statement`.
    pub mode: Option<Box<str>>,
}
