//! `or-across-columns`: an OR whose arms test different columns, which one index cannot serve.

use super::{
    SERVERS, by_engine, column_words, examines_few, is_narrowed, load, on_tables, plan_clues,
    table_of, weigh_text, weighty,
};
use crate::judge::advice::index::{self, Candidate, write_cost};
use crate::judge::advice::{rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Finding, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::rewrite::or_to_union;
use crate::lang::sql::shape::{ColumnRef, Comparison, OrGroup};

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY005",
    name: "or-across-columns",
    title: "OR across columns",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

`WHERE a = … OR b = …` on different columns, each tested in a way that an index could serve, where \
no equality on the same table narrows the rows first. A logged plan decides instead: the finding \
stands only where it reads the table from end to end.

## Why it matters

One index serves one arm. Where every arm has its own index on one table the planner can combine \
them (BitmapOr, in MySQL index_merge); where one arm has none, or the arms belong to different tables, all rows are read \
and tested.

## What to do

On one table: an index for each arm. Across tables, or where ORDER BY and LIMIT should use an \
index: a UNION ALL of one statement per arm, each without the rows of the arms before it, with ORDER BY \
and LIMIT kept.

## When to ignore it

When the plan shows a BitmapOr or index_merge, when the table is small, or when the arms match most rows.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        if let Some(group) = class.shape.ors.iter().find(|group| is_suspect(class, group)) {
            out.push(finding(rule, evidence, class, group));
        }
    }
}

/// A logged plan decides: what it reads without a scan is served, by a BitmapOr or otherwise.
/// Without one, an equality on the same table clears the statement.
fn is_suspect(class: &ClassEvidence<'_>, group: &OrGroup) -> bool {
    let mut tables = group.columns.iter().filter_map(|c| table_of(class, c));
    let unserved = match plan_clues::of(class) {
        Some(plan) => tables.any(|table| plan.scans(table)),
        None => !examines_few(class) && !tables.any(|table| is_narrowed(class, table)),
    };
    class.shape.exact
        && unserved
        && group.columns.iter().all(|column| an_index_could_serve(class, column))
}

/// Whether every test of a column below an OR is one that a plain index serves.
fn an_index_could_serve(class: &ClassEvidence<'_>, column: &ColumnRef) -> bool {
    let mut tests =
        class.shape.predicates.iter().filter(|p| p.below_or && p.column == *column).peekable();
    tests.peek().is_some()
        && tests.all(|p| {
            let plain =
                matches!(p.comparison, Comparison::Equal | Comparison::In | Comparison::Range);
            plain && p.wrapped_in.is_none() && !p.join
        })
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    group: &OrGroup,
) -> Finding {
    let columns: Vec<_> = group.columns.iter().map(column_words).collect();
    let first_table = table_of(class, &group.columns[0]);
    let one_table = first_table
        .filter(|table| group.columns.iter().all(|c| table_of(class, c) == Some(*table)));

    let mut finding = rule.about(evidence, class);
    let tables = group.columns.iter().filter_map(|column| table_of(class, column));
    finding.tables = tables.map(str::to_owned).collect();
    finding.title = format!("OR across {}{}", columns.join(" and "), in_table(class, one_table));
    finding.message = format!(
        "{}. The arms of the OR test {}. {}",
        load(class),
        columns.join(" and "),
        match one_table {
            Some(_) =>
                "One index serves one arm; unless every arm has its own, all rows are read and tested.",
            None => "The arms belong to different tables, so no index can serve both.",
        }
    );
    match plan_clues::of(class) {
        Some(plan) => finding.evidence.push(plan.fact(evidence, "reads the table from end to end")),
        None => weigh_text(&mut finding, class),
    }

    let candidates: Vec<_> = group
        .columns
        .iter()
        .filter_map(|column| {
            Some(Candidate::btree(class, table_of(class, column)?, &[&column.column]))
        })
        .collect();
    let indexes = (!candidates.is_empty()).then(|| index::fix(&candidates, class, evidence));
    let union = rewrite::statement(class)
        .and_then(|sql| or_to_union(sql, class.server.engine.dialect()?))
        .map(|rewritten| rewrite::whole(rewritten, ""));
    if one_table.is_some() {
        finding.fixes.extend(indexes);
        finding.fixes.extend(union);
    } else {
        finding.fixes.extend(union);
        finding.fixes.extend(indexes);
    }
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "a BitmapOr over one index per arm, or one Index Scan per arm of the UNION",
            "type index_merge with one index per arm, or an index for each arm of the UNION, and no \
             type ALL",
        ),
    );
    finding.trade_offs = match first_table {
        Some(table) => write_cost(evidence, class, table),
        None => "A UNION runs one statement per arm and sorts or hashes their rows.".to_owned(),
    };
    finding
}

fn in_table(class: &ClassEvidence<'_>, one_table: Option<&str>) -> String {
    match one_table {
        Some(_) => String::new(),
        None => on_tables(class),
    }
}
