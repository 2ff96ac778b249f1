//! How often something happened, when, and the one number that goes with it.

use crate::model::workload::examples::Place;
use crate::model::workload::timeline::Timeline;
use crate::time::Timestamp;
use std::cmp::Reverse;

/// Occurrences of one kind of incident.
#[derive(Clone, PartialEq, Eq, Default)]
pub struct Occurrences {
    /// How many.
    pub count: u64,
    /// The sum of the number that goes with the kind (microseconds or bytes).
    pub sum: u64,
    /// The largest one.
    pub max: u64,
    /// When.
    pub timeline: Timeline,
    /// The one with the largest number, the earliest of equals.
    pub largest: Largest,
}

/// Without the place: its line is counted from the chunk it was read in, so that it would differ by
/// how a source was cut.
impl std::fmt::Debug for Occurrences {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Occurrences")
            .field("count", &self.count)
            .field("sum", &self.sum)
            .field("max", &self.max)
            .field("timeline", &self.timeline)
            .finish()
    }
}

/// One of many that has a place: the one with the largest number, the earliest of equals.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Largest(Option<(Reverse<u64>, Option<Timestamp>, Place)>);

impl Largest {
    /// The only one so far.
    pub(in crate::model) fn of(amount: u64, time: Option<Timestamp>, place: Place) -> Largest {
        Largest(Some((Reverse(amount), time, place)))
    }

    pub(in crate::model) fn merge(&mut self, other: Largest) {
        self.0 = match (self.0, other.0) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
    }

    /// Where it stands; `None` where there was none.
    pub fn place(&self) -> Option<Place> {
        self.0.map(|(_, _, place)| place)
    }

    pub(in crate::model) fn place_mut(&mut self) -> Option<&mut Place> {
        self.0.as_mut().map(|(_, _, place)| place)
    }
}

impl Occurrences {
    pub(in crate::model) fn add(&mut self, time: Option<Timestamp>, amount: u64, place: Place) {
        self.largest.merge(Largest::of(amount, time, place));
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
        self.largest.merge(other.largest);
    }
}
