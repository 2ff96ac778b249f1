//! `waiting-operations`: a class's time is spent waiting, not working.

use super::waits::{WAITS, Wait};
use super::{MONGODB, Work, estimate, plain, weighty};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::Known;

/// Less waiting of a class is no trouble, in microseconds.
const MIN_WAIT_US: f64 = 500_000.0;
/// Waits that are told of one class.
const MAX_TOLD: usize = 3;

/// The rule.
pub static RULE: Rule = Rule {
    code: "MDB013",
    name: "waiting-operations",
    title: "Operations wait rather than work",
    target: "queries",
    engines: MONGODB,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class that waited half a second or more in all, for a large share of its time: 40 % for locks, half for a \
ticket in the queues, 30 % for pages from the disk, 10 % for room in the cache, 30 % for flow control, the \
write concern or a prepared transaction, 70 % for the search server, 90 % for shards. Also one \
that held oplog slots for half of its time.

## Why it matters

No index shortens a wait. The class that waits is seldom the cause: it shows when the server was short of \
something, and of what.

## What to do

What the wait calls for: the finding says it. Look at the same minutes in the timeline: what ran then and \
took the time is the first suspect.

## When to ignore it

When it belongs to one event that is known, such as a restart, an index build or a member that was down. \
From MongoDB 8.0 on operations that only waited are not logged at all: the limit is on the time at work.
";

/// What a class waited for.
struct Waited {
    wait: &'static Wait,
    us: f64,
    share: f64,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for work in weighty(rule, evidence) {
        let waited = waited(&work);
        if !waited.is_empty() {
            out.push(finding(rule, evidence, &work, &waited));
        }
    }
}

/// What is beyond its limit, most time first.
fn waited(work: &Work<'_>) -> Vec<Waited> {
    let mut waited: Vec<_> = WAITS
        .iter()
        .map(|wait| {
            let us: f64 = wait.known.iter().map(|known| work.sum(*known)).sum();
            Waited { wait, us, share: us / work.total_us().max(1.0) }
        })
        .filter(|waited| waited.us >= MIN_WAIT_US && waited.share >= waited.wait.min_share)
        .collect();
    waited.sort_by(|a, b| b.us.total_cmp(&a.us));
    waited.truncate(MAX_TOLD);
    waited
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, work: &Work<'_>, waited: &[Waited]) -> Finding {
    let mut finding = rule.about(evidence, work.class);
    let most = waited.iter().map(|waited| waited.wait.at_most).max().unwrap_or(Severity::Low);
    finding.severity = finding.severity.min(most);
    let whats: Vec<_> = waited.iter().map(|waited| waited.wait.what).collect();
    finding.title = format!("Operations on {} {}", work.place(), whats.join(", "));
    let meanings: Vec<_> = waited.iter().map(|waited| waited.wait.meaning).collect();
    finding.message = format!("{}. {}", work.load(), meanings.join(" "));
    finding.evidence.extend(waited.iter().map(|waited| fact(work, waited)));
    if let Some(working) = work.class.class.attributes().numbers(Known::WorkingTime) {
        finding.evidence.push(plain(format!(
            "{}: {} of the {} of the logged runs",
            Known::WorkingTime.title(),
            words::duration_us(working.sum as f64),
            words::duration_us(work.total_us())
        )));
    }
    // Waits may overlap: no more than the largest of them is promised.
    let largest = waited.iter().map(|waited| waited.us).fold(0.0, f64::max);
    estimate(&mut finding, largest, work.total_us());
    for fix in waited.iter().flat_map(|waited| waited.wait.fixes()) {
        if !finding.fixes.iter().any(|known| known.text == fix.text) {
            finding.fixes.push(fix);
        }
    }
    finding.verify =
        "The next log of the same hours has less of these waits for the class.".to_owned();
    finding.trade_offs =
        "None to look for the cause; what a change costs depends on it.".to_owned();
    finding
}

fn fact(work: &Work<'_>, waited: &Waited) -> Fact {
    let longest = waited.wait.known.iter().filter_map(|known| {
        work.class.class.attributes().numbers(*known).map(|numbers| numbers.max)
    });
    plain(format!(
        "operations {}: {}, {} of the time of the logged runs, {} in the worst",
        waited.wait.what,
        words::duration_us(waited.us),
        words::percent(waited.share),
        words::duration_us(longest.max().unwrap_or(0) as f64)
    ))
}
