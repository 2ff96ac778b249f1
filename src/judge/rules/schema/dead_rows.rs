//! `dead-rows`: tables with many rows that are dead and not yet vacuumed.

use super::{about_table, tables};
use crate::judge::advice::{catalog_names as names, setting, statistics};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::catalog::{TableActivity, TableKind, Told};
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH015",
    name: "dead-rows",
    title: "A table has many dead rows",
    target: "schema",
    engines: &[Engine::Postgres],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Share of dead rows from which a table wants a vacuum; autovacuum comes at a fifth.
const MANY: f64 = 0.3;
/// Share from which a vacuum is plainly missing.
const MOST: f64 = 0.5;

const DOCS: &str = "\
## What it finds

Tables with 100,000 dead rows or more that are at least three tenths of all its rows; autovacuum \
comes at a fifth by default. Medium from a half on.

## Why it matters

Scans read the dead rows, too, indexes point at them, and the table grows until a vacuum lets the \
space be used again.

## What to do

First see what keeps vacuum from removing them: long transactions, replication slots, prepared \
transactions. Then VACUUM, and let autovacuum come to the table sooner.

## When to ignore it

Just after a bulk delete, when autovacuum is at work.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence).filter(|table| table.kind() != TableKind::Partitioned) {
        let states = table.table.activity.values().map(|series| &series.last);
        let Some(state) = states.max_by_key(|told| told.value.dead_rows) else { continue };
        let Some((dead, live)) = state.value.dead_rows.zip(state.value.live_rows) else { continue };
        let share = dead as f64 / (dead.saturating_add(live)).max(1) as f64;
        if dead >= evidence.options.thresholds.dead_rows && share >= MANY {
            out.push(finding(rule, evidence, table, state, dead, share));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    state: &Told<TableActivity>,
    dead: u64,
    share: f64,
) -> Finding {
    let of = names::table_words(table);
    let mut finding = about_table(rule, evidence, table);
    let by_load = Severity::of_share(table.read_share + table.write_share);
    let by_share = if share >= MOST { Severity::Medium } else { Severity::Low };
    finding.severity = by_load.max(by_share).min(rule.at_most);
    finding.confidence = Confidence::High;
    finding.title = format!("{} of the rows of {of} are dead", words::percent(share));
    finding.message = format!(
        "By the server's statistics {} rows of {of} are dead, {} of all: every scan reads them, and \
         they hold their space.",
        words::count(dead),
        words::percent(share)
    );
    let last = match state.value.last_vacuum {
        Some(last) => format!("last vacuumed at {}", last.rfc3339()),
        None => "no vacuum is recorded".to_owned(),
    };
    finding.evidence.push(Fact {
        fact: format!("{} dead rows; {last}", words::count(dead)),
        source: Some(evidence.facts.source(state.origin.place)),
    });
    let raw = table.name.schema.as_deref().map_or_else(
        || format!("\"{}\"", table.name.name.replace('"', "\"\"")),
        |schema| {
            format!(
                "\"{}\".\"{}\"",
                schema.replace('"', "\"\""),
                table.name.name.replace('"', "\"\"")
            )
        },
    );
    finding.fixes.push(statistics::vacuum(&raw));
    finding.fixes.push(setting::of_table(
        &names::table(table),
        &[("autovacuum_vacuum_scale_factor", "0.05")],
        "Autovacuum then comes at a twentieth of dead rows in place of a fifth.",
    ));
    finding.verify =
        "`n_dead_tup` of the table in `pg_stat_user_tables` falls, and stays low.".to_owned();
    finding.trade_offs = "Vacuums come more often, each with less to do.".to_owned();
    finding
}
