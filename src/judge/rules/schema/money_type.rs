//! `money-type`: columns of PostgreSQL's type money.

use super::{are, columns_of, each_table, type_parts};
use crate::judge::advice::alter::{self, Change};
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::Rule;
use crate::model::event::Engine;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH002",
    name: "money-type",
    title: "Columns of type money",
    target: "schema",
    engines: &[Engine::Postgres],
    at_most: Severity::Low,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Columns of the type `money`.

## Why it matters

The type holds no currency and rounds to the digits that the server's setting `lc_monetary` has: the \
same bytes read as another amount after a restore on a server with another setting. Division rounds, \
and clients get a text with a currency sign.

## What to do

`numeric` with the digits that the amounts need, the currency in a column of its own.

## When to ignore it

When there is one currency, one server and one setting, and nothing is computed.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let is_money = |name: &str| matches!(name, "money" | "pg_catalog.money");
    each_table(
        rule,
        evidence,
        out,
        |_, column| is_money(&type_parts(column).0),
        |table, columns, finding| {
            finding.confidence = Confidence::High;
            finding.title =
                format!("{} {} of type money", columns_of(table, columns), are(columns));
            finding.message =
                "By the schema these amounts are of type money: how many digits they have \
                           depends on the server's lc_monetary, and they carry no currency."
                    .to_owned();
            let changes: Vec<_> = columns
                .iter()
                .map(|column| Change {
                    column,
                    to: "numeric(19,2)".to_owned(),
                    using: Some("{column}::numeric"),
                    back: Some("{column}::money"),
                })
                .collect();
            finding.fixes.push(alter::types(
            table,
            &changes,
            "For amounts of two digits; take four where they are divided. Run it with the lc_monetary \
             that the rows were written with.",
        ));
            finding.verify = "Sums over each column are the same before and after.".to_owned();
            finding.trade_offs =
                "numeric takes a few bytes more or less by value, and computes somewhat \
                              slower; clients get a number instead of a text."
                    .to_owned();
        },
    );
}
