//! What the attributes of a class's runs say, for the rules on MySQL's slow log: means, shares of yes,
//! and the index that its conditions call for. Judges nothing itself.

use super::{MANY_ROWS, is_narrowed, table_of};
use crate::judge::advice::index::Candidate;
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::Fact;
use crate::judge::words;
use crate::lang::sql::shape::{Comparison, Predicate};
use crate::model::event::Known;

/// Columns of a proposed index: more are seldom worth their upkeep.
const MAX_COLUMNS: usize = 3;
/// Share of the runs that must have shown a defect for it to be the class's habit.
const HABIT: f64 = 0.5;

/// Mean of a number over the runs whose record carries it.
pub(super) fn mean(class: &ClassEvidence<'_>, known: Known) -> Option<f64> {
    class.class.attributes().numbers(known)?.mean()
}

/// Sum of a number over the logged runs; 0 where no record carries it.
pub(super) fn sum(class: &ClassEvidence<'_>, known: Known) -> u64 {
    let sum = class.class.attributes().numbers(known).map_or(0, |numbers| numbers.sum);
    u64::try_from(sum).unwrap_or(u64::MAX)
}

/// Whether a flag is yes in at least half of the logged runs, and the fact that says so. Of all runs: a
/// log may leave the flag out where it is no.
pub(super) fn habit(class: &ClassEvidence<'_>, known: Known) -> Option<Fact> {
    let (yes, calls) = (class.class.attributes().flags(known)?.yes, class.class.stats.calls);
    (yes as f64 >= HABIT * calls as f64 && yes > 0).then(|| {
        let runs = words::counted(calls, "logged run");
        plain(format!("{}: yes in {} of {runs}", known.title(), words::count(yes)))
    })
}

/// How many of something a logged run makes on average, where logs leave out what is zero.
pub(super) fn per_run(class: &ClassEvidence<'_>, known: Known) -> f64 {
    sum(class, known) as f64 / class.class.stats.calls.max(1) as f64
}

/// A fact about runs on average.
pub(super) fn on_average(class: &ClassEvidence<'_>, known: Known) -> Option<Fact> {
    let mean = mean(class, known)?;
    Some(plain(format!(
        "{}: {} by a logged run on average",
        known.title(),
        words::count(mean.round() as u64)
    )))
}

/// A fact that has no one place.
pub(super) fn plain(fact: String) -> Fact {
    Fact { fact, source: None }
}

/// Whether the text itself shows why many rows are read, so that a rule about texts names the cause
/// and an index on the columns would not help.
pub(super) fn cause_is_in_text(evidence: &Evidence<'_>, class: &ClassEvidence<'_>) -> bool {
    let shape = &class.shape;
    let unserved = |p: &Predicate| match table_of(class, &p.column) {
        Some(table) => !is_narrowed(class, table),
        None => true,
    };
    let is_wrapped = |p: &Predicate| {
        p.wrapped_in.is_some()
            && !p.join
            && !p.below_or
            && matches!(p.comparison, Comparison::Equal | Comparison::In | Comparison::Range)
            && unserved(p)
    };
    let deep = evidence.options.thresholds.deep_offset;
    (shape.offset && class.class.facts.max_offset >= deep)
        || (shape.orders_by_random && shape.limit)
        || shape.predicates.iter().any(is_wrapped)
        || (class.class.facts.leading_wildcards > 0
            && shape.predicates.iter().any(|p| p.comparison == Comparison::Like && unserved(p)))
        || shape.ors.iter().any(|or| {
            or.columns.iter().any(|c| table_of(class, c).is_none_or(|t| !is_narrowed(class, t)))
        })
        || !shape.not_ins.is_empty()
        || shape.correlated.iter().any(|c| !c.exists)
}

/// The index that the conditions of one table call for: columns that are tested for equality, then one
/// that is tested for a range, or those of the ORDER BY.
pub(in crate::judge::rules) fn wanted_index(
    class: &ClassEvidence<'_>,
    table: &str,
) -> Option<Candidate> {
    let tested = |kinds: &'static [Comparison]| {
        class.shape.predicates.iter().filter(move |p| {
            kinds.contains(&p.comparison)
                && p.wrapped_in.is_none()
                && !p.join
                && !p.below_or
                && table_of(class, &p.column) == Some(table)
        })
    };
    let equal = tested(&[Comparison::Equal]).chain(tested(&[Comparison::In]));
    let mut columns: Vec<&str> = Vec::new();
    for predicate in equal {
        let column = &*predicate.column.column;
        if !columns.contains(&column) && columns.len() < MAX_COLUMNS {
            columns.push(column);
        }
    }
    let room = MAX_COLUMNS - columns.len();
    match tested(&[Comparison::Range]).next() {
        Some(range) => columns.extend(Some(&*range.column.column).filter(|_| room > 0)),
        None => columns.extend(order_columns(class, table, room)),
    }
    columns.dedup();
    (!columns.is_empty()).then(|| Candidate::btree(class, table, &columns))
}

/// The columns of the ORDER BY, where an index can give the order: all of one table, one direction.
pub(super) fn order_columns<'e>(
    class: &'e ClassEvidence<'_>,
    table: &str,
    room: usize,
) -> Vec<&'e str> {
    let keys = &class.shape.order_by;
    let served = keys.iter().all(|key| {
        Some(key.descending) == keys.first().map(|first| first.descending)
            && key.column.as_ref().is_some_and(|c| table_of(class, c) == Some(table))
    });
    if !served || keys.len() > room {
        return Vec::new();
    }
    keys.iter().filter_map(|key| Some(&*key.column.as_ref()?.column)).collect()
}

/// Whether a number of rows per run is worth an index.
pub(super) fn is_many(rows: Option<f64>) -> bool {
    rows.is_some_and(|rows| rows >= MANY_ROWS)
}
