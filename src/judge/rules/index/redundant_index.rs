//! `redundant-index`: an index whose keys another one begins with.

use super::{
    ENGINES, Hints, MAX_COMPARED, about_index, held_by, is_of_parent, tables, told, write_cost,
};
use crate::judge::advice::{catalog_names as names, known_index};
use crate::judge::evidence::indexes::{self, Comparer, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity, Verdict};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::lexer::Dialect;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX002",
    name: "redundant-index",
    title: "Another index serves all that this one serves",
    target: "indexes",
    engines: ENGINES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Bytes below which an index is no burden.
const SMALL_BYTES: u64 = 10_000_000;
/// How many times larger the longer one may be before reading it instead costs.
const MUCH_LARGER: u64 = 3;

const DOCS: &str = "\
## What it finds

A plain btree index whose keys are the first keys of another one of the same table, with the same \
operator classes, collations, directions and condition; in InnoDB also an index that only spells \
out the primary key behind the keys of another, as every index there ends with it unseen. Never a \
unique one, and none that a constraint, a hint, replication or CLUSTER needs.

## Why it matters

The longer index finds the same rows. The shorter one is written on every insert and on updates of \
its keys for nothing. It is smaller, though: statements that read long ranges of it read fewer pages.

## What to do

Drop it where the longer one is not much wider and the table is written to; in MySQL, MariaDB and \
MongoDB hide it first, and look whether anything gets slower.

## When to ignore it

When the shorter one is far smaller and hot: count(*) and long ranges over it, or a wide column at \
the end of the longer one.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let mut hints = Hints::default();
    for table in tables(rule, evidence) {
        let comparer = Comparer::of(table);
        let mut known = indexes::of(table);
        known.retain(|index| index.is_usable() && !is_of_parent(table, index, &comparer));
        known.truncate(MAX_COMPARED);
        if known.len() < 2 {
            continue;
        }
        let hints = hints.of(evidence, table.server);
        for index in &known {
            let is_plain = !index.definition.is_unique && !index.is_of_constraint();
            if !is_plain || held_by(index, hints).is_some() {
                continue;
            }
            let other = known.iter().find(|other| is_covered(&comparer, index, other));
            if let Some(other) = other {
                out.push(finding(rule, evidence, table, index, other));
            }
        }
    }
}

/// Whether another index makes this one needless. Of two that are the same but for the primary key
/// spelled out, the longer one is.
fn is_covered(comparer: &Comparer, index: &KnownIndex<'_>, other: &KnownIndex<'_>) -> bool {
    let (own, its) = (&*index.definition, &*other.definition);
    let is_twin = |long, short| comparer.spells_out_suffix(long, short);
    is_twin(own, its) || (comparer.is_prefix_of(own, its) && (its.is_unique || !is_twin(its, own)))
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
    other: &KnownIndex<'_>,
) -> Finding {
    let mut finding =
        about_index(rule, evidence, table, index, Verdict::Redundant, Some(other.name));
    let (own, covers) = (names::words(index.name), names::words(other.name));
    let of = names::table_words(table);
    let sizes = index.size_bytes().zip(other.size_bytes());
    let is_much_smaller = sizes.is_some_and(|(own, its)| its / MUCH_LARGER > own);
    let is_burden = index.size_bytes().is_some_and(|size| size >= SMALL_BYTES);
    finding.severity = match (is_much_smaller, is_burden && table.writes(evidence) > 0) {
        (true, _) => Severity::Info,
        (false, true) => Severity::Medium,
        (false, false) => Severity::Low,
    };
    finding.confidence = Confidence::High;
    finding.title = format!("{covers} serves all that {own} serves on {of}");
    let why = match index.definition.keys.len() > other.definition.keys.len() {
        true => format!(
            "{own} only spells out the primary key behind the keys of {covers}, which ends with it \
             anyway"
        ),
        false => format!("{covers} begins with the keys of {own}"),
    };
    finding.message = format!(
        "By the schema, {why}: whatever the one finds the other finds, and each write maintains both."
    );
    finding.evidence = vec![told(evidence, table, index), told(evidence, table, other)];
    finding.fixes =
        known_index::drop(table, index, &format!("{covers} serves the same statements."));
    finding.verify =
        format!("Plans that named {own} name {covers} in its place, at about the same time.");
    let smaller = match (sizes, table.dialect()) {
        (Some((own, its)), _) => {
            format!("{} against {}", words::bytes(own), words::bytes(its))
        }
        (None, Some(Dialect::Postgres)) => {
            "fewer columns, and equal keys stored once from version 13 on".to_owned()
        }
        (None, _) => "fewer columns".to_owned(),
    };
    finding.trade_offs = format!(
        "The smaller one reads fewer pages over long ranges ({smaller}); {}.{}",
        write_cost(evidence, table),
        known_index::blocker(table, evidence)
    );
    finding
}
