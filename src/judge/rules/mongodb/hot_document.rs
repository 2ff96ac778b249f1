//! `hot-document`: many writers change the same document at once.

use super::write_conflicts::{self, conflicts_of, fact, lost};
use super::{MONGODB, Work, estimate, plain, weighty};
use crate::judge::advice::{ident, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::mongo::shape::{Comparison, Op};
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB010",
    name: "hot-document",
    title: "Many writers change the same document",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class that changes one document by its `_id`, with ten write conflicts or more and one in ten runs at \
least.

## Why it matters

Two writes by `_id` conflict only if they change the same document at the same time. Such a document (a \
counter, a queue's head, a document per tenant) is a queue of one: more clients, faster disks and more \
shards change nothing.

## What to do

Write it less often: add up in the application and write once a second; spread a counter over several \
documents and add them up when it is read; write events as documents of their own.

## When to ignore it

When the conflicts belong to a single event, such as a sale of one article.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(&work) {
            out.push(finding(rule, evidence, &work));
        }
    }
}

/// Whether a class's writes meet on one document.
pub(super) fn names(work: &Work<'_>) -> bool {
    let by_id = work.command.predicates.iter().any(|predicate| {
        predicate.path == "_id"
            && predicate.comparison == Comparison::Equal
            && !predicate.below_or
            && !predicate.below_not
    });
    matches!(work.command.op, Op::Update | Op::FindAndModify)
        && by_id
        && write_conflicts::names(work)
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let each = work.per_run(Known::WriteConflicts);
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!("Writers of {} meet on the same document", work.place());
    finding.message = format!(
        "{}. It changes one document by its `_id`, and a logged run met {} of the same document on average.",
        work.load(),
        conflicts_of(each)
    );
    finding.evidence.push(fact(work));
    let changes: Vec<_> = work
        .command
        .changes
        .iter()
        .take(3)
        .map(|change| format!("{} of {}", change.operator, ident::shown(&change.path)))
        .collect();
    if !changes.is_empty() {
        finding.evidence.push(plain(format!("it changes: {}", changes.join(", "))));
    }
    let queued_us = work.sum(Known::QueueWait);
    if queued_us > 0.0 {
        let queued = words::duration_us(queued_us);
        finding.evidence.push(plain(format!("{queued} of waiting in queues by all logged runs")));
    }
    estimate(&mut finding, work.total_us() * lost(each), work.total_us());
    finding.fixes.push(rewrite::code(
        "Write it less often: add changes up in the application and write them once a second ($inc of the \
         sum). A counter can be spread over some ten documents, of which each writer takes one at random \
         and which are added up when it is read. What is an event may be a document of its own, counted \
         later.",
        "Which document it is the log does not show here: the slowest example's record does.",
    ));
    finding.verify =
        "The next log of the same hours has fewer writeConflicts for the class.".to_owned();
    finding.trade_offs =
        "Sums in the application are lost with it; a counter in parts costs its readers a sum."
            .to_owned();
    finding
}
