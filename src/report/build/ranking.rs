//! Rankings: which classes are shown, in which order, and what the tables leave out.

use super::{Draft, attributes, ms};
use crate::judge::evidence::ClassEvidence;
use crate::judge::words;
use crate::model::workload::stats::Stats;
use crate::report::options::{Aggregate, OrderBy, Outliers};
use crate::report::phrases::amount;
use crate::report::types::{Column, Ranking, Rest};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// Most rows of a ranking in a document; the JSON report has no such limit.
const MAX_ROWS: usize = 100;
/// Classes with fewer timed runs are not ranked by mean.
const MEAN_MIN_RUNS: u64 = 5;

/// The classes that are shown, as places in the evidence, and the tables that show them.
#[derive(Default)]
pub struct Places {
    by_class: BTreeMap<usize, usize>,
    /// Places in the evidence: the chosen ones first.
    pub classes: Vec<usize>,
    /// How many of them `--order-by`, `--top` and `--outliers` choose.
    pub asked: usize,
    /// How many of those are outliers: the last ones.
    pub outliers: usize,
}

impl Places {
    /// The place among the shown classes of one, which is shown from now on.
    pub fn of(&mut self, class: usize) -> usize {
        *self.by_class.entry(class).or_insert_with(|| {
            self.classes.push(class);
            self.classes.len() - 1
        })
    }
}

/// The classes that were asked for, and the rankings of a document.
pub fn rank(draft: &Draft<'_>) -> (Places, Vec<Ranking>) {
    let mut places = Places::default();
    let asked_by = &draft.options.order_by;
    let mut order = ranked(draft, asked_by);
    let left = order.split_off(shown(draft, &order, asked_by));
    let outliers: Vec<usize> = match &draft.options.outliers {
        None => Vec::new(),
        Some(outliers) => left
            .into_iter()
            .filter(|at| is_outlier(outliers, &draft.evidence.classes[*at]))
            .collect(),
    };
    order.iter().chain(&outliers).for_each(|class| {
        places.of(*class);
    });
    (places.asked, places.outliers) = (order.len() + outliers.len(), outliers.len());
    let mut kinds = vec![OrderBy::Total, OrderBy::Mean, OrderBy::Calls];
    if !kinds.contains(asked_by) {
        kinds.insert(0, asked_by.clone());
    }
    let rankings = kinds
        .iter()
        .map(|by| {
            let outliers = if by == asked_by { &outliers[..] } else { &[] };
            ranking(draft, by, outliers, &mut places)
        })
        .collect();
    (places, rankings)
}

fn ranking(draft: &Draft<'_>, by: &OrderBy, outliers: &[usize], places: &mut Places) -> Ranking {
    let mut order = ranked(draft, by);
    if *by == OrderBy::Mean {
        order.retain(|at| draft.evidence.classes[*at].class.stats.timed >= MEAN_MIN_RUNS);
    }
    order.truncate(shown(draft, &order, by).min(MAX_ROWS));
    let ranked = order.len();
    let others = outliers.iter().filter(|at| !order.contains(at)).take(MAX_ROWS);
    let others: Vec<usize> = others.copied().collect();
    order.extend(others);
    let rest = rest(draft, order.iter().map(|at| &draft.evidence.classes[*at].class.stats));
    Ranking {
        by: title(by),
        column: column(draft, by, &order),
        outliers: order.len() - ranked,
        rows: order.into_iter().map(|class| places.of(class)).collect(),
        rest,
    }
}

/// What a ranking is by, as its heading says.
fn title(by: &OrderBy) -> String {
    match by {
        OrderBy::Total => "total time".to_owned(),
        OrderBy::Calls => "calls".to_owned(),
        OrderBy::Mean => "mean time (five calls or more)".to_owned(),
        OrderBy::P95 => "p95".to_owned(),
        OrderBy::Max => "longest run".to_owned(),
        OrderBy::Attribute { name, by } => format!("`{name}` ({})", by.word()),
    }
}

/// The column of an attribute that a ranking is by; all other orders have one in every table.
fn column(draft: &Draft<'_>, by: &OrderBy, order: &[usize]) -> Option<Column> {
    let OrderBy::Attribute { name, by } = by else { return None };
    let unit = attributes::measure_of(name);
    let cells = order.iter().map(|at| {
        let attributes = draft.evidence.classes[*at].class.attributes();
        let value = attributes::value(attributes, name, *by)?;
        Some(match (attributes::is_flag(attributes, name), by) {
            (true, Aggregate::Mean) => words::percent(value),
            (true, _) => words::count(value as u64),
            (false, _) => amount(unit, attributes::scaled(unit, value)),
        })
    });
    Some(Column { head: format!("`{name}` {}", by.word()), cells: cells.collect() })
}

/// Places in the evidence, best first. The evidence itself is in order of total time, which also
/// breaks ties: the sort is stable. Where the log took only some runs, what they stand for counts.
fn ranked(draft: &Draft<'_>, by: &OrderBy) -> Vec<usize> {
    let classes = &draft.evidence.classes;
    let stats = |at: &usize| &classes[*at].class.stats;
    let mut order: Vec<usize> = (0..classes.len()).collect();
    // The bits of numbers that are not negative are in the order of the numbers.
    match by {
        OrderBy::Total => {}
        OrderBy::Calls => order.sort_by_key(|at| Reverse(stats(at).estimate().calls)),
        OrderBy::Max => order.sort_by_key(|at| Reverse(stats(at).max_us)),
        OrderBy::Mean => order.sort_by(|a, b| {
            let (a, b) = (stats(a), stats(b));
            let few = |s: &Stats| s.timed < MEAN_MIN_RUNS;
            let product =
                |x: &Stats, y: &Stats| u128::from(x.total_us) * u128::from(y.timed.max(1));
            few(a).cmp(&few(b)).then(product(b, a).cmp(&product(a, b)))
        }),
        OrderBy::P95 => {
            order.sort_by_cached_key(|at| Reverse(stats(at).p95_us().map(f64::to_bits)))
        }
        OrderBy::Attribute { name, by } => order.sort_by_cached_key(|at| {
            let value = attributes::value(classes[*at].class.attributes(), name, *by);
            Reverse(value.map(f64::to_bits))
        }),
    }
    order
}

/// How many of some ranked classes `--top` shows: a share is one of what they are ordered by.
fn shown(draft: &Draft<'_>, order: &[usize], by: &OrderBy) -> usize {
    let calls = *by == OrderBy::Calls || draft.overall.total_us == 0;
    draft.options.top.shown(order.iter().map(|at| {
        let class = &draft.evidence.classes[*at].class;
        match by {
            // A float that is too large becomes the largest integer.
            OrderBy::Attribute { name, .. } => {
                attributes::value(class.attributes(), name, Aggregate::Sum).unwrap_or(0.0) as u64
            }
            _ if calls => class.stats.estimate().calls,
            _ => class.stats.estimate().total_us,
        }
    }))
}

/// What a table leaves out, folded classes included.
pub fn rest<'s>(draft: &Draft<'_>, shown: impl Iterator<Item = &'s Stats>) -> Rest {
    let (mut members, mut calls, mut total_us) =
        (draft.evidence.classes.len(), draft.overall.calls, draft.overall.total_us);
    for stats in shown {
        members = members.saturating_sub(1);
        calls = calls.saturating_sub(stats.calls);
        total_us = total_us.saturating_sub(stats.total_us);
    }
    Rest { members, calls, total_ms: ms(total_us), share: draft.share(total_us) }
}

/// Whether enough runs of a class are bad enough. Of fewer than 20 values the largest is their 95th
/// percentile by the nearest rank.
fn is_outlier(outliers: &Outliers, class: &ClassEvidence<'_>) -> bool {
    let stats = &class.class.stats;
    let (runs, p95, max) = match &outliers.attribute {
        None => (stats.timed, stats.p95_us(), stats.max_us),
        Some(name) => match attributes::numbers(class.class.attributes(), name) {
            Some(numbers) => (numbers.records, numbers.p95(), numbers.max),
            None => return false,
        },
    };
    runs >= outliers.runs && p95.unwrap_or(max as f64) >= outliers.least as f64
}
