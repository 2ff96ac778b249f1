//! What the server itself counted of a class: the rows of `pg_stat_statements` or of MySQL's digest
//! table. They tell of the same runs as a log does, so they stand beside what was logged and are
//! never added to it; where nothing was logged, they are all that is known of the runs.

use super::Workload;
use super::examples::Place;
use super::ingest::Placed;
use super::stats::Stats;
use crate::model::catalog::{Origin, Series, Told, add_state, merge_series};
use crate::model::event::{Counted, StatementCounters};
use crate::model::filter::Filter;
use std::collections::BTreeMap;

/// Rows kept of one class: one for each user, database and text that the server tells apart.
const MAX_ROWS: usize = 64;

/// The counters of a class, by the server's key of the row.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counters {
    rows: BTreeMap<u64, Series<Counted>>,
    /// Rows that were left out because there were too many.
    pub omitted: u64,
}

impl Counters {
    pub(super) const fn new() -> Self {
        Counters { rows: BTreeMap::new(), omitted: 0 }
    }

    fn add(&mut self, key: u64, told: Told<Counted>) {
        add_state(&mut self.rows, key, told);
        self.cap();
    }

    pub(super) fn merge(&mut self, other: Counters) {
        self.omitted += other.omitted;
        merge_series(&mut self.rows, other.rows);
        self.cap();
    }

    /// The members with the smallest keys stay: what was left out once is never let in again.
    fn cap(&mut self) {
        while self.rows.len() > MAX_ROWS {
            self.rows.pop_last();
            self.omitted += 1;
        }
    }

    /// All rows together: what was counted between the first and the last snapshot where there are
    /// several, else since the server began to count.
    pub fn sum(&self) -> Counted {
        let mut sum = Counted::default();
        self.rows.values().for_each(|series| sum.add(&since_first(series)));
        sum
    }

    pub(super) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        self.rows.values_mut().flat_map(Series::places_mut)
    }
}

/// What was counted from the first state to the last; all of the last where there is one state
/// only, or where the server began anew between them.
fn since_first(series: &Series<Counted>) -> Counted {
    let (first, last) = (&series.first.value, &series.last.value);
    let is_one = series.first.origin == series.last.origin;
    if is_one || series.first.origin.taken.is_none() {
        return last.clone();
    }
    last.since(first).unwrap_or_else(|| last.clone())
}

impl Workload {
    /// Adds what the server counted of a statement.
    pub(super) fn add_counters(
        &mut self,
        told: &StatementCounters<'_>,
        origin: Origin,
        filter: &Filter,
    ) -> bool {
        let at = match self.place(&told.text, told.is_cut, filter) {
            Placed::Kept { at, .. } => at,
            Placed::Unwanted => return false,
            Placed::Folded => return true,
        };
        let class = &mut self.classes[at];
        if told.server_query_id != 0 {
            class.add_server_id(told.server_query_id, 0);
        }
        class.counters_mut().add(told.key, Told::new(told.counted.clone(), origin));
        true
    }

    /// Where no run was logged, takes what the server counted for the runs. Whether it did.
    pub fn count_by_counters(&mut self) -> bool {
        if self.classes.iter().any(|class| class.stats.calls > 0) {
            return false;
        }
        let mut is_counted = false;
        for class in &mut self.classes {
            let counted = class.counters().sum();
            if counted.calls > 0 {
                class.stats = Stats::of_counters(&counted);
                is_counted = true;
            }
        }
        self.overall.take();
        is_counted
    }
}
