//! What a server does with an index: builds it, deletes what it says has expired.

use std::borrow::Cow;

/// What the lines of a build have in common.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum BuildKey {
    /// The build's own id.
    Build(u64),
    /// The thread that wrote them, which may have built others, too.
    Thread(u64),
}

/// A step in the building of an index, or of several on one collection.
#[derive(Clone, Debug)]
pub struct IndexBuild<'a> {
    /// Which lines are of the same build.
    pub key: BuildKey,
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
