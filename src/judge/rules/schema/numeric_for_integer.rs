//! `numeric-for-integer`: whole numbers kept as decimal ones.

use super::{columns_of, each_table, has_word, type_parts};
use crate::judge::advice::alter::{self, Change};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH005",
    name: "numeric-for-integer",
    title: "Whole numbers kept as decimal ones",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Digits that bigint holds whatever they are.
const BIGINT_DIGITS: u32 = 18;
/// Digits that a type of 38 of a ported schema has, where it means any integer.
const PORTED_DIGITS: u32 = 38;
/// Words in the names of columns that count or refer.
const WORDS: &[&str] = &[
    "id", "count", "quantity", "qty", "number", "num", "position", "version", "year", "age", "key",
];

const DOCS: &str = "\
## What it finds

Columns of type `numeric(p,0)` (also spelled decimal) of at most 18 digits, and keys of type \
`numeric` without digits or with 38 as ported schemas have them.

## Why it matters

Decimal numbers are compared, hashed and added by a routine, integers by the processor; they are \
longer, too, in the table and in every index. For keys that each join compares this is felt.

## What to do

`bigint`, or `integer` where the numbers stay small. A key never gets narrower than it may grow.

## When to ignore it

When values beyond eighteen digits are to come.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_table(rule, evidence, out, is_whole, |table, columns, finding| {
        let is_key = |column: &&&Column| is_key(table, column);
        let keys = columns.iter().filter(is_key).count();
        finding.severity = if keys > 0 { Severity::Low } else { Severity::Info };
        finding.confidence = Confidence::Medium;
        finding.title = format!("Whole numbers in decimal columns: {}", columns_of(table, columns));
        let joined = match keys {
            0 => "",
            _ => " Keys are among them, which every join compares.",
        };
        finding.message = format!(
            "By the schema these numbers have no digits behind the point, but are of a decimal type: \
             longer, and slower to compare, than an integer.{joined}"
        );
        let changes: Vec<_> =
            columns.iter().map(|column| Change::plain(column, "bigint")).collect();
        finding.fixes.push(alter::types(
            table,
            &changes,
            "Values with digits behind the point would be rounded: look for such first where the type \
             admits them. Columns that are joined with them change in the same step.",
        ));
        finding.verify = "Sums over each column are the same before and after.".to_owned();
        finding.trade_offs = "Numbers beyond 9,223,372,036,854,775,807 no longer fit.".to_owned();
    });
}

fn is_whole(table: &TableEvidence<'_>, column: &Column) -> bool {
    let (name, digits) = type_parts(column);
    let is_decimal = matches!(&*name, "numeric" | "decimal" | "decimal unsigned");
    is_decimal
        && match digits.as_slice() {
            [digits, 0] if *digits <= BIGINT_DIGITS => {
                is_key(table, column) || has_word(&column.name, WORDS) || *digits > 1
            }
            [digits, 0] | [digits] if *digits == PORTED_DIGITS => is_key(table, column),
            // MySQL prints decimal(10,0) for decimal; PostgreSQL's numeric holds anything.
            [] => is_key(table, column),
            _ => false,
        }
}

fn is_key(table: &TableEvidence<'_>, column: &Column) -> bool {
    table.is_in_primary_key(&column.name) || table.is_in_foreign_key(&column.name)
}
