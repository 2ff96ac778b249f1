//! `partition-candidate`: a huge table that the workload reads by ranges of one column.

use super::asked::Asked;
use super::{about_table, columns_fact, tables, type_parts};
use crate::judge::advice::partitioned::{self, Referrer};
use crate::judge::advice::{catalog_names as names, rewrite};
use crate::judge::evidence::{Evidence, TableEvidence, indexes};
use crate::judge::finding::{Confidence, Fact, Finding, Severity};
use crate::judge::rules::Rule;
use crate::judge::words;
use crate::lang::sql::demand::{Demand, Test, Within};
use crate::lang::sql::shape::Verb;
use crate::model::catalog::{Column, ConstraintKind, TableKind};
use crate::model::event::Engine;
use std::collections::{BTreeMap, BTreeSet};

/// The rule.
pub static RULE: Rule = Rule {
    code: "SCH016",
    name: "partition-candidate",
    title: "A huge table is read by ranges of one column",
    target: "schema",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

/// Bytes from which a table is huge: below, VACUUM and DDL still end in minutes.
const HUGE_BYTES: u64 = 10_000_000_000;
/// Rows from which a table is huge.
const HUGE_ROWS: f64 = 100_000_000.0;
/// Share of the table's load whose statements must test the key: the others read every partition.
const MIN_TESTED: f64 = 0.9;
/// Share of all logged time that the table's load must be.
const MIN_LOAD: f64 = 0.02;
/// How far the rows must stand in the order of a number, if ranges of it are to be ranges of time.
const GROWING: f64 = 0.9;
/// Classes, and foreign keys, that are listed as evidence.
const MAX_TOLD: usize = 5;

const DOCS: &str = "\
## What it finds

Tables of 10 GB or 100 million rows and more, not yet partitioned, of whose logged time at least nine \
tenths is in statements that test one date or time column (or a number that grows with time, by the \
planner's statistics) by equality, a list or a range. Rows are inserted into one partition anyway, so \
INSERTs do not count. A column that is unique by itself is no such key.

## Why it matters

Old rows can only be deleted one by one, which takes long and leaves the space behind. Indexes over \
all the years do not fit into memory where those of the last weeks would.

## What to do

Range partitions by that column. The primary key and every unique key must hold it, and foreign keys \
have to change: the finding names them and gives the migration in its order.

## When to ignore it

When all rows are kept for ever and an index on the column serves the statements well.
";

/// A key that the workload shows.
struct Key<'f> {
    column: &'f Column,
    /// The part of the table's load whose statements test it.
    tested: f64,
    /// Classes that test it, those that cost most first, with whether they delete by it.
    classes: Vec<(usize, bool)>,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let mut asked = Asked::new(evidence);
    let mut found = Vec::new();
    for table in tables(rule, evidence).filter(|table| is_huge(table)) {
        if let Some(key) = key_of(evidence, table, &mut asked) {
            found.push((table, key));
        }
    }
    if found.is_empty() {
        return;
    }
    let referrers = referrers(evidence);
    for (table, key) in found {
        let of = (&*table.server.label, table.name.name.to_lowercase());
        let all = referrers.get(&of).map_or(&[][..], |all| &**all);
        let own: Vec<_> = all
            .iter()
            .filter(|(schema, _)| schema.is_none() || *schema == table.name.schema.as_deref())
            .map(|(_, referrer)| *referrer)
            .collect();
        out.push(finding(rule, evidence, table, &key, &own));
    }
}

/// Whether a table is huge, and of one piece.
fn is_huge(table: &TableEvidence<'_>) -> bool {
    let definition = table.table.definition.as_ref().map(|told| &told.value);
    let is_plain = definition.is_some_and(|told| {
        told.kind == TableKind::Table && told.partition_key.is_none() && told.parent.is_none()
    });
    is_plain
        && (size_bytes(table).is_some_and(|bytes| bytes >= HUGE_BYTES)
            || table.table.rows().is_some_and(|rows| rows >= HUGE_ROWS))
}

fn size_bytes(table: &TableEvidence<'_>) -> Option<u64> {
    let size = &table.table.size.as_ref()?.value;
    let parts = || Some(size.data_bytes?.saturating_add(size.index_bytes.unwrap_or(0)));
    size.total_bytes.or_else(parts)
}

/// The column that nearly all of the table's load tests; a time before a number, then the one that
/// most test.
fn key_of<'f>(
    evidence: &Evidence<'f>,
    table: &TableEvidence<'f>,
    asked: &mut Asked<'_, 'f>,
) -> Option<Key<'f>> {
    let mut load_us = 0u64;
    let mut tested: BTreeMap<String, (u64, Vec<(usize, bool)>)> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    for one in &table.uses {
        let class = evidence.classes.get(one.class)?;
        let verb = class.shape.verb;
        if (verb == Verb::Insert && one.is_write) || !seen.insert(one.class) {
            continue;
        }
        load_us = load_us.saturating_add(class.class.stats.total_us);
        let Some(demand) = asked.demand(class) else { continue };
        let uses = asked.uses_of(table, &demand);
        for column in pruning(&demand, &uses) {
            let entry = tested.entry(column).or_default();
            entry.0 = entry.0.saturating_add(class.class.stats.total_us);
            entry.1.push((one.class, verb == Verb::Delete));
        }
    }
    if (load_us as f64) < MIN_LOAD * evidence.total_us as f64 || load_us == 0 {
        return None;
    }
    let keys = tested.into_iter().filter_map(|(name, (us, classes))| {
        let column = table.table.column(&name).filter(|column| column.generated.is_none())?;
        let share = us as f64 / load_us as f64;
        let is_key = is_time(column) || grows(table, column);
        (share >= MIN_TESTED && is_key && !is_unique_alone(table, column)).then_some(Key {
            column,
            tested: share,
            classes,
        })
    });
    let rank = |key: &Key<'_>| (is_time(key.column), key.tested);
    keys.reduce(|best, key| if rank(&key) > rank(&best) { key } else { best })
}

/// The columns that every one of these uses tests in a way by which partitions are left out.
fn pruning(demand: &Demand, uses: &[usize]) -> BTreeSet<String> {
    let of_use = |at: &usize| -> BTreeSet<String> {
        let filters = demand.uses.get(*at).map_or(&[][..], |used| &used.filters);
        let prunes = filters.iter().filter(|filter| {
            filter.within == Within::Bare
                && matches!(filter.test, Test::Equal | Test::In | Test::Range | Test::Between)
        });
        prunes.map(|filter| filter.column.to_lowercase()).collect()
    };
    let all = uses.iter().map(of_use);
    all.reduce(|mine, theirs| mine.intersection(&theirs).cloned().collect()).unwrap_or_default()
}

fn is_time(column: &Column) -> bool {
    let name = type_parts(column).0;
    name == "date" || name.starts_with("timestamp") || name.starts_with("datetime")
}

/// A number that later rows have more of.
fn grows(table: &TableEvidence<'_>, column: &Column) -> bool {
    let name = type_parts(column).0;
    let is_number = matches!(name.split(' ').next(), Some("integer" | "int" | "bigint"));
    let stats = table.table.column_stats.get(&column.name).and_then(|told| told.value.correlation);
    is_number && stats.is_some_and(|correlation| correlation >= GROWING)
}

fn is_unique_alone(table: &TableEvidence<'_>, column: &Column) -> bool {
    let is_it = |name: &str| name.eq_ignore_ascii_case(&column.name);
    indexes::of(table).iter().any(|index| {
        let keys = &index.definition.keys;
        index.definition.is_unique
            && matches!(&**keys, [only] if only.column_name().is_some_and(is_it))
    })
}

/// Unique keys beside the primary one that do not hold the column: no partitioned table bears them.
fn narrow_keys<'f>(table: &TableEvidence<'f>, column: &Column) -> Vec<&'f str> {
    let holds = |index: &indexes::KnownIndex<'_>| {
        let keys = &index.definition.keys;
        keys.iter()
            .filter_map(|key| key.column_name())
            .any(|c| c.eq_ignore_ascii_case(&column.name))
    };
    let unique = indexes::of(table).into_iter().filter(|index| {
        (index.definition.is_unique || index.definition.is_exclusion)
            && !index.definition.is_primary
            && !holds(index)
    });
    unique.map(|index| index.name).collect()
}

/// Foreign keys by the server and the name of the table that they refer to, with its schema.
type Referrers<'f> = BTreeMap<(&'f str, String), Vec<(Option<&'f str>, Referrer<'f>)>>;

fn referrers<'f>(evidence: &Evidence<'f>) -> Referrers<'f> {
    let mut all = Referrers::new();
    for table in &evidence.tables {
        for (constraint, told) in &table.table.constraints {
            let ConstraintKind::Foreign(references) = &told.value.kind else { continue };
            let of = (&*table.server.label, references.table.name.to_lowercase());
            let referrer = Referrer { table: table.name, constraint };
            let schema = references.table.schema.as_deref();
            all.entry(of).or_default().push((schema, referrer));
        }
    }
    all
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    key: &Key<'_>,
    referrers: &[Referrer<'_>],
) -> Finding {
    let (of, at) = (names::table_words(table), names::words(&key.column.name));
    let load = (table.read_share + table.write_share).min(1.0);
    let deletes = key.classes.iter().any(|(_, is_delete)| *is_delete);
    let mut finding = about_table(rule, evidence, table);
    finding.severity = match deletes {
        true => Severity::Medium,
        false => Severity::of_share(load).clamp(Severity::Low, rule.at_most),
    };
    finding.confidence = Confidence::Medium;
    finding.impact.share = load;
    finding.title = format!("{of} is huge and read by ranges of {at}");
    finding.message = format!(
        "{of} has {}, and {} of its logged time is in statements that test {at}: partitions by ranges \
         of it would be read alone, and old ones dropped whole.{}",
        size_words(table),
        words::percent(key.tested),
        match deletes {
            true => " Logged statements delete rows by it one by one.",
            false => "",
        }
    );
    finding.evidence.push(columns_fact(evidence, table, &[key.column], 1));
    for (at, _) in key.classes.iter().take(MAX_TOLD) {
        let Some(class) = evidence.classes.get(*at) else { continue };
        let fact = format!(
            "class {} tests the column: {}, {} of logged time",
            class.class.id,
            words::counted(class.class.stats.calls, "call"),
            words::percent(class.share)
        );
        let source = class.example().map(|example| evidence.source(example));
        finding.evidence.push(Fact { fact, source });
    }
    for fact in changed_keys(table, key.column, referrers) {
        finding.evidence.push(Fact { fact, source: table.source(evidence) });
    }
    match &*narrow_keys(table, key.column) {
        [] => finding.fixes.push(partitioned::by_range(table, key.column, referrers)),
        narrow => {
            let narrow: Vec<_> =
                narrow.iter().take(MAX_TOLD).map(|name| names::words(name)).collect();
            finding.fixes.push(rewrite::code(
                format!(
                    "First decide about the unique keys that do not hold {at}: {}. A partitioned table \
                     bears none without its partition key. Keep such values unique in a table of their \
                     own, or let the keys go. Then make range partitions by {at}.",
                    narrow.join(", ")
                ),
                "Widening such a key by the column would let the same value in twice.",
            ));
        }
    }
    finding.verify = format!(
        "EXPLAIN of the classes above lists only the partitions that their ranges of {at} touch."
    );
    finding.trade_offs = format!(
        "Statements that do not test {at} look into every partition: here {} of the table's logged time. \
         Somebody has to make partitions ahead of time.",
        words::percent(1.0 - key.tested)
    );
    finding
}

fn size_words(table: &TableEvidence<'_>) -> String {
    let rows =
        table.table.rows().map(|rows| format!("{} rows", words::count(rows.max(0.0) as u64)));
    let size = size_bytes(table).map(words::bytes);
    rows.into_iter().chain(size).collect::<Vec<_>>().join(" and ")
}

/// The primary and foreign keys that change, by name.
fn changed_keys(
    table: &TableEvidence<'_>,
    column: &Column,
    referrers: &[Referrer<'_>],
) -> Vec<String> {
    let mut facts = Vec::new();
    if let Some(key) = table.table.primary_key()
        && !table.is_in_primary_key(&column.name)
    {
        let (old, added) = (names::columns_words(key), names::words(&column.name));
        facts.push(format!("the primary key ({old}) has to hold {added} too"));
    }
    let told = referrers.iter().take(MAX_TOLD).map(|referrer| {
        let (name, other) =
            (names::words(referrer.constraint), names::words(&referrer.table.shown()));
        format!("the foreign key {name} of {other} refers to it and has to go")
    });
    facts.extend(told);
    if referrers.len() > MAX_TOLD {
        facts.push(format!("{} more foreign keys refer to it", referrers.len() - MAX_TOLD));
    }
    if table.server.engine != Engine::Postgres {
        let own = partitioned::own_references(table).take(MAX_TOLD);
        facts.extend(own.map(|(name, ..)| {
            format!(
                "its foreign key {} has to go: InnoDB's partitions bear none",
                names::words(name)
            )
        }));
    }
    facts
}
