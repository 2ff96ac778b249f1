//! Rules about tables and columns that a catalog tells: one file each, and here what they share:
//! which tables they look at, and one finding per table for all of its columns with one fault.

mod asked;
pub mod char_flag;
pub mod dead_rows;
pub mod denormalize_counter;
pub mod entity_attribute_value;
pub mod float_for_money;
pub mod integer_key_near_limit;
pub mod missing_partition;
pub mod money_type;
pub mod multi_value_column;
pub mod no_primary_key;
pub mod numeric_for_integer;
pub mod oversized_varchar;
pub mod partition_candidate;
pub mod random_uuid_key;
pub mod repeated_columns;
pub mod stale_statistics;
pub mod text_for_typed_value;
pub mod timestamp_without_zone;
pub mod unsafe_storage_engine;
pub mod utf8mb3_text;

use super::Rule;
use crate::judge::advice::{catalog_names as names, ident};
use crate::judge::evidence::{Evidence, TableEvidence};
use crate::judge::finding::{Fact, Finding, Severity};
use crate::judge::words;
use crate::model::catalog::{Column, TableKind};

/// Columns of one table that are named in a title.
const NAMED: usize = 3;
/// Columns of one table that stand in evidence and fixes.
const LISTED: usize = 20;

/// The tables of the engines that a rule knows, each once: the partitions of a table that is known
/// are its affair.
fn tables<'e, 'f>(
    rule: &'e Rule,
    evidence: &'e Evidence<'f>,
) -> impl Iterator<Item = &'e TableEvidence<'f>> {
    evidence
        .tables
        .iter()
        .filter(|table| rule.engines.contains(&table.server.engine) && table.holds_rows())
        .filter(|table| !(table.kind() == TableKind::Partition && table.parent().is_some()))
}

/// Makes one finding of all columns of a table that have a fault. `is_faulty` looks at a column that
/// is not computed, `tell` fills in what it means: title, message, fixes, verify and trade-offs.
fn each_table<'f>(
    rule: &Rule,
    evidence: &Evidence<'f>,
    out: &mut Vec<Finding>,
    is_faulty: impl Fn(&TableEvidence<'f>, &Column) -> bool,
    tell: impl Fn(&TableEvidence<'f>, &[&'f Column], &mut Finding),
) {
    for table in tables(rule, evidence) {
        let stored = table.table.columns().iter().filter(|column| column.generated.is_none());
        let mut faulty: Vec<&'f Column> =
            stored.filter(|column| is_faulty(table, column)).collect();
        if faulty.is_empty() {
            continue;
        }
        let count = faulty.len();
        faulty.truncate(LISTED);
        let mut finding = about_table(rule, evidence, table);
        finding.evidence.push(columns_fact(evidence, table, &faulty, count));
        tell(table, &faulty, &mut finding);
        out.push(finding);
    }
}

/// A finding about a table.
fn about_table(rule: &Rule, evidence: &Evidence<'_>, table: &TableEvidence<'_>) -> Finding {
    let shown = table.name.shown();
    let mut finding = rule.about_thing(evidence, table.server, "table", &shown, &shown);
    finding.severity = Severity::Low.min(rule.at_most);
    finding
}

/// Columns with their types, where the table is defined.
fn columns_fact(
    evidence: &Evidence<'_>,
    table: &TableEvidence<'_>,
    columns: &[&Column],
    count: usize,
) -> Fact {
    let typed = |column: &&Column| names::words(&format!("{} {}", column.name, column.type_name));
    let mut fact = columns.iter().map(typed).collect::<Vec<_>>().join(", ");
    if count > columns.len() {
        fact.push_str(&format!(" and {} more", count - columns.len()));
    }
    Fact { fact: format!("{}: {fact}", names::table_words(table)), source: table.source(evidence) }
}

/// Columns in a title: `a`, `b` and 2 more of `orders`.
fn columns_of(table: &TableEvidence<'_>, columns: &[&Column]) -> String {
    let named: Vec<_> = columns.iter().take(NAMED).map(|c| names::words(&c.name)).collect();
    let more = match columns.len().saturating_sub(NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more} of {}", named.join(", "), names::table_words(table))
}

/// `is` or `are`, by how many there are.
fn are(columns: &[&Column]) -> &'static str {
    if columns.len() == 1 { "is" } else { "are" }
}

/// The name of a type without its arguments, and these: `numeric(10,0)` is `numeric` and 10, 0.
fn type_parts(column: &Column) -> (String, Vec<u32>) {
    let (name, rest) = column.type_name.split_once('(').unwrap_or((&column.type_name, ""));
    let inner = rest.split(')').next().unwrap_or_default();
    let numbers = inner.split(',').filter_map(|part| part.trim().parse().ok()).collect();
    let after = rest.split_once(')').map_or("", |(_, after)| after);
    (format!("{}{}", name.trim_end(), after).to_lowercase(), numbers)
}

/// The words of a column's name: `is_paid` and `isPaid` have the words `is` and `paid`.
fn name_words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut was_lower = false;
    for letter in name.chars() {
        let begins = !letter.is_alphanumeric() || (letter.is_uppercase() && was_lower);
        if begins && words.last().is_some_and(|word| !word.is_empty()) {
            words.push(String::new());
        }
        if letter.is_alphanumeric() {
            words.last_mut().into_iter().for_each(|word| word.extend(letter.to_lowercase()));
        }
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether one of the words of a name is in a list.
fn has_word(name: &str, list: &[&str]) -> bool {
    name_words(name).iter().any(|word| list.contains(&&**word))
}

/// The logged classes that compare a column as something tells, as one fact; and their share of all
/// logged time.
fn used_by<'f>(
    evidence: &Evidence<'f>,
    table: &TableEvidence<'f>,
    column: &Column,
    is_so: impl Fn(&crate::lang::sql::shape::Predicate) -> bool,
) -> Option<(Fact, f64)> {
    let mut classes: Vec<_> = table
        .predicates_of(evidence, &column.name)
        .into_iter()
        .filter(|(_, predicate)| is_so(predicate))
        .map(|(class, _)| class)
        .collect();
    classes.dedup_by_key(|class| class.class.id);
    let first = classes.first()?;
    let share: f64 = classes.iter().map(|class| class.share).sum();
    let fact = format!(
        "class {} compares {} so: {}, {} of logged time",
        first.class.id,
        names::words(&column.name),
        words::counted(first.class.stats.calls, "call"),
        words::percent(first.share)
    );
    let source = first.example().map(|example| evidence.source(example));
    Some((Fact { fact: ident::shown(&fact), source }, share.min(1.0)))
}

#[cfg(test)]
mod tests;
