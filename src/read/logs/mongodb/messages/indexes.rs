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

/// Which lines are of the same build.
fn key(line: &Line<'_>, said: &Said<'_>) -> BuildKey {
    let build = if said.is_text() { None } else { said.document("buildUUID") };
    match build {
        Some(build) => BuildKey::Build(session_of_id(&build)),
        None => BuildKey::Thread(session_of_id(line.context)),
    }
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
    let (key, namespace, index) = (key(line, said), said.text("namespace"), index(said));
    let build = IndexBuild { key, namespace, index, step };
    sink.event(&line.event(Who::default(), Kind::IndexBuild(build)));
}

fn started(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, IndexBuildStep::Started, sink);
}

fn scanned(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    let documents = said.number("totalRecords").unwrap_or(0);
    let duration_us = said.duration_us().unwrap_or(0);
    step(line, said, IndexBuildStep::Scanned { documents, duration_us }, sink);
}

fn done(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    step(line, said, IndexBuildStep::Done { documents: None, duration_us: None }, sink);
}

/// In a structured log a build's own end follows, and an index that comes with its collection has
/// no build.
fn built(line: &Line<'_>, said: &Said<'_>, sink: &mut dyn Sink) {
    if said.is_text() {
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
