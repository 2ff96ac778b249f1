//! `scan-keeps-most-rows`: a whole table is read and most of it kept, so that no index on the condition can help.

use super::postgres::{POSTGRES, code, is_rerun, node, nodes, verify};
use super::{Hit, each_plan};
use crate::judge::advice::ident;
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Impact, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::judge::words::percent;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN021",
    name: "scan-keeps-most-rows",
    title: "Most rows are kept: an index will not help",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::Info,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Seq Scan of at least 10,000 rows whose filter keeps more than half of them, and that takes \
at least 30 % of its statement's time.

## Why it matters

It looks like a missing index and is none: to fetch most rows one by one takes longer than \
to read the table.

## What to do

Nothing about indexes. Read less: fewer columns by a covering index, a sum that is kept, \
partitions; or let parallel workers share the scan.

## When to ignore it

Always: this is a hint against a fix that suggests itself.
";

/// Rows that the scan must read, the share that it keeps, and that of the statement that it takes.
const MIN_READ: f64 = 10_000.0;
const KEPT: f64 = 0.5;
const MIN_SCAN_SHARE: f64 = 0.3;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| {
        seen.node.operator == Operator::FullScan && seen.node.text("Filter").is_some()
    });
    scans
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SCAN_SHARE)?;
            let kept = seen.rows()?;
            let read = kept + seen.metrics.rows_removed.map_or(0.0, |removed| removed.most());
            let fact = format!(
                "{} keeps {} of the {} rows that it reads",
                seen.name(),
                percent(kept / read.max(1.0)),
                number(read)
            );
            let is_alone = !is_rerun(plan.plan(), seen.at);
            (is_alone && read >= MIN_READ && kept > KEPT * read).then_some(Hit {
                at: seen.at,
                share,
                fact,
            })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    finding.title =
        format!("No index on its condition makes the scan of {} faster", ident::quoted(table));
    finding.message = format!(
        "{}. To fetch most rows of a table by an index takes longer than to read the table, which is {} \
         of this plan.{}",
        hit.fact,
        percent(hit.share),
        if plan.load_share.is_some() { " So are all its logged runs." } else { "" }
    );
    // Nothing is to be saved: it is a hint.
    finding.impact = Impact { share: finding.impact.share, ..Impact::unknown() };
    finding.severity = Severity::Info;
    finding.fixes.push(code(
        "Build no index for this condition. Where the scan must get faster: keep the sum that it \
         makes, cover it by an index on all columns that it uses, or let parallel workers share it.",
        "Nothing is to be changed in the database.",
    ));
    finding.verify = verify(evidence, plan, "the Seq Scan as before");
    finding.trade_offs = "None.".to_owned();
}
