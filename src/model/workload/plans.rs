//! The plans of a class, by shape: how often each was seen, how long its runs took, and its slowest.
//!
//! In: plan documents as logs and files hold them, which are read here (by the reader that comes with
//! them) and not kept. Bounded: of many shapes those with the smallest hashes stay, the rest is
//! counted.

use super::examples::Place;
use crate::model::plan::{Plan, PlanError};
use crate::time::Timestamp;
use std::cmp::Reverse;
use std::collections::BTreeMap;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Shapes kept of one class. Most have one or two; more than these are those of statements whose
/// lists of partitions or joins change.
const MAX_SHAPES: usize = 8;

/// A plan with its run.
#[derive(Clone, PartialEq, Debug)]
pub struct SeenPlan {
    /// Run time of its statement in microseconds, where it was executed.
    pub duration_us: Option<u64>,
    /// When.
    pub time: Option<Timestamp>,
    /// Where.
    pub place: Place,
    /// Its number among the plans of its document.
    pub number: u32,
    /// The plan.
    pub plan: Box<Plan>,
}

impl SeenPlan {
    /// The slowest comes first; then the earliest.
    fn order(&self) -> (Reverse<Option<u64>>, Option<Timestamp>, Place, u32) {
        (Reverse(self.duration_us), self.time, self.place, self.number)
    }
}

/// The plans of one shape.
#[derive(Clone, PartialEq, Debug)]
pub struct PlanShape {
    /// How many were seen.
    pub count: u64,
    /// The run time of those that tell it, in microseconds.
    pub total_us: u64,
    /// The shortest run time of them, in microseconds.
    pub min_us: Option<u64>,
    /// The slowest.
    pub slowest: SeenPlan,
}

impl PlanShape {
    fn merge(&mut self, other: PlanShape) {
        self.count += other.count;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.min_us = match (self.min_us, other.min_us) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        if other.slowest.order() < self.slowest.order() {
            self.slowest = other.slowest;
        }
    }
}

/// Documents that could not be read.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unread {
    /// How many.
    pub count: u64,
    /// The first of them, and what is wrong with it.
    pub first: (Place, PlanError),
}

/// The plans of one class, or those that belong to none.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Plans {
    /// How many were seen.
    pub count: u64,
    /// The run time of those that tell it, in microseconds.
    pub total_us: u64,
    /// Those that could not be read.
    pub unread: Option<Unread>,
    /// How many had shapes that were folded because there were too many, of its own or of all classes.
    pub folded: u64,
    /// Each is kept, whatever its shape.
    keeps_all: bool,
    shapes: BTreeMap<u64, PlanShape>,
}

impl Plans {
    pub(super) const fn new() -> Self {
        Plans {
            count: 0,
            total_us: 0,
            unread: None,
            folded: 0,
            keeps_all: false,
            shapes: BTreeMap::new(),
        }
    }

    /// Adds a plan; with `keeps_all` it is kept whatever its shape.
    pub(super) fn add(&mut self, seen: SeenPlan, keeps_all: bool) {
        self.keeps_all |= keeps_all;
        self.count += 1;
        self.total_us = self.total_us.saturating_add(seen.duration_us.unwrap_or(0));
        let shape = seen.plan.shape();
        let key = match self.keeps_all {
            true => {
                let Place { source, offset, .. } = seen.place;
                let place = [u64::from(source), offset, u64::from(seen.number)];
                xxh3_64_with_seed(&place.map(u64::to_le_bytes).concat(), shape)
            }
            false => shape,
        };
        let (total_us, min_us) = (seen.duration_us.unwrap_or(0), seen.duration_us);
        self.insert(key, PlanShape { count: 1, total_us, min_us, slowest: seen });
    }

    /// Counts a plan that is not kept.
    pub(super) fn count_only(&mut self, seen: &SeenPlan) {
        self.count += 1;
        self.total_us = self.total_us.saturating_add(seen.duration_us.unwrap_or(0));
        self.folded += 1;
    }

    /// Lets go of all shapes.
    pub(super) fn fold(&mut self) {
        self.folded += self.shapes.values().map(|shape| shape.count).sum::<u64>();
        self.shapes.clear();
    }

    /// Whether any shape is kept.
    pub(super) fn has_shapes(&self) -> bool {
        !self.shapes.is_empty()
    }

    /// Notes a document that could not be read.
    pub(super) fn add_unread(&mut self, place: Place, error: PlanError) {
        self.count += 1;
        self.merge_unread(Unread { count: 1, first: (place, error) });
    }

    fn merge_unread(&mut self, other: Unread) {
        match &mut self.unread {
            None => self.unread = Some(other),
            Some(mine) => {
                mine.count += other.count;
                if other.first.0 < mine.first.0 {
                    mine.first = other.first;
                }
            }
        }
    }

    fn insert(&mut self, key: u64, shape: PlanShape) {
        match self.shapes.get_mut(&key) {
            Some(mine) => mine.merge(shape),
            None => {
                self.shapes.insert(key, shape);
                // What was left out once is never let in again: the members with the smallest keys
                // only get smaller.
                if self.shapes.len() > MAX_SHAPES && !self.keeps_all {
                    let last = self.shapes.pop_last();
                    self.folded += last.map_or(0, |(_, shape)| shape.count);
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: Plans) {
        self.keeps_all |= other.keeps_all;
        self.count += other.count;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.folded += other.folded;
        if let Some(unread) = other.unread {
            self.merge_unread(unread);
        }
        for (key, shape) in other.shapes {
            self.insert(key, shape);
        }
    }

    /// The shapes: those whose plans took longest first, then those seen most often.
    pub fn ranked(&self) -> Vec<(u64, &PlanShape)> {
        let mut all: Vec<_> = self.shapes.iter().map(|(key, shape)| (*key, shape)).collect();
        all.sort_by_key(|(key, shape)| {
            (Reverse((shape.total_us, shape.count)), shape.slowest.order(), *key)
        });
        all
    }

    /// The slowest plan.
    pub fn slowest(&self) -> Option<&SeenPlan> {
        self.shapes.values().map(|shape| &shape.slowest).min_by_key(|seen| seen.order())
    }

    /// Where the plans stand, for changing it.
    pub(super) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let unread = self.unread.as_mut().map(|unread| &mut unread.first.0);
        self.shapes.values_mut().map(|shape| &mut shape.slowest.place).chain(unread)
    }
}
