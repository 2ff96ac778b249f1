//! Memory for sorts and hashes that spill: how much, for whom, and what the server must have for it.
//! Never for the whole server: `work_mem` counts per node, process and session.

use super::setting;
use crate::judge::evidence::ClassEvidence;
use crate::judge::finding::{Fix, FixKind};
use crate::judge::words;
use crate::model::workload::stats::Stats;

/// A sort of so many bytes on disk needs up to three times as many in memory: PostgreSQL 15 took 1.1
/// times for rows of 650 bytes, 2.3 for rows of 40 and 3.4 for single integers.
pub const MEMORY_PER_FILE: u64 = 3;
/// Never more memory than this for one node of one statement.
pub const MAX_WORK_MEM_MB: u64 = 1024;
/// Processes of one statement that may each use it: the leader and the two workers of the default.
const PROCESSES: u64 = 3;
/// At most this part of the memory may go to it: one in so many.
const MEMORY_PART: u64 = 4;

/// A size as a setting: a power of two megabytes, at least 8.
pub fn power_of_two_mb(bytes: u64) -> u64 {
    let mb = bytes.div_ceil(1 << 20).max(8);
    mb.checked_next_power_of_two().unwrap_or(u64::MAX)
}

/// A trial in one session, which the end of its transaction takes back.
pub fn trial(wanted_mb: u64) -> Fix {
    Fix {
        kind: FixKind::Sql,
        text: format!(
            "BEGIN;\nSET LOCAL work_mem = '{wanted_mb}MB';\n-- here EXPLAIN (ANALYZE, BUFFERS) and the statement\nROLLBACK;"
        ),
        undo: String::new(),
        note: format!(
            "A trial in one session: the memory of the server is not known, so be sure that \
             {} are free: {PROCESSES} processes with one node each. EXPLAIN ANALYZE executes the \
             statement.",
            memory(wanted_mb * PROCESSES)
        ),
        complete: true,
    }
}

/// The memory for the role that runs the statement, with what the server must have for it: as many
/// runs as were open at once in the log, where there is one.
pub fn for_role(class: Option<&ClassEvidence<'_>>, user: Option<&str>, wanted_mb: u64) -> Fix {
    let needs = match class.and_then(|class| peak_at_most(&class.class.stats)) {
        None => format!(
            "How many runs are open at once is not known from what was read: allow {} for each",
            memory(needed_mb(wanted_mb, 1))
        ),
        Some(peak) => format!(
            "At most {} of it were open at once in this log, so the server needs {} of memory for \
             it",
            words::counted(peak, "logged run"),
            memory(needed_mb(wanted_mb, peak))
        ),
    };
    setting::of_role(
        user,
        "work_mem",
        &format!("{wanted_mb}MB"),
        &format!(
            "Only after the trial, and only for this role. {needs} (runs × {PROCESSES} processes × \
             memory nodes, one assumed, at most 25 % of memory)."
        ),
    )
}

/// The memory that a server must have before so many runs may take it, in megabytes.
fn needed_mb(work_mem_mb: u64, runs: u64) -> u64 {
    work_mem_mb.saturating_mul(runs).saturating_mul(PROCESSES).saturating_mul(MEMORY_PART)
}

fn memory(mb: u64) -> String {
    match mb {
        mb if mb >= 10 * 1024 => format!("{} GB", mb.div_ceil(1024)),
        mb => format!("{mb} MB"),
    }
}

/// At most how many logged runs were open at once: what is open at some moment ends within the
/// longest run's time after it, and the ends are counted by interval.
fn peak_at_most(stats: &Stats) -> Option<u64> {
    let width_us = 1_000_000 * stats.timeline.width_s();
    let reach_us = i64::try_from(stats.max_us).ok()?.saturating_add(width_us);
    let slots: Vec<_> = stats.timeline.slots().map(|(start, slot)| (start, slot.calls)).collect();
    let (mut peak, mut open, mut end) = (0u64, 0u64, 0);
    for (start, calls) in &slots {
        while let Some((_, more)) =
            slots.get(end).filter(|(at, _)| at.saturating_sub(*start) <= reach_us)
        {
            open += more;
            end += 1;
        }
        peak = peak.max(open);
        open -= calls;
    }
    (stats.timed > 0 && peak > 0).then_some(peak)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Timestamp;

    #[test]
    fn the_server_needs_memory_for_all_that_run_at_once() {
        // 25 % of the memory ÷ (peak × processes × nodes) gives the setting back.
        assert_eq!(needed_mb(256, 5) / MEMORY_PART / (5 * PROCESSES), 256);
        assert_eq!((power_of_two_mb(1), power_of_two_mb(9 << 20)), (8, 16));
        assert!(power_of_two_mb(u64::MAX) > MAX_WORK_MEM_MB);
    }

    #[test]
    fn the_peak_is_never_below_the_truth() {
        let mut stats = Stats::default();
        assert_eq!(peak_at_most(&stats), None);
        // Three runs of 4 s that end within 2 s, then one an hour later.
        for end_s in [10, 11, 12, 3600] {
            stats.add(Some(Timestamp(end_s * 1_000_000)), Some(4_000_000), 1);
        }
        assert_eq!(peak_at_most(&stats), Some(3));
    }
}
