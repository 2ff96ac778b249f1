//! `mysql-temporary-on-disk`: internal temporary tables of a class go to disk.

use super::run_facts::{habit, per_run, plain, sum};
use super::{MYSQL, load, on_tables, plan_clues, weighty};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::{Engine, Known};

/// Temporary tables on disk per run from which they are the class's habit.
const PER_RUN: f64 = 0.5;
/// Above this many bytes for one table memory is the wrong fix.
const MAX_TABLE_BYTES: u64 = 256 << 20;
/// What the servers give a temporary table by default.
const DEFAULT_BYTES: u64 = 16 << 20;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY016",
    name: "mysql-temporary-on-disk",
    title: "Temporary tables go to disk",
    target: "queries",
    engines: MYSQL,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class with an internal temporary table on disk in at least half of its logged runs \
(`Tmp_disk_tables`, `Created_tmp_disk_tables`, `Tmp_table_on_disk`).

## Why it matters

GROUP BY, DISTINCT, UNION and derived tables write their rows into a table of their own. In memory that \
is cheap; on disk each run writes and reads files.

## What to do

Need less of it first: an index that has the order of the GROUP BY, fewer columns, no long texts among \
them (before MySQL 8.0.13, and in MariaDB, a TEXT or BLOB column takes the table to disk whatever its \
size). Where the log says how large the tables were and that is little, more memory for the session that \
runs the statement.

## When to ignore it

When a report runs rarely and nobody waits for it.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let flag = habit(class, Known::TmpTableOnDisk);
        let on_disk = per_run(class, Known::TmpDiskTables);
        if flag.is_none() && on_disk < PER_RUN {
            continue;
        }
        let mut finding = finding(rule, evidence, class);
        finding.evidence.extend(flag);
        if on_disk > 0.0 {
            finding.evidence.push(plain(format!(
                "{} on disk in the logged runs, {} in all",
                words::counted(sum(class, Known::TmpDiskTables), "temporary table"),
                words::count(sum(class, Known::TmpTables))
            )));
        }
        if let Some(plan) = plan_clues::of(class).filter(|plan| plan.says("Using temporary")) {
            finding.evidence.push(plan.fact(evidence, "Using temporary"));
        }
        out.push(finding);
    }
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> Finding {
    let mut finding = rule.about(evidence, class);
    finding.confidence = Confidence::High;
    finding.title = format!("Temporary tables on disk{}", on_tables(class));
    finding.message =
        format!("{}. Most logged runs write an internal temporary table to disk.", load(class));
    finding.fixes.push(rewrite::code(
        "Group and sort by the columns of one index, select only what is read, and fetch long texts by \
         key afterwards.",
        "The columns of the select list, of GROUP BY and of ORDER BY all stand in the temporary table.",
    ));
    let largest = class.class.attributes().numbers(Known::TmpTableSizes).map_or(0, |n| n.max);
    finding.fixes.extend(memory(class, largest));
    finding.verify = verify::explain(
        class,
        "no `Using temporary`; the next log shows none on disk for the class",
    );
    finding.trade_offs = "An index costs writes. Memory is taken by each temporary table of each \
                          session that runs the statement."
        .to_owned();
    finding
}

/// More memory for one session, where the log says that little is enough.
fn memory(class: &ClassEvidence<'_>, largest: u64) -> Option<Fix> {
    let wanted = largest.saturating_mul(2).checked_next_power_of_two()?;
    if largest < DEFAULT_BYTES / 2 || wanted > MAX_TABLE_BYTES {
        return None;
    }
    let tmp = format!("SET SESSION tmp_table_size = {wanted};");
    let heap = format!("SET SESSION max_heap_table_size = {wanted};");
    Some(Fix {
        kind: FixKind::Sql,
        text: format!("{tmp}\n{heap}"),
        undo: "SET SESSION tmp_table_size = DEFAULT;\nSET SESSION max_heap_table_size = DEFAULT;"
            .to_owned(),
        note: format!(
            "A trial in the session that runs the statement, never for the server: the largest \
             temporary tables of a logged run took {}. It helps only where no TEXT or BLOB column is in \
             the table{}. Each session that runs the statement may take as much.",
            words::bytes(largest),
            match class.server.engine {
                Engine::Mysql => " (before MySQL 8.0.13)",
                _ => "",
            }
        ),
        complete: true,
    })
}
