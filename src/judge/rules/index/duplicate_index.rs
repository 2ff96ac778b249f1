//! `duplicate-index`: two indexes of a table are the same, so that every write maintains both.

use super::{
    ENGINES, Hints, MAX_COMPARED, about_index, held_by, is_of_parent, tables, told, write_cost,
};
use crate::judge::advice::{catalog_names as names, known_index};
use crate::judge::evidence::hints::HintedNames;
use crate::judge::evidence::indexes::{self, Comparer, KnownIndex};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Finding, Severity, Verdict};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::model::event::Engine;
use std::cmp::Reverse;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX001",
    name: "duplicate-index",
    title: "Two indexes are the same",
    target: "indexes",
    engines: ENGINES,
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

Indexes of one table with the same keys in the same order: method, operator class, collation, \
direction, NULLs, sub-part, condition and stored columns are all equal. A plain index beside a \
unique one, a unique constraint or a primary key on the same columns counts: the unique one serves \
all that the plain one serves.

## Why it matters

Every insert, and every update of a key, maintains both; both take disk, cache and, in backups, \
time. No statement is faster for it.

## What to do

Drop the one that nothing needs: never the primary key's, one that a statement names in a hint, the \
replica identity or the one the table is clustered by. In MySQL, MariaDB and MongoDB hide it first.

## When to ignore it

While one replaces the other, such as an index being built anew under a new name.
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
        // The one to keep stands before those that it makes needless.
        known.sort_by_key(|index| (Reverse(worth(index, hints)), index.name.len()));
        let mut kept: Vec<&KnownIndex<'_>> = Vec::new();
        for index in &known {
            let is_same = |one: &&&KnownIndex<'_>| {
                comparer.are_equal(&one.definition, &index.definition) && admits_as_few(one, index)
            };
            match kept.iter().find(is_same).filter(|_| can_go(table, index, hints)) {
                Some(same) => out.push(finding(rule, evidence, table, index, same)),
                None => kept.push(index),
            }
        }
    }
}

/// What is kept rather: what is held, what a constraint needs, what is unique; of equals the one of
/// the shorter name, as copies have the longer one.
fn worth(index: &KnownIndex<'_>, hints: &HintedNames) -> (bool, bool, bool, bool) {
    let definition = &index.definition;
    (
        definition.is_primary,
        held_by(index, hints).is_some(),
        index.is_of_constraint(),
        definition.is_unique,
    )
}

/// Whether the kept one refuses all rows that the other refuses.
fn admits_as_few(kept: &KnownIndex<'_>, other: &KnownIndex<'_>) -> bool {
    let (kept, other) = (&kept.definition, &other.definition);
    !other.is_unique
        || (kept.is_unique && (kept.nulls_are_equal == other.nulls_are_equal || kept.is_primary))
}

fn can_go(table: &TableEvidence<'_>, index: &KnownIndex<'_>, hints: &HintedNames) -> bool {
    // SQLite drops a constraint with its table only.
    let is_bound = table.server.engine == Engine::Sqlite && index.is_of_constraint();
    held_by(index, hints).is_none() && !is_bound
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    index: &KnownIndex<'_>,
    same: &KnownIndex<'_>,
) -> Finding {
    let mut finding =
        about_index(rule, evidence, table, index, Verdict::Duplicate, Some(same.name));
    let (own, other) = (names::words(index.name), names::words(same.name));
    let of = names::table_words(table);
    finding.severity = Severity::Medium;
    finding.confidence = Confidence::High;
    finding.title = format!("{own} duplicates {other} on {of}");
    let is_weaker = same.definition.is_unique && !index.definition.is_unique;
    let unique = if is_weaker { ", which is unique as well," } else { "" };
    finding.message = format!(
        "By the schema, {own} has the same keys as {other}{unique} in every respect: it serves no \
         statement that {other} does not serve, and each write maintains both."
    );
    finding.evidence = vec![told(evidence, table, index), told(evidence, table, same)];
    let why = format!("{other} stays and serves the same statements.");
    finding.fixes = known_index::drop(table, index, &why);
    finding.verify = format!(
        "The list of indexes of {of} shows {other} and no longer {own}; plans that named {own} name \
         {other}."
    );
    let gain = index
        .size_bytes()
        .map_or(String::new(), |size| format!(" {} of disk are freed;", words::bytes(size)));
    finding.trade_offs = format!(
        "None for statements, unless one names {own} in a hint that no log here shows;{gain} {}.{}",
        write_cost(evidence, table),
        known_index::blocker(table, evidence)
    );
    finding
}
