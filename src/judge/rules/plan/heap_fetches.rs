//! `heap-fetches`: an index-only scan has to look into the table, because vacuum did not mark its pages.

use super::postgres::{MIN_SHARE, POSTGRES, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, setting, statistics};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;
use crate::model::plan::Operator;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN011",
    name: "heap-fetches",
    title: "An index-only scan visits the table",
    target: "indexes",
    engines: POSTGRES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

An Index Only Scan with more than 1,000 heap fetches, for more than 10 % of its rows, that \
takes at least 10 % of its statement's time.

## Why it matters

An index does not know which rows are visible. Where the visibility map does not say that \
all rows of a page are, the page itself is read.

## What to do

VACUUM the table, and let autovacuum come more often to it.

## When to ignore it

When the table changes so fast that its pages are never all-visible for long.
";

/// Fetches that there must be, and for which share of the rows.
const MIN_FETCHES: f64 = 1_000.0;
const PART: f64 = 0.1;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator == Operator::IndexOnlyScan);
    scans
        .filter_map(|seen| {
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            // A total over all loops, unlike rows.
            let fetches = seen.node.number("Heap Fetches")?;
            let rows = seen.filtered().map_or(seen.rows()?, |(_, found)| found).max(1.0);
            let part = (fetches / rows).min(1.0);
            let fact = format!("{} fetched {} rows from the table", seen.name(), number(fetches));
            (fetches > MIN_FETCHES && part > PART).then_some(Hit {
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

    let title = format!("The index-only scan of {} visits the table", ident::quoted(table));
    let why = "Its pages are not marked as all-visible, so the index alone does not do.";
    say(evidence, plan, hit, finding, title, why);
    finding.confidence = Confidence::High;
    finding.fixes.push(statistics::vacuum(table));
    finding.fixes.push(setting::of_table(
        &ident::quoted(table),
        &[("autovacuum_vacuum_scale_factor", "0.02"), ("autovacuum_vacuum_insert_scale_factor", "0.02")],
        "Autovacuum comes when 2 % of the rows have changed or were added in place of 20 %. The second \
         setting is of PostgreSQL 13 and later: leave it out before.",
    ));
    finding.verify = verify(evidence, plan, "`Heap Fetches` near 0");
    finding.trade_offs =
        "Vacuum reads and writes pages in the background, more often than before.".to_owned();
}
