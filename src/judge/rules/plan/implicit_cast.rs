//! `implicit-cast`: a condition casts its column, mostly because the other side is of another type.

use super::postgres::{MIN_SHARE, POSTGRES, code, node, nodes, say, verify};
use super::{Hit, each_plan};
use crate::judge::advice::{ident, plan_index};
use crate::judge::evidence::{Evidence, PlanEvidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::plan_words::number;
use crate::judge::rules::Rule;

/// The rule.
pub static RULE: Rule = Rule {
    code: "PLN016",
    name: "implicit-cast",
    title: "A column is cast before it is compared",
    target: "queries",
    engines: POSTGRES,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A scan whose filter compares a number column cast to `numeric`, `double precision` or \
`real`, removes at least 90 % of the rows it reads, at least 1,000, and takes at least 10 % \
of its statement's time.

## Why it matters

A driver that sends `4711.0` or a decimal parameter makes PostgreSQL cast the column, not \
the value. An index on the column does not serve the cast.

## What to do

Send the value in the column's own type: bind an integer, or cast the parameter \
(`$1::bigint`).

## When to ignore it

When the statement casts on purpose and an index on the expression exists.
";

/// Share of the rows read that the filter must remove, and how many.
const REMOVED: f64 = 0.9;
const MIN_REMOVED: f64 = 1_000.0;

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_plan(rule, evidence, out, find, |plan, hit, finding| tell(evidence, plan, hit, finding));
}

fn find(plan: &PlanEvidence<'_>) -> Vec<Hit> {
    let scans = nodes(plan).filter(|seen| seen.node.operator.reads_table());
    scans
        .filter_map(|seen| {
            let (column, cast) = plan_index::cast_column(seen.node)?;
            let share = seen.share().filter(|share| *share >= MIN_SHARE)?;
            let (removed, read) = seen.filtered()?;
            let fact = format!(
                "{} reads {} rows and casts {} of each to {cast}",
                seen.name(),
                number(read),
                plan_index::column_words(&column)
            );
            let part = removed / read;
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

    let Some((column, cast)) = plan_index::cast_column(seen.node) else { return };
    let column = plan_index::column_words(&column);
    let title = format!("{column} of {} is cast to {cast} in a condition", ident::quoted(table));
    let why = "The value that it is compared with is of another type; an index on the column does not \
               serve the cast.";
    say(evidence, plan, hit, finding, title, why);
    finding.fixes.push(code(
        &format!(
            "Compare {column} with a value of its own type: bind an integer where the column is one, or \
             cast the parameter in place of the column."
        ),
        "The same rows as long as the value is a whole number in the column's range: 4711.5 equals no \
         integer, and a cast of it would round.",
    ));
    finding.verify =
        verify(evidence, plan, "the condition without a cast of the column, as Index Cond");
    finding.trade_offs = "None, where an index on the column exists.".to_owned();
}
