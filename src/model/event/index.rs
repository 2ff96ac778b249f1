//! What a server does with an index: builds it, deletes what it says has expired.

use std::borrow::Cow;

/// A step in the building of an index, or of several on one collection.
#[derive(Clone, Debug)]
pub struct IndexBuild<'a> {
    /// A key of the build: the same in all of its lines. 0 where the log has none, so that no
    /// other line can be told to be of the same build.
    pub build: u64,
    /// The collection with its database, when the line says.
    pub namespace: Option<Cow<'a, [u8]>>,
    /// The index, when the line says; the first one where there are several.
    pub index: Option<Cow<'a, [u8]>>,
    /// What happened.
    pub step: IndexBuildStep,
}

/// What happened to the building of an index.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IndexBuildStep {
    /// It began.
    Started,
    /// All documents were read.
    Scanned {
        /// How many there were.
        documents: u64,
        /// How long that took, in microseconds.
        duration_us: u64,
    },
    /// The index is there.
    Done {
        /// Documents that were read for it, when the line says.
        documents: Option<u64>,
        /// How long it took, in microseconds, when the line says.
        duration_us: Option<u64>,
    },
    /// There will be no index.
    Failed,
}

/// Documents were deleted because an index says that they expired (TTL).
#[derive(Clone, Debug)]
pub struct Expiry<'a> {
    /// The collection with its database.
    pub namespace: Cow<'a, [u8]>,
    /// The index.
    pub index: Cow<'a, [u8]>,
    /// Documents deleted.
    pub deleted: u64,
    /// How long it took, in microseconds.
    pub duration_us: u64,
}
