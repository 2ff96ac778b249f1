//! Indexes that a server built, and documents that it deleted because an index says that they
//! expired.
//!
//! The lines of one build are joined by its key, whatever their order: the first and the last give
//! its length. Where a log has no such key, the lines of one thread are joined; of several builds of
//! a thread only the lengths that the log tells itself count.

use super::locks::name;
use super::occurrences::{Largest, Occurrences};
use crate::model::event::{BuildKey, Expiry, IndexBuild, IndexBuildStep};
use crate::model::workload::capped::{Capped, Member};
use crate::model::workload::examples::Place;
use crate::model::workload::stats::smaller;
use crate::time::Timestamp;
use std::borrow::Cow;
use std::cmp::Reverse;
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// Builds kept, and indexes with expired documents kept, each.
const MAX_GROUPS: usize = 1000;

/// One build; or all of one thread, where the log does not say which lines belong together.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct BuildGroup {
    /// The lines are known to be of one build.
    pub is_one: bool,
    /// The collection with its database, when the log says.
    pub namespace: Option<Box<str>>,
    /// Some are of other collections.
    pub has_others: bool,
    /// The index, when the log says; the first by name of those that were begun.
    pub index: Option<Box<str>>,
    /// Indexes that were begun.
    pub begun: u64,
    /// Builds that ended well.
    pub done: u64,
    /// Builds that failed.
    pub failed: u64,
    /// Documents read.
    pub documents: u64,
    /// Time of the scans of the collection in microseconds.
    pub scan_us: u64,
    /// First line.
    pub first: Option<Timestamp>,
    /// Last line.
    pub last: Option<Timestamp>,
    /// Time of the builds in microseconds, as the log tells it.
    told_us: u64,
    /// The longest that the log tells, or the earliest line.
    pub example: Largest,
}

impl BuildGroup {
    /// How long the build took, or all of them together, in microseconds; `None` where the log
    /// does not show it.
    pub fn elapsed_us(&self) -> Option<u64> {
        let is_one = self.done + self.failed == 1 && (self.is_one || self.begun == 1);
        let ends = self.first.zip(self.last).filter(|_| is_one && self.begun > 0);
        let between = ends.map(|(first, last)| last.0.saturating_sub(first.0).max(0) as u64);
        Some(self.told_us).filter(|us| *us > 0).or(between)
    }
}

impl Member for BuildGroup {
    type Rest = u64;

    fn merge(&mut self, other: Self) {
        let both = self.namespace.as_ref().zip(other.namespace.as_ref());
        self.has_others |= other.has_others || both.is_some_and(|(mine, theirs)| mine != theirs);
        self.namespace = smaller(self.namespace.take(), other.namespace);
        self.index = smaller(self.index.take(), other.index);
        self.begun += other.begun;
        self.done += other.done;
        self.failed += other.failed;
        self.documents = self.documents.saturating_add(other.documents);
        self.scan_us = self.scan_us.saturating_add(other.scan_us);
        self.told_us = self.told_us.saturating_add(other.told_us);
        self.first = smaller(self.first, other.first);
        self.last = self.last.max(other.last);
        self.example.merge(other.example);
    }

    fn fold(self, rest: &mut u64) {
        *rest += self.done + self.failed;
    }
}

/// Indexes that one server built.
#[derive(Clone, Debug, Default)]
pub struct IndexBuilds {
    /// Builds that ended well; sum and max are not kept.
    pub done: Occurrences,
    /// Builds that failed.
    pub failed: Occurrences,
    groups: Capped<BuildGroup, MAX_GROUPS>,
}

impl IndexBuilds {
    pub(in crate::model) fn add(
        &mut self,
        build: &IndexBuild<'_>,
        time: Option<Timestamp>,
        place: Place,
    ) {
        let text = |text: &Option<Cow<'_, [u8]>>| text.as_ref().map(|text| name(text));
        let mut group = BuildGroup {
            is_one: matches!(build.key, BuildKey::Build(_)),
            namespace: text(&build.namespace),
            index: text(&build.index),
            first: time,
            last: time,
            ..BuildGroup::default()
        };
        match build.step {
            IndexBuildStep::Started => group.begun = 1,
            IndexBuildStep::Scanned { documents, duration_us } => {
                (group.documents, group.scan_us) = (documents, duration_us);
            }
            IndexBuildStep::Done { documents, duration_us } => {
                group.done = 1;
                group.documents = documents.unwrap_or(0);
                group.told_us = duration_us.unwrap_or(0);
                self.done.add(time, 0, place);
            }
            IndexBuildStep::Failed => {
                group.failed = 1;
                self.failed.add(time, 0, place);
            }
        }
        group.example = Largest::of(group.told_us, time, place);
        let (kind, key) = match build.key {
            BuildKey::Build(key) => (0u8, key),
            BuildKey::Thread(key) => (1, key),
        };
        let key = xxh3_64_with_seed(&key.to_le_bytes(), kind.into());
        self.groups.add(key, group);
    }

    /// The builds, longest first.
    pub fn groups(&self) -> Vec<&BuildGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|g| {
            let counts = (g.begun, g.done, g.failed, g.documents, g.scan_us);
            (Reverse(g.elapsed_us()), &g.namespace, &g.index, g.first, g.last, counts)
        });
        groups
    }

    /// Builds that are in no group, because there were too many.
    pub fn folded(&self) -> u64 {
        self.groups.rest
    }

    pub(in crate::model) fn merge(&mut self, other: IndexBuilds) {
        self.done.merge(&other.done);
        self.failed.merge(&other.failed);
        self.groups.merge(other.groups, |rest, theirs| *rest += theirs);
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let groups = self.groups.values_mut().map(|group| &mut group.example);
        let all = [&mut self.done.largest, &mut self.failed.largest];
        groups.chain(all).filter_map(Largest::place_mut)
    }
}

/// Documents of one collection that expired by one index.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct ExpiryGroup {
    /// The collection with its database.
    pub namespace: Box<str>,
    /// The index.
    pub index: Box<str>,
    /// Passes that were logged.
    pub passes: u64,
    /// Documents deleted.
    pub deleted: u64,
    /// Most documents deleted in one pass.
    pub max_deleted: u64,
    /// Time of all passes in microseconds.
    pub total_us: u64,
    /// The longest pass in microseconds.
    pub max_us: u64,
    /// The longest pass, the earliest of equals.
    pub example: Largest,
}

impl Member for ExpiryGroup {
    type Rest = u64;

    fn merge(&mut self, other: Self) {
        self.passes += other.passes;
        self.deleted = self.deleted.saturating_add(other.deleted);
        self.max_deleted = self.max_deleted.max(other.max_deleted);
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.max_us = self.max_us.max(other.max_us);
        self.example.merge(other.example);
    }

    fn fold(self, rest: &mut u64) {
        *rest += self.passes;
    }
}

/// Documents that one server deleted because they expired.
#[derive(Clone, Debug, Default)]
pub struct Expiries {
    /// Passes over an index; sum and max in microseconds.
    pub passes: Occurrences,
    groups: Capped<ExpiryGroup, MAX_GROUPS>,
}

impl Expiries {
    pub(in crate::model) fn add(
        &mut self,
        expiry: &Expiry<'_>,
        time: Option<Timestamp>,
        place: Place,
    ) {
        let Expiry { deleted, duration_us, .. } = *expiry;
        self.passes.add(time, duration_us, place);
        let (namespace, index) = (name(&expiry.namespace), name(&expiry.index));
        let key = xxh3_64(format!("{namespace}\0{index}").as_bytes());
        let group = ExpiryGroup {
            namespace,
            index,
            passes: 1,
            deleted,
            max_deleted: deleted,
            total_us: duration_us,
            max_us: duration_us,
            example: Largest::of(duration_us, time, place),
        };
        self.groups.add(key, group);
    }

    /// The indexes, most time first.
    pub fn groups(&self) -> Vec<&ExpiryGroup> {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by_key(|g| (Reverse((g.total_us, g.deleted)), &g.namespace, &g.index));
        groups
    }

    /// Passes that are in no group, because there were too many indexes.
    pub fn folded(&self) -> u64 {
        self.groups.rest
    }

    pub(in crate::model) fn merge(&mut self, other: Expiries) {
        self.passes.merge(&other.passes);
        self.groups.merge(other.groups, |rest, theirs| *rest += theirs);
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let groups = self.groups.values_mut().map(|group| &mut group.example);
        groups.chain([&mut self.passes.largest]).filter_map(Largest::place_mut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn step(
        key: BuildKey,
        names: Option<(&'static str, &'static str)>,
        step: IndexBuildStep,
    ) -> IndexBuild<'static> {
        let name = |name: Option<&'static str>| name.map(|name| Cow::Borrowed(name.as_bytes()));
        let (namespace, index) = (name(names.map(|n| n.0)), name(names.map(|n| n.1)));
        IndexBuild { key, namespace, index, step }
    }

    #[test]
    fn a_build_is_its_lines_in_any_order() {
        use IndexBuildStep::{Done, Failed, Scanned, Started};
        let (a, b) = (Some(("shop.orders", "a_1")), Some(("shop.carts", "b_1")));
        let done = Done { documents: None, duration_us: None };
        let told = Done { documents: Some(5), duration_us: Some(3_000_000) };
        let build = BuildKey::Build(7);
        let lines = [
            // One build of two indexes.
            (10, step(build, a, Started)),
            (10, step(build, Some(("shop.orders", "c_1")), Started)),
            (12, step(build, None, Scanned { documents: 70, duration_us: 9 })),
            (15, step(build, None, done)),
            // A thread that built two, and says how long.
            (20, step(BuildKey::Thread(7), a, Started)),
            (23, step(BuildKey::Thread(7), None, told)),
            (29, step(BuildKey::Thread(7), b, Started)),
            (32, step(BuildKey::Thread(7), None, told)),
            // One that built one, and does not.
            (40, step(BuildKey::Thread(8), b, Started)),
            (44, step(BuildKey::Thread(8), b, Failed)),
        ];
        for turned in 0..lines.len() {
            let mut parts = [IndexBuilds::default(), IndexBuilds::default()];
            for (at, (second, line)) in lines.iter().enumerate() {
                let part = &mut parts[usize::from(at < turned)];
                part.add(
                    line,
                    Some(Timestamp(second * SECOND)),
                    Place { source: 0, offset: 0, line_in_chunk: 0 },
                );
            }
            let [mut all, other] = parts;
            all.merge(other);
            let shown: Vec<_> = all
                .groups()
                .into_iter()
                .map(|g| {
                    let namespace = g.namespace.as_deref().unwrap_or("-");
                    (namespace, g.has_others, g.elapsed_us(), g.begun, g.done, g.documents)
                })
                .collect();
            let expected = [
                ("shop.carts", true, Some(6_000_000), 2, 2, 10),
                ("shop.orders", false, Some(5_000_000), 2, 1, 70),
                ("shop.carts", false, Some(4_000_000), 1, 0, 0),
            ];
            assert_eq!(shown, expected, "{turned}");
            assert_eq!((all.done.count, all.failed.count, all.folded()), (3, 1, 0));
        }
    }
}
