//! How late it got behind any record of a chunk.

use crate::time::Timestamp;

/// The latest time behind any record of a chunk: its times without those that a later record
/// reaches or passes.
#[derive(Default)]
pub(super) struct Peaks {
    /// Number and time of records; numbers rise, times fall.
    peaks: Vec<(u64, Timestamp)>,
    /// Records so far: the number of the last one.
    pub count: u64,
}

impl Peaks {
    /// Takes the time of the next record.
    pub fn push(&mut self, time: Option<Timestamp>) {
        self.count += 1;
        let Some(time) = time else { return };
        while self.peaks.pop_if(|(_, earlier)| *earlier <= time).is_some() {}
        self.peaks.push((self.count, time));
    }

    /// The latest time of the records behind one.
    pub fn behind(&self, number: u64) -> Option<Timestamp> {
        let first = self.peaks.partition_point(|(at, _)| *at <= number);
        self.peaks.get(first).map(|(_, time)| *time)
    }
}
