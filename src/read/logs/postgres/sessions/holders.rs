//! What one record says of another: which statement the holder of a lock had last logged, and how
//! long a statement had run when a timeout ended it.
//!
//! Both look back, so both may have to ask the chunk before. Nothing is claimed beyond what was
//! logged: the last logged statement of a process is not the cause of a wait.

use super::slot::{Slot, is_outlasted};
use crate::model::event::{Holder, session_of_pid};
use crate::read::logs::postgres::messages::{Message, durations};
use crate::read::logs::postgres::record::{Record, Text};
use crate::time::Timestamp;
use hashbrown::HashMap;
use std::borrow::Cow;

/// How long the last run of a session is remembered for others, in microseconds of log time: what
/// is remembered grows with the sessions of that time only.
const MEMORY_US: i64 = 600_000_000;
/// Longer statements of a holder are cut when they are kept beyond their chunk.
const MAX_KEPT_BYTES: usize = 4096;

/// What a session last ran, as far as a run of chunks tells.
#[derive(Clone, Default)]
pub(super) enum LastRun<'a> {
    /// These chunks do not say.
    #[default]
    Unknown,
    /// It ran nothing: it began or ended here.
    Nothing,
    /// A statement.
    Known(Last<'a>),
}

/// A run that is remembered.
#[derive(Clone)]
pub(super) struct Last<'a> {
    message: Text<'a>,
    time: Option<Timestamp>,
    /// The number of its record in the chunk.
    number: u64,
}

impl<'a> LastRun<'a> {
    /// A record, if it tells of a run.
    pub fn of(record: Record<'a>, number: u64) -> Option<LastRun<'a>> {
        statement_of(&record.message).is_some().then(|| LastRun::known(record, number))
    }

    /// A record that is known to tell of a run.
    pub fn known(record: Record<'a>, number: u64) -> LastRun<'a> {
        LastRun::Known(Last { message: record.message, time: record.time, number })
    }

    /// Forgets a run that is too old by the latest time behind its record.
    pub fn forget_outlasted(&mut self, behind: impl Fn(u64) -> Option<Timestamp>) {
        if let LastRun::Known(last) = self
            && is_outlasted(last.time, behind(last.number), MEMORY_US)
        {
            *self = LastRun::Nothing;
        }
    }

    pub fn into_owned(self) -> LastRun<'static> {
        match self {
            LastRun::Unknown => LastRun::Unknown,
            LastRun::Nothing => LastRun::Nothing,
            LastRun::Known(last) => LastRun::Known(last.into_owned()),
        }
    }
}

impl Last<'_> {
    fn into_owned(self) -> Last<'static> {
        let message = &self.message[..self.message.len().min(MAX_KEPT_BYTES)];
        Last { message: Cow::Owned(message.to_vec()), time: self.time, number: self.number }
    }
}

/// The statement of a message that tells of a run.
fn statement_of(message: &[u8]) -> Option<&[u8]> {
    match durations::read(message)? {
        Message::Timed { text, .. } | Message::Statement { text, .. } => Some(text),
        _ => None,
    }
}

/// Who held the lock that a record waits for.
#[derive(Clone)]
pub(super) enum Held<'a> {
    /// The record waits for none, or does not say for whose.
    NotAsked,
    /// An earlier chunk may know.
    Asks { pid: u64, latest: Option<Timestamp> },
    /// The process, and what it last ran, if anything was logged.
    By { pid: u64, last: Option<Last<'a>> },
}

impl<'a> Held<'a> {
    /// Looks for the last run of a process in one chunk.
    pub fn look(
        pid: u64,
        slots: &HashMap<u64, Slot<'a>>,
        latest: Option<Timestamp>,
        behind: impl Fn(u64) -> Option<Timestamp>,
    ) -> Held<'a> {
        match slots.get(&session_of_pid(pid)).map(|slot| slot.last_run(behind)) {
            None | Some(LastRun::Unknown) => Held::Asks { pid, latest },
            Some(LastRun::Nothing) => Held::By { pid, last: None },
            Some(LastRun::Known(last)) => Held::By { pid, last: Some(last) },
        }
    }

    /// Asks the chunks before; `before` is their latest time.
    pub fn resolve(&mut self, slots: &HashMap<u64, Slot<'a>>, before: Option<Timestamp>) {
        if let Held::Asks { pid, latest } = *self {
            *self = Held::look(pid, slots, latest.max(before), |_| latest);
        }
    }

    /// As an event carries it.
    pub fn holder(&self) -> Option<Holder<'_>> {
        match self {
            Held::NotAsked => None,
            Held::Asks { pid, .. } | Held::By { pid, last: None } => {
                Some(Holder { pid: *pid, statement: None })
            }
            Held::By { pid, last: Some(last) } => Some(Holder {
                pid: *pid,
                statement: statement_of(&last.message).map(Cow::Borrowed),
            }),
        }
    }

    pub fn into_owned(self) -> Held<'static> {
        match self {
            Held::NotAsked => Held::NotAsked,
            Held::Asks { pid, latest } => Held::Asks { pid, latest },
            Held::By { pid, last } => Held::By { pid, last: last.map(Last::into_owned) },
        }
    }
}

impl<'a> Slot<'a> {
    /// What the session last ran: what waits came last.
    fn last_run(&self, behind: impl Fn(u64) -> Option<Timestamp>) -> LastRun<'a> {
        let waiting = [&self.statement, &self.open].into_iter().flatten();
        let mut last = waiting
            .filter_map(|waiting| LastRun::of(waiting.record.clone(), waiting.number))
            .next()
            .unwrap_or_else(|| self.last.clone());
        last.forget_outlasted(behind);
        last
    }
}

/// The statement that a record ended by cancelling it.
#[derive(Clone)]
pub(super) enum Ran<'a> {
    /// The record ended none, or when it began is not logged.
    NotAsked,
    /// An earlier chunk may know.
    Asks,
    /// A statement that was logged before it ran.
    Since { message: Text<'a>, time: Timestamp },
}

impl<'a> Ran<'a> {
    /// The statement of a session that waits for its duration.
    pub fn look(slot: &Slot<'a>) -> Ran<'a> {
        match &slot.statement {
            Some(waiting) => match waiting.record.time {
                Some(time) => Ran::Since { message: waiting.record.message.clone(), time },
                None => Ran::NotAsked,
            },
            None if slot.settled.is_none() => Ran::Asks,
            None => Ran::NotAsked,
        }
    }

    /// Asks the chunks before, by what they know of the session.
    pub fn resolve(&mut self, slot: Option<&Slot<'a>>) {
        if let (Ran::Asks, Some(slot)) = (&self, slot) {
            *self = Ran::look(slot);
        }
    }

    /// How long it had run when a record ended it, in microseconds, if the record says that it was
    /// the same statement.
    pub fn until(&self, record: &Record<'_>) -> Option<u64> {
        let Ran::Since { message, time } = self else { return None };
        let ended = record.time?;
        let same = statement_of(message)?.trim_ascii() == record.statement.as_deref()?.trim_ascii();
        same.then(|| u64::try_from(ended.0.saturating_sub(time.0)).ok())?
    }

    pub fn into_owned(self) -> Ran<'static> {
        match self {
            Ran::NotAsked => Ran::NotAsked,
            Ran::Asks => Ran::Asks,
            Ran::Since { message, time } => {
                Ran::Since { message: Cow::Owned(message.into_owned()), time }
            }
        }
    }
}
