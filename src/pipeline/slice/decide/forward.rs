//! What a session's records say of one another, read in the order in which they were written.

use super::{Decider, Verdict, newest};
use crate::pipeline::slice::wanted::{Claim, Verdicts};

/// What is known of a session.
pub(super) struct Session {
    /// The last record.
    pub last: Verdict,
    /// A statement that began, and may get its duration.
    began: Option<Began>,
    /// When its last record came, in claims.
    used: u64,
}

/// A statement that began.
struct Began {
    /// Its text passes.
    passes: bool,
    /// Those who wait for the duration.
    group: Option<u64>,
}

impl Decider<'_> {
    /// A line that belongs to the last record of its session.
    pub(super) fn attached(&mut self, claim: &Claim) -> Verdict {
        let names = claim.names();
        let alone = claim.base && (names == Some(true) || !self.wanted.filter.selects_statements());
        let Some(session) = self.sessions.get_mut(&claim.session) else {
            return Verdict::Is(alone);
        };
        session.used = self.claims;
        if let (Verdict::Waits(group), Some(passes)) = (session.last, names)
            && self.groups.get(&group).is_some_and(|group| group.awaits_line)
        {
            self.resolve(group, passes);
            return Verdict::Is(passes);
        }
        session.last
    }

    /// A record, of which `number` is the cell.
    pub(super) fn record(&mut self, number: u64, claim: &Claim, lines_apart: bool) -> Verdict {
        let Claim { session: key, base, says, .. } = *claim;
        let filter = &self.wanted.filter;
        if !filter.selects_statements() {
            if lines_apart && self.wanted.is_active() {
                self.remember(key, Verdict::Is(base), None);
            }
            return Verdict::Is(base);
        }
        let awaits_line = lines_apart && filter.min_duration_us.is_none();
        // Where nothing tells sessions apart, nobody knows whose a duration is.
        let pairs = key != 0;
        let before = self.sessions.get_mut(&key).map(|s| (s.last, s.began.take()));
        let (last, mut began) = before.unwrap_or((Verdict::Is(false), None));
        if let Verdict::Waits(group) = last
            && self.groups.get(&group).is_some_and(|group| group.awaits_line)
        {
            self.resolve(group, false);
        }
        let ended = match says {
            Verdicts::Nothing | Verdicts::Beside(_) => None,
            _ => began.take().filter(|_| pairs),
        };
        if let Verdicts::Duration(us) = says {
            let verdict = Verdict::Is(base && self.duration(us, ended));
            self.remember(key, verdict, None);
            return verdict;
        }
        if let Some(group) = ended.and_then(|began| began.group) {
            self.resolve(group, false);
        }
        let verdict = match says {
            Verdicts::Ran(passes) | Verdicts::Beside(passes) => Verdict::Is(base && passes),
            Verdicts::Began(passes) => {
                let wants_duration = self.wanted.filter.min_duration_us.is_some();
                let verdict = match base && passes {
                    true if wants_duration && pairs => Verdict::Waits(number),
                    passes => Verdict::Is(passes && !wants_duration),
                };
                let group = (verdict == Verdict::Waits(number)).then_some(number);
                began = pairs.then_some(Began { passes, group });
                verdict
            }
            _ if base && awaits_line => Verdict::Waits(number),
            _ => Verdict::Is(false),
        };
        self.remember(key, verdict, began);
        verdict
    }

    /// Whether a duration passes, which the statement that it ends follows.
    fn duration(&mut self, us: u64, ended: Option<Began>) -> bool {
        let Some(Began { passes, group }) = ended else {
            return self.passes_alone(us);
        };
        let passes = passes && self.wanted.filter.passes_duration(Some(us));
        if let Some(group) = group {
            self.resolve(group, passes);
        }
        passes
    }

    fn remember(&mut self, key: u64, last: Verdict, began: Option<Began>) {
        self.sessions.insert(key, Session { last, began, used: self.claims });
    }

    /// Forgets the sessions whose last record is longest ago, once there are too many.
    pub(super) fn forget_sessions(&mut self) {
        let Some(least) = newest(self.sessions.values().map(|session| session.used)) else {
            return;
        };
        let mut groups = Vec::new();
        self.sessions.retain(|_, session| {
            if session.used < least {
                groups.extend(session.began.as_ref().and_then(|began| began.group));
                groups.extend(session.last.group());
            }
            session.used >= least
        });
        groups.sort_unstable();
        groups.into_iter().for_each(|group| self.resolve(group, false));
    }
}
