//! Timelines as lines of blocks, and runs by size and hour.

use super::super::types::{Band, Slot, Tick};
use super::{Draft, ms, share};
use crate::model::workload::incidents::occurrences::Occurrences;
use crate::model::workload::stats::Stats;
use crate::model::workload::timeline::Timeline;
use crate::report::types::At;
use crate::time::Timestamp;

/// Most blocks in a line.
const CELLS: i64 = 24;
const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
const US_PER_HOUR: i64 = 3_600_000_000;

/// The timeline of some runs at the width of the whole.
pub fn slots(draft: &Draft<'_>, stats: &Stats) -> Vec<Slot> {
    stats
        .timeline
        .at_width_of(&draft.overall.timeline)
        .slots()
        .map(|(at, slot)| Slot {
            at: At(Timestamp(at)),
            calls: slot.calls,
            total_ms: ms(slot.total_us),
        })
        .collect()
}

/// When something happened, at the width of the whole.
pub fn ticks(draft: &Draft<'_>, occurrences: &Occurrences) -> Vec<Tick> {
    occurrences
        .timeline
        .at_width_of(&draft.overall.timeline)
        .slots()
        .map(|(at, slot)| Tick { at: At(Timestamp(at)), count: slot.calls })
        .collect()
}

/// A line of blocks over the whole period: time where durations were logged, else calls.
pub fn of_runs(draft: &Draft<'_>, timeline: &Timeline) -> String {
    let timed = draft.overall.total_us > 0;
    line(draft, timeline.slots().map(|(at, s)| (at, if timed { s.total_us } else { s.calls })))
}

/// A line of blocks over the whole period: how often something happened.
pub fn of_occurrences(draft: &Draft<'_>, timeline: &Timeline) -> String {
    line(draft, timeline.slots().map(|(at, s)| (at, s.calls)))
}

/// A line of blocks over the whole period, of values at times in microseconds since the epoch. Empty
/// where the period is too short for two blocks.
pub fn line(draft: &Draft<'_>, values: impl Iterator<Item = (i64, u64)>) -> String {
    let whole = &draft.overall.timeline;
    let width_us = whole.width_s().saturating_mul(1_000_000);
    let starts = || whole.slots().map(|(at, _)| at);
    let (Some(start), Some(last)) = (starts().min(), starts().max()) else {
        return String::new();
    };
    let span_us = i128::from(last) - i128::from(start) + i128::from(width_us);
    let cells = (span_us / i128::from(width_us.max(1))).clamp(0, i128::from(CELLS)) as usize;
    if cells < 2 {
        return String::new();
    }
    let mut sums = vec![0u64; cells];
    for (at, value) in values {
        let from_start = (i128::from(at) - i128::from(start)).clamp(0, span_us - 1);
        let cell = (from_start * cells as i128 / span_us) as usize;
        if let Some(sum) = sums.get_mut(cell) {
            *sum = sum.saturating_add(value);
        }
    }
    let most = sums.iter().copied().max().unwrap_or(0).max(1);
    let top = BLOCKS.len() as u128;
    sums.iter()
        .map(|sum| {
            let level = (u128::from(*sum) * top).div_ceil(u128::from(most)).clamp(1, top);
            BLOCKS[level as usize - 1]
        })
        .collect()
}

/// Runs by decade of their duration. A bucket counts where its mean lies.
pub fn bands(draft: &Draft<'_>) -> Vec<Band> {
    const EDGES: [(&str, f64); 7] = [
        ("under 1 ms", 1e3),
        ("1 to 10 ms", 1e4),
        ("10 to 100 ms", 1e5),
        ("100 ms to 1 s", 1e6),
        ("1 to 10 s", 1e7),
        ("10 to 100 s", 1e8),
        ("100 s and more", f64::INFINITY),
    ];
    let mut sums = [(0u64, 0u64); EDGES.len()];
    for bucket in draft.overall.histogram.buckets() {
        let mean = bucket.mean_us();
        let band = EDGES.iter().position(|(_, edge)| mean < *edge).unwrap_or(EDGES.len() - 1);
        sums[band].0 += bucket.count;
        sums[band].1 = sums[band].1.saturating_add(bucket.sum_us);
    }
    let timed = draft.overall.timed;
    EDGES
        .iter()
        .zip(sums)
        .map(|((label, _), (calls, total_us))| {
            band(draft, (*label).to_owned(), calls, total_us, timed)
        })
        .collect()
}

/// Runs by hour of the day in the log's zone; empty where the timeline is coarser than an hour or
/// the period is shorter than two.
pub fn hours(draft: &Draft<'_>) -> Vec<Band> {
    let timeline = &draft.overall.timeline;
    let (first, last) = match (draft.overall.first, draft.overall.last) {
        (Some(first), Some(last)) => (first.0, last.0),
        _ => return Vec::new(),
    };
    if timeline.width_s() > 3600 || last.saturating_sub(first) < 2 * US_PER_HOUR {
        return Vec::new();
    }
    let mut sums = [(0u64, 0u64); 24];
    for (at, slot) in timeline.slots() {
        let local = at.saturating_add(i64::from(draft.offset_s) * 1_000_000);
        let (calls, total_us) = &mut sums[(local.div_euclid(US_PER_HOUR)).rem_euclid(24) as usize];
        *calls += slot.calls;
        *total_us = total_us.saturating_add(slot.total_us);
    }
    let calls = draft.overall.calls;
    sums.into_iter()
        .enumerate()
        .map(|(hour, (c, us))| band(draft, format!("{hour:02}:00"), c, us, calls))
        .collect()
}

fn band(draft: &Draft<'_>, label: String, calls: u64, total_us: u64, of_calls: u64) -> Band {
    Band {
        label,
        calls,
        total_ms: ms(total_us),
        share_of_calls: share(calls, of_calls),
        share_of_time: draft.share(total_us),
    }
}
