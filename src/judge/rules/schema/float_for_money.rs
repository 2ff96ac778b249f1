//! `float-for-money`: amounts of money kept as binary fractions.

use super::{are, columns_of, each_table, has_word, type_parts};
use crate::judge::advice::alter::{self, Change};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::catalog::Column;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH006",
    name: "float-for-money",
    title: "Amounts of money kept as binary fractions",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Words in the names of columns that hold money.
const WORDS: &[&str] = &[
    "price", "amount", "cost", "fee", "salary", "balance", "payment", "invoice", "revenue", "tax",
    "discount", "refund", "subtotal", "charge", "wage",
];
/// Words that say that it is something else.
const OTHERS: &[&str] =
    &["rate", "ratio", "percent", "percentage", "factor", "score", "weight", "pct"];

const DOCS: &str = "\
## What it finds

Columns of type real, double precision or float whose names say money: price, amount, cost, fee, \
salary, balance, tax and the like.

## Why it matters

Binary fractions hold no tenth and no hundredth exactly: sums drift by cents, and comparing two \
amounts for equality fails now and then.

## What to do

`numeric` (decimal) with the digits that the amounts need, or an integer of the smallest coin.

## When to ignore it

When the numbers are estimates, such as forecasts.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    each_table(rule, evidence, out, is_money, |table, columns, finding| {
        finding.confidence = Confidence::Medium;
        finding.title = format!("{} {} binary fractions", columns_of(table, columns), are(columns));
        finding.message = "By the schema and the names, these amounts of money are kept as binary \
                           fractions: sums drift by cents, and equal amounts compare as different."
            .to_owned();
        let changes: Vec<_> =
            columns.iter().map(|column| Change::plain(column, "numeric(19,4)")).collect();
        finding.fixes.push(alter::types(
            table,
            &changes,
            "Values are rounded to four digits by it.",
        ));
        finding.verify = "Sums over each column differ by the drift only.".to_owned();
        finding.trade_offs =
            "Decimal numbers compute somewhat slower; clients may get them as text.".to_owned();
    });
}

fn is_money(_: &TableEvidence<'_>, column: &Column) -> bool {
    let is_float = matches!(
        &*type_parts(column).0,
        "real" | "double precision" | "double" | "float" | "double unsigned" | "float unsigned"
    );
    is_float && has_word(&column.name, WORDS) && !has_word(&column.name, OTHERS)
}
