//! `not-in-subquery`: `NOT IN (SELECT …)`, which no planner of PostgreSQL turns into a join.

use super::{
    SERVERS, by_engine, column_words, examines_few, is_mysql, load, on_tables, plan_clues,
    table_of, weigh_text, weighty,
};
use crate::judge::advice::{lookup, mysql_lookup, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::rewrite::not_in_to_not_exists;
use crate::lang::sql::shape::NotIn;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY008",
    name: "not-in-subquery",
    title: "NOT IN over a subquery",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

`x NOT IN (SELECT …)`, unless a logged plan shows that the subquery is hashed or runs once, or the \
log that runs examine few rows.

## Why it matters

NULLs make `NOT IN` something else than an anti-join, so PostgreSQL keeps it as a subplan. While \
the subquery's result fits into `work_mem` it is hashed and fast; beyond that it is searched from \
its start for every row. MySQL runs the subquery anew for every row where a column of either side may \
be NULL; MariaDB only where a plan shows it. And one NULL in the result makes the whole condition true for no row.

## What to do

Write it as `NOT EXISTS`, which is planned as an anti-join. That gives the same rows only where \
neither side can be NULL: check both columns first.

## When to ignore it

When the subquery is small and stays small, or when the NULL behaviour of NOT IN is wanted.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let plan = plan_clues::of(class);
        let cleared = match plan {
            Some(plan) => !plan.reruns_subquery(),
            // MariaDB runs it once, NULLs or not, but where it refers to the row outside.
            None => examines_few(class) || class.server.engine == Engine::Mariadb,
        };
        if let Some(not_in) = class.shape.not_ins.first()
            && !cleared
        {
            out.push(finding(rule, evidence, class, not_in));
        }
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    not_in: &NotIn,
) -> Finding {
    let left = not_in.column.as_ref().map(column_words);
    let mut finding = rule.about(evidence, class);
    finding.tables = not_in.table.iter().cloned().collect();
    finding.title = match &left {
        Some(left) => format!("NOT IN over a subquery: {left}"),
        None => format!("NOT IN over a subquery{}", on_tables(class)),
    };
    finding.message = format!(
        "{}. {}, and one NULL in its result makes the condition true for no row.",
        load(class),
        by_engine(
            class,
            "NOT IN stays a subplan: beyond work_mem its result is searched from the start for every \
             row",
            "Where either side may be NULL, or the subquery refers to the row outside, it is run anew \
             for every row"
        )
    );
    match plan_clues::of(class) {
        Some(plan) => {
            finding.confidence = Confidence::High;
            finding.evidence.push(plan.fact(
                evidence,
                by_engine(class, "the subplan is not hashed", "a DEPENDENT SUBQUERY"),
            ));
        }
        None => weigh_text(&mut finding, class),
    }
    finding.fixes.extend(null_check(class, not_in));
    finding.fixes.push(fix(class));
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "a Hash Anti Join or Merge Anti Join, and as many rows as before",
            "an antijoin, MATERIALIZED, or a DEPENDENT SUBQUERY that reads one row by an index, and \
                 as many rows as before",
        ),
    );
    finding.trade_offs = "None where both sides are NOT NULL; otherwise the result changes: NOT \
                          EXISTS returns rows that NOT IN drops."
        .to_owned();
    finding
}

/// The query that shows whether both sides are declared NOT NULL, where both are columns.
fn null_check(class: &ClassEvidence<'_>, not_in: &NotIn) -> Option<Fix> {
    let column = not_in.column.as_ref()?;
    let outer = (table_of(class, column)?, &*column.column);
    let inner = (not_in.table.as_deref()?, not_in.returns.as_deref()?);
    Some(Fix {
        kind: FixKind::Sql,
        text: match is_mysql(class) {
            true => mysql_lookup::not_null(class, &[outer, inner]),
            false => lookup::not_null(&[outer, inner]),
        },
        undo: String::new(),
        note:
            "First: both columns must be NOT NULL for the rewrite to return the same rows. Where \
               only the subquery's side is nullable and its NULLs are to be ignored, NOT EXISTS is \
               what was meant."
                .to_owned(),
        complete: true,
    })
}

fn fix(class: &ClassEvidence<'_>) -> Fix {
    let rewritten = rewrite::statement(class)
        .and_then(|sql| not_in_to_not_exists(sql, class.server.engine.dialect()?));
    let needs = by_engine(
        class,
        "",
        "It pays with an index on the subquery's column. Where both columns are declared NOT NULL the \
         server already runs the subquery once, and nothing is gained.",
    );
    match rewritten {
        Some(rewritten) => rewrite::whole(rewritten, needs),
        None => rewrite::code(
            "Write NOT EXISTS (SELECT … WHERE inner column = outer column) in place of NOT IN.",
            "No safe rewrite of this statement is known. The same rows only where both sides are NOT \
             NULL.",
        ),
    }
}
