//! Counters of a server over the time in which they were watched: since they began to count, or
//! between two snapshots that are far enough apart.

use crate::judge::words;
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;

/// Below this time, in seconds, counters tell of one hour or one job, not of the server.
pub const ENOUGH_S: f64 = 86_400.0;

/// Counters of one server over one time.
#[derive(Clone, Copy, Debug)]
pub struct Observed<'f> {
    server: &'f ServerFacts,
    /// How long, in seconds; above zero.
    pub seconds: f64,
    /// Between two snapshots, not since they began to count.
    is_interval: bool,
}

impl<'f> Observed<'f> {
    /// Counters that begin with the server's start, which `uptime` counts in seconds. `reset` counts
    /// the seconds since somebody set them to zero.
    pub fn since_start(server: &'f ServerFacts, uptime: &str, reset: &str) -> Option<Self> {
        let series = server.catalog.counters.get(uptime)?;
        let (first_s, last_s) = (series.first.value, series.last.value);
        let between_s = last_s - first_s;
        if between_s >= ENOUGH_S {
            return Some(Observed { server, seconds: between_s, is_interval: true });
        }
        let reset = server.catalog.counters.get(reset).map(|series| series.last.value);
        let seconds = reset.map_or(last_s, |reset_s| reset_s.min(last_s));
        (seconds > 0.0).then_some(Observed { server, seconds, is_interval: false })
    }

    /// Counters that outlive restarts: `since` is a counter that holds the instant from which `counter`
    /// counts, in seconds since 1970.
    pub fn since_reset(server: &'f ServerFacts, counter: &str, since: &str) -> Option<Self> {
        let series = server.catalog.counters.get(counter)?;
        let last = series.last.origin.taken?;
        let between_s = series
            .first
            .origin
            .taken
            .map_or(0.0, |first| last.0.saturating_sub(first.0) as f64 / 1e6);
        if between_s >= ENOUGH_S {
            return Some(Observed { server, seconds: between_s, is_interval: true });
        }
        let told = server.catalog.counters.get(since).map(|series| series.last.value);
        let of_server = || {
            let since = server.catalog.server.as_ref()?.value.stats_since?;
            Some(since.0 as f64 / 1e6)
        };
        let since_s = told.or_else(of_server)?;
        let seconds = last.0 as f64 / 1e6 - since_s;
        (seconds > 0.0).then_some(Observed { server, seconds, is_interval: false })
    }

    /// Whether that is long enough to judge a setting by it.
    pub fn is_enough(&self) -> bool {
        self.seconds >= ENOUGH_S
    }

    /// What a counter holds now.
    pub fn now(&self, counter: &str) -> Option<f64> {
        self.server.catalog.counters.get(counter).map(|series| series.last.value)
    }

    /// How much a counter grew in that time; `None` where it is not known or was set back.
    pub fn grown(&self, counter: &str) -> Option<f64> {
        let series = self.server.catalog.counters.get(counter)?;
        let from = if self.is_interval { series.first.value } else { 0.0 };
        Some(series.last.value - from).filter(|grown| *grown >= 0.0)
    }

    /// The same for an hour, on average.
    pub fn per_hour(&self, counter: &str) -> Option<f64> {
        self.grown(counter).map(|grown| grown * 3600.0 / self.seconds)
    }

    /// Where a counter was last told.
    pub fn place(&self, counter: &str) -> Option<Place> {
        self.server.catalog.counters.get(counter).map(|series| series.last.origin.place)
    }

    /// The time in words: `over 36.0 h`.
    pub fn words(&self) -> String {
        match self.seconds >= 3.0 * ENOUGH_S {
            true => format!("over {:.0} days", self.seconds / 86_400.0),
            false => format!("over {}", words::duration_us(self.seconds * 1e6)),
        }
    }
}
