//! What ran at once, and in whose sessions: what a log of runs tells of connections where no line
//! tells of connections themselves.

use super::capped::{Capped, Member};
use super::concurrency::Concurrency;
use super::tally::{Names, Tally, name_hash};
use super::{Workload, mix};
use crate::time::Timestamp;
use hashbrown::HashMap;

/// Sessions whose owners are kept; past it a sample of them stands for all.
const MAX_SESSIONS: usize = 32_768;
const US_PER_S: i64 = 1_000_000;

/// Whose a session is, by the hashes of their names; 0 where the log does not say.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(super) struct Owner {
    /// Database user.
    pub user: u64,
    /// Client host.
    pub host: u64,
}

impl Member for Owner {
    type Rest = ();

    fn merge(&mut self, _: Self) {}

    fn fold(self, (): &mut ()) {}
}

/// Statements that ran at once, and the sessions that ran any.
#[derive(Clone, Debug, Default)]
pub struct Running {
    /// Statements that ran at once.
    pub statements: Concurrency,
    /// By session and owner together: a log may use the number of a session again.
    sessions: Capped<Owner, MAX_SESSIONS>,
    /// Saves looking the same session up again.
    last: (u64, Owner),
}

impl Running {
    /// Adds a run by its end and duration.
    #[inline]
    pub(super) fn add(&mut self, end: Option<Timestamp>, duration_us: Option<u64>) {
        let (Some(end), Some(us)) = (end, duration_us) else { return };
        // A server whose clock was set back may log a time below zero, as a huge number.
        let Ok(length) = i64::try_from(us) else { return };
        let (from, to) = (end.0.saturating_sub(length), end.0);
        // A stamp of whole seconds says only in which second it was. Taken for its first instant,
        // all runs would stand side by side and never, or always, across a boundary: so they are
        // spread over their second.
        let within = match from % US_PER_S == 0 || to % US_PER_S == 0 {
            true => (mix(to as u64, us) % US_PER_S as u64) as i64,
            false => 0,
        };
        self.statements.add(from.saturating_add(within), to.saturating_add(within));
    }

    /// Adds the session of a run; 0 is none.
    #[inline]
    pub(super) fn add_session(&mut self, session: u64, owner: Owner) {
        if session != 0 && self.last != (session, owner) {
            self.last = (session, owner);
            self.sessions.add(mix(session, mix(owner.user, owner.host)), owner);
        }
    }

    /// Adds all of another part.
    pub(super) fn merge(&mut self, other: Running) {
        self.statements.merge(&other.statements);
        self.sessions.merge(other.sessions, |(), ()| ());
    }

    /// Sessions by the names of a tally, most first.
    fn sessions_by<'n>(
        &self,
        of: fn(&Owner) -> u64,
        tally: &Tally,
        names: &'n Names,
    ) -> Vec<(&'n str, u64)> {
        let mut counts: HashMap<u64, u64> = HashMap::new();
        for owner in self.sessions.values() {
            *counts.entry(of(owner)).or_default() += self.sessions.weight();
        }
        let named = tally.ranked(names).into_iter();
        let mut sessions: Vec<_> = named
            .filter_map(|(name, _)| Some((name, *counts.get(&name_hash(name.as_bytes()))?)))
            .collect();
        sessions.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        sessions
    }
}

impl Workload {
    /// What ran at once.
    pub fn running(&self) -> &Running {
        &self.running
    }

    /// How many sessions of each user ran something, most first; estimates past 32,768 sessions.
    pub fn sessions_by_user(&self) -> Vec<(&str, u64)> {
        self.running.sessions_by(|owner| owner.user, &self.who.users, &self.names)
    }

    /// How many sessions from each host ran something, most first; estimates past 32,768 sessions.
    pub fn sessions_by_host(&self) -> Vec<(&str, u64)> {
        self.running.sessions_by(|owner| owner.host, &self.who.hosts, &self.names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::workload::tally::Share;
    use xxhash_rust::xxh3::xxh3_64;

    #[test]
    fn runs_with_stamps_of_whole_seconds_are_spread_over_their_second() {
        for stamps_are_starts in [false, true] {
            let mut running = Running::default();
            // 40 at once, all shorter than the distance of two boundaries.
            for number in 0..10_000u64 {
                let us = 300_000 + number * 20;
                let second = 1_795_403_000_000_000 + (number as i64 / 100) * US_PER_S;
                let end = if stamps_are_starts { second + us as i64 } else { second };
                running.add(Some(Timestamp(end)), Some(us));
            }
            let samples = running.statements.samples();
            let inner = samples.get(2..98).unwrap_or_default();
            assert_eq!(inner.len(), 96);
            let mean = inner.iter().map(|s| s.open).sum::<u64>() as f64 / 96.0;
            assert!((mean - 40.0).abs() < 2.0, "{mean} starts {stamps_are_starts}");
            assert!(inner.iter().all(|s| (15..70).contains(&s.open)));
        }
    }

    #[test]
    fn what_has_no_start_runs_never() {
        let mut running = Running::default();
        running.add(None, Some(5));
        running.add(Some(Timestamp(5)), None);
        running.add(Some(Timestamp(5)), Some(u64::MAX - 3));
        assert!(running.statements.samples().is_empty());
    }

    #[test]
    fn sessions_are_counted_once_by_owner_however_split() {
        let (mut names, mut users) = (Names::default(), Tally::default());
        let once = Share { calls: 1, total_us: 0 };
        let ids = [b"app".as_slice(), b"root"].map(|name| names.id(name));
        ids.iter().for_each(|id| users.add(&names, *id, once, 10));
        let [app, root] = ids.map(|id| names.hash(id));
        let of = |sessions: std::ops::Range<u64>| {
            let mut running = Running::default();
            for session in sessions.clone().chain(sessions) {
                let user = if session % 10 == 0 { root } else { app };
                running.add_session(xxh3_64(&session.to_le_bytes()), Owner { user, host: 0 });
            }
            running.add_session(0, Owner { user: app, host: 0 });
            running
        };
        let by_user = |running: &Running| {
            let counts = running.sessions_by(|owner| owner.user, &users, &names);
            counts.into_iter().map(|(name, count)| (name.to_owned(), count)).collect::<Vec<_>>()
        };
        assert_eq!(by_user(&of(0..1000)), [("app".to_owned(), 900), ("root".to_owned(), 100)]);

        let whole = of(0..200_000);
        assert!(whole.sessions.values().count() <= MAX_SESSIONS);
        let mut joined = of(150_000..200_000);
        joined.merge(of(0..160_000));
        assert_eq!(by_user(&joined), by_user(&whole));
        let app = by_user(&whole).first().map_or(0, |(_, count)| *count);
        assert!(app.abs_diff(180_000) < 5_000, "{app}");
    }
}
