//! `write-conflicts`: writes that meet on the same document and are tried again.

use super::{MONGODB, Work, estimate, hot_document, plain, shown, weighty};
use crate::judge::advice::rewrite;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::Known;

/// Fewer conflicts are everyday work.
const MIN_CONFLICTS: f64 = 10.0;
/// Conflicts for each run from which they are more than an accident.
const SOME: f64 = 0.1;
/// … and from which every run meets another.
const MANY_PER_RUN: f64 = 1.0;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB009",
    name: "write-conflicts",
    title: "Writes meet on the same documents",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class with ten write conflicts or more, one in ten runs at least. Where it writes one document by its \
`_id`, `hot-document` speaks instead.

## Why it matters

The storage engine lets the first writer of a document win; the other one begins its write anew, and does \
so again until it wins. The work of each try is lost, and a transaction ends with an error and has to be \
tried again by the application.

## What to do

Make writes shorter and narrower: an index, so that an update touches only what it changes; fewer documents \
in one transaction; the same order of documents in all of them.

## When to ignore it

When a nightly job meets the day's last writes.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if names(&work) && !hot_document::names(&work) {
            out.push(finding(rule, evidence, &work));
        }
    }
}

/// Whether a class's writes meet others.
pub(super) fn names(work: &Work<'_>) -> bool {
    work.sum(Known::WriteConflicts) >= MIN_CONFLICTS && work.per_run(Known::WriteConflicts) >= SOME
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let conflicts = work.sum(Known::WriteConflicts);
    let each = work.per_run(Known::WriteConflicts);
    let mut finding = rule.about(evidence, work.class);
    if each < MANY_PER_RUN {
        finding.severity = finding.severity.min(Severity::Low);
    }
    finding.title =
        format!("{} on {}", words::counted(conflicts as u64, "write conflict"), work.place());
    finding.message = format!(
        "{}. A logged run met {} on average, and began its write anew each time.",
        work.load(),
        conflicts_of(each)
    );
    let counted = [Known::WriteConflicts, Known::Yields, Known::Matched, Known::DocsExamined];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    estimate(&mut finding, work.total_us() * lost(each), work.total_us());
    finding.fixes.push(rewrite::code(
        "Make the writes shorter and narrower: an index for what they search by, fewer documents at once, \
         and the same order of documents (by _id) in all that write several.",
        "Which writes met each other the log does not show: look at those on the same collection and at \
         the same time.",
    ));
    finding.verify =
        "The next log of the same hours has fewer writeConflicts for the class.".to_owned();
    finding.trade_offs =
        "Smaller batches take more round trips, and what is split is no longer one transaction."
            .to_owned();
    finding
}

/// Share of the tries that were lost: of a run that met two others, two of three.
pub(super) fn lost(conflicts_per_run: f64) -> f64 {
    conflicts_per_run / (1.0 + conflicts_per_run)
}

/// Conflicts of a run in words.
pub(super) fn conflicts_of(each: f64) -> String {
    let plural = if each == 1.0 { "" } else { "s" };
    format!("{} other writer{plural}", shown(each))
}

/// What every finding about conflicts says of how they are counted.
pub(super) fn fact(work: &Work<'_>) -> Fact {
    plain(format!(
        "{} in {}",
        words::counted(work.sum(Known::WriteConflicts) as u64, "write conflict"),
        words::counted(work.runs(), "logged run")
    ))
}
