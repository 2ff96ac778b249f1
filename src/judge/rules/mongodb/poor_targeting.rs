//! `poor-targeting`: an index is used, but far more documents are read than returned.

use super::collection_scan::{self, used};
use super::{
    MANY, MONGODB, Work, blocking_sort, estimate, large_skip, multi_update_without_index, plain,
    plans, shown, unanchored_regex, unindexed_lookup, weighty,
};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::model::event::Known;

/// Documents read for each one that is of use from which most of the reading is for nothing.
const MIN_RATIO: f64 = 100.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB002",
    name: "poor-targeting",
    title: "Far more documents are read than returned",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class whose runs examine 1,000 documents or more on average, and at least 100 for each one that they \
return, update or delete, though they do not scan the collection. Pipelines that group, join or count \
return few by design and are left alone, so are `count` and `distinct`.

## Why it matters

The index narrows too little: the other predicates are tested on documents that had to be fetched. Each \
fetch costs time and cache, and its number grows with the collection.

## What to do

An index that holds all fields that are compared, in the order equality, sort, range.

## When to ignore it

When few documents match by the nature of the question and the command runs rarely.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(evidence, &work) {
            out.push(finding(rule, evidence, &work));
        }
    }
    plan::mongodb_poor_targeting::check(rule, evidence, out);
}

/// Whether a class's trouble is that its index lets too many documents through.
pub(super) fn names(evidence: &Evidence<'_>, work: &Work<'_>) -> bool {
    let Some((useful, _)) = work.useful() else { return false };
    let docs = work.sum(Known::DocsExamined);
    let is_told = collection_scan::names(work)
        || unanchored_regex::names(work)
        || multi_update_without_index::names(work)
        || unindexed_lookup::names(work)
        || large_skip::names(evidence, work)
        || blocking_sort::names(work);
    work.per_run(Known::DocsExamined) >= MANY
        && docs >= MIN_RATIO * useful.max(work.runs() as f64)
        && !plans::mostly_scans(work)
        && !is_told
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let docs = work.sum(Known::DocsExamined);
    let (useful, known) = work.useful().unwrap_or((0.0, Known::Returned));
    let ratio = docs / useful.max(work.runs() as f64);
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!(
        "{} documents read for each one {} from {}",
        words::count(ratio as u64),
        used(known),
        work.place()
    );
    finding.message = format!(
        "{}. A logged run examines {} documents on average for {} {}: the others are fetched to be \
         thrown away.",
        work.load(),
        shown(work.per_run(Known::DocsExamined)),
        shown(useful / work.runs().max(1) as f64),
        used(known)
    );
    let counted = [Known::DocsExamined, Known::KeysExamined, known];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    let no_plan = || plain("the log shows no plan: it may scan the collection".to_owned());
    finding.evidence.push(plans::main(work).unwrap_or_else(no_plan));
    estimate(&mut finding, work.total_us() * (1.0 - useful / docs), work.total_us());
    finding.fixes.push(work.index_fix(|| {
        rewrite::code(
            "Give the command a predicate that narrows and that an index can serve, or a limit.",
            "No predicate of the command is one that an index can be read off; where the command is cut \
             in the log, look at it in the code.",
        )
    }));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify_reads_less(
        "bounds on every field that is compared, and no filter in the FETCH stage above the index",
    );
    finding.trade_offs = work.write_cost(evidence);
    finding
}
