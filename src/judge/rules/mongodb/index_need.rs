//! Which classes lack an index, and what an index can spare each of them at most: what
//! [`missing-index`](crate::judge::rules::index::missing_index) advises indexes from. Also what the
//! records tell of the indexes and arrays that collections have.

use super::{
    MANY, Work, blocking_sort, collection_scan, key_heavy_index, large_skip,
    multi_update_without_index, plain, plans, shown, unanchored_regex, unindexed_lookup, weighty,
};
use crate::judge::advice::advisor::mongodb::{Collections, Need};
use crate::judge::advice::mongodb_index;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::Fact;
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::mongo::shape::{Comparison, Op, Shape};
use crate::model::event::Known;
use crate::model::facts::ServerFacts;

/// Documents read for each one that is of use from which an index that holds all fields pays.
const MIN_RATIO: f64 = 10.0;
/// What the sort itself takes of the time of a command that returns all that it reads: the log does
/// not tell, so little is presumed.
const SORTING: f64 = 0.2;

/// A class that lacks an index.
pub(in crate::judge::rules) struct Lacking<'e> {
    work: Work<'e>,
    /// The need, its class by the place in the list that [`of`] gives.
    pub need: Need,
    /// Most of its time went into scans of the whole collection.
    pub scans: bool,
}

impl<'e> Lacking<'e> {
    /// The class.
    pub fn class(&self) -> &'e ClassEvidence<'e> {
        self.work.class
    }

    /// Its command.
    pub fn command(&self) -> &'e Shape {
        self.work.command
    }

    /// What shows the need: runs and time, what is read and returned, and by which plan.
    pub fn fact(&self, evidence: &Evidence<'_>) -> Fact {
        let work = &self.work;
        let mut parts = vec![format!(
            "class {}: {}, {}",
            work.class.class.id,
            words::counted(work.runs(), "logged run"),
            words::duration_us(work.total_us())
        )];
        let useful = work.useful().map(|(_, known)| known);
        let counted = [Some(Known::DocsExamined), Some(Known::KeysExamined), useful];
        for known in counted.into_iter().flatten() {
            if work.class.class.attributes().numbers(known).is_some() {
                parts.push(format!("{} {} a run", known.title(), shown(work.per_run(known))));
            }
        }
        if work.yes(Known::SortStage) > 0 {
            parts.push("sorts in memory".to_owned());
        }
        parts.extend(plans::main(work).map(|plan| plan.fact));
        let source = work.class.example().map(|example| evidence.source(example));
        Fact { source, ..plain(parts.join("; ")) }
    }

    /// What one more index costs on a collection, from the logged writes to it.
    pub fn write_cost(&self, evidence: &Evidence<'_>, namespace: &str) -> String {
        mongodb_index::write_cost(evidence, self.work.class, namespace)
    }
}

/// The classes of a server that lack an index, those that cost most first.
pub(in crate::judge::rules) fn of<'e>(
    rule: &'e Rule,
    evidence: &'e Evidence<'e>,
    server: &'e ServerFacts,
) -> Vec<Lacking<'e>> {
    let mut all: Vec<Lacking<'e>> = Vec::new();
    for work in own(rule, evidence, server) {
        if let Some((part, candidates)) = lack(evidence, &work).filter(|(_, c)| !c.is_empty()) {
            let saved_us = work.total_us() * part.clamp(0.0, 1.0);
            let need = Need { class: all.len(), saved_us, candidates };
            all.push(Lacking { scans: plans::mostly_scans(&work), work, need });
        }
    }
    all
}

fn own<'e>(
    rule: &'e Rule,
    evidence: &'e Evidence<'e>,
    server: &'e ServerFacts,
) -> impl Iterator<Item = Work<'e>> {
    weighty(rule, evidence).filter(move |work| work.class.server.label == server.label)
}

/// The part of a class's time that indexes can spare at most, and these; `None` where none helps.
fn lack(evidence: &Evidence<'_>, work: &Work<'_>) -> Option<(f64, Vec<mongodb_index::Candidate>)> {
    // An index of another collation compares no strings for it, and constants of collations are
    // masked.
    let is_beyond = matches!(work.command.op, Op::Insert)
        || work.command.collation.is_some()
        || unanchored_regex::names(work)
        || large_skip::names(evidence, work);
    if is_beyond {
        return None;
    }
    if unindexed_lookup::names(work) {
        return Some((unindexed_lookup::wasted(work), unindexed_lookup::candidates(work)));
    }
    let parts = [scanned(work), sorted(work), fetched(work), walked(work)];
    let part = parts.into_iter().flatten().reduce(f64::max)?;
    Some((part, mongodb_index::candidates(work.class, work.command)))
}

/// The part of the time that went into scans, for documents of no use.
fn scanned(work: &Work<'_>) -> Option<f64> {
    let is_so = collection_scan::names(work) || multi_update_without_index::names(work);
    is_so.then(|| {
        let useful = work.useful().map_or(0.0, |(useful, _)| useful);
        let (scan_us, _) = plans::scans(work);
        let wasted = 1.0 - useful / work.sum(Known::DocsExamined).max(1.0);
        scan_us as f64 / work.total_us().max(1.0) * wasted
    })
}

/// With a limit, an index that gives the order ends the reading early.
fn sorted(work: &Work<'_>) -> Option<f64> {
    blocking_sort::names(work).then(|| {
        let read = work.sum(Known::DocsExamined).max(work.sum(Known::KeysExamined)).max(1.0);
        let wasted = 1.0 - work.sum(Known::Returned) / read;
        if work.command.limit { wasted.max(SORTING) } else { SORTING }
    })
}

/// The part of the documents that was fetched to be thrown away.
fn fetched(work: &Work<'_>) -> Option<f64> {
    let (useful, _) = work.useful()?;
    let docs = work.sum(Known::DocsExamined);
    let is_so = work.per_run(Known::DocsExamined) >= MANY
        && docs >= MIN_RATIO * useful.max(work.runs() as f64);
    is_so.then(|| 1.0 - useful / docs)
}

/// The part of the index's keys that led to nothing.
fn walked(work: &Work<'_>) -> Option<f64> {
    let found = key_heavy_index::found(work)?;
    Some(1.0 - found / work.sum(Known::KeysExamined).max(1.0))
}

/// Adds what the records of a server tell of its collections: the indexes that plans name, and the
/// arrays that commands do.
pub(in crate::judge::rules) fn observe(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    collections: &mut Collections,
) {
    for work in own(rule, evidence, server) {
        let Some(name) = work.command.collection() else { continue };
        let place = (work.command.database().to_owned(), name.to_owned());
        let known = collections.entry(place).or_default();
        let arrays = work.command.predicates.iter().filter_map(|predicate| {
            let is_all = predicate.comparison == Comparison::All;
            predicate.array.clone().or_else(|| is_all.then(|| predicate.path.clone()))
        });
        known.arrays.extend(arrays);
        // The plan of a pipeline with joins names the indexes of the other collections, too.
        if work.command.stages.iter().any(|stage| stage.lookup.is_some()) {
            continue;
        }
        for keys in plans::of(&work).iter().flat_map(|plan| plans::keys(plan.summary)) {
            if !known.indexes.contains(&keys) {
                known.indexes.push(keys);
            }
        }
    }
}
