//! `getmore-heavy`: most of the time goes into the later batches of cursors.

use super::{HABIT, MONGODB, Work, amount, plain, weighty};
use crate::judge::advice::{mongodb_explain, rewrite};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Fact, Finding, Fix, ImpactLabel, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::Known;

/// A batch of this many bytes is near the most that a batch may have, 16 MB.
const FULL_BATCH_BYTES: f64 = 8e6;
/// Below so many documents a batch could be larger.
const SMALL_BATCH: f64 = 1000.0;
/// Fewer later batches are no habit.
const MIN_BATCHES: u64 = 5;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB008",
    name: "getmore-heavy",
    title: "Most of the time goes into later batches",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class of which half of the logged time or more went into five or more `getMore` runs: batches behind \
the first of a cursor. Cursors that wait for new data are left alone.

## Why it matters

The command returns more than one batch, which the application fetches one by one: each is a round trip, \
and the cursor keeps its snapshot and memory for as long as the reading takes. Small batches make many \
trips of what could be few; full batches of 16 MB mean that very much is read.

## What to do

Read less: a `$match`, a `limit`, only the fields that are used. Where all of it is needed, larger batches \
(`batchSize`) spare round trips as long as a batch stays far below 16 MB.

## When to ignore it

When it is an export or a job that is meant to read everything.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        let batches = batches(&work);
        let time_us = work.sum(Known::LaterBatchTime);
        if batches >= MIN_BATCHES && time_us >= HABIT * work.total_us() {
            out.push(finding(rule, evidence, &work, batches, time_us));
        }
    }
}

/// Later batches that are logged.
fn batches(work: &Work<'_>) -> u64 {
    let times = work.class.class.attributes().numbers(Known::LaterBatchTime);
    times.map_or(0, |times| times.records)
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    work: &Work<'_>,
    batches: u64,
    time_us: f64,
) -> Finding {
    let mut finding = rule.about(evidence, work.class);
    finding.title = format!(
        "{} of the time of {} goes into later batches",
        words::percent(time_us / work.total_us()),
        work.place()
    );
    finding.message = format!(
        "{}. {} of them fetched a later batch of a cursor and took {} together.",
        work.load(),
        words::count(batches),
        words::duration_us(time_us)
    );
    let counted = [Known::LaterBatchTime, Known::Returned, Known::ResponseBytes];
    finding.evidence.extend(counted.into_iter().filter_map(|known| average(work, known)));
    // A larger batch does the same work on the server: only the trips are spared, which no duration
    // shows.
    finding.impact.label = ImpactLabel::Unknown;
    finding.fixes.extend(fixes(work));
    work.add_explain(&mut finding);
    finding.verify = format!(
        "The next log has fewer getMore runs of the class. {}",
        mongodb_explain::verify("only the fields that are used in its projection")
    );
    finding.trade_offs =
        "Larger batches take memory of the application and of the server for as long as they are sent."
            .to_owned();
    finding
}

/// A fact about a batch on average.
fn average(work: &Work<'_>, known: Known) -> Option<Fact> {
    let numbers = work.class.class.attributes().numbers(known)?;
    let shown = amount(known, numbers.mean()?);
    Some(plain(format!("{}: {shown} by a logged batch on average", known.title())))
}

fn fixes(work: &Work<'_>) -> Vec<Fix> {
    let mean = |known| work.class.class.attributes().numbers(known).and_then(|n| n.mean());
    let bytes = mean(Known::ResponseBytes).unwrap_or(0.0);
    let documents = mean(Known::Returned).unwrap_or(0.0);
    let mut fixes = vec![rewrite::code(
        "Read less: a predicate or a limit, and a projection of the fields that are used; let the server \
         group and count where only the result is needed.",
        match bytes >= FULL_BATCH_BYTES {
            true => {
                "The logged batches are nearly full (16 MB is the most): a larger batchSize changes nothing."
            }
            false => "What the application does with the documents the log does not show.",
        },
    )];
    if documents > 0.0 && documents < SMALL_BATCH && bytes < FULL_BATCH_BYTES / 10.0 {
        fixes.push(rewrite::code(
            "Where all documents are needed, fetch more at once: batchSize of some thousand in place of some \
             hundred, or leave batchSize out, so that later batches grow to 16 MB.",
            "The same documents are read; only round trips are spared.",
        ));
    }
    fixes
}
