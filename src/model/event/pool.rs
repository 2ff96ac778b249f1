//! What a connection pooler says of itself.

/// A pooler's counters over its stats period, as it averages them. What a generation of the line
/// does not have is `None`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct PoolStats {
    /// Transactions per second.
    pub transactions_per_s: Option<u64>,
    /// Queries per second.
    pub queries_per_s: Option<u64>,
    /// Bytes per second from clients.
    pub in_bytes_per_s: u64,
    /// Bytes per second to clients.
    pub out_bytes_per_s: u64,
    /// Mean transaction time in microseconds: how long a server connection is held.
    pub transaction_us: Option<u64>,
    /// Mean query time in microseconds.
    pub query_us: u64,
    /// Mean wait for a server connection in microseconds.
    pub wait_us: Option<u64>,
}
