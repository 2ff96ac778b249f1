//! `stale-statistics`: tables that changed much since the planner last looked at them.

use super::{about_table, tables};
use crate::judge::advice::{catalog_names as names, ident, statistics};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::{TableActivity, Told};
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH014",
    name: "stale-statistics",
    title: "The planner's numbers on a table are old",
    target: "schema",
    engines: &[Engine::Postgres],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Share of the rows that may have changed; autovacuum looks anew from a tenth on.
const MAX_CHANGED: f64 = 0.3;
/// An ANALYZE not longer ago than this is one of now, in microseconds.
const JUST_NOW_US: i64 = 600_000_000;
/// Rows below which any plan is good.
const FEW_ROWS: f64 = 10_000.0;

const DOCS: &str = "\
## What it finds

Tables of 10,000 rows or more of which three tenths or more changed since the last ANALYZE, or that \
were never analyzed.

## Why it matters

The planner chooses by numbers that no longer hold: it expects few rows where there are many, or \
does not know new values at the end of a column at all.

## What to do

ANALYZE the table; where it falls behind again, let autovacuum look at it after fewer changes.

## When to ignore it

Just after a bulk load, when autovacuum is about to come.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence) {
        let states = table.table.activity.values().map(|series| &series.last);
        // Only the primary counts changes.
        let state = states.max_by_key(|told| told.value.changed_since_analyze);
        let rows = table.table.rows().unwrap_or_default();
        let changed = state.and_then(|told| told.value.changed_since_analyze);
        // What a session changed is counted a moment after it ran ANALYZE.
        let is_fresh = state.is_some_and(|told| {
            let ages = told.origin.taken.zip(told.value.last_analyze);
            ages.is_some_and(|(taken, analyzed)| taken.0 - analyzed.0 < JUST_NOW_US)
        });
        if let (Some(state), Some(changed)) = (state, changed)
            && rows >= FEW_ROWS
            && !is_fresh
            && changed as f64 >= rows * MAX_CHANGED
        {
            out.push(finding(rule, evidence, table, state, rows, changed));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    state: &Told<TableActivity>,
    rows: f64,
    changed: u64,
) -> Finding {
    let of = names::table_words(table);
    let share = changed as f64 / rows;
    let mut finding = about_table(rule, evidence, table);
    let load = table.read_share + table.write_share;
    finding.severity = Severity::of_share(load).clamp(Severity::Low, rule.at_most);
    finding.confidence = Confidence::High;
    finding.title = format!("The planner's numbers on {of} are old");
    let last = match state.value.last_analyze {
        Some(last) => format!("last analyzed at {}", last.rfc3339()),
        None => "no ANALYZE is recorded".to_owned(),
    };
    finding.message = format!(
        "By the server's statistics {} rows of {of} changed since the planner last looked, against {} \
         that it has: {} of them.",
        words::count(changed),
        words::count(rows as u64),
        words::percent(share)
    );
    finding.evidence.push(Fact {
        fact: format!("{} rows changed since; {last}", words::count(changed)),
        source: Some(evidence.facts.source(state.origin.place)),
    });
    finding.fixes.push(statistics::analyze(&quoted(table)));
    finding.verify =
        "`n_mod_since_analyze` of the table in `pg_stat_user_tables` falls to 0.".to_owned();
    finding.trade_offs = "Plans on the table may change, mostly for the better.".to_owned();
    finding
}

/// The name as a statement would write it, quotes included.
fn quoted(table: &TableEvidence<'_>) -> String {
    let part = |part: &str| format!("\"{}\"", part.replace('"', "\"\""));
    match table.name.schema.as_deref() {
        Some(schema) => format!("{}.{}", part(schema), part(&table.name.name)),
        None => part(&ident::shown(&table.name.name)),
    }
}
