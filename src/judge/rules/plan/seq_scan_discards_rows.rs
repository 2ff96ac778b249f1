//! `seq-scan-discards-rows`: a whole table is read to keep a few of its rows.

use super::postgres::{
    MIN_SHARE, POSTGRES, above, advise_index, inputs, is_rerun, node, nodes, say, verify,
};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN002",
    name: "seq-scan-discards-rows",
    title: "A whole table is read to keep few of its rows",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::Critical,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A Seq Scan whose filter removes at least 90 % of the rows it reads, at least 1,000 of them, \
and that takes at least 10 % of its statement's time. Scans that are started anew for other \
rows, and filters that only patterns or casts make, have rules of their own.

## Why it matters

The server reads and tests every row of the table, each time. An index on the columns of the \
filter leads to the few rows that are kept.

## What to do

Build the index that the finding prints, after a look at those that the table has. Columns \
that are tested for equality come first, one range last.

## When to ignore it

When the statement runs so seldom that an index, which every write must maintain, costs more \
than it saves, and when the filter keeps most rows for other values.
";

/// Share of the rows read that the filter must remove.
const REMOVED: f64 = 0.9;
/// Rows that it must remove, over all loops.
const MIN_REMOVED: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::FullScan);
    scans
        .filter(|seen| !is_rerun(plan.plan(), seen.at) && !plan_index::is_of_other_kind(seen.node))
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let (removed, read) = seen.filtered()?;
            let part = removed / read;
            let fact = format!(
                "{} reads {} rows and keeps {}",
                seen.name(),
                number(read),
                number(read - removed)
            );
            (part >= REMOVED && removed >= MIN_REMOVED).then_some(Hit {
                at: seen.at,
                share: share * part,
                fact,
            })
        })
        .collect()
}

fn tell(evidence: &Evidence<'_>, plan: &PlanEvidence<'_>, hit: &Hit, finding: &mut Finding) {
    let Some(seen) = node(plan, hit.at) else { return };
    let table = seen.table().unwrap_or_default();

    let title = format!("Seq Scan on {} reads rows to throw them away", ident::quoted(table));
    let why = "An index on the columns of its filter leads to the rows that are kept.";
    say(evidence, plan, hit, finding, title, why);
    let candidate = plan_index::wanted(seen.node).candidate(table);
    advise_index(evidence, plan, finding, table, candidate);
    let members = above(plan, hit.at).map_or(0, |over| match over.node.operator {
        Operator::Append | Operator::MergeAppend => inputs(plan, over.at).len(),
        _ => 0,
    });
    if let Some(fix) = finding.fixes.first_mut().filter(|_| members > 1) {
        let note = format!(
            "One of {members} tables that are read alike: where they are partitions, build the index on \
             the partitioned table in place of this one. "
        );
        fix.note.insert_str(0, &note);
    }
    finding.verify = verify(
        evidence,
        plan,
        "an Index Scan or Bitmap Heap Scan on the table, with hardly any Rows Removed by Filter",
    );
}
