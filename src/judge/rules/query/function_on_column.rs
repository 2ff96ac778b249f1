//! `function-on-column`: a condition wraps its column in a function or cast, so that a plain index
//! on the column cannot serve it.

use super::{
    SERVERS, by_engine, column_words, examines_few, is_mysql, is_narrowed, load, narrows,
    plan_clues, table_of, weigh_text, weighty, wraps_bare_column,
};
use crate::judge::advice::index::{self, Candidate, write_cost};
use crate::judge::advice::{ident, mysql_index, mysql_lookup, names, rewrite, setting, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Fix, FixKind, Severity};
use crate::judge::rules::Rule;
use crate::lang::sql::shape::{Comparison, Predicate};
use crate::model::event::Engine;

/// Functions of one argument that are immutable on every type they take, so that an index may be
/// built on them.
const INDEXABLE: &[&str] = &["lower", "upper", "md5", "length", "abs", "reverse", "initcap"];
/// Casts that change nothing for an index where the column is of a kindred type, as it mostly is.
const KINDRED_CASTS: &[&str] = &["::text", "::varchar", "::character varying"];

/// The rule.
pub static RULE: Rule = Rule {
    code: "QRY007",
    name: "function-on-column",
    title: "Function on a column in a condition",
    target: "queries",
    engines: SERVERS,
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

`WHERE lower(email) = …`, `WHERE date(created_at) = …`, `WHERE id::text = …`: a condition on a \
function or cast of a column, where no other equality narrows the rows of the table first. \
Aggregates, joins and arms of an OR are left alone.

## Why it matters

An index on the column is sorted by the column, not by the function's result. Unless an index on \
the expression exists, every row is read and the function called for each.

## What to do

Where the condition can be put on the bare column, do that: a day becomes a range from its start \
to the start of the next, a cast goes to the constant's side. Otherwise build an index on the \
expression; in MySQL and MariaDB on a column that is computed by it, where `lower` and `upper` are \
mostly needless: their usual collations do not tell case apart. A cast of a timestamp with time zone to a date depends on the session's time zone, is \
not immutable and cannot be indexed: there only the range helps.

## When to ignore it

When an index on the expression exists, the table is small, or most rows pass.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for class in weighty(rule, evidence) {
        let suspect = class.shape.predicates.iter().find_map(|predicate| {
            let function = predicate.wrapped_in.as_deref()?;
            is_suspect(class, predicate, function).then_some((predicate, function))
        });
        if let Some((predicate, function)) = suspect {
            out.push(finding(rule, evidence, class, predicate, function));
        }
    }
}

/// A logged plan decides; without one, an equality that an index serves clears the statement, and
/// so does a cast that may change nothing.
fn is_suspect(class: &ClassEvidence<'_>, predicate: &Predicate, function: &str) -> bool {
    let with_constant =
        matches!(predicate.comparison, Comparison::Equal | Comparison::In | Comparison::Range);
    let plain = class.shape.exact && with_constant && !predicate.join && !predicate.below_or;
    plain
        && match (plan_clues::of(class), table_of(class, &predicate.column)) {
            (Some(plan), Some(table)) => plan.scans(table),
            (Some(plan), None) => plan.scans_any(),
            (None, _) if examines_few(class) => false,
            (None, _) if KINDRED_CASTS.contains(&function) => false,
            (None, Some(table)) => !is_narrowed(class, table),
            (None, None) => !class.shape.predicates.iter().any(narrows),
        }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    predicate: &Predicate,
    function: &str,
) -> Finding {
    let column = column_words(&predicate.column);
    let table = table_of(class, &predicate.column);

    let mut finding = rule.about(evidence, class);
    finding.tables = table.into_iter().map(str::to_owned).collect();
    finding.title = format!("{column} is wrapped in {} in a condition", wrapping(function));
    finding.message = format!(
        "{}. The condition tests {} of {column}: a plain index on the column cannot serve it, and \
         unless one on the expression exists every row is read.",
        load(class),
        wrapping(function)
    );
    match plan_clues::of(class) {
        Some(plan) => {
            finding.confidence = Confidence::High;
            finding.evidence.push(plan.fact(evidence, "reads the table from end to end"));
        }
        None => weigh_text(&mut finding, class),
    }
    finding.fixes.extend(fixes(evidence, class, predicate, function, table));
    finding.verify = verify::explain(
        class,
        by_engine(
            class,
            "an Index Scan or Bitmap Index Scan with the condition as Index Cond",
            "type ref or range by an index on the column in place of ALL",
        ),
    );
    let builds_index = finding.fixes.iter().any(|fix| fix.kind == FixKind::Sql);
    finding.trade_offs = match table {
        Some(table) if builds_index => write_cost(evidence, class, table),
        _ => "None but the changed statement, where a plain index on the column exists.".to_owned(),
    };
    finding
}

/// What stands around the column: `lower()`, a cast to `date`, the operator `->>`.
fn wrapping(function: &str) -> String {
    let shown = ident::shown(function);
    match shown.strip_prefix("::") {
        Some(cast) => format!("a cast to `{cast}`"),
        None if function == "case" || function.contains(' ') => shown.to_uppercase(),
        None if function.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
            format!("`{shown}()`")
        }
        None => format!("the operator `{shown}`"),
    }
}

fn fixes(
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    predicate: &Predicate,
    function: &str,
    table: Option<&str>,
) -> Vec<Fix> {
    let bare = wraps_bare_column(class, predicate, function);
    if is_mysql(class) {
        return mysql_fixes(evidence, class, predicate, function, table.filter(|_| bare));
    }
    let name = ident::column(&predicate.column.column);
    match (function, table) {
        ("date" | "::date", _) if bare => vec![day_range(&name, predicate.comparison)],
        (function, Some(table)) if bare && INDEXABLE.contains(&function) => {
            let candidate = Candidate {
                table: table.to_owned(),
                using: "",
                keys: vec![format!("{function}({name})")],
                words: vec![ident::unquoted(&predicate.column.column), function.to_owned()],
                extension: None,
            };
            vec![index::fix(&[candidate], class, evidence)]
        }
        (function, _) if function.starts_with("::") => vec![rewrite::code(
            "Give the constant or parameter the type of the column, and take the cast off the \
             column.",
            "The types decide whether that means the same: '007' and 7 are equal as numbers, not \
             as texts.",
        )],
        _ => vec![rewrite::code(
            "Put the condition on the bare column (a range where the function cuts it into \
             pieces), or build an index on the expression.",
            "PostgreSQL indexes immutable expressions only; those that depend on the session's \
             time zone or locale settings are not.",
        )],
    }
}

/// A test of the day of a timestamp as a range of the timestamp itself.
fn day_range(column: &str, comparison: Comparison) -> Fix {
    const NOTE: &str = "The same rows for timestamp with and without time zone: in both forms a \
                        day begins at midnight of the session's time zone. Needs an index on the \
                        bare column. An index on the date is no way out for a timestamp with time \
                        zone: that cast is not immutable.";
    match comparison {
        Comparison::Range => rewrite::fragment(
            format!("WHERE {column} >= $1::date AND {column} < $2::date + 1"),
            format!("For the days from $1 to $2, both included. {NOTE}"),
        ),
        _ => rewrite::fragment(
            format!("WHERE {column} >= $1::date AND {column} < $1::date + 1"),
            format!("For the day $1. {NOTE}"),
        ),
    }
}

/// The same for MySQL and MariaDB, for a table whose bare column stands in the function.
fn mysql_fixes(
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    predicate: &Predicate,
    function: &str,
    table: Option<&str>,
) -> Vec<Fix> {
    const BARE: &str = "Needs an index on the bare column.";
    let column = &*predicate.column.column;
    let name = names::column(class, column);
    let one_day = matches!(predicate.comparison, Comparison::Equal);
    match (function, table) {
        ("date" | "::date", Some(_)) if one_day => vec![rewrite::fragment(
            format!("WHERE {name} >= :p1 AND {name} < :p1 + INTERVAL 1 DAY"),
            format!("For the day :p1, a date. {BARE} MariaDB does it by itself from 11.1 on."),
        )],
        ("date" | "::date", Some(_)) if predicate.comparison == Comparison::Range => {
            vec![rewrite::fragment(
                format!("WHERE {name} >= :p1 AND {name} < :p2 + INTERVAL 1 DAY"),
                format!("For the days from :p1 to :p2, both included. {BARE}"),
            )]
        }
        ("year", Some(_)) if one_day => vec![rewrite::fragment(
            format!("WHERE {name} >= MAKEDATE(:p1, 1) AND {name} < MAKEDATE(:p1 + 1, 1)"),
            format!("For the year :p1. {BARE} MariaDB does it by itself from 11.1 on."),
        )],
        ("lower" | "upper" | "lcase" | "ucase", Some(table)) => vec![
            setting::look(
                mysql_lookup::collations(class, &[(table, column)]),
                "First: with a collation that ends in _ci the column compares without case by itself, \
                 and the function can go. With _bin or _cs it must stay.",
            ),
            rewrite::fragment(
                format!("WHERE {name} = :p1"),
                format!(
                    "Only where the collation ends in _ci: the same rows. {BARE} Other collations \
                     need a column that the server computes, as below for other functions: \
                     GENERATED ALWAYS AS ({}({name})) VIRTUAL, with an index.",
                    ident::shown(function)
                ),
            ),
        ],
        (function, Some(table)) if INDEXABLE.contains(&function) => {
            vec![mysql_index::computed_column(
                class,
                evidence,
                table,
                (column, function),
                by_engine_version(class),
            )]
        }
        _ => vec![rewrite::code(
            "Put the condition on the bare column (a range where the function cuts it into pieces), \
             or compute the function in a generated column and index that.",
            "A generated column that is indexed takes deterministic functions only; those that depend \
             on the session's time zone or on settings are refused.",
        )],
    }
}

/// Whether the optimizer finds a computed column by its expression.
fn by_engine_version(class: &ClassEvidence<'_>) -> &'static str {
    match class.server.engine {
        Engine::Mariadb => {
            "MariaDB takes the index only where the statement names the new column in place of the \
             function (before 11.8)."
        }
        _ => {
            "MySQL takes the index for the function as the statement has it; from 8.0.13 on an index \
             on the expression in double parentheses spares the column."
        }
    }
}
