//! `unindexed-foreign-key`: the columns that refer to another table begin no index, so that every
//! delete there, and every join from there, reads the whole table here.

use super::{held_rows, tables, write_cost};
use crate::judge::advice::{catalog_names as names, known_index};
use crate::judge::evidence::indexes::{self, Comparer};
use crate::judge::evidence::{ClassEvidence, Evidence, TableEvidence};
use crate::judge::finding::{Confidence, Fact, Finding, IndexVerdict, Severity, Verdict};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::shape::Comparison;
use crate::model::catalog::{Constraint, ConstraintKind, References, TableKind, Told};
use crate::model::event::Engine;
use std::collections::BTreeSet;

/// The rule.
pub static RULE: Rule = Rule {
    code: "IDX004",
    name: "unindexed-foreign-key",
    title: "A foreign key has no index",
    target: "indexes",
    engines: &[Engine::Postgres, Engine::Sqlite],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Rows below which reading the whole table is as good as an index.
const FEW_ROWS: f64 = 1000.0;

const DOCS: &str = "\
## What it finds

A foreign key whose own columns are not the first keys of any index of its table. PostgreSQL and \
SQLite make no such index by themselves; InnoDB does.

## Why it matters

A delete in the table that is referred to, or an update of its key, has to find the rows here: \
without an index it reads the whole table for each deleted row, with locks held meanwhile. With ON \
DELETE CASCADE or SET NULL it does so as part of the delete. Joins and lookups by the reference read \
the whole table, too.

## What to do

Build an index on the referring columns. It weighs by what the logs show: deletes over there, \
lookups and joins by these columns.

## When to ignore it

When rows over there are never deleted and nothing looks rows up by the reference, or the table is \
small.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for table in tables(rule, evidence).filter(|table| table.kind() != TableKind::MaterializedView)
    {
        if !table.table.indexes_are_told {
            continue;
        }
        let comparer = Comparer::of(table);
        let known = indexes::of(table);
        let mut seen = BTreeSet::new();
        for (name, told) in &table.table.constraints {
            let ConstraintKind::Foreign(references) = &told.value.kind else { continue };
            let columns = &told.value.columns;
            let is_served = known
                .iter()
                .any(|index| index.is_usable() && comparer.serves(&index.definition, columns));
            let is_first = seen.insert(columns.clone());
            if !columns.is_empty() && !is_served && is_first && !is_of_parent(table, &told.value) {
                out.push(finding(rule, evidence, table, name, told, references));
            }
        }
    }
}

/// Whether a partition has the foreign key from its parent, whose finding tells it.
fn is_of_parent(table: &TableEvidence<'_>, constraint: &Constraint) -> bool {
    table.kind() == TableKind::Partition
        && table.parent().is_some_and(|parent| {
            parent.constraints.values().any(|told| {
                told.value.columns == constraint.columns
                    && matches!(told.value.kind, ConstraintKind::Foreign(_))
            })
        })
}

/// What the logs show of a reference.
struct Seen<'e, 'f> {
    deletes: Vec<&'e ClassEvidence<'f>>,
    lookups: Vec<&'e ClassEvidence<'f>>,
    joins: Vec<&'e ClassEvidence<'f>>,
}

impl<'e, 'f> Seen<'e, 'f> {
    fn of(
        evidence: &'e Evidence<'f>,
        table: &TableEvidence<'f>,
        columns: &[Box<str>],
        parent: Option<&TableEvidence<'f>>,
    ) -> Self {
        let mut seen = Seen {
            deletes: parent.map_or_else(Vec::new, |parent| parent.deletes(evidence).collect()),
            lookups: Vec::new(),
            joins: Vec::new(),
        };
        let first = columns.first().map_or("", |column| &**column);
        for (class, predicate) in table.predicates_of(evidence, first) {
            let is_plain = predicate.wrapped_in.is_none() && !predicate.below_or;
            let list = match (predicate.comparison, predicate.join) {
                (Comparison::Equal | Comparison::In, false) if is_plain => &mut seen.lookups,
                (Comparison::Equal | Comparison::In, true) if is_plain => &mut seen.joins,
                _ => continue,
            };
            if !list.iter().any(|one: &&ClassEvidence<'_>| one.class.id == class.class.id) {
                list.push(class);
            }
        }
        seen
    }

    fn share(classes: &[&ClassEvidence<'_>]) -> f64 {
        classes.iter().map(|class| class.share).sum()
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    name: &str,
    told: &Told<Constraint>,
    references: &References,
) -> Finding {
    let columns = &told.value.columns;
    let parent = table.other(evidence, &references.table);
    let seen = Seen::of(evidence, table, columns, parent);
    let (of, there) = (names::table_words(table), names::words(&references.table.shown()));
    let keys = names::columns_words(columns);
    let listed: Vec<_> = columns.iter().map(|column| &**column).collect();
    let handle = format!("{}/{}", table.name.shown(), listed.join(","));
    let subject = format!("{}({})", table.name.shown(), listed.join(", "));
    let mut finding = rule.about_thing(evidence, table.server, "index", &handle, &subject);
    let cascade =
        references.on_delete.as_deref().filter(|deed| !matches!(*deed, "no action" | "restrict"));
    finding.severity = severity(rule, table, &seen, cascade.is_some());
    finding.confidence = match seen.deletes.is_empty() && seen.lookups.is_empty() {
        true => Confidence::Medium,
        false => Confidence::High,
    };
    finding.title =
        format!("No index on {of} ({}) for its foreign key to {there}", listed.join(", "));
    let deed =
        cascade.map_or(String::new(), |deed| format!(" (ON DELETE {})", deed.to_uppercase()));
    finding.message = format!(
        "By the schema, no index of {of} begins with {keys}: a delete in {there} reads all of {of} for \
         each deleted row to find those that refer to it{deed}."
    );
    finding.evidence.push(Fact {
        fact: format!("foreign key {}: {keys} refers to {there}", names::words(name)),
        source: Some(evidence.facts.source(told.origin.place)),
    });
    if let Some(rows) = table.table.rows() {
        finding.evidence.push(held_rows(evidence, table, rows));
    }
    for (classes, what) in [
        (&seen.deletes, "deletes rows of the table referred to"),
        (&seen.lookups, "looks rows up by the reference"),
        (&seen.joins, "joins by the reference"),
    ] {
        if let Some(class) = classes.first() {
            let fact = format!(
                "class {} {what}: {}, {} of logged time",
                class.class.id,
                words::counted(class.class.stats.calls, "call"),
                words::percent(class.share)
            );
            let source = class.example().map(|example| evidence.source(example));
            finding.evidence.push(Fact { fact, source });
        }
    }
    finding.impact.share = (Seen::share(&seen.deletes) + Seen::share(&seen.lookups)).min(1.0);
    let (index, fix) = known_index::build(
        table,
        columns,
        "It serves deletes over there, and lookups and joins by the reference.",
    );
    let served = seen.deletes.iter().chain(&seen.lookups).chain(&seen.joins);
    finding.indexes.push(IndexVerdict {
        verdict: Verdict::UnindexedForeignKey,
        table: table.name.shown(),
        name: index.clone(),
        columns: listed.iter().map(|&column| column.to_owned()).collect(),
        other: None,
        ddl: fix.text.clone(),
        size_bytes: None,
        serves: served
            .map(|class| class.class.id.to_string())
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    });
    finding.fixes.push(fix);
    finding.verify = format!(
        "The list of indexes of {of} shows {}, valid; deletes in {there} get faster.",
        names::words(&index)
    );
    finding.trade_offs = format!(
        "One more index to store and to maintain: {}.{}",
        write_cost(evidence, table),
        known_index::blocker(table, evidence)
    );
    finding
}

/// By what the logs show; without them by what a delete does.
fn severity(
    rule: &Rule,
    table: &TableEvidence<'_>,
    seen: &Seen<'_, '_>,
    cascades: bool,
) -> Severity {
    if table.table.rows().is_some_and(|rows| rows < FEW_ROWS) {
        return Severity::Info;
    }
    let by_deletes = match seen.deletes.is_empty() {
        true => Severity::Low,
        false => Severity::of_share(Seen::share(&seen.deletes)).max(Severity::Medium),
    };
    let by_lookups = Severity::of_share(Seen::share(&seen.lookups));
    // A join may well begin at this table and need no index here.
    let by_joins = Severity::of_share(Seen::share(&seen.joins)).min(Severity::Medium);
    let by_schema = if cascades { Severity::Medium } else { Severity::Low };
    by_deletes.max(by_lookups).max(by_joins).max(by_schema).min(rule.at_most)
}
