//! Everything that happened to a server beside queries, one topic a file.

pub mod application_pools;
pub mod checkpoints;
pub mod connections;
pub mod indexes;
pub mod locks;
pub mod maintenance;
pub mod messages;
pub mod occurrences;
pub mod pool;

use super::examples::Place;
use super::tally::Names;
use crate::model::event::Cancelled;
use application_pools::ApplicationPools;
use checkpoints::Checkpoints;
use connections::Connections;
use indexes::{Expiries, IndexBuilds};
use locks::Locks;
use maintenance::MaintenanceLog;
use messages::Messages;
use occurrences::Occurrences;
use pool::PoolLog;
use std::collections::BTreeMap;

/// Everything that happened to a server beside queries.
#[derive(Clone, Debug, Default)]
pub struct Incidents {
    /// Connections and sessions.
    pub connections: Connections,
    /// Lock waits and deadlocks.
    pub locks: Locks,
    /// Temporary files; sum and max in bytes.
    pub temp_files: Occurrences,
    /// Checkpoints and restartpoints.
    pub checkpoints: Checkpoints,
    /// Checkpoints that took long, of a server that tells of no others; sum and max in
    /// microseconds.
    pub slow_checkpoints: Occurrences,
    /// Autovacuum and autoanalyze.
    pub maintenance: MaintenanceLog,
    /// Indexes that were built.
    pub index_builds: IndexBuilds,
    /// Documents that were deleted because they expired.
    pub expiries: Expiries,
    /// Errors, warnings and news.
    pub messages: Messages,
    /// Statements and maintenance that were cancelled; sum and max are the microseconds lost,
    /// where the log shows them.
    pub cancelled: Occurrences,
    /// Sessions that were ended by a timeout or an administrator.
    pub terminated: Occurrences,
    /// Why both were.
    pub cancellations: BTreeMap<Cancelled, u64>,
    /// A connection pooler's counters.
    pub pool: PoolLog,
    /// Pools inside applications.
    pub application_pools: ApplicationPools,
}

impl Incidents {
    pub(super) fn merge(&mut self, names: &mut Names, other: Incidents, theirs: &Names) {
        self.connections.merge(names, other.connections, theirs);
        self.locks.merge(other.locks);
        self.temp_files.merge(&other.temp_files);
        self.checkpoints.merge(&other.checkpoints);
        self.slow_checkpoints.merge(&other.slow_checkpoints);
        self.maintenance.merge(other.maintenance);
        self.index_builds.merge(other.index_builds);
        self.expiries.merge(other.expiries);
        self.messages.merge(other.messages);
        self.cancelled.merge(&other.cancelled);
        self.terminated.merge(&other.terminated);
        for (why, count) in other.cancellations {
            *self.cancellations.entry(why).or_default() += count;
        }
        self.pool.merge(&other.pool);
        self.application_pools.merge(other.application_pools);
    }

    /// Where examples stand, for changing it.
    pub(super) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        self.messages
            .each_place_mut()
            .chain(self.locks.each_place_mut())
            .chain(self.maintenance.each_place_mut())
            .chain(self.index_builds.each_place_mut())
            .chain(self.expiries.each_place_mut())
            .chain(self.connections.each_place_mut())
            .chain(self.checkpoints.each_place_mut())
            .chain(self.pool.each_place_mut())
            .chain(self.application_pools.each_place_mut())
            .chain(
                [
                    &mut self.temp_files,
                    &mut self.slow_checkpoints,
                    &mut self.cancelled,
                    &mut self.terminated,
                ]
                .into_iter()
                .filter_map(|o| o.largest.place_mut()),
            )
    }
}
