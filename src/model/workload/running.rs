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
        // What is no number of microseconds since the epoch either is a clock that went backwards.
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
