//! CloudWatch's CPUUtilization as CSV: lines about the metric, then a time and a percentage each.

use super::{Busy, time};
use crate::time::ZoneTable;

/// What the lines before the samples name.
const METRIC: &str = "CPUUtilization";
/// Lines before the samples.
const MAX_HEAD: usize = 10;

/// The samples of a text.
pub(super) fn read(text: &str, zones: &ZoneTable) -> Vec<Busy> {
    if !text.lines().take(MAX_HEAD).any(|line| line.contains(METRIC)) {
        return Vec::new();
    }
    let mut samples = Vec::new();
    for (line, text) in (0u32..).zip(text.lines()) {
        let mut cells = text.split(',').map(|cell| cell.trim().trim_matches('"'));
        let (Some(stamp), Some(percent)) = (cells.next(), cells.next()) else { continue };
        let Some(percent) = percent.parse::<f64>().ok().filter(|p| (0.0..=100.0).contains(p))
        else {
            continue;
        };
        if let Some(time) = time(&stamp.replace('/', "-"), zones) {
            samples.push(Busy { share: percent / 100.0, time: Some(time), line });
        }
    }
    samples
}
