//! Checkpoints and restartpoints: why they began, and what they wrote.

use super::scan::{number_after, number_before, seconds_after};
use crate::model::event::{Checkpoint, CheckpointCause};
use memchr::memmem;

/// `checkpoint starting: immediate force wait time`: why.
pub(super) fn cause(message: &[u8]) -> CheckpointCause {
    let (kind, flags) = match memmem::find(message, b":") {
        Some(colon) => message.split_at(colon),
        None => (message, &b""[..]),
    };
    let has =
        |flag: &[u8]| flags.split(|b| !b.is_ascii_lowercase() && *b != b'-').any(|f| f == flag);
    CheckpointCause {
        restartpoint: kind.starts_with(b"restartpoint"),
        time: has(b"time"),
        wal: has(b"wal") || has(b"xlog"),
        requested: has(b"force") || has(b"immediate") || has(b"fast"),
        shutdown_or_recovery: has(b"shutdown") || has(b"end-of-recovery"),
    }
}

/// `checkpoint complete: wrote 9 buffers (0.1%); …`: what it wrote, as far as the version says.
pub(super) fn complete(message: &[u8]) -> Checkpoint {
    let kilobytes = |word: &[u8]| number_after(message, word).map(|kb| kb.saturating_mul(1024));
    let count = |word: &[u8]| number_before(message, word).unwrap_or(0);
    let seconds = |word: &[u8]| seconds_after(message, word).unwrap_or(0);
    Checkpoint {
        restartpoint: message.starts_with(b"restartpoint"),
        buffers: number_after(message, b"wrote ").unwrap_or(0),
        slru_buffers: count(b" SLRU buffers"),
        wal_added: count(b" WAL file(s) added").max(count(b" transaction log file(s) added")),
        wal_removed: count(b" removed"),
        wal_recycled: count(b" recycled"),
        write_us: seconds(b"write="),
        sync_us: seconds(b"sync="),
        total_us: seconds(b"total="),
        sync_files: number_after(message, b"sync files=").unwrap_or(0),
        longest_sync_us: seconds(b"longest="),
        distance_bytes: kilobytes(b"distance="),
        estimate_bytes: kilobytes(b"estimate="),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_causes_and_numbers() {
        let cause = cause(b"checkpoint starting: immediate force wait");
        assert!(cause.requested && !cause.time && !cause.restartpoint);
        for (message, is) in [
            ("restartpoint starting: time", [false, true, false, false]),
            ("checkpoint starting: wal", [false, false, true, false]),
            ("checkpoint starting: xlog", [false, false, true, false]),
            ("checkpoint starting: end-of-recovery fast wait", [true, false, false, true]),
            ("checkpoint starting: shutdown immediate", [true, false, false, true]),
        ] {
            let c = super::cause(message.as_bytes());
            assert_eq!([c.requested, c.time, c.wal, c.shutdown_or_recovery], is, "{message}");
        }
        let old = complete(b"checkpoint complete: wrote 9 buffers (0.1%); 2 transaction log file(s) added, 3 removed, 4 recycled; write=1.5 s, sync=0.1 s, total=1.7 s");
        assert_eq!((old.wal_added, old.wal_removed, old.wal_recycled), (2, 3, 4));
        assert_eq!((old.total_us, old.distance_bytes), (1_700_000, None));
        let new = complete(b"restartpoint complete: wrote 9 buffers (0.1%), wrote 3 SLRU buffers; 0 WAL file(s) added, 0 removed, 1 recycled; write=1.5 s, sync=0.1 s, total=1.7 s; sync files=1, longest=0.1 s, average=0.1 s; distance=12 kB, estimate=14 kB; lsn=0/1, redo lsn=0/1");
        assert!(new.restartpoint);
        assert_eq!((new.buffers, new.slru_buffers, new.estimate_bytes), (9, 3, Some(14 * 1024)));
        let done = complete(b"checkpoint complete: wrote 1334 buffers (2.0%); 1 WAL file(s) added, 21 removed, 3 recycled; write=130.397 s, sync=0.010 s, total=130.762 s; sync files=76, longest=0.004 s, average=0.001 s; distance=349435 kB, estimate=349436 kB; lsn=6/1A53EFC8, redo lsn=6/0");
        assert_eq!(
            (done.buffers, done.wal_added, done.wal_removed, done.wal_recycled),
            (1334, 1, 21, 3)
        );
        assert_eq!(
            (done.write_us, done.sync_us, done.total_us, done.longest_sync_us),
            (130_397_000, 10_000, 130_762_000, 4_000)
        );
        assert_eq!(done.distance_bytes, Some(349_435 * 1024));
    }
}
