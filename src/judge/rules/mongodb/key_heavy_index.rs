//! `key-heavy-index`: far more index keys are walked than documents are found by them.

use super::{
    MANY, MONGODB, Work, estimate, plans, poor_targeting, shown, unanchored_regex, weighty,
};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::mongo::shape::Op;
use crate::model::event::Known;

/// Keys walked for each document found from which the order of the index's fields is the trouble.
const MIN_RATIO: f64 = 10.0;
/// From so many values on, a list is worth naming.
const LONG_LIST: u32 = 100;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB003",
    name: "key-heavy-index",
    title: "Far more index keys are walked than documents found",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class whose runs examine 1,000 index keys or more on average, and at least ten for each document that \
they then read or return. Answers from the index alone (`COUNT_SCAN`, `DISTINCT_SCAN`, covered queries) \
are left alone.

## Why it matters

The index is walked where it should be entered: a range or the sort stands in it before a field that is \
compared with one value, a field in the middle is not compared at all, or a list of values mostly finds \
nothing. The keys cost time and cache, though no document is fetched for them.

## What to do

An index whose fields stand in the order equality, sort, range.

## When to ignore it

When the time of a run is small and no write could bear another index.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        if let Some(found) = found(&work)
            && !poor_targeting::names(evidence, &work)
            && !unanchored_regex::names(&work)
        {
            out.push(finding(rule, evidence, &work, found));
        }
    }
}

/// Documents that the keys led to, of a class that walks too many; over all runs.
pub(super) fn found(work: &Work<'_>) -> Option<f64> {
    // Servers before 2.6 counted keys, or the documents of a scan, in one number.
    work.class.class.attributes().numbers(Known::DocsExamined)?;
    let docs = work.sum(Known::DocsExamined);
    let returned = match work.useful() {
        Some((useful, _)) => useful,
        // Of an answer from the index alone nothing tells how many keys were of use.
        None if docs == 0.0 => return None,
        None => 0.0,
    };
    let from_index = ["COUNT_SCAN", "DISTINCT_SCAN"];
    let plans = plans::of(work);
    let is_counted = plans.iter().any(|plan| from_index.iter().any(|stage| plan.has(stage)));
    let found = docs.max(returned);
    let is_heavy = work.per_run(Known::KeysExamined) >= MANY
        && work.sum(Known::KeysExamined) >= MIN_RATIO * found.max(work.runs() as f64);
    (is_heavy && !is_counted && !matches!(work.command.op, Op::Insert)).then_some(found)
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>, found: f64) -> Finding {
    let keys = work.sum(Known::KeysExamined);
    let ratio = keys / found.max(work.runs() as f64);
    let longest = work.class.class.facts.max_list;
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!(
        "{} index keys walked for each document found in {}",
        words::count(ratio as u64),
        work.place()
    );
    finding.message = format!(
        "{}. A logged run walks {} keys on average to find {} documents{}.",
        work.load(),
        shown(keys / work.runs().max(1) as f64),
        shown(found / work.runs().max(1) as f64),
        match longest {
            longest if longest >= LONG_LIST => format!(
                "; its longest list of values has {}, each of which is looked up",
                words::count(u64::from(longest))
            ),
            _ => ": most of the keys lead to none".to_owned(),
        }
    );
    let counted = [Known::KeysExamined, Known::DocsExamined, Known::Returned];
    finding.evidence.extend(counted.into_iter().filter_map(|known| work.average(known)));
    finding.evidence.extend(plans::main(work));
    estimate(&mut finding, work.total_us() * (1.0 - found / keys), work.total_us());
    finding.fixes.push(work.index_fix(|| {
        rewrite::code(
            "Put the fields that are compared with one value first in the index, then those of the sort, \
             then those of ranges.",
            "The log shows neither which fields the index has nor all of the command.",
        )
    }));
    work.add_explain(&mut finding);
    finding.verify = mongodb_explain::verify_reads_less(
        "few and narrow indexBounds, none of them from MinKey to MaxKey",
    );
    finding.trade_offs = work.write_cost(evidence);
    finding
}
