//! What a connection pooler counted.

use super::checkpoints::Sum;
use super::occurrences::Occurrences;
use crate::model::event::PoolStats;
use crate::model::workload::examples::Place;
use crate::time::Timestamp;

/// The stats lines of one pooler. Each line holds averages over its own period, so their mean is
/// one of equal weights.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct PoolLog {
    /// Stats lines; sum and max are queries per second.
    pub queries: Occurrences,
    /// Lines that tell transactions, and transactions per second.
    pub transactions: Counted,
    /// Bytes per second from clients.
    pub in_bytes: Sum,
    /// Bytes per second to clients.
    pub out_bytes: Sum,
    /// Mean transaction times in microseconds.
    pub transaction_us: Counted,
    /// Mean query times in microseconds.
    pub query_us: Sum,
    /// Stats lines that tell waits; sum and max are mean waits in microseconds.
    pub waits: Occurrences,
}

/// A sum over those lines that tell a number.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counted {
    /// How many tell it.
    pub lines: u64,
    /// The sum.
    pub sum: Sum,
}

impl Counted {
    fn add(&mut self, amount: Option<u64>) {
        if let Some(amount) = amount {
            self.lines += 1;
            self.sum.add(amount);
        }
    }

    fn merge(&mut self, other: Counted) {
        self.lines += other.lines;
        self.sum.merge(other.sum);
    }
}

impl PoolLog {
    pub(in crate::model) fn add(
        &mut self,
        stats: &PoolStats,
        time: Option<Timestamp>,
        place: Place,
    ) {
        self.queries.add(time, stats.queries_per_s.unwrap_or(0), place);
        self.transactions.add(stats.transactions_per_s);
        self.in_bytes.add(stats.in_bytes_per_s);
        self.out_bytes.add(stats.out_bytes_per_s);
        self.transaction_us.add(stats.transaction_us);
        self.query_us.add(stats.query_us);
        if let Some(us) = stats.wait_us {
            self.waits.add(time, us, place);
        }
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let all = [&mut self.queries, &mut self.waits];
        all.into_iter().filter_map(|o| o.largest.place_mut())
    }

    /// Adds all of another part.
    pub fn merge(&mut self, other: &PoolLog) {
        self.queries.merge(&other.queries);
        self.transactions.merge(other.transactions);
        self.in_bytes.merge(other.in_bytes);
        self.out_bytes.merge(other.out_bytes);
        self.transaction_us.merge(other.transaction_us);
        self.query_us.merge(other.query_us);
        self.waits.merge(&other.waits);
    }
}
