//! Checkpoints and restartpoints: causes and sums of the server's own numbers.

use super::occurrences::Occurrences;
use crate::model::event::{Checkpoint, CheckpointCause};
use crate::model::workload::examples::Place;
use crate::time::Timestamp;

/// Checkpoints of one server.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Checkpoints {
    /// Completed ones, restartpoints included; sum and max in microseconds.
    pub done: Occurrences,
    /// Of these, restartpoints.
    pub restartpoints: u64,
    /// Begun because `checkpoint_timeout` passed.
    pub by_time: u64,
    /// Begun because `max_wal_size` was near.
    pub by_wal: u64,
    /// Begun because somebody asked.
    pub by_request: u64,
    /// Begun at shutdown or after recovery.
    pub by_shutdown: u64,
    /// Buffers written.
    pub buffers: Sum,
    /// SLRU buffers written.
    pub slru_buffers: Sum,
    /// WAL files added.
    pub wal_added: Sum,
    /// WAL files removed.
    pub wal_removed: Sum,
    /// WAL files recycled.
    pub wal_recycled: Sum,
    /// Time of writes in microseconds.
    pub write_us: Sum,
    /// Time of syncs in microseconds.
    pub sync_us: Sum,
    /// Files synced.
    pub sync_files: Sum,
    /// The longest sync of a file in microseconds.
    pub longest_sync_us: u64,
    /// WAL between checkpoints in bytes; those that tell it.
    pub distance: Occurrences,
    /// The largest estimate of the next distance in bytes.
    pub max_estimate_bytes: u64,
}

/// A sum and its largest part.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    /// All together.
    pub sum: u64,
    /// The largest.
    pub max: u64,
}

impl Sum {
    pub(super) fn add(&mut self, amount: u64) {
        self.merge(Sum { sum: amount, max: amount });
    }

    pub(super) fn merge(&mut self, other: Sum) {
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
    }
}

impl Checkpoints {
    pub(in crate::model) fn begin(&mut self, cause: CheckpointCause) {
        // One cause each, the one that says most: a requested one may also be due.
        let place = match cause {
            CheckpointCause { shutdown_or_recovery: true, .. } => &mut self.by_shutdown,
            CheckpointCause { wal: true, .. } => &mut self.by_wal,
            CheckpointCause { requested: true, .. } => &mut self.by_request,
            CheckpointCause { time: true, .. } => &mut self.by_time,
            _ => &mut self.by_request,
        };
        *place += 1;
    }

    pub(in crate::model) fn add(
        &mut self,
        done: &Checkpoint,
        time: Option<Timestamp>,
        place: Place,
    ) {
        self.done.add(time, done.total_us, place);
        self.restartpoints += u64::from(done.restartpoint);
        self.buffers.add(done.buffers);
        self.slru_buffers.add(done.slru_buffers);
        self.wal_added.add(done.wal_added);
        self.wal_removed.add(done.wal_removed);
        self.wal_recycled.add(done.wal_recycled);
        self.write_us.add(done.write_us);
        self.sync_us.add(done.sync_us);
        self.sync_files.add(done.sync_files);
        self.longest_sync_us = self.longest_sync_us.max(done.longest_sync_us);
        if let Some(bytes) = done.distance_bytes {
            self.distance.add(time, bytes, place);
        }
        let estimate = done.estimate_bytes.unwrap_or(0);
        self.max_estimate_bytes = self.max_estimate_bytes.max(estimate);
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let all = [&mut self.done, &mut self.distance];
        all.into_iter().filter_map(|o| o.largest.place_mut())
    }

    /// Adds all of another part, or of another server.
    pub fn merge(&mut self, other: &Checkpoints) {
        self.done.merge(&other.done);
        self.restartpoints += other.restartpoints;
        self.by_time += other.by_time;
        self.by_wal += other.by_wal;
        self.by_request += other.by_request;
        self.by_shutdown += other.by_shutdown;
        for (mine, theirs) in [
            (&mut self.buffers, other.buffers),
            (&mut self.slru_buffers, other.slru_buffers),
            (&mut self.wal_added, other.wal_added),
            (&mut self.wal_removed, other.wal_removed),
            (&mut self.wal_recycled, other.wal_recycled),
            (&mut self.write_us, other.write_us),
            (&mut self.sync_us, other.sync_us),
            (&mut self.sync_files, other.sync_files),
        ] {
            mine.merge(theirs);
        }
        self.longest_sync_us = self.longest_sync_us.max(other.longest_sync_us);
        self.distance.merge(&other.distance);
        self.max_estimate_bytes = self.max_estimate_bytes.max(other.max_estimate_bytes);
    }
}
