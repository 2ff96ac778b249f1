//! `collection-scan`: a whole collection is read to find few of its documents.

use super::{
    MANY, MONGODB, TOO_MANY, Work, estimate, large_skip, multi_update_without_index, plain, plans,
    shown, unanchored_regex, unindexed_lookup, weighty,
};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::lang::mongo::shape::Op;
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB001",
    name: "collection-scan",
    title: "A whole collection is read",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class with predicates of which half of the time or more went into runs with `COLLSCAN` in their plan \
summary, that examine 1,000 documents or more each and use fewer than one in twenty of them. Where the \
log does not count what was of use, as for `count` and `$group`, the scan alone is enough. Updates and \
deletes of many documents have their own rule, so have expressions that no index bounds.

## Why it matters

The time grows with the collection, and the scan drives the documents of other queries out of the cache.

## What to do

An index on the fields that are compared: first those compared with values, then those of the sort, then \
those of ranges. The candidate is read off the command; the log does not show which indexes are there, so \
look first.

## When to ignore it

When the command is meant to read most of the collection (an export, a report), runs at night, or the \
collection stays small.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        let told = unanchored_regex::names(&work)
            || multi_update_without_index::names(&work)
            || unindexed_lookup::names(&work)
            || large_skip::names(evidence, &work);
        if names(&work) && !told {
            out.push(finding(rule, evidence, &work));
        }
    }
    plan::mongodb_collection_scan::check(rule, evidence, out);
}

/// Whether a class's trouble is that it scans.
pub(super) fn names(work: &Work<'_>) -> bool {
    let docs = work.sum(Known::DocsExamined);
    let few_are_used = work.useful().is_none_or(|(useful, _)| useful < TOO_MANY * docs);
    !matches!(work.command.op, Op::Insert)
        && !work.command.predicates.is_empty()
        && plans::mostly_scans(work)
        && work.per_run(Known::DocsExamined) >= MANY
        && few_are_used
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let (scan_us, scans) = plans::scans(work);
    let docs = work.per_run(Known::DocsExamined);
    let useful = work.useful();
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!("Collection scan of {}", work.place());
    finding.message = format!(
        "{}. A logged run reads {} documents of the collection on average{}.",
        work.load(),
        shown(docs),
        match useful {
            Some((useful, known)) =>
                format!(" for {} {}", shown(useful / work.runs().max(1) as f64), used(known)),
            None => ", whatever it makes of them".to_owned(),
        }
    );
    // The plan summary and the count of documents say the same; what was of use is a third.
    finding.confidence = if useful.is_some() { Confidence::High } else { Confidence::Medium };
    finding.evidence.push(plain(format!(
        "plan summary COLLSCAN in {} that took {}",
        words::counted(scans, "logged run"),
        words::duration_us(scan_us as f64)
    )));
    finding.evidence.extend(work.average(Known::DocsExamined));
    finding.evidence.extend(useful.and_then(|(_, known)| work.average(known)));
    let wasted = 1.0 - useful.map_or(0.0, |(useful, _)| useful) / work.sum(Known::DocsExamined);
    estimate(&mut finding, scan_us as f64 * wasted.max(0.0), work.total_us());
    finding.fixes.push(work.index_fix(|| {
        rewrite::code(
            "Give the command a predicate that an index can serve: an equality or a range on a field, \
             without $ne, $nin, $not or $where.",
            "No predicate of the command is one that an index can be read off; where the command is cut \
             in the log, look at it in the code.",
        )
    }));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify_reads_less(
        "IXSCAN in place of COLLSCAN, with bounds on the new index",
    );
    finding.trade_offs = work.write_cost(evidence);
    finding
}

/// What became of the documents that were of use.
pub(super) fn used(known: Known) -> &'static str {
    match known {
        Known::Returned => "returned",
        Known::Deleted => "deleted",
        _ => "matched",
    }
}
