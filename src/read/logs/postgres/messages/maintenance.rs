//! Autovacuum and autoanalyze of a table, with the numbers of the version that wrote them.

use super::scan::{after, between, number_after, number_before, seconds_after};
use crate::model::event::{Maintenance, MaintenanceKind, MaintenanceStep};
use std::borrow::Cow;

/// Whether a message tells of maintenance that was done.
pub(super) fn is_done(message: &[u8]) -> bool {
    head(message).is_some()
}

/// `automatic [aggressive] vacuum [to prevent wraparound] of table "d.s.t"` and its kin.
fn head(message: &[u8]) -> Option<(MaintenanceKind, bool, bool, &[u8])> {
    let rest = message.strip_prefix(b"automatic ")?;
    if let Some(rest) = rest.strip_prefix(b"analyze of table \"") {
        return Some((MaintenanceKind::Analyze, false, false, rest));
    }
    let (aggressive, rest) = strip(rest, b"aggressive ");
    let rest = rest.strip_prefix(b"vacuum ")?;
    let (wraparound, rest) = strip(rest, b"to prevent wraparound ");
    Some((MaintenanceKind::Vacuum, aggressive, wraparound, rest.strip_prefix(b"of table \"")?))
}

fn strip<'m>(text: &'m [u8], word: &[u8]) -> (bool, &'m [u8]) {
    match text.strip_prefix(word) {
        Some(rest) => (true, rest),
        None => (false, text),
    }
}

/// Maintenance that was done.
pub(super) fn done(message: &[u8]) -> Option<Maintenance<'_>> {
    let (kind, aggressive, to_prevent_wraparound, rest) = head(message)?;
    let table = &rest[..memchr::memchr(b'"', rest)?];
    let numbers = &rest[table.len()..];
    let pages = after(numbers, b"pages: ").unwrap_or_default();
    let tuples = after(numbers, b"tuples: ").unwrap_or_default();
    let milliseconds = |word: &[u8]| super::scan::milliseconds_after(numbers, word);
    Some(Maintenance {
        aggressive,
        to_prevent_wraparound,
        index_scans: number_after(numbers, b"index scans: "),
        pages_removed: number_before(pages, b" removed"),
        pages_remain: number_before(pages, b" remain"),
        pages_scanned: number_before(pages, b" scanned"),
        tuples_removed: number_before(tuples, b" removed"),
        tuples_remain: number_before(tuples, b" remain"),
        tuples_dead: number_before(tuples, b" are dead but not yet removable"),
        buffer_hits: number_before(numbers, b" hits"),
        buffer_misses: number_before(numbers, b" misses")
            .or_else(|| number_before(numbers, b" reads")),
        buffer_dirtied: number_before(numbers, b" dirtied"),
        wal_records: number_after(numbers, b"WAL usage: "),
        wal_fpi: number_before(numbers, b" full page images"),
        wal_bytes: number_before(numbers, b" bytes"),
        read_us: milliseconds(b"read: "),
        write_us: milliseconds(b"write: "),
        delay_us: milliseconds(b"delay time: "),
        cpu_us: cpu_us(numbers),
        elapsed_us: seconds_after(numbers, b"elapsed: ")
            .or_else(|| seconds_after(numbers, b"elapsed ")),
        ..Maintenance::new(kind, MaintenanceStep::Done, Cow::Borrowed(table))
    })
}

/// `CPU: user: 0.01 s, system: 0.02 s`, before version 10 `CPU 0.02s/0.01u sec`.
fn cpu_us(numbers: &[u8]) -> Option<u64> {
    let (user, system) = match seconds_after(numbers, b"CPU: user: ") {
        Some(user) => (user, seconds_after(numbers, b", system: ")?),
        None => (seconds_after(numbers, b"s/")?, seconds_after(numbers, b"usage: CPU ")?),
    };
    Some(user.saturating_add(system))
}

/// `skipping vacuum of "t" --- lock not available`: maintenance that was not begun.
pub(super) fn skipped(message: &[u8]) -> Option<Maintenance<'_>> {
    let kind = match message.starts_with(b"skipping vacuum") {
        true => MaintenanceKind::Vacuum,
        false => MaintenanceKind::Analyze,
    };
    let table = between(message, b"of \"", b"\"")?;
    Some(Maintenance::new(kind, MaintenanceStep::Skipped, Cow::Borrowed(table)))
}

/// `automatic vacuum of table "d.s.t"` in the CONTEXT of a cancelled task.
pub(super) fn cancelled(context: &[u8]) -> Option<Maintenance<'_>> {
    let (kind, _, to_prevent_wraparound, rest) = head(context.trim_ascii_start())
        .or_else(|| head(&context[memchr::memmem::find(context, b"automatic ")?..]))?;
    let table = &rest[..memchr::memchr(b'"', rest)?];
    let step = MaintenanceStep::Cancelled;
    Some(Maintenance {
        to_prevent_wraparound,
        ..Maintenance::new(kind, step, Cow::Borrowed(table))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_a_vacuum_did() {
        let done = done(b"automatic aggressive vacuum of table \"a.b.c\": index scans: 1\npages: 2 removed, 30 remain, 15 scanned (50.00% of total)\ntuples: 7 removed, 8 remain, 9 are dead but not yet removable\nsystem usage: CPU: user: 0.01 s, system: 0.02 s, elapsed: 0.25 s").expect("it is one");
        assert!(done.aggressive && !done.to_prevent_wraparound);
        assert_eq!(&*done.table, b"a.b.c");
        assert_eq!(
            (done.pages_removed, done.tuples_removed, done.tuples_dead, done.pages_scanned),
            (Some(2), Some(7), Some(9), Some(15))
        );
        assert_eq!((done.cpu_us, done.elapsed_us), (Some(30_000), Some(250_000)));

        let old = super::done(b"automatic vacuum of table \"a.b.c\": index scans: 0\npages: 0 removed, 10 remain, 1 skipped due to pins, 2 skipped frozen\ntuples: 3 removed, 4 remain, 5 are dead but not yet removable, oldest xmin: 99\nbuffer usage: 11 hits, 12 misses, 13 dirtied\navg read rate: 7.1 MB/s, avg write rate: 0.2 MB/s\nsystem usage: CPU 0.02s/0.01u sec elapsed 0.05 sec").expect("it is one");
        assert_eq!((old.pages_remain, old.tuples_dead), (Some(10), Some(5)));
        assert_eq!(
            (old.buffer_hits, old.buffer_misses, old.buffer_dirtied),
            (Some(11), Some(12), Some(13))
        );
        assert_eq!((old.cpu_us, old.elapsed_us, old.wal_bytes), (Some(30_000), Some(50_000), None));

        let new = super::done(b"automatic aggressive vacuum to prevent wraparound of table \"a.b.c\": index scans: 1\npages: 0 removed, 30 remain, 30 scanned (100.00% of total), 0 eagerly scanned\ntuples: 7 removed, 8 remain, 0 are dead but not yet removable\nremovable cutoff: 755, which was 0 XIDs old when operation ended\nfrozen: 1 pages from table (3.33% of total) had 9 tuples frozen\nindex scan needed: 2 pages from table (6.67% of total) had 7 dead item identifiers removed\ndelay time: 12.500 ms\nI/O timings: read: 1.250 ms, write: 0.500 ms\navg read rate: 0.0 MB/s, avg write rate: 0.0 MB/s\nbuffer usage: 11 hits, 12 reads, 13 dirtied\nWAL usage: 14 records, 15 full page images, 1600 bytes, 0 buffers full\nsystem usage: CPU: user: 0.01 s, system: 0.00 s, elapsed: 0.02 s").expect("it is one");
        assert!(new.aggressive && new.to_prevent_wraparound);
        assert_eq!((new.wal_records, new.wal_fpi, new.wal_bytes), (Some(14), Some(15), Some(1600)));
        assert_eq!(
            (new.read_us, new.write_us, new.delay_us),
            (Some(1_250), Some(500), Some(12_500))
        );
        assert_eq!((new.buffer_misses, new.tuples_removed), (Some(12), Some(7)));

        let analyze = super::done(b"automatic analyze of table \"a.b.c\" system usage: CPU 0.00s/0.01u sec elapsed 0.02 sec").expect("it is one");
        assert_eq!((analyze.kind, analyze.elapsed_us), (MaintenanceKind::Analyze, Some(20_000)));
        let skipped =
            super::skipped(b"skipping vacuum of \"c\" --- lock not available").expect("it is one");
        assert_eq!(&*skipped.table, b"c");
        let cancelled = super::cancelled(
            b"while scanning block 7 of relation \"b.c\"\nautomatic vacuum of table \"a.b.c\"",
        )
        .expect("it is one");
        assert_eq!(
            (&*cancelled.table, cancelled.step),
            (&b"a.b.c"[..], MaintenanceStep::Cancelled)
        );
    }
}
