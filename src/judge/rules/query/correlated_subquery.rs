//! `correlated-subquery`: a subquery that runs once for each row of the statement around it.

use super::{
    SERVERS, by_engine, examines_few, load, name_words, plan_clues, rows_examined, weigh_text,
    weighty,
};
use crate::judge::advice::index::{self, Candidate, write_cost};
use crate::judge::advice::{names, rewrite, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Fix, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::shape::{ColumnRef, Comparison, Correlated};

/// Up to so many runs of a subquery per statement are no fault.
const FEW_LOOPS: u64 = 100;

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY009",
    name: "correlated-subquery",
    title: "Correlated subquery",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A subquery that refers to a table outside, in the select list (it runs once per row returned) or \
in a condition other than EXISTS (once per row tested). Left alone: a select list under a LIMIT of \
at most 100 rows, a statement that asks for one row by its `id`, and any class whose logged plan \
shows at most 100 runs of the subplan.

## Why it matters

EXISTS is planned as a join; any other correlated subquery stays a subplan that starts anew for \
every row. Without an index on the inner column each start reads the inner table.

## What to do

Compute the value for all rows at once and join it: one grouped derived table, or `LATERAL` where \
few outer rows remain. Use LEFT JOIN, so that rows without a match stay; SUM and AVG then stay \
NULL for them as in the subquery, COUNT needs `coalesce(…, 0)`. Where few outer rows are read, an \
index on the inner column is enough.

## When to ignore it

When the statement returns few rows, or the subquery is an index lookup and the grouped form would \
aggregate a whole table for them.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        if let Some(subquery) = class.shape.correlated.iter().find(|c| is_suspect(class, c)) {
            out.push(finding(rule, evidence, class, subquery));
        }
    }
}

/// A logged plan decides; without one, signs of few outer rows clear the statement.
fn is_suspect(class: &ClassEvidence<'_>, subquery: &Correlated) -> bool {
    if subquery.exists {
        return false;
    }
    if let Some(plan) = plan_clues::of(class) {
        return plan.subplan_loops().is_some_and(|loops| loops > FEW_LOOPS);
    }
    if examines_few(class) {
        return false;
    }
    // MySQL may run the subquery for all rows before it sorts and cuts them: its count of rows decides.
    let few_returned = rows_examined(class).is_none()
        && class.shape.limit
        && (1..=FEW_LOOPS).contains(&class.class.facts.max_limit);
    let one_row = class.shape.predicates.iter().any(|p| {
        p.comparison == Comparison::Equal
            && !p.join
            && !p.below_or
            && p.column.column == "id"
            && !p.column.table.as_ref().is_some_and(|t| subquery.tables.contains(t))
    });
    let cleared = one_row || (subquery.in_select_list && few_returned);
    !cleared
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    subquery: &Correlated,
) -> Finding {
    let inner = subquery.tables.iter().map(|t| name_words(t)).collect::<Vec<_>>().join(", ");
    let per_row = match subquery.in_select_list {
        true => "for each row returned",
        false => "for each row tested",
    };
    let mut finding = rule.about(evidence, class);
    finding.tables.clone_from(&subquery.tables);
    finding.title = format!("Subquery on {inner} runs {per_row}");
    finding.message = format!(
        "{}. The subquery refers to the row outside, so it starts anew {per_row}; how many rows \
         that is, only a plan shows.",
        load(class)
    );
    match plan_clues::of(class) {
        Some(plan) => {
            let loops = words::count(plan.subplan_loops().unwrap_or_default());
            finding.confidence = Confidence::High;
            finding.message = format!(
                "{}. The subquery refers to the row outside: in the slowest logged plan it ran {}.",
                load(class),
                by_engine(
                    class,
                    format!("{loops} times for one statement"),
                    format!("for {loops} rows of one statement")
                )
            );
            let shown = by_engine(class, "subplan with", "DEPENDENT SUBQUERY for");
            let unit = by_engine(class, "loops", "rows");
            finding.evidence.push(plan.fact(evidence, &format!("{shown} {loops} {unit}")));
        }
        None => weigh_text(&mut finding, class),
    }

    let key = inner_key(class, subquery);
    finding.fixes.push(join(class, subquery, key));
    let has_index = plan_clues::of(class).is_some_and(|plan| plan.reruns_by_index());
    if let Some((table, column)) = key.filter(|_| !has_index) {
        let candidate = Candidate::btree(class, table, &[column]);
        finding.fixes.push(index::fix(&[candidate], class, evidence));
        finding.trade_offs = write_cost(evidence, class, table);
    }
    finding.trade_offs = format!(
        "The join aggregates the inner table once for all rows, which is dearer where few outer \
         rows remain. {}",
        finding.trade_offs
    )
    .trim_end()
    .to_owned();
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "no SubPlan, or one that runs an Index Scan, and the same rows as before, those without a \
             match included",
            "no DEPENDENT SUBQUERY, or one with type ref, and the same rows as before, those without a \
             match included",
        ),
    );
    finding
}

/// The inner table and its column that is compared with the outer row, where there is just one.
fn inner_key<'e>(
    class: &'e ClassEvidence<'_>,
    subquery: &'e Correlated,
) -> Option<(&'e str, &'e str)> {
    let [table] = subquery.tables.as_slice() else {
        return None;
    };
    let mut keys = class.shape.predicates.iter().filter(|p| {
        p.join
            && p.comparison == Comparison::Equal
            && p.wrapped_in.is_none()
            && p.column.table.as_ref() == Some(table)
    });
    match (keys.next(), keys.next()) {
        (Some(key), None) => Some((table, &key.column.column)),
        _ => None,
    }
}

/// The join in place of the subquery; a sketch, since the aggregate is the statement's own. Where
/// both sides are one table a shape does not tell its aliases apart, and there is no sketch.
fn join(class: &ClassEvidence<'_>, subquery: &Correlated, key: Option<(&str, &str)>) -> Fix {
    const KEEP_NULL: &str = "LEFT JOIN keeps rows without a match: SUM, AVG, MIN and MAX are NULL \
                             for them as in the subquery, COUNT needs coalesce(per_row.value, 0).";
    let membership = class.class.fingerprint.contains(" in (select");
    match (key, subquery.outer.as_slice()) {
        (Some((table, column)), [outer])
            if !membership && outer.table.as_deref() != Some(table) =>
        {
            let column = names::column(class, column);
            let table = names::table(class, table);
            rewrite::fragment(
                format!(
                    "LEFT JOIN (SELECT {column}, {{1}} AS value FROM {table} GROUP BY {column}) \
                     AS per_row\n  ON per_row.{column} = {}",
                    outer_column(class, outer)
                ),
                format!(
                    "Put per_row.value where the subquery stands. {{1}} is the subquery's \
                     aggregate; its other conditions go before GROUP BY. {KEEP_NULL}"
                ),
            )
        }
        _ if membership => rewrite::code(
            "Write EXISTS (SELECT … WHERE inner column = outer column) in place of the correlated \
             IN.",
            "EXISTS is planned as a join; for NOT IN the columns must be NOT NULL.",
        ),
        _ => rewrite::code(
            format!(
                "Compute the value for all rows at once in a grouped derived table{}, and join it.",
                by_engine(
                    class,
                    ", or in LEFT JOIN LATERAL (…) ON true where few outer rows remain",
                    ""
                )
            ),
            KEEP_NULL,
        ),
    }
}

/// An outer column, qualified as the statement has to: by the alias where the table has one.
fn outer_column(class: &ClassEvidence<'_>, outer: &ColumnRef) -> String {
    let name = names::column(class, &outer.column);
    let Some(table) = &outer.table else {
        return name;
    };
    let alias = class.shape.tables.iter().find(|t| t.name == *table).and_then(|t| t.alias.as_ref());
    match alias {
        Some(alias) => format!("{}.{name}", names::column(class, alias)),
        None => format!("{}.{name}", names::table(class, table)),
    }
}
