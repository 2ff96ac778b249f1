//! Pools of connections inside applications: how full they were over time, and who got none.

use super::occurrences::{Largest, Occurrences};
use crate::model::event::{PoolFigures, PoolNews, PoolStep};
use crate::model::workload::examples::Place;
use crate::time::Timestamp;
use std::collections::BTreeMap;

/// Pools that are kept, the first by name.
const MAX_POOLS: usize = 64;
/// Moments of one pool that are kept.
const MAX_MOMENTS: usize = 288;
/// The least distance of two moments, in seconds.
const LEAST_WIDTH_S: i64 = 10;

/// All pools by name.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct ApplicationPools(BTreeMap<Box<str>, PoolHistory>);

/// What was seen of one pool.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct PoolHistory {
    /// How often it was looked at.
    pub samples: u64,
    /// The most of each figure, at whatever moment.
    pub most: PoolFigures,
    /// Callers that got no connection in time; sum and max are the microseconds they waited, where
    /// that is said.
    pub timeouts: Occurrences,
    /// Connections that were held for too long; no number goes with them.
    pub leaks: Occurrences,
    /// The moment with most waiting, or else most active.
    pub fullest: Largest,
    moments: Moments,
}

impl ApplicationPools {
    pub(in crate::model) fn add(
        &mut self,
        news: &PoolNews<'_>,
        time: Option<Timestamp>,
        place: Place,
    ) {
        let pool = self.0.entry((*news.pool).into()).or_default();
        let figures = news.figures;
        if figures != PoolFigures::default() {
            pool.samples += 1;
            pool.most = most(pool.most, figures);
            let fullness = figures.waiting.unwrap_or(0).saturating_mul(1 << 32);
            let fullness = fullness.saturating_add(figures.active.unwrap_or(0));
            pool.fullest.merge(Largest::of(fullness, time, place));
            if let Some(time) = time {
                pool.moments.add(time, figures);
            }
        }
        match news.step {
            PoolStep::Sampled => {}
            PoolStep::TimedOut { waited_us } => {
                pool.timeouts.add(time, waited_us.unwrap_or(0), place);
            }
            PoolStep::Leaked => pool.leaks.add(time, 0, place),
        }
        self.bound();
    }

    /// Which pools are kept depends on their names only, so that parts merge in any order.
    fn bound(&mut self) {
        while self.0.len() > MAX_POOLS {
            self.0.pop_last();
        }
    }

    /// Adds all of another part.
    pub fn merge(&mut self, other: ApplicationPools) {
        for (name, theirs) in other.0 {
            let mine = self.0.entry(name).or_default();
            mine.samples += theirs.samples;
            mine.most = most(mine.most, theirs.most);
            mine.timeouts.merge(&theirs.timeouts);
            mine.leaks.merge(&theirs.leaks);
            mine.fullest.merge(theirs.fullest);
            mine.moments.merge(theirs.moments);
        }
        self.bound();
    }

    pub(in crate::model) fn each_place_mut(&mut self) -> impl Iterator<Item = &mut Place> {
        let all = self.0.values_mut().flat_map(|pool| {
            [&mut pool.timeouts.largest, &mut pool.leaks.largest, &mut pool.fullest]
        });
        all.filter_map(Largest::place_mut)
    }

    /// The pools by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &PoolHistory)> {
        self.0.iter().map(|(name, pool)| (&**name, pool))
    }
}

impl PoolHistory {
    /// The fullest sample of each stretch of time.
    pub fn moments(&self) -> impl Iterator<Item = (Timestamp, PoolFigures)> {
        self.moments.kept.values().map(|(figures, time)| (*time, *figures))
    }
}

/// The larger of each figure.
fn most(a: PoolFigures, b: PoolFigures) -> PoolFigures {
    PoolFigures {
        waiting: a.waiting.max(b.waiting),
        active: a.active.max(b.active),
        total: a.total.max(b.total),
        idle: a.idle.max(b.idle),
        max: a.max.max(b.max),
    }
}

/// The fullest sample of each stretch of time. Where there are too many stretches, each becomes twice
/// as long: how long follows from all samples, in whatever order they came.
#[derive(Clone, PartialEq, Debug)]
struct Moments {
    width_s: i64,
    kept: BTreeMap<i64, (PoolFigures, Timestamp)>,
}

impl Default for Moments {
    fn default() -> Self {
        Moments { width_s: LEAST_WIDTH_S, kept: BTreeMap::new() }
    }
}

impl Moments {
    fn add(&mut self, time: Timestamp, figures: PoolFigures) {
        let stretch = time.0.div_euclid(self.width_s.saturating_mul(1_000_000));
        let kept = self.kept.entry(stretch).or_insert((figures, time));
        *kept = (*kept).max((figures, time));
        while self.kept.len() > MAX_MOMENTS {
            self.widen(self.width_s.saturating_mul(2));
        }
    }

    fn widen(&mut self, width_s: i64) {
        self.width_s = width_s;
        for (figures, time) in std::mem::take(&mut self.kept).into_values() {
            let stretch = time.0.div_euclid(width_s.saturating_mul(1_000_000));
            let kept = self.kept.entry(stretch).or_insert((figures, time));
            *kept = (*kept).max((figures, time));
        }
    }

    fn merge(&mut self, other: Moments) {
        if other.width_s > self.width_s {
            self.widen(other.width_s);
        }
        other.kept.into_values().for_each(|(figures, time)| self.add(time, figures));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_the_same_in_any_order() {
        let moment = |second: i64| {
            let figures = PoolFigures { active: Some(second as u64 % 13), ..Default::default() };
            (Timestamp(second * 1_000_000), figures)
        };
        let of = |seconds: &mut dyn Iterator<Item = i64>| {
            let mut moments = Moments::default();
            seconds.map(moment).for_each(|(time, figures)| moments.add(time, figures));
            moments
        };
        let all = of(&mut (0..9000));
        assert_eq!(all, of(&mut (0..9000).rev()));
        let mut parts = of(&mut (7000..9000));
        parts.merge(of(&mut (0..7000)));
        assert_eq!(all, parts);
        assert!(all.kept.len() <= MAX_MOMENTS && all.width_s == 40, "{}", all.width_s);
        assert_eq!(all.kept[&0].0.active, Some(12));
    }
}
