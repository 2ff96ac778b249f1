//! How often something happened, when, and the one number that goes with it.

use crate::model::workload::timeline::Timeline;
use crate::time::Timestamp;

/// Occurrences of one kind of incident.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Occurrences {
    /// How many.
    pub count: u64,
    /// The sum of the number that goes with the kind (microseconds or bytes).
    pub sum: u64,
    /// The largest one.
    pub max: u64,
    /// When.
    pub timeline: Timeline,
}

impl Occurrences {
    pub(in crate::model) fn add(&mut self, time: Option<Timestamp>, amount: u64) {
        self.count += 1;
        self.sum = self.sum.saturating_add(amount);
        self.max = self.max.max(amount);
        if let Some(time) = time {
            self.timeline.add(time.0, 1, amount);
        }
    }

    /// Adds all of another part, or of another server.
    pub fn merge(&mut self, other: &Occurrences) {
        self.count += other.count;
        self.sum = self.sum.saturating_add(other.sum);
        self.max = self.max.max(other.max);
        self.timeline.merge(&other.timeline);
    }
}
