//! `vmstat`: a line for each sample, the first of each run since the machine started.

use super::{Busy, busy_share, number, time};
use crate::time::ZoneTable;

/// The samples of a text but for the first of each run.
pub(super) fn read(text: &str, zones: &ZoneTable) -> Vec<Busy> {
    let mut columns: Option<(usize, usize, Option<usize>)> = None;
    let (mut samples, mut is_first) = (Vec::new(), false);
    let mut ran = false;
    for (line, text) in (0u32..).zip(text.lines()) {
        let cells: Vec<&str> = text.split_ascii_whitespace().collect();
        let place = |name: &str| cells.iter().position(|cell| *cell == name);
        if let (Some(_), Some(_), Some(idle)) = (place("us"), place("sy"), place("id")) {
            // The header stands again above each screen; a run begins but once.
            is_first = !ran;
            ran = true;
            columns = Some((cells.len(), idle, place("wa")));
            continue;
        }
        let Some((width, idle, waits)) = columns else { continue };
        let cell = |at: usize| cells.get(at).and_then(|cell| number(cell));
        // With a time behind it, in two words.
        let has_time = cells.len() == width + 1 || cells.len() == width + 2;
        if cells.len() != width && !has_time {
            continue;
        }
        let Some(idle) = cell(idle) else { continue };
        if std::mem::take(&mut is_first) {
            continue;
        }
        let behind = cells.iter().rev().take(2).rev().copied().collect::<Vec<_>>().join(" ");
        let share = busy_share(idle, waits.and_then(cell).unwrap_or(0.0));
        let time = if has_time { time(&behind, zones) } else { None };
        samples.push(Busy { share, time, line });
    }
    samples
}
