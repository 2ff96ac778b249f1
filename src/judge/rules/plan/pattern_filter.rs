//! `pattern-filter`: a pattern is tested on every row of a table.

use super::postgres::{MIN_SHARE, POSTGRES, advise_index, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::index::Candidate;
use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN020",
    name: "pattern-filter",
    title: "A pattern is looked for in every row",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A scan whose filter is a LIKE, ILIKE or a regular expression on a column, that removes at \
least 90 % of the rows read, at least 1,000, and takes at least 10 % of its statement's \
time. Where `leading-wildcard` tells it from the statements, what the plan shows stands there.

## Why it matters

A btree in the usual collations serves no pattern, and none that begins with a wildcard.

## What to do

Build a trigram index (extension pg_trgm), which finds any pattern of three letters or more. \
For patterns that only ever end in a wildcard a btree with `text_pattern_ops` is smaller.

## When to ignore it

When patterns are shorter than three letters, or the table is small.
";

/// Share of the rows read that the filter must remove, and how many.
const REMOVED: f64 = 0.9;
const MIN_REMOVED: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::FullScan);
    scans
        .filter_map(|seen| {
            let column = plan_index::pattern_column(seen.node)?;
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let (removed, read) = seen.filtered()?;
            let fact = format!(
                "{} compares {} of {} rows with a pattern",
                seen.name(),
                plan_index::column_words(&column),
                number(read)
            );
            let part = removed / read;
            let is_alone = plan_index::is_of_other_kind(seen.node);
            (is_alone && part >= REMOVED && removed >= MIN_REMOVED).then_some(Hit {
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

    let Some(column) = plan_index::pattern_column(seen.node) else { return };
    let title = format!("A pattern is looked for in every row of {}", ident::quoted(table));
    say(evidence, plan, hit, finding, title, "No btree in the usual collations serves it.");
    let candidate = Candidate {
        table: table.to_owned(),
        using: "USING gin ",
        keys: vec![format!("{} gin_trgm_ops", ident::column(&column))],
        words: vec![ident::unquoted(&column), "trgm".to_owned()],
        extension: Some("pg_trgm"),
    };
    let reason = "Serves patterns that hold three letters or more in a row. ".to_owned();
    advise_index(evidence, plan, finding, table, Some((candidate, reason)));
    finding.verify = verify(evidence, plan, "a Bitmap Index Scan on the trigram index");
    finding.trade_offs.push_str(" A trigram index is large and slow to write.");
}
