//! Autovacuum and autoanalyze, by table.

use super::locks::name;
use super::occurrences::{Largest, Occurrences};
use crate::model::event::{Maintenance, MaintenanceKind, MaintenanceStep};
use crate::model::workload::capped::{Capped, Member};
use crate::model::workload::examples::Place;
use crate::time::Timestamp;
use std::cmp::Reverse;
use xxhash_rust::xxh3::xxh3_64;

/// Tables kept.
const MAX_TABLES: usize = 10_000;

/// What was done to one table. Sums, of what the server's version logs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct TableMaintenance {
    /// The table as the server names it.
    pub table: Box<str>,
    /// Vacuums.
    pub vacuums: u64,
    /// Of these, aggressive ones.
    pub aggressive: u64,
    /// Of these, forced to prevent wraparound.
    pub to_prevent_wraparound: u64,
    /// Analyzes.
    pub analyzes: u64,
    /// Vacuums and analyzes that were not begun: the table was locked.
    pub skipped: u64,
    /// Vacuums and analyzes that were cancelled: somebody wanted a lock.
    pub cancelled: u64,
    /// Time of vacuums in microseconds.
    pub vacuum_us: u64,
    /// The longest vacuum in microseconds.
    pub longest_us: u64,
    /// Time of analyzes in microseconds.
    pub analyze_us: u64,
    /// CPU time of both in microseconds.
    pub cpu_us: u64,
    /// Time of reads and writes in microseconds, with `track_io_timing`.
    pub io_us: u64,
    /// Time slept by `vacuum_cost_delay` in microseconds (PostgreSQL 18).
    pub delay_us: u64,
    /// Scans of all indexes.
    pub index_scans: u64,
    /// Pages given back.
    pub pages_removed: u64,
    /// Dead rows removed.
    pub tuples_removed: u64,
    /// Dead rows that had to stay, at most in one vacuum.
    pub tuples_dead: u64,
    /// Rows left after the latest vacuum that tells it.
    pub tuples_remain: Latest,
    /// Pages left after the latest vacuum that tells it.
    pub pages_remain: Latest,
    /// Buffers found in memory.
    pub buffer_hits: u64,
    /// Buffers read.
    pub buffer_misses: u64,
    /// Buffers made dirty.
    pub buffer_dirtied: u64,
    /// WAL in bytes.
    pub wal_bytes: u64,
    /// First time.
    pub first: Option<Timestamp>,
    /// Last time.
    pub last: Option<Timestamp>,
    /// The longest one.
    pub example: Largest,
}

/// A number and when it was seen.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Default)]
pub struct Latest {
    at: Option<Timestamp>,
    /// The number; `None` where none was logged.
    pub number: Option<u64>,
}

impl Member for TableMaintenance {
    type Rest = u64;

    fn merge(&mut self, other: Self) {
        for (mine, theirs) in [
            (&mut self.vacuums, other.vacuums),
            (&mut self.aggressive, other.aggressive),
            (&mut self.to_prevent_wraparound, other.to_prevent_wraparound),
            (&mut self.analyzes, other.analyzes),
            (&mut self.skipped, other.skipped),
            (&mut self.cancelled, other.cancelled),
            (&mut self.vacuum_us, other.vacuum_us),
            (&mut self.analyze_us, other.analyze_us),
            (&mut self.cpu_us, other.cpu_us),
            (&mut self.io_us, other.io_us),
            (&mut self.delay_us, other.delay_us),
            (&mut self.index_scans, other.index_scans),
            (&mut self.pages_removed, other.pages_removed),
            (&mut self.tuples_removed, other.tuples_removed),
            (&mut self.buffer_hits, other.buffer_hits),
            (&mut self.buffer_misses, other.buffer_misses),
            (&mut self.buffer_dirtied, other.buffer_dirtied),
            (&mut self.wal_bytes, other.wal_bytes),
        ] {
            *mine = mine.saturating_add(theirs);
        }
        self.longest_us = self.longest_us.max(other.longest_us);
        self.tuples_dead = self.tuples_dead.max(other.tuples_dead);
        self.tuples_remain = self.tuples_remain.max(other.tuples_remain);
        self.pages_remain = self.pages_remain.max(other.pages_remain);
        self.first = match (self.first, other.first) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last = self.last.max(other.last);
        self.example.merge(other.example);
    }

    fn fold(self, rest: &mut u64) {
        *rest += self.vacuums + self.analyzes + self.skipped + self.cancelled;
    }
}

/// Maintenance of all tables of one server.
#[derive(Clone, Debug, Default)]
pub struct MaintenanceLog {
    /// Automatic vacuums; sum and max in microseconds.
    pub vacuums: Occurrences,
    /// Of these, aggressive ones.
    pub aggressive: u64,
    /// Of these, forced to prevent wraparound.
    pub to_prevent_wraparound: u64,
    /// Automatic analyzes; sum and max in microseconds.
    pub analyzes: Occurrences,
    /// Vacuums and analyzes that were not begun.
    pub skipped: u64,
    /// Vacuums and analyzes that were cancelled.
    pub cancelled: u64,
    tables: Capped<TableMaintenance, MAX_TABLES>,
}

impl MaintenanceLog {
    pub(in crate::model) fn add(
        &mut self,
        done: &Maintenance<'_>,
        time: Option<Timestamp>,
        place: Place,
    ) {
        let elapsed_us = done.elapsed_us.unwrap_or(0);
        let is_done = done.step == MaintenanceStep::Done;
        let vacuum = u64::from(is_done && done.kind == MaintenanceKind::Vacuum);
        let analyze = u64::from(is_done && done.kind == MaintenanceKind::Analyze);
        let skipped = u64::from(done.step == MaintenanceStep::Skipped);
        let cancelled = u64::from(done.step == MaintenanceStep::Cancelled);
        let aggressive = u64::from(is_done && done.aggressive);
        let to_prevent_wraparound = u64::from(is_done && done.to_prevent_wraparound);
        self.aggressive += aggressive;
        self.to_prevent_wraparound += to_prevent_wraparound;
        self.skipped += skipped;
        self.cancelled += cancelled;
        if is_done {
            match done.kind {
                MaintenanceKind::Vacuum => self.vacuums.add(time, elapsed_us, place),
                MaintenanceKind::Analyze => self.analyzes.add(time, elapsed_us, place),
            }
        }
        let table = name(&done.table);
        let number = |number: Option<u64>| number.unwrap_or(0);
        let latest = |number: Option<u64>| Latest { at: time.filter(|_| number.is_some()), number };
        self.tables.add(
            xxh3_64(table.as_bytes()),
            TableMaintenance {
                vacuums: vacuum,
                aggressive,
                to_prevent_wraparound,
                analyzes: analyze,
                skipped,
                cancelled,
                vacuum_us: elapsed_us * vacuum,
                longest_us: elapsed_us * vacuum,
                analyze_us: elapsed_us * analyze,
                cpu_us: number(done.cpu_us),
                io_us: number(done.read_us).saturating_add(number(done.write_us)),
                delay_us: number(done.delay_us),
                index_scans: number(done.index_scans),
                pages_removed: number(done.pages_removed),
                tuples_removed: number(done.tuples_removed),
                tuples_dead: number(done.tuples_dead),
                tuples_remain: latest(done.tuples_remain),
                pages_remain: latest(done.pages_remain),
                buffer_hits: number(done.buffer_hits),
                buffer_misses: number(done.buffer_misses),
                buffer_dirtied: number(done.buffer_dirtied),
                wal_bytes: number(done.wal_bytes),
                first: time,
                last: time,
                example: Largest::of(elapsed_us, time, place),
                table,
            },
        );
    }

    pub(in crate::model) fn merge(&mut self, other: MaintenanceLog) {
        self.vacuums.merge(&other.vacuums);
        self.analyzes.merge(&other.analyzes);
        self.aggressive += other.aggressive;
        self.to_prevent_wraparound += other.to_prevent_wraparound;
        self.skipped += other.skipped;
        self.cancelled += other.cancelled;
        self.tables.merge(other.tables, |rest, theirs| *rest += theirs);
    }

    /// The tables, most vacuum time first.
    pub fn tables(&self) -> Vec<&TableMaintenance> {
        let mut tables: Vec<_> = self.tables.values().collect();
        tables.sort_by_key(|t| (Reverse((t.vacuum_us, t.vacuums, t.analyzes)), &t.table));
        tables
    }

    /// Records of tables that were folded because there were too many.
    pub fn folded(&self) -> u64 {
        self.tables.rest
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let tables = self.tables.values_mut().map(|table| &mut table.example);
        let all = [&mut self.vacuums.largest, &mut self.analyzes.largest];
        tables.chain(all).filter_map(Largest::place_mut)
    }
}
