//! What one session wrote apart and belongs together, within a chunk and across chunks.
//!
//! Two things wait, per session: the last *open* record, to which DETAIL, CONTEXT, STATEMENT … lines
//! of the same process may still come (in stderr logs), and the last *statement* logged without a
//! duration, to which a bare `duration:` line may still come. A chunk that begins in the middle of
//! this keeps what it could not place at the session's *head*; joining two chunks places it. So the
//! outcome is that of reading the file in one piece, wherever it was cut. Some records also look
//! back at others ([`holders`]); what they ask is answered by the same joining.
//!
//! Nothing waits forever: a record more than `PATIENCE_US` later, from whatever session, that
//! stands behind what waits, ends the wait. That is looked at where something is asked for, by the
//! latest time in between ([`peaks`]), which every chunk knows of its own part: so every way of
//! cutting agrees, clocks may jump back, and no record costs a walk over all sessions.

mod holders;
mod peaks;
mod slot;

use super::messages::{self, Beside, Message, Subject, errors, locks, translated};
use super::prefix::Severity;
use super::record::{Record, Text};
use crate::model::event::Sink;
use crate::read::logs::segment::Carry;
use crate::time::Timestamp;
use hashbrown::HashMap;
use holders::{Held, LastRun, Ran};
use peaks::Peaks;
use slot::{Attached, Bare, Out, Settled, Slot, Waiting, add_line, emit_orphan};
use std::any::Any;

/// The sessions of a run of adjacent chunks.
#[derive(Default)]
pub struct Sessions<'a> {
    slots: HashMap<u64, Slot<'a>>,
    /// Complete records that an earlier chunk may know more of.
    questions: Vec<Waiting<'a>>,
    /// Latest time of any record.
    latest: Option<Timestamp>,
    peaks: Peaks,
    how: How,
}

/// What the appendix says of a source with messages in another language.
pub const TRANSLATED_NOTE: &str = "messages are in another language than English (lc_messages): \
                                   those that this report needs were read, others stand as they are";

/// How the lines of a source belong together.
#[derive(Clone, Copy, Default, Debug)]
pub struct How {
    /// DETAIL and its kin are lines of their own (stderr).
    pub lines_apart: bool,
    /// Messages may be in another language than English.
    pub translated: bool,
    /// Bind parameters are wanted, so timed statements wait for their DETAIL too.
    pub wants_parameters: bool,
}

impl How {
    /// Whether attached lines say more about such a record.
    fn takes_lines(self, message: &Message<'_>) -> bool {
        self.lines_apart
            && match message {
                Message::Statement { .. } | Message::Timed { .. } => self.wants_parameters,
                Message::Failure(_)
                | Message::About(Subject::LockWait | Subject::TempFile | Subject::News) => true,
                _ => false,
            }
    }
}

impl<'a> Sessions<'a> {
    /// No session yet.
    pub fn new(how: How) -> Self {
        Sessions { how, ..Sessions::default() }
    }

    /// How the lines of the source belong together.
    pub fn how(&self) -> How {
        self.how
    }

    /// Takes a record that begins here.
    pub fn record(&mut self, mut record: Record<'a>, sink: &mut dyn Sink) {
        if self.how.translated {
            let Record { message, detail, context, .. } = &mut record;
            for text in [Some(message), detail.as_mut(), context.as_mut()].into_iter().flatten() {
                translated::into_english(text);
            }
        }
        self.latest = self.latest.max(record.time);
        self.peaks.push(record.time);
        let latest = self.latest;
        let message = messages::classify(&record);
        let held = self.holder_of(&message, record.detail.as_deref());
        let out = &mut Out { sink, questions: &mut self.questions };
        let peaks = &self.peaks;
        let slot = self.slots.entry(record.session).or_default();
        slot.drop_outlasted(|number| peaks.behind(number), out);
        slot.began = true;
        slot.statement_is_last = false;
        slot.release_open(out);
        let waiting = |record| Waiting { held, ..Waiting::new(record, peaks.count) };
        if record.session == 0 {
            // Nobody can say which statement belongs to which duration.
            match self.how.takes_lines(&message) {
                true => slot.open = Some(Box::new(waiting(record))),
                false => drop(out.release(waiting(record))),
            }
            return;
        }
        let mut ran = Ran::NotAsked;
        let settles = match message {
            Message::Failure(_) if errors::is_timeout(&record) => {
                ran = Ran::look(slot);
                true
            }
            Message::Statement { .. } | Message::Timed { .. } | Message::Failure(_) => true,
            // The process id belongs to another session from here on.
            Message::About(Subject::Received | Subject::Ended) => true,
            Message::Bare(duration_us) => {
                let bare = Bare {
                    duration_us,
                    time: record.time,
                    utc_offset_s: record.utc_offset_s,
                    offset: record.offset,
                    line_in_chunk: record.line_in_chunk,
                    query_id: record.query_id,
                };
                match slot.statement.is_none() && slot.settled.is_none() {
                    true => slot.settled = Some(Settled { by: Some(bare), latest }),
                    false => slot.pair(&bare, out.sink),
                }
                return;
            }
            _ => false,
        };
        if settles {
            slot.release_statement(out);
            slot.settled.get_or_insert(Settled { by: None, latest });
        }
        if matches!(message, Message::About(Subject::Received | Subject::Ended)) {
            slot.last = LastRun::Nothing;
        }
        match message {
            Message::Statement { .. } => {
                slot.statement_is_last = true;
                slot.statement = Some(Box::new(waiting(record)));
            }
            _ if self.how.takes_lines(&message) => {
                slot.open = Some(Box::new(Waiting { ran, ..waiting(record) }));
            }
            Message::Timed { .. } => {
                messages::emit(&record, message, &Beside::default(), out.sink);
                slot.last = LastRun::known(record, peaks.count);
            }
            Message::Failure(_) | Message::About(Subject::LockWait) => {
                drop(out.release(Waiting { ran, ..waiting(record) }));
            }
            _ => messages::emit(&record, message, &Beside::default(), out.sink),
        }
    }

    /// Takes a line that belongs to an earlier record of its session.
    pub fn attach(
        &mut self,
        session: u64,
        severity: Severity,
        mut text: Text<'a>,
        sink: &mut dyn Sink,
    ) {
        let latest = self.latest;
        if self.how.translated && matches!(severity, Severity::Detail | Severity::Context) {
            translated::into_english(&mut text);
        }
        let held = match severity {
            Severity::Detail => self.holder_in(&text),
            _ => Held::NotAsked,
        };
        let out = &mut Out { sink, questions: &mut self.questions };
        let slot = self.slots.entry(session).or_default();
        slot.drop_outlasted(|number| self.peaks.behind(number), out);
        let line = Attached { severity, text, latest, held };
        if let Some(waiting) = slot.last_record() {
            add_line(waiting, line);
        } else if !slot.began {
            slot.head_lines.push(line);
        }
        // Else it belongs to a record that has all it needs.
    }

    /// Who held the lock that a record waits for, if its own DETAIL says so.
    fn holder_of(&self, message: &Message<'_>, detail: Option<&[u8]>) -> Held<'a> {
        match (message, detail) {
            (Message::About(Subject::LockWait), Some(detail)) => self.holder_in(detail),
            _ => Held::NotAsked,
        }
    }

    fn holder_in(&self, detail: &[u8]) -> Held<'a> {
        match locks::holder_pid(detail) {
            Some(pid) => {
                Held::look(pid, &self.slots, self.latest, |number| self.peaks.behind(number))
            }
            None => Held::NotAsked,
        }
    }

    /// The same on its own memory, to wait for its neighbours.
    pub fn into_carry(mut self, sink: &mut dyn Sink) -> Box<dyn Carry> {
        let mut slots = HashMap::with_capacity(self.slots.len());
        let out = &mut Out { sink, questions: &mut self.questions };
        for (session, mut slot) in self.slots {
            slot.drop_outlasted(|number| self.peaks.behind(number), out);
            slot.last.forget_outlasted(|number| self.peaks.behind(number));
            slots.insert(session, slot.into_owned());
        }
        Box::new(Sessions::<'static> {
            slots,
            questions: self.questions.into_iter().map(Waiting::into_owned).collect(),
            latest: self.latest,
            peaks: Peaks::default(),
            how: self.how,
        })
    }
}

impl Sessions<'static> {
    fn join_next(&mut self, mut next: Sessions<'static>, sink: &mut dyn Sink) {
        next.ask(self);
        let out = &mut Out { sink, questions: &mut self.questions };
        for waiting in next.questions {
            drop(out.release(waiting));
        }
        // Sessions that the next chunks do not mention may still be outlasted by them.
        for (session, slot) in &mut self.slots {
            if !next.slots.contains_key(session) {
                slot.drop_outlasted(|_| next.latest, out);
                slot.last.forget_outlasted(|_| next.latest);
            }
        }
        for (session, mut right) in next.slots {
            let left = self.slots.entry(session).or_default();
            left.take_head_lines(&mut right, self.latest, out);
            left.take_settled(&mut right, self.latest, out);
            left.drop_outlasted(|_| next.latest, out);
            left.last.forget_outlasted(|_| next.latest);
            if right.began {
                left.began = true;
                left.open = right.open;
                left.statement_is_last = right.statement_is_last;
            }
            if right.statement.is_some() {
                left.statement = right.statement;
            }
            if !matches!(right.last, LastRun::Unknown) {
                left.last = right.last;
            }
        }
        self.latest = self.latest.max(next.latest);
    }

    /// Asks the chunks before what records here could not know.
    fn ask(&mut self, left: &Sessions<'static>) {
        let ask = |waiting: &mut Waiting<'static>| {
            waiting.held.resolve(&left.slots, left.latest);
            waiting.ran.resolve(left.slots.get(&waiting.record.session));
        };
        self.questions.iter_mut().for_each(ask);
        for slot in self.slots.values_mut() {
            slot.open.as_deref_mut().into_iter().for_each(ask);
            for line in &mut slot.head_lines {
                line.held.resolve(&left.slots, left.latest);
            }
        }
    }

    /// Drops what no later chunk can ask for: valid for the chunks from the start of a source on,
    /// where nothing can have waited before.
    fn settle_start(&mut self, sink: &mut dyn Sink) {
        for waiting in self.questions.drain(..) {
            waiting.emit(sink);
        }
        self.slots.retain(|_, slot| {
            slot.head_lines.clear();
            if let Some(bare) = slot.settled.take().and_then(|settled| settled.by) {
                emit_orphan(&bare, sink);
            }
            slot.open.is_some()
                || slot.statement.is_some()
                || matches!(slot.last, LastRun::Known(_))
        });
    }
}

impl Carry for Sessions<'static> {
    fn join(mut self: Box<Self>, next: Box<dyn Carry>, sink: &mut dyn Sink) -> Box<dyn Carry> {
        if let Ok(next) = next.into_any().downcast::<Sessions<'static>>() {
            self.join_next(*next, sink);
        }
        self
    }

    fn begin_source(&mut self, sink: &mut dyn Sink) {
        self.settle_start(sink);
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Sink) {
        self.settle_start(sink);
        for slot in self.slots.into_values() {
            for waiting in [slot.open, slot.statement].into_iter().flatten() {
                waiting.emit(sink);
            }
        }
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

impl Slot<'static> {
    /// Gives the lines at the head of the next chunks to the record they belong to. `before` is the
    /// latest time before those chunks, here and below.
    fn take_head_lines(
        &mut self,
        right: &mut Slot<'static>,
        before: Option<Timestamp>,
        out: &mut Out<'_, 'static>,
    ) {
        for mut line in std::mem::take(&mut right.head_lines) {
            self.drop_outlasted(|_| line.latest, out);
            if let Some(waiting) = self.last_record() {
                add_line(waiting, line);
            } else if !self.began {
                line.latest = line.latest.max(before);
                self.head_lines.push(line);
            }
        }
        if right.began {
            self.release_open(out);
        }
    }

    /// Settles the waiting statement by what came first in the next chunks.
    fn take_settled(
        &mut self,
        right: &mut Slot<'static>,
        before: Option<Timestamp>,
        out: &mut Out<'_, 'static>,
    ) {
        let Some(Settled { by, latest }) = right.settled.take() else {
            return;
        };
        self.drop_outlasted(|_| latest, out);
        match (self.statement.is_some(), by) {
            (true, Some(bare)) => self.pair(&bare, out.sink),
            (true, None) => self.release_statement(out),
            (false, by) if self.settled.is_none() => {
                let latest = latest.max(before);
                self.settled = Some(Settled { by, latest });
            }
            (false, bare) => bare.iter().for_each(|bare| emit_orphan(bare, out.sink)),
        }
    }
}
