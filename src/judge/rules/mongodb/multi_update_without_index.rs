//! `multi-update-without-index`: a write of many documents scans the collection to find them.

use super::collection_scan::used;
use super::{MANY, MONGODB, TOO_MANY, Work, estimate, plain, plans, shown, weighty};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::mongo::shape::{Comparison, Op};
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB014",
    name: "multi-update-without-index",
    title: "A write of many documents scans the collection",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of updates with `multi: true` or deletes without a limit, with predicates, of which half of the \
time or more went into runs with `COLLSCAN` that examine 1,000 documents or more each and change fewer \
than one in twenty of them.

## Why it matters

The write reads the whole collection, yields to others again and again, and holds what it changed in the \
cache until it is done; two of them at once conflict.

## What to do

An index on the fields of the query. For deletes of what is old a TTL index does the work in the \
background.

## When to ignore it

When it is a migration that runs once.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(&work) {
            out.push(finding(rule, evidence, &work));
        }
    }
}

/// Whether a class's trouble is that it scans for what it writes.
pub(super) fn names(work: &Work<'_>) -> bool {
    let docs = work.sum(Known::DocsExamined);
    let few_are_changed = work.useful().is_none_or(|(useful, _)| useful < TOO_MANY * docs);
    matches!(work.command.op, Op::Update | Op::Delete)
        && work.command.multi
        && !work.command.predicates.is_empty()
        && plans::mostly_scans(work)
        && work.per_run(Known::DocsExamined) >= MANY
        && few_are_changed
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let (scan_us, scans) = plans::scans(work);
    let docs = work.sum(Known::DocsExamined);
    let runs = work.runs().max(1) as f64;
    let (useful, known) = work.useful().unwrap_or((0.0, Known::Matched));
    let mut finding = rule.about(evidence, work.class);
    let verb = if work.command.op == Op::Delete { "deleteMany" } else { "updateMany" };
    finding.title = format!("{verb} on {} scans the collection", work.place());
    finding.message = format!(
        "{}. A logged run reads {} documents on average to find the {} that are {}.",
        work.load(),
        shown(docs / runs),
        shown(useful / runs),
        used(known)
    );
    finding.confidence = Confidence::High;
    finding.evidence.push(plain(format!(
        "plan summary COLLSCAN in {} that took {}",
        words::counted(scans, "logged run"),
        words::duration_us(scan_us as f64)
    )));
    let counted = [Known::DocsExamined, known, Known::WriteConflicts, Known::Yields];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    estimate(&mut finding, scan_us as f64 * (1.0 - useful / docs).max(0.0), work.total_us());
    finding.fixes.push(work.index_fix(|| {
        rewrite::code(
            "Give the write a predicate that an index can serve.",
            "No predicate of the command is one that an index can be read off.",
        )
    }));
    let ranges = work.command.predicates.iter().any(|p| p.comparison == Comparison::Range);
    if work.command.op == Op::Delete && ranges {
        finding.fixes.push(rewrite::code(
            "Where it deletes what is older than some age, a TTL index does so in the background: an index \
             on the one field of the date with expireAfterSeconds.",
            "It needs a date in the field; documents are gone up to a minute or more after their time, and \
             all that are too old already go at once when it is created.",
        ));
    }
    work.add_explain(&mut finding);
    finding.verify =
        mongodb_explain::verify_reads_less("IXSCAN in place of COLLSCAN below the write");
    finding.trade_offs = work.write_cost(evidence);
    finding
}
