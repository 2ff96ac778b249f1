//! `mysql-filesort`: many rows are sorted at every run, or sorts go to disk.

use super::run_facts::{
    habit, is_many, mean, on_average, order_columns, per_run, plain, sum, wanted_index,
};
use super::{MYSQL, load, on_tables, plan_clues, rows_examined_far_above_sent, weighty};
use crate::judge::advice::index::{self, Candidate, write_cost};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::{Rule, plan};
use crate::judge::words;
use crate::model::event::Known;

/// Rows sorted by a run from which the sort is a cost of its own.
const MANY_SORTED: f64 = 10_000.0;
/// Most columns of an index that gives an order.
const MAX_COLUMNS: usize = 4;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY017",
    name: "mysql-filesort",
    title: "Many rows are sorted",
    target: "queries",
    engines: MYSQL,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A class whose runs sort 10,000 rows or more on average (`Sort_rows`, or a plan with `Using filesort` \
over so many rows), or whose sorts are merged from disk (`Filesort_on_disk`, `Merge_passes`). Where \
`rows-examined-far-above-sent` names the class, it is silent unless the sort goes to disk.

## Why it matters

A sort cannot return its first row before it has read its last one, so a LIMIT saves nothing; beyond \
`sort_buffer_size` it writes and merges files.

## What to do

An index that has the order: the columns tested for equality, then those of the ORDER BY, all in one \
direction. Or sort less: fewer columns, only keys, and the rows afterwards.

## When to ignore it

When the whole result is wanted in an order that no index can give, and nobody waits for it.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        // Of a sort in random order order-by-random speaks.
        if class.shape.orders_by_random {
            continue;
        }
        let disk = on_disk(class);
        let known =
            disk.is_empty() && rows_examined_far_above_sent::reading(evidence, class).is_some();
        let facts = if known { Vec::new() } else { sorted(evidence, class, disk) };
        if !facts.is_empty() {
            out.push(finding(rule, evidence, class, facts));
        }
    }
    plan::mysql_filesort::check(rule, evidence, out);
}

/// What shows that sorts do not fit into memory.
fn on_disk(class: &ClassEvidence<'_>) -> Vec<Fact> {
    let mut facts: Vec<_> = habit(class, Known::FilesortOnDisk).into_iter().collect();
    if per_run(class, Known::MergePasses) >= 1.0 {
        facts.push(plain(format!(
            "sorted files were merged {} times in the logged runs",
            words::count(sum(class, Known::MergePasses))
        )));
    }
    facts
}

/// What shows that many rows are sorted.
fn sorted(evidence: &Evidence<'_>, class: &ClassEvidence<'_>, mut facts: Vec<Fact>) -> Vec<Fact> {
    if mean(class, Known::SortRows).is_some_and(|rows| rows >= MANY_SORTED) {
        facts.extend(on_average(class, Known::SortRows));
    }
    if let Some(plan) = plan_clues::of(class) {
        let rows = plan.rows();
        let read: f64 =
            rows.iter().filter(|row| row.is_outer()).map(|row| row.rows_known()).product();
        // After a temporary table it is the groups that are sorted, and how many these are is not told.
        let sorts = rows
            .iter()
            .any(|row| row.notes("using_filesort") && !row.notes("using_temporary_table"));
        if sorts && read >= MANY_SORTED {
            facts.push(plan.fact(evidence, "Using filesort"));
        }
    }
    let sorts_much = is_many(mean(class, Known::RowsExamined))
        && mean(class, Known::RowsSent).is_some_and(|rows| rows >= MANY_SORTED);
    if facts.is_empty() && sorts_much {
        facts.extend(habit(class, Known::Filesort));
    }
    facts
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    facts: Vec<Fact>,
) -> Finding {
    let mut finding = rule.about(evidence, class);
    finding.confidence = Confidence::High;
    finding.title = format!("Sorts of many rows{}", on_tables(class));
    finding.message = format!(
        "{}. The logged runs sort what an index could give in order, or more than fits into memory.",
        load(class)
    );
    finding.evidence.extend(facts);
    finding.trade_offs = "Fewer columns have to be fetched by key afterwards.".to_owned();
    if let Some(candidate) = index_of_order(class) {
        finding.trade_offs = write_cost(evidence, class, &candidate.table);
        finding.fixes.push(index::fix(&[candidate], class, evidence));
    }
    finding.fixes.push(rewrite::code(
        "Sort less: add a LIMIT where only the first rows are read, sort keys alone and join the rows to \
         them afterwards, leave out the ORDER BY where nobody needs it.",
        "A larger sort_buffer_size is taken by each sort of each session: at most for the one session \
         that needs it.",
    ));
    finding.verify = verify::explain(class, "no `Using filesort`");
    finding
}

/// The index that gives the order of a statement on one table. Grouped rows have no such order.
fn index_of_order(class: &ClassEvidence<'_>) -> Option<Candidate> {
    let [table] = class.shape.tables.as_slice() else { return None };
    if class.shape.aggregates || order_columns(class, &table.name, MAX_COLUMNS).is_empty() {
        return None;
    }
    wanted_index(class, &table.name)
}
