//! Samples of `/proc/stat`, as pt-stalk takes them: counters of ticks, so that two samples make one.

use super::Busy;
use crate::read::snapshots::stamps;
use crate::time::ZoneTable;

/// Where the counters stand behind `cpu`, in the order of the kernel.
const IDLE: usize = 3;
const WAITS: usize = 4;

/// The samples between each two.
pub(super) fn read(text: &str, _: &ZoneTable) -> Vec<Busy> {
    let (mut before, mut time): (Option<Vec<u64>>, _) = (None, None);
    let mut samples = Vec::new();
    for (line, text) in (0u32..).zip(text.lines()) {
        time = stamps::of_line(text).or(time);
        // Guests are counted among the first two.
        let Some(ticks) = text.strip_prefix("cpu ") else { continue };
        let ticks: Vec<u64> =
            ticks.split_ascii_whitespace().take(8).map_while(|one| one.parse().ok()).collect();
        if ticks.len() <= WAITS || time.is_none() {
            continue;
        }
        if let Some(before) = &before {
            let spent = |at: usize| ticks.get(at)?.checked_sub(*before.get(at)?);
            let all: Option<u64> = (0..ticks.len()).map(spent).sum();
            if let (Some(all @ 1..), Some(idle), Some(waits)) = (all, spent(IDLE), spent(WAITS)) {
                let share = all.saturating_sub(idle).saturating_sub(waits) as f64 / all as f64;
                samples.push(Busy { share, time, line });
            }
        }
        before = Some(ticks);
    }
    samples
}
