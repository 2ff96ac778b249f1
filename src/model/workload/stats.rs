//! The numbers of a set of statement runs: a class, a group or everything. Integers only.

use super::histogram::Histogram;
use super::timeline::Timeline;
use crate::model::event::Counted;
use crate::time::Timestamp;

/// Percentiles need this many timed runs before they are worth printing.
const P95_MIN_RUNS: u64 = 20;
const P99_MIN_RUNS: u64 = 100;

/// What runs that were logged stand for, where the log took only one in so many.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Estimate {
    /// Runs.
    pub calls: u64,
    /// Their time in microseconds.
    pub total_us: u64,
    /// The log took one in so many, at most; 1: all, and nothing is estimated.
    pub one_in: u32,
}

/// The numbers of a set of runs.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Stats {
    /// Runs, timed or not.
    pub calls: u64,
    /// Runs whose duration was logged.
    pub timed: u64,
    /// Sum of durations in microseconds.
    pub total_us: u64,
    /// Shortest in microseconds (`None` before the first timed run).
    pub min_us: Option<u64>,
    /// Longest in microseconds.
    pub max_us: u64,
    /// Sum of squares of durations, for the standard deviation.
    squares: u128,
    /// Runs at or above the threshold of slow queries.
    pub slow: u64,
    /// Durations by size.
    pub histogram: Histogram,
    /// Calls and time per interval.
    pub timeline: Timeline,
    /// First time seen.
    pub first: Option<Timestamp>,
    /// Last time seen.
    pub last: Option<Timestamp>,
    // What sampling left out.
    unlogged_calls: u64,
    unlogged_us: u64,
    one_in: u32,
}

impl Stats {
    /// Of what a server counted: no run by itself is known, so there are no percentiles and no
    /// timeline.
    pub fn of_counters(counted: &Counted) -> Stats {
        Stats {
            calls: counted.calls,
            timed: counted.calls,
            total_us: counted.total_us,
            min_us: counted.min_us,
            max_us: counted.max_us.unwrap_or(0),
            squares: counted.squares.map_or(0, |squares| squares as u128),
            ..Stats::default()
        }
    }

    /// Adds one run.
    pub fn add(&mut self, time: Option<Timestamp>, duration_us: Option<u64>, slow_from_us: u64) {
        self.calls += 1;
        if let Some(us) = duration_us {
            self.timed += 1;
            self.total_us = self.total_us.saturating_add(us);
            self.min_us = Some(self.min_us.map_or(us, |min| min.min(us)));
            self.max_us = self.max_us.max(us);
            self.squares = self.squares.saturating_add(u128::from(us) * u128::from(us));
            self.slow += u64::from(us >= slow_from_us);
            self.histogram.add(us);
        }
        if let Some(time) = time {
            self.timeline.add(time.0, 1, duration_us.unwrap_or(0));
            self.first = Some(self.first.map_or(time, |first| first.min(time)));
            self.last = Some(self.last.map_or(time, |last| last.max(time)));
        }
    }

    /// The run that was added last stands for so many, itself included.
    pub fn stands_for(&mut self, one_in: u32, duration_us: Option<u64>) {
        let others = u64::from(one_in.saturating_sub(1));
        let us = duration_us.unwrap_or(0).saturating_mul(others);
        self.unlogged_calls = self.unlogged_calls.saturating_add(others);
        self.unlogged_us = self.unlogged_us.saturating_add(us);
        self.one_in = self.one_in.max(one_in);
    }

    /// What these runs stand for.
    pub fn estimate(&self) -> Estimate {
        Estimate {
            calls: self.calls.saturating_add(self.unlogged_calls),
            total_us: self.total_us.saturating_add(self.unlogged_us),
            one_in: self.one_in.max(1),
        }
    }

    /// Adds all of another set.
    pub fn merge(&mut self, other: &Stats) {
        self.calls += other.calls;
        self.timed += other.timed;
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.min_us = smaller(self.min_us, other.min_us);
        self.max_us = self.max_us.max(other.max_us);
        self.squares = self.squares.saturating_add(other.squares);
        self.slow += other.slow;
        self.histogram.merge(&other.histogram);
        self.timeline.merge(&other.timeline);
        self.first = smaller(self.first, other.first);
        self.last = self.last.max(other.last);
        self.unlogged_calls = self.unlogged_calls.saturating_add(other.unlogged_calls);
        self.unlogged_us = self.unlogged_us.saturating_add(other.unlogged_us);
        self.one_in = self.one_in.max(other.one_in);
    }

    /// Mean duration of the timed runs, in microseconds.
    pub fn mean_us(&self) -> Option<f64> {
        (self.timed > 0).then(|| self.total_us as f64 / self.timed as f64)
    }

    /// Population standard deviation of the timed runs, in microseconds. The variance is computed
    /// from integers: n·Σx² − (Σx)², so that rounding cannot make it negative.
    pub fn stddev_us(&self) -> Option<f64> {
        let n = u128::from(self.timed);
        let spread = self.squares.checked_mul(n)?.saturating_sub(u128::from(self.total_us).pow(2));
        (n > 0).then(|| (spread as f64).sqrt() / n as f64)
    }

    /// Median in microseconds.
    pub fn p50_us(&self) -> Option<f64> {
        self.quantile_us(0.50)
    }

    /// 95th percentile in microseconds; `None` below 20 timed runs.
    pub fn p95_us(&self) -> Option<f64> {
        (self.timed >= P95_MIN_RUNS).then(|| self.quantile_us(0.95)).flatten()
    }

    /// 99th percentile in microseconds; `None` below 100 timed runs.
    pub fn p99_us(&self) -> Option<f64> {
        (self.timed >= P99_MIN_RUNS).then(|| self.quantile_us(0.99)).flatten()
    }

    fn quantile_us(&self, q: f64) -> Option<f64> {
        let (min, max) = (self.min_us? as f64, self.max_us as f64);
        self.histogram.quantile_us(q).map(|us| us.clamp(min, max))
    }
}

/// The smaller of two values that may be missing.
pub(crate) fn smaller<T: Ord>(a: Option<T>, b: Option<T>) -> Option<T> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (a, b) => a.or(b),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_those_of_the_definition() {
        let mut stats = Stats::default();
        for us in [2, 4, 4, 4, 5, 5, 7, 9] {
            stats.add(Some(Timestamp(us as i64)), Some(us), 5);
        }
        stats.add(None, None, 5);
        assert_eq!((stats.calls, stats.timed, stats.slow), (9, 8, 4));
        assert_eq!(stats.mean_us(), Some(5.0));
        assert_eq!(stats.stddev_us(), Some(2.0));
        assert_eq!(stats.p50_us(), Some(4.0));
        assert_eq!(stats.p95_us(), None, "too few runs for a p95");
    }
}
