//! `mysql-temporary-on-disk`: internal temporary tables of a class go to disk.

use super::run_facts::{habit, per_run, plain, sum};
use super::{MYSQL, load, on_tables, plan_clues, weighty};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::model::event::Known;

/// Temporary tables on disk per run from which they are the class's habit.
const PER_RUN: f64 = 0.5;
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
(`Tmp_disk_tables`, `Created_tmp_disk_tables`, `Tmp_table_on_disk`). Of a plan that no log tells the \
load of: a temporary table of 10,000 rows or more whose filling takes at least 10 % of the statement; \
whether that goes to disk no plan says, so it is of medium severity at most.

## Why it matters

GROUP BY, DISTINCT, UNION and derived tables write their rows into a table of their own. In memory that \
is cheap; on disk each run writes and reads files.

## What to do

Need less of it first: an index that has the order of the GROUP BY, fewer columns, no long texts among \
them (before MySQL 8.0.13, and in MariaDB, a TEXT or BLOB column takes the table to disk whatever its \
size). More memory seldom helps: the files mostly stay in the page cache.

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
        let sizes = class.class.attributes().numbers(Known::TmpTableSizes);
        if let Some(sizes) = sizes.filter(|sizes| sizes.max > 0) {
            let fact = format!("the largest of a logged run: {}", words::bytes(sizes.max));
            finding.evidence.push(plain(fact));
        }
        if let Some(plan) = plan_clues::of(class).filter(|plan| plan.marks("using_temporary_table"))
        {
            finding.evidence.push(plan.fact(evidence, "Using temporary"));
        }
        out.push(finding);
    }
    plan::mysql_temporary_on_disk::check(rule, evidence, out);
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
        "The columns of the select list, of GROUP BY and of ORDER BY all stand in the temporary table. More \
         memory for it (tmp_table_size, max_heap_table_size) gained nothing in a trial on MariaDB 10.11, \
         an index that groups took a fifteenth of the time.",
    ));
    finding.verify = verify::explain(
        class,
        "no `Using temporary`; the next log shows none on disk for the class",
    );
    finding.trade_offs = "An index costs writes and space.".to_owned();
    finding
}
