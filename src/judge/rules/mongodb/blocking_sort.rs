//! `blocking-sort`: documents are sorted in memory because no index gives their order.

use super::{HABIT, MANY, MONGODB, Work, collection_scan, estimate, plain, plans, shown, weighty};
use crate::judge::advice::{ident, mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::lang::mongo::shape::Order;
use crate::model::event::Known;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB004",
    name: "blocking-sort",
    title: "Documents are sorted in memory",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class that sorts by fields of its collection, of which half of the runs or more say `hasSortStage` and \
that read 1,000 documents or more. Sorts of what a pipeline computed are left alone: no index gives their \
order.

## Why it matters

Nothing is returned before everything is read and sorted, be the limit one document. From 100 MB on the \
sort goes to disk or, where that is not allowed, fails.

## What to do

An index that gives the order: first the fields compared with values, then those of the sort with their \
directions, then those of ranges. With a limit the command then stops early.

## When to ignore it

When the answer is meant to be all of it, as in an export: then the index saves the memory, not the \
reading.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        // The index against the scan gives the order as well.
        if names(&work) && !collection_scan::names(&work) {
            out.push(finding(rule, evidence, &work));
        }
    }
    plan::mongodb_blocking_sort::check(rule, evidence, out);
}

/// Whether a class's trouble is that it sorts.
pub(super) fn names(work: &Work<'_>) -> bool {
    let sort = &work.command.sort;
    let is_servable = !sort.is_empty() && sort.iter().all(|key| key.order != Order::Other);
    is_servable
        && work.yes(Known::SortStage) as f64 >= HABIT * work.runs() as f64
        && read(work) >= MANY
}

/// What a run reads, and so sorts at most.
fn read(work: &Work<'_>) -> f64 {
    work.per_run(Known::DocsExamined).max(work.per_run(Known::KeysExamined))
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>) -> Finding {
    let fields: Vec<_> = work.command.sort.iter().map(|key| &*key.path).collect();
    let by = ident::shown(&fields.join(", "));
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!("Sort in memory by `{by}` of {}", work.place());
    finding.message = format!(
        "{}. A logged run reads {} documents or keys on average and sorts what matches before it returns \
         the first{}.",
        work.load(),
        shown(read(work)),
        match work.command.limit {
            true => "; with an index that gives the order its limit would end it early",
            false => "",
        }
    );
    finding.evidence.push(plain(format!(
        "{}: yes in {} of {}",
        Known::SortStage.title(),
        words::count(work.yes(Known::SortStage)),
        words::counted(work.runs(), "logged run")
    )));
    let counted = [Known::DocsExamined, Known::KeysExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    finding.evidence.extend(plans::main(work));
    // Without a limit everything is read all the same, and how much of the time is sorting the log
    // does not show.
    if work.command.limit {
        let returned = work.per_run(Known::Returned) / read(work);
        estimate(&mut finding, work.total_us() * (1.0 - returned), work.total_us());
    }
    finding.fixes.push(work.index_fix(|| {
        rewrite::code(
            "Give the sort an index: the fields compared with values, then those of the sort.",
            "No index can be read off the command as it is logged.",
        )
    }));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify_reads_less("no SORT stage above the IXSCAN");
    finding.trade_offs = work.write_cost(evidence);
    finding
}
