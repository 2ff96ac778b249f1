//! What is known of one session in a run of chunks, and what of it waits.

use super::holders::{Held, LastRun, Ran};
use crate::model::event::{Event, Kind, Sink};
use crate::read::logs::postgres::messages::{self, Beside, Message};
use crate::read::logs::postgres::prefix::Severity;
use crate::read::logs::postgres::record::{Record, Text};
use crate::time::Timestamp;
use std::borrow::Cow;

/// How long something waits, in microseconds of log time.
const PATIENCE_US: i64 = 3_600_000_000;

/// A line that belongs to an earlier record of its session.
#[derive(Clone)]
pub(super) struct Attached<'a> {
    pub severity: Severity,
    pub text: Text<'a>,
    /// Latest time seen in the chunk up to this line.
    pub latest: Option<Timestamp>,
    /// Who held the lock that the record waits for, if this line says that it waits.
    pub held: Held<'a>,
}

/// A duration whose statement stands elsewhere.
#[derive(Clone)]
pub(super) struct Bare {
    pub duration_us: u64,
    pub time: Option<Timestamp>,
    pub utc_offset_s: i32,
    pub offset: u64,
    pub line_in_chunk: u32,
    /// The server computes it after it logged the statement.
    pub query_id: i64,
}

/// What came first for a statement that waits from before these chunks.
#[derive(Clone)]
pub(super) struct Settled {
    /// Its duration; otherwise something came that shows it will not.
    pub by: Option<Bare>,
    pub latest: Option<Timestamp>,
}

/// A record that waits.
pub(super) struct Waiting<'a> {
    pub record: Record<'a>,
    /// Its number in the chunk.
    pub number: u64,
    /// Who held the lock that it waits for.
    pub held: Held<'a>,
    /// The statement that it ended.
    pub ran: Ran<'a>,
}

impl<'a> Waiting<'a> {
    /// A record of which no other says anything yet.
    pub fn new(record: Record<'a>, number: u64) -> Self {
        Waiting { record, number, held: Held::NotAsked, ran: Ran::NotAsked }
    }

    /// Whether an earlier chunk may know more.
    fn asks(&self) -> bool {
        matches!(self.held, Held::Asks { .. }) || matches!(self.ran, Ran::Asks { .. })
    }

    /// Tells the sink, whatever may still be unknown.
    pub fn emit(&self, sink: &mut dyn Sink) {
        let beside = Beside { holder: self.held.holder(), ran_us: self.ran.until(&self.record) };
        messages::emit(&self.record, messages::classify(&self.record), &beside, sink);
    }

    pub fn into_owned(self) -> Waiting<'static> {
        Waiting {
            record: self.record.into_owned(),
            number: self.number,
            held: self.held.into_owned(),
            ran: self.ran.into_owned(),
        }
    }
}

/// Where complete records go: to the sink, or aside while an earlier chunk may know more of them.
pub(super) struct Out<'s, 'a> {
    pub sink: &'s mut dyn Sink,
    pub questions: &'s mut Vec<Waiting<'a>>,
}

impl<'a> Out<'_, 'a> {
    /// A record has all that its own session's lines can tell.
    pub fn release(&mut self, waiting: Waiting<'a>) -> Option<LastRun<'a>> {
        if waiting.asks() {
            self.questions.push(waiting);
            return None;
        }
        waiting.emit(self.sink);
        LastRun::of(waiting.record, waiting.number)
    }
}

/// What is known of one session in a run of chunks.
#[derive(Default)]
pub(super) struct Slot<'a> {
    /// Lines that belong to a record before these chunks.
    pub head_lines: Vec<Attached<'a>>,
    /// A record of the session began, so that later lines belong to it and not to one before.
    pub began: bool,
    /// Whether a statement that waits from before these chunks is settled here, by what, and the
    /// latest time up to there.
    pub settled: Option<Settled>,
    // Boxed: hardly any session waits, and every record looks here.
    pub open: Option<Box<Waiting<'a>>>,
    pub statement: Option<Box<Waiting<'a>>>,
    /// The statement that waits is the session's last record, so attached lines are its own.
    pub statement_is_last: bool,
    /// What it last ran, apart from what waits.
    pub last: LastRun<'a>,
}

impl<'a> Slot<'a> {
    /// The session's last record, if it still waits.
    pub fn last_record(&mut self) -> Option<&mut Waiting<'a>> {
        let last = match self.statement_is_last {
            true => &mut self.statement,
            false => &mut self.open,
        };
        last.as_deref_mut()
    }

    /// What waits for lines has all it will get.
    pub fn release_open(&mut self, out: &mut Out<'_, 'a>) {
        self.release(|slot| slot.open.take(), out);
    }

    /// What waits for its duration will not get one.
    pub fn release_statement(&mut self, out: &mut Out<'_, 'a>) {
        self.release(|slot| slot.statement.take(), out);
    }

    fn release(
        &mut self,
        take: impl FnOnce(&mut Self) -> Option<Box<Waiting<'a>>>,
        out: &mut Out<'_, 'a>,
    ) {
        if let Some(waiting) = take(self)
            && let Some(last) = out.release(*waiting)
        {
            self.last = last;
        }
    }

    /// A statement and the duration that came later: one run, which ended at the duration's time.
    pub fn pair(&mut self, bare: &Bare, sink: &mut dyn Sink) {
        let Some(waiting) = self.statement.take() else {
            return emit_orphan(bare, sink);
        };
        let mut statement = waiting.record;
        if statement.query_id == 0 {
            statement.query_id = bare.query_id;
        }
        if let Message::Statement { text, prepared } = messages::classify(&statement) {
            let ended = bare.time.or(statement.time);
            let duration_us = Some(bare.duration_us);
            let run = messages::Run { text, prepared, duration_us, ended };
            messages::emit_run(&statement, run, sink);
        }
        if let Some(last) = LastRun::of(statement, waiting.number) {
            self.last = last;
        }
    }

    /// Ends the waits that took too long by the latest time behind a record.
    pub fn drop_outlasted(
        &mut self,
        behind: impl Fn(u64) -> Option<Timestamp>,
        out: &mut Out<'_, 'a>,
    ) {
        let in_vain = |waiting: &Waiting<'_>| {
            is_outlasted(waiting.record.time, behind(waiting.number), PATIENCE_US)
        };
        self.release(|slot| slot.open.take_if(|waiting| in_vain(waiting)), out);
        self.release(|slot| slot.statement.take_if(|waiting| in_vain(waiting)), out);
    }

    pub fn into_owned(self) -> Slot<'static> {
        let own = |line: Attached<'a>| Attached {
            severity: line.severity,
            text: Cow::Owned(line.text.into_owned()),
            latest: line.latest,
            held: line.held.into_owned(),
        };
        Slot {
            head_lines: self.head_lines.into_iter().map(own).collect(),
            began: self.began,
            settled: self.settled,
            open: self.open.map(|waiting| Box::new(waiting.into_owned())),
            statement: self.statement.map(|waiting| Box::new(waiting.into_owned())),
            statement_is_last: self.statement_is_last,
            last: self.last.into_owned(),
        }
    }
}

/// Whether so much time passed behind a record that nothing waits for it any more.
pub(super) fn is_outlasted(
    time: Option<Timestamp>,
    latest: Option<Timestamp>,
    patience_us: i64,
) -> bool {
    matches!((time, latest), (Some(time), Some(latest))
        if latest.0 > time.0.saturating_add(patience_us))
}

/// Adds an attached line to its record; the first of a kind counts.
pub(super) fn add_line<'a>(waiting: &mut Waiting<'a>, line: Attached<'a>) {
    let record = &mut waiting.record;
    let place = match line.severity {
        Severity::Detail => &mut record.detail,
        Severity::Context => &mut record.context,
        Severity::Statement => &mut record.statement,
        _ => return,
    };
    if place.is_none() {
        *place = Some(line.text);
        if line.severity == Severity::Detail {
            waiting.held = line.held;
        }
    }
}

/// Tells of a duration that belongs to no statement.
pub(super) fn emit_orphan(bare: &Bare, sink: &mut dyn Sink) {
    sink.event(&Event {
        offset: bare.offset,
        line: bare.line_in_chunk,
        time: bare.time,
        utc_offset_s: bare.utc_offset_s,
        who: Default::default(),
        kind: Kind::OrphanDuration { duration_us: bare.duration_us },
    });
}
