//! Deadlocks that `innodb_print_all_deadlocks` prints: one record before 5.7, a dozen since, of which
//! other threads' records may stand between. What was printed of one waits here for its end; at the
//! end of a chunk it becomes the carry, which the next chunk's sections complete.
//!
//! InnoDB breaks one deadlock at a time, so the sections behind a beginning are that deadlock's.

mod parts;

use super::record::{Record, without_subsystem};
use crate::model::event::{Deadlock, Event, Kind, LockObject, Participant, Sink, Who};
use crate::read::logs::segment::Carry;
use crate::time::Timestamp;
use memchr::memmem;
use parts::{Lock, Part, Transaction, parts};
use std::any::Any;
use std::borrow::Cow;

/// How a deadlock's first record begins.
const BEGINS: &[u8] = b"ransactions deadlock detected, dumping detailed information";
/// How its sections begin.
const SECTION: &[u8] = b"*** ";
/// How its last section begins.
const ENDS: &[u8] = b"*** WE ROLL BACK ";
/// Sections kept of one deadlock: some hundred transactions are the most that one can have.
const PARTS_MAX: usize = 600;
/// Transactions that are told.
const PARTICIPANTS_MAX: usize = 16;

/// Tells the deadlock that a section of InnoDB's monitor describes: all of it stands in one text.
pub(in crate::read) fn tell_section(
    text: &[u8],
    (offset, line): (u64, u32),
    when: Option<(Timestamp, i32)>,
    sink: &mut dyn Sink,
) {
    let mut parts = parts(text);
    parts.truncate(PARTS_MAX);
    let (time, utc_offset_s) = (when.map(|(time, _)| time), when.map_or(0, |(_, offset)| offset));
    Open { offset, line, time, utc_offset_s, parts }.emit(true, sink);
}

/// What a record has to do with a deadlock.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    /// Its first record.
    Begins,
    /// One of those behind.
    GoesOn,
}

/// What a message has to do with a deadlock, if anything.
pub(super) fn role(message: &[u8]) -> Option<Role> {
    let text = without_subsystem(message);
    if text.get(1..).is_some_and(|rest| rest.starts_with(BEGINS)) {
        return Some(Role::Begins);
    }
    text.starts_with(SECTION).then_some(Role::GoesOn)
}

/// The statements that a record of a deadlock quotes, the first of them.
pub(super) fn first_statement(message: &[u8]) -> Option<Box<[u8]>> {
    parts(message).into_iter().find_map(|part| match part {
        Part::Transaction(transaction) => transaction.statement,
        _ => None,
    })
}

/// A deadlock of which the end was not seen yet.
#[derive(Debug)]
struct Open {
    offset: u64,
    line: u32,
    time: Option<Timestamp>,
    utc_offset_s: i32,
    parts: Vec<Part>,
}

/// The deadlocks of a run of chunks.
#[derive(Debug, Default)]
pub(super) struct Deadlocks {
    /// What stands before the first beginning: of a deadlock that began before.
    head: Vec<Part>,
    /// An end or a beginning was seen, so `head` is complete.
    settled: bool,
    open: Option<Open>,
}

impl Deadlocks {
    /// Takes a record of a deadlock; what is complete goes to the sink.
    pub fn add(&mut self, record: &Record<'_>, role: Role, sink: &mut dyn Sink) {
        let text = without_subsystem(&record.message);
        let parts = parts(text);
        let ends = text.starts_with(ENDS)
            || memmem::find_iter(text, ENDS).any(|at| at > 0 && text[at - 1] == b'\n');
        if role == Role::Begins {
            self.settled = true;
            self.finish_open(sink);
            self.open = Some(Open {
                offset: record.offset,
                line: record.line_in_chunk,
                time: record.time,
                utc_offset_s: record.utc_offset_s,
                parts: Vec::new(),
            });
        }
        let place = match &mut self.open {
            Some(open) => &mut open.parts,
            None if !self.settled => &mut self.head,
            None => return,
        };
        place.extend(parts);
        place.truncate(PARTS_MAX);
        if ends {
            self.settled = true;
            self.finish_open(sink);
        }
    }

    fn finish_open(&mut self, sink: &mut dyn Sink) {
        if let Some(open) = self.open.take() {
            open.emit(false, sink);
        }
    }
}

impl Carry for Deadlocks {
    fn join(mut self: Box<Self>, next: Box<dyn Carry>, sink: &mut dyn Sink) -> Box<dyn Carry> {
        let Ok(next) = next.into_any().downcast::<Deadlocks>() else { return self };
        let place = match &mut self.open {
            Some(open) => Some(&mut open.parts),
            None if !self.settled => Some(&mut self.head),
            None => None,
        };
        if let Some(place) = place {
            place.extend(next.head);
            place.truncate(PARTS_MAX);
        }
        if next.settled {
            self.settled = true;
            self.finish_open(sink);
            self.open = next.open;
        }
        self
    }

    fn begin_source(&mut self, _sink: &mut dyn Sink) {
        // A deadlock that began in another file has no place here to tell of it.
        self.head.clear();
        self.settled = true;
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Sink) {
        self.finish_open(sink);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Open {
    fn emit(&self, is_repeated: bool, sink: &mut dyn Sink) {
        let mut told: Vec<(&Transaction, Option<&Lock>)> = Vec::new();
        let mut victim = None;
        for part in &self.parts {
            match part {
                Part::Transaction(transaction) => told.push((transaction, None)),
                Part::Waits(number, lock) => {
                    let of = |(t, _): &&mut (&Transaction, _)| number.is_none_or(|n| t.number == n);
                    if let Some((_, waits)) = told.iter_mut().rev().find(of) {
                        waits.get_or_insert(lock);
                    }
                }
                Part::RolledBack(number) => victim = Some(*number),
            }
        }
        told.truncate(PARTICIPANTS_MAX);
        let lost = told.iter().find(|(transaction, _)| Some(transaction.number) == victim);
        let participants = told.iter().enumerate().map(|(at, (transaction, lock))| {
            let blocker = told.get(at + 1).or_else(|| told.first().filter(|_| told.len() > 1));
            Participant {
                pid: transaction.thread,
                mode: Cow::Borrowed(lock.map_or(&b"unknown"[..], |lock| &lock.mode)),
                object: lock.map_or(LockObject::Other, |lock| lock.object),
                table: text(lock.and_then(|lock| lock.table.as_deref())),
                index: text(lock.and_then(|lock| lock.index.as_deref())),
                blocked_by: blocker.map_or(0, |(transaction, _)| transaction.thread),
                statement: text(transaction.statement.as_deref()),
            }
        });
        let kind = Kind::Deadlock(Deadlock {
            participants: participants.collect(),
            statement: text(lost.and_then(|(transaction, _)| transaction.statement.as_deref())),
            table: text(lost.and_then(|(_, lock)| lock.and_then(|lock| lock.table.as_deref()))),
            is_repeated,
        });
        let who = lost.map_or(Who::default(), |(transaction, _)| Who {
            user: transaction.user.as_deref(),
            host: transaction.host.as_deref(),
            ..Who::default()
        });
        let Open { offset, line, time, utc_offset_s, .. } = *self;
        sink.event(&Event { offset, line, time, utc_offset_s, who, kind });
    }
}

fn text(part: Option<&[u8]>) -> Option<Cow<'_, [u8]>> {
    part.map(Cow::Borrowed)
}
