//! Indexes that are built, and documents that expire by them.
//!
//! A structured log gives every build an id, which all of its lines carry; in a text log only the
//! thread shows which lines may belong together.

use super::said::{Said, member, scalar};
use super::{Line, Means, News, Row};
use crate::model::event::{
    BuildKey, Expiry, IndexBuild, IndexBuildStep, Kind, Sink, Topic, Who, session_of_id,
};
use std::borrow::Cow;

pub(super) const ROWS: &[Row] = &[
    Row {
        id: 20384,
        texts: &[
            "build index on: {namespace} properties: {properties}",
            "index build: starting on {namespace} properties: {properties}",
        ],
        means: Means::Events(started),
    },
    Row {
        id: 20391,
        texts: &[
            "index build: collection scan done. scanned {totalRecords} total records in {duration}",
        ],
        means: Means::Events(scanned),
    },
    Row { id: 20663, texts: &[], means: Means::Events(done) },
    Row {
        id: 20345,
        texts: &[
            "build index done.  scanned {totalRecords} total records. {duration}",
            "index build: done building index {index} on ns {namespace}",
        ],
        means: Means::Events(built),
    },
    Row {
        id: 20649,
        texts: &["Index build failed: {buildUUID}: {namespace} ( {collectionUUID} ): {error}"],
        means: Means::Events(failed),
    },
    Row { id: 5479200, texts: &[], means: Means::Events(expired) },
];

/// Which lines are of the same build. Builds on a new or cloned collection have no id, but the
/// collection has.
fn key(line: &Line<'_>, said: &Said<'_>, index: Option<&[u8]>) -> BuildKey {
    if said.is_text() {
        return BuildKey::Thread(session_of_id(line.context));
    }
    match (said.document("buildUUID"), said.document("collectionUUID")) {
        (Some(build), _) => BuildKey::Build(session_of_id(&build)),
        (None, Some(collection)) => {
            let key = [&*collection, index.unwrap_or_default()].concat();
            BuildKey::Build(session_of_id(&key))
        }
        (None, None) => BuildKey::Thread(session_of_id(line.context)),
    }
}

/// Whether a line is of the index that comes with its collection.
fn is_with_collection(said: &Said<'_>) -> bool {
    said.document("buildUUID").is_none() && index(said).as_deref() == Some(b"_id_")
}

/// The name of the index that a line is about.
fn index<'a>(said: &Said<'a>) -> Option<Cow<'a, [u8]>> {
    if let Some(index) = said.text("index") {
        return Some(index);
    }
    let properties = said.document("properties")?;
    member(&properties, "name").and_then(scalar).map(|name| Cow::Owned(name.into_owned()))
}

fn step(line: &Line<'_>, said: &Said<'_>, step: IndexBuildStep, sink: &mut dyn Sink) {
    let (namespace, index) = (said.text("namespace"), index(said));
    let key = key(line, said, index.as_deref());
    let build = IndexBuild { key, namespace, index, step };
    sink.event(&line.event(Who::default(), Kind::IndexBuild(build)));
}

fn started(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    if !is_with_collection(said) {
        step(line, said, IndexBuildStep::Started, sink);
    }
}

fn scanned(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    if !said.is_text() && said.document("buildUUID").is_none() {
        return;
    }
    let documents = said.number("totalRecords").unwrap_or(0);
    let duration_us = said.duration_us().unwrap_or(0);
    step(line, said, IndexBuildStep::Scanned { documents, duration_us }, sink);
}

fn done(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, IndexBuildStep::Done { documents: None, duration_us: None }, sink);
}

/// A build that has an id says later that all of its indexes are there.
fn built(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let is_told_later = !said.is_text() && said.document("buildUUID").is_some();
    if !is_told_later && !is_with_collection(said) {
        let (documents, duration_us) = (said.number("totalRecords"), said.duration_us());
        step(line, said, IndexBuildStep::Done { documents, duration_us }, sink);
    }
}

fn failed(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, IndexBuildStep::Failed, sink);
    let text = said.sentence("Index build: failed", &["namespace"]);
    News { id: 20649, topic: Topic::IndexBuild, text }.tell(line, said, Who::default(), sink);
}

fn expired(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let Some((namespace, index)) = said.text("namespace").zip(said.text("index")) else { return };
    let deleted = said.number("numDeleted").unwrap_or(0);
    let duration_us = said.duration_us().unwrap_or(0);
    let expiry = Expiry { namespace, index, deleted, duration_us };
    sink.event(&line.event(Who::default(), Kind::Expiry(expiry)));
}
