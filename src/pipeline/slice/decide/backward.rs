//! What a session's records say of one another where later entries were written earlier: everything
//! comes before what it belongs to, and waits for that.

use super::{Decider, Verdict, newest};
use crate::pipeline::slice::wanted::{Claim, Verdicts};

/// What came of a session, and belongs to records that were written earlier.
#[derive(Default)]
pub(super) struct Later {
    /// Lines that belong to its next record.
    lines: Option<u64>,
    /// Whether the statement passes that one of them names.
    named: Option<bool>,
    duration: Option<Late>,
    /// When its last record came, in claims.
    used: u64,
}

/// A duration whose statement began earlier.
struct Late {
    us: u64,
    /// Its own cell's, if it can pass.
    group: Option<u64>,
}

impl Decider<'_> {
    /// A line that belongs to the next record of its session, whose cell is `number`.
    pub(super) fn attached_before(&mut self, number: u64, claim: &Claim) -> Verdict {
        if !self.wanted.is_active() {
            return Verdict::Is(true);
        }
        let later = self.later.entry(claim.session).or_default();
        later.used = self.claims;
        later.named = later.named.or(claim.names());
        Verdict::Waits(*later.lines.get_or_insert(number))
    }

    /// A record, of which `number` is the cell.
    pub(super) fn record_before(&mut self, number: u64, claim: &Claim) -> Verdict {
        let Claim { session: key, base, says, .. } = *claim;
        let Later { lines, named, mut duration, .. } = self.later.remove(&key).unwrap_or_default();
        if !self.wanted.filter.selects_statements() {
            if let Some(lines) = lines {
                self.resolve(lines, base);
            }
            return Verdict::Is(base);
        }
        let wants_duration = self.wanted.filter.min_duration_us.is_some();
        let ended = match says {
            Verdicts::Nothing | Verdicts::Beside(_) => None,
            _ => duration.take(),
        };
        let verdict = match says {
            Verdicts::Ran(passes) | Verdicts::Beside(passes) => Verdict::Is(base && passes),
            Verdicts::Began(passes) => {
                let is_long =
                    ended.as_ref().map(|late| self.wanted.filter.passes_duration(Some(late.us)));
                if let Some(group) = ended.as_ref().and_then(|late| late.group) {
                    self.resolve(group, passes && is_long == Some(true));
                }
                Verdict::Is(base && passes && (!wants_duration || is_long == Some(true)))
            }
            Verdicts::Duration(us) if key != 0 => {
                duration = Some(Late { us, group: base.then_some(number) });
                if base { Verdict::Waits(number) } else { Verdict::Is(false) }
            }
            Verdicts::Duration(us) => Verdict::Is(base && self.passes_alone(us)),
            Verdicts::Nothing | Verdicts::Settled => {
                Verdict::Is(base && named == Some(true) && !wants_duration)
            }
        };
        if let Some(late) = ended.filter(|_| !matches!(says, Verdicts::Began(_))) {
            self.end_alone(&late);
        }
        if let Some(lines) = lines {
            self.resolve(lines, verdict == Verdict::Is(true));
        }
        if duration.is_some() {
            let later = Later { duration, used: self.claims, ..Later::default() };
            self.later.insert(key, later);
        }
        verdict
    }

    /// No statement will come for a duration.
    fn end_alone(&mut self, late: &Late) {
        if let Some(group) = late.group {
            let passes = self.passes_alone(late.us);
            self.resolve(group, passes);
        }
    }

    /// The source has ended: no statement will come for any duration.
    pub(super) fn end_durations(&mut self) {
        let sessions = std::mem::take(&mut self.later).into_values();
        let mut waiting: Vec<Late> = sessions.filter_map(|later| later.duration).collect();
        waiting.sort_unstable_by_key(|late| late.group);
        waiting.iter().for_each(|late| self.end_alone(late));
    }

    /// Forgets the sessions whose last record is longest ago, once there are too many.
    pub(super) fn forget_later(&mut self) {
        let Some(least) = newest(self.later.values().map(|later| later.used)) else { return };
        let mut groups = Vec::new();
        self.later.retain(|_, later| {
            if later.used < least {
                groups.extend(later.lines);
                groups.extend(later.duration.as_ref().and_then(|late| late.group));
            }
            later.used >= least
        });
        groups.sort_unstable();
        groups.into_iter().for_each(|group| self.resolve(group, false));
    }
}
