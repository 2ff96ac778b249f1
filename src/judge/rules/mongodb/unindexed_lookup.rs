//! `unindexed-lookup`: each document of a pipeline scans the collection that it is joined with.

use super::{MANY, MONGODB, Work, estimate, plain, plans, shown, weighty};
use crate::judge::advice::mongodb_index::{self, Candidate};
use crate::judge::advice::{ident, mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::lang::mongo::shape::{Lookup, Op};
use crate::model::event::Known;

/// Documents read for each index key from which they come from scans.
const MIN_RATIO_TO_KEYS: f64 = 10.0;
/// Documents read for each one returned from which a pipeline that keeps its documents must have read
/// them in its joins.
const MIN_RATIO_TO_RETURNED: f64 = 100.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB012",
    name: "unindexed-lookup",
    title: "$lookup scans the joined collection",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A pipeline with `$lookup` or `$graphLookup` by a field other than `_id`, whose runs examine 1,000 documents \
or more that its own plan does not explain: no collection scan stands in the plan summary, yet ten times as \
many documents as index keys are read; or the pipeline has no predicate, keeps the number of its documents, \
and reads a hundred for each one that it returns.

## Why it matters

Without an index on the foreign field each document that reaches the join scans the other collection: the \
time grows with the product of both.

## What to do

An index on the foreign field of the joined collection.

## When to ignore it

When the joined collection has a few documents and stays so.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(&work) {
            out.push(finding(rule, evidence, &work));
        }
    }
    plan::mongodb_unindexed_lookup::check(rule, evidence, out);
}

/// The joins that an index on another field than `_id` could serve.
fn lookups<'e>(work: &Work<'e>) -> Vec<&'e Lookup> {
    let lookups = work.command.stages.iter().filter_map(|stage| stage.lookup.as_ref());
    lookups.filter(|join| join.foreign_field.as_deref() != Some("_id")).collect()
}

/// Whether a class's trouble is its joins.
pub(super) fn names(work: &Work<'_>) -> bool {
    if work.command.op != Op::Aggregate || lookups(work).is_empty() {
        return false;
    }
    let docs = work.sum(Known::DocsExamined);
    let runs = work.runs().max(1) as f64;
    let (scan_us, _) = plans::scans(work);
    let is_unexplained = match scan_us {
        0 => {
            let has_plan = !plans::of(work).is_empty();
            has_plan && docs >= MIN_RATIO_TO_KEYS * work.sum(Known::KeysExamined).max(runs)
        }
        _ => {
            let returned = work.sum(Known::Returned).max(runs);
            work.command.predicates.is_empty()
                && keeps_number(work)
                && docs >= MIN_RATIO_TO_RETURNED * returned
        }
    };
    work.per_run(Known::DocsExamined) >= MANY && is_unexplained
}

/// Whether a pipeline returns at least as many documents as its collection has.
fn keeps_number(work: &Work<'_>) -> bool {
    work.command.stages.iter().all(|stage| {
        matches!(
            &*stage.name,
            "$lookup" | "$graphLookup" | "$sort" | "$project" | "$addFields" | "$set" | "$unset"
        )
    })
}

/// The part of the documents read that neither the class's own index nor its answer explains.
pub(super) fn wasted(work: &Work<'_>) -> f64 {
    let explained = work.sum(Known::KeysExamined).max(work.sum(Known::Returned));
    (1.0 - explained / work.sum(Known::DocsExamined).max(1.0)).max(0.0)
}

/// The indexes on joined collections that its joins could use.
pub(super) fn candidates(work: &Work<'_>) -> Vec<Candidate> {
    let database = work.command.database();
    lookups(work)
        .iter()
        .filter_map(|join| {
            Some(Candidate::of_field(database, &join.from, join.foreign_field.as_deref()?))
        })
        .filter(|candidate| !candidate.collection.is_empty() && !work.class.class.truncated)
        .collect()
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let lookups = lookups(work);
    let joined = |join: &Lookup| match &join.foreign_field {
        Some(field) => format!("`{}` by `{}`", ident::shown(&join.from), ident::shown(field)),
        None => format!("`{}`", ident::shown(&join.from)),
    };
    let names: Vec<_> = lookups.iter().map(|join| joined(join)).collect();
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!("$lookup from {} into {} scans", work.place(), names.join(", "));
    finding.message = format!(
        "{}. A logged run reads {} documents on average, which the plan of its own collection does not \
         explain: the join reads them without an index.",
        work.load(),
        shown(work.per_run(Known::DocsExamined))
    );
    let counted = [Known::DocsExamined, Known::KeysExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    finding.evidence.extend(plans::main(work));
    if lookups.len() > 1 {
        let fact = "which of the joins reads them the log does not show";
        finding.evidence.push(plain(fact.to_owned()));
    }
    estimate(&mut finding, work.total_us() * wasted(work), work.total_us());
    let candidates = candidates(work);
    finding.fixes.push(match candidates.is_empty() {
        true => rewrite::code(
            "Give the $match at the beginning of the inner pipeline an index on the joined collection; where \
             it compares by $expr, use localField and foreignField.",
            "The log does not show by which field the inner pipeline finds its documents.",
        ),
        false => mongodb_index::fix(&candidates, work.command),
    });
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify_reads_less(
        "strategy IndexedLoopJoin (or an index among indexesUsed) for the $lookup in place of \
         NestedLoopJoin",
    );
    finding.trade_offs =
        "One more index on the joined collection to store and to maintain.".to_owned();
    finding
}
