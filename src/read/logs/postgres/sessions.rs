//! What one session wrote apart and belongs together, within a chunk and across chunks.
//!
//! Two things wait, per session: the last *open* record, to which DETAIL, CONTEXT, STATEMENT … lines
//! of the same process may still come (in stderr logs), and the last *statement* logged without a
//! duration, to which a bare `duration:` line may still come. A chunk that begins in the middle of
//! this keeps what it could not place at the session's *head*; joining two chunks places it. So the
//! outcome is that of reading the file in one piece, wherever it was cut.
//!
//! Nothing waits forever: a record more than `PATIENCE_US` later, from whatever session, that
//! stands behind what waits, ends the wait. That is looked at where something is asked for, by the
//! latest time in between (`Peaks`), which every chunk knows of its own part: so every way of
//! cutting agrees, clocks may jump back, and no record costs a walk over all sessions.

use super::messages::{self, Message};
use super::prefix::Severity;
use super::record::{Record, Text};
use crate::model::event::{Event, Incident, Kind, Sink};
use crate::read::logs::segment::Carry;
use crate::time::Timestamp;
use hashbrown::HashMap;
use std::any::Any;
use std::borrow::Cow;

/// How long something waits, in microseconds of log time.
const PATIENCE_US: i64 = 3_600_000_000;

/// A line that belongs to an earlier record of its session.
#[derive(Clone)]
struct Attached<'a> {
    severity: Severity,
    text: Text<'a>,
    /// Latest time seen in the chunk up to this line.
    latest: Option<Timestamp>,
}

/// A duration whose statement stands elsewhere.
#[derive(Clone)]
struct Bare {
    duration_us: u64,
    time: Option<Timestamp>,
    utc_offset_s: i32,
    offset: u64,
    line_in_chunk: u32,
    /// The server computes it after it logged the statement.
    query_id: i64,
}

/// What is known of one session in a run of chunks.
#[derive(Default)]
struct Slot<'a> {
    /// Lines that belong to a record before these chunks.
    head_lines: Vec<Attached<'a>>,
    /// A record of the session began, so that later lines belong to it and not to one before.
    began: bool,
    /// Whether a statement that waits from before these chunks is settled here, by what, and the
    /// latest time up to there.
    settled: Option<Settled>,
    // Boxed: hardly any session waits, and every record looks here.
    open: Option<Box<Waiting<'a>>>,
    statement: Option<Box<Waiting<'a>>>,
    /// The statement that waits is the session's last record, so attached lines are its own.
    statement_is_last: bool,
}

/// A record that waits.
struct Waiting<'a> {
    record: Record<'a>,
    /// Its number in the chunk.
    number: u64,
}

/// The latest time behind any record of a chunk: its times without those that a later record
/// reaches or passes.
#[derive(Default)]
struct Peaks {
    /// Number and time of records; numbers rise, times fall.
    peaks: Vec<(u64, Timestamp)>,
    /// Records so far.
    count: u64,
}

impl Peaks {
    fn push(&mut self, time: Option<Timestamp>) {
        self.count += 1;
        let Some(time) = time else { return };
        while self.peaks.pop_if(|(_, earlier)| *earlier <= time).is_some() {}
        self.peaks.push((self.count, time));
    }

    /// The latest time of the records behind one.
    fn behind(&self, number: u64) -> Option<Timestamp> {
        let first = self.peaks.partition_point(|(at, _)| *at <= number);
        self.peaks.get(first).map(|(_, time)| *time)
    }
}

#[derive(Clone)]
struct Settled {
    /// Its duration came; otherwise something came that shows it will not.
    by: Option<Bare>,
    latest: Option<Timestamp>,
}

/// The sessions of a run of adjacent chunks.
#[derive(Default)]
pub struct Sessions<'a> {
    slots: HashMap<u64, Slot<'a>>,
    /// Latest time of any record.
    latest: Option<Timestamp>,
    peaks: Peaks,
    how: How,
}

/// How the lines of a source belong together.
#[derive(Clone, Copy, Default, Debug)]
pub struct How {
    /// DETAIL and its kin are lines of their own (stderr).
    pub lines_apart: bool,
    /// Bind parameters are wanted, so timed statements wait for their DETAIL too.
    pub wants_parameters: bool,
}

impl<'a> Sessions<'a> {
    /// No session yet.
    pub fn new(how: How) -> Self {
        Sessions { how, ..Sessions::default() }
    }

    /// Takes a record that begins here.
    pub fn record(&mut self, record: Record<'a>, sink: &mut dyn Sink) {
        self.latest = self.latest.max(record.time);
        self.peaks.push(record.time);
        let message = messages::classify(&record);
        if record.session == 0 {
            // Nobody can say which statement belongs to which duration.
            self.close_open(0, sink);
            match self.how.lines_apart && self.takes_lines(&message) {
                true => self.wait(record, false),
                false => messages::emit(&record, message, sink),
            }
            return;
        }
        let latest = self.latest;
        let slot = self.slots.entry(record.session).or_default();
        slot.drop_outlasted(|number| self.peaks.behind(number), sink);
        slot.began = true;
        slot.statement_is_last = false;
        emit_alone(slot.open.take(), sink);
        let settles = match message {
            Message::Statement(_) | Message::Timed { .. } | Message::Failure(_) => true,
            // The process id belongs to another session from here on.
            Message::Incident(Incident::ConnectionReceived | Incident::Disconnected) => true,
            Message::Bare(duration_us) => {
                let bare = Bare {
                    duration_us,
                    time: record.time,
                    utc_offset_s: record.utc_offset_s,
                    offset: record.offset,
                    line_in_chunk: record.line_in_chunk,
                    query_id: record.query_id,
                };
                match slot.statement.take() {
                    Some(statement) => emit_pair(*statement, &bare, sink),
                    None if slot.settled.is_some() => emit_orphan(&bare, sink),
                    None => slot.settled = Some(Settled { by: Some(bare), latest }),
                }
                return;
            }
            _ => false,
        };
        if settles {
            emit_alone(slot.statement.take(), sink);
            slot.settled.get_or_insert(Settled { by: None, latest });
        }
        match message {
            Message::Statement(_) => self.wait(record, true),
            _ if self.how.lines_apart && self.takes_lines(&message) => self.wait(record, false),
            _ => messages::emit(&record, message, sink),
        }
    }

    /// Whether attached lines say more about such a record.
    fn takes_lines(&self, message: &Message<'_>) -> bool {
        match message {
            Message::Statement(_) | Message::Timed { .. } => self.how.wants_parameters,
            Message::Failure(_) => true,
            _ => false,
        }
    }

    /// Takes a line that belongs to an earlier record of its session.
    pub fn attach(
        &mut self,
        session: u64,
        severity: Severity,
        text: Text<'a>,
        sink: &mut dyn Sink,
    ) {
        let latest = self.latest;
        let slot = self.slots.entry(session).or_default();
        slot.drop_outlasted(|number| self.peaks.behind(number), sink);
        if let Some(record) = slot.last_record() {
            add_line(record, severity, text);
        } else if !slot.began {
            slot.head_lines.push(Attached { severity, text, latest });
        }
        // Else it belongs to a record that has all it needs.
    }

    fn close_open(&mut self, session: u64, sink: &mut dyn Sink) {
        let slot = self.slots.entry(session).or_default();
        slot.began = true;
        emit_alone(slot.open.take(), sink);
    }

    fn wait(&mut self, record: Record<'a>, as_statement: bool) {
        let slot = self.slots.entry(record.session).or_default();
        slot.statement_is_last = as_statement;
        let place = match as_statement {
            true => &mut slot.statement,
            false => &mut slot.open,
        };
        *place = Some(Box::new(Waiting { record, number: self.peaks.count }));
    }

    /// The same on its own memory, to wait for its neighbours.
    pub fn into_carry(self, sink: &mut dyn Sink) -> Box<dyn Carry> {
        let mut slots = HashMap::with_capacity(self.slots.len());
        for (session, mut slot) in self.slots {
            slot.drop_outlasted(|number| self.peaks.behind(number), sink);
            slots.insert(session, slot.into_owned());
        }
        Box::new(Sessions::<'static> {
            slots,
            latest: self.latest,
            peaks: Peaks::default(),
            how: self.how,
        })
    }
}

impl Sessions<'static> {
    fn join_next(&mut self, next: Sessions<'static>, sink: &mut dyn Sink) {
        // Sessions that the next chunks do not mention may still be outlasted by them.
        for (session, slot) in &mut self.slots {
            if !next.slots.contains_key(session) {
                slot.drop_outlasted(|_| next.latest, sink);
            }
        }
        for (session, mut right) in next.slots {
            let left = self.slots.entry(session).or_default();
            left.take_head_lines(&mut right, self.latest, sink);
            left.take_settled(&mut right, self.latest, sink);
            left.drop_outlasted(|_| next.latest, sink);
            if right.began {
                left.began = true;
                left.open = right.open;
                left.statement_is_last = right.statement_is_last;
            }
            if right.statement.is_some() {
                left.statement = right.statement;
            }
        }
        self.latest = self.latest.max(next.latest);
    }

    /// Drops what no later chunk can ask for: valid for the chunks from the start of a source on,
    /// where nothing can have waited before.
    fn settle_start(&mut self, sink: &mut dyn Sink) {
        self.slots.retain(|_, slot| {
            slot.head_lines.clear();
            if let Some(bare) = slot.settled.take().and_then(|settled| settled.by) {
                emit_orphan(&bare, sink);
            }
            slot.open.is_some() || slot.statement.is_some()
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
            emit_alone(slot.open, sink);
            emit_alone(slot.statement, sink);
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
        sink: &mut dyn Sink,
    ) {
        for mut line in std::mem::take(&mut right.head_lines) {
            self.drop_outlasted(|_| line.latest, sink);
            if let Some(record) = self.last_record() {
                add_line(record, line.severity, line.text);
            } else if !self.began {
                line.latest = line.latest.max(before);
                self.head_lines.push(line);
            }
        }
        if right.began {
            emit_alone(self.open.take(), sink);
        }
    }

    /// Settles the waiting statement by what came first in the next chunks.
    fn take_settled(
        &mut self,
        right: &mut Slot<'static>,
        before: Option<Timestamp>,
        sink: &mut dyn Sink,
    ) {
        let Some(Settled { by, latest }) = right.settled.take() else {
            return;
        };
        self.drop_outlasted(|_| latest, sink);
        match (self.statement.take(), by) {
            (Some(statement), Some(bare)) => emit_pair(*statement, &bare, sink),
            (Some(statement), None) => emit_alone(Some(statement), sink),
            (None, by) if self.settled.is_none() => {
                let latest = latest.max(before);
                self.settled = Some(Settled { by, latest });
            }
            (None, bare) => bare.iter().for_each(|bare| emit_orphan(bare, sink)),
        }
    }
}

impl Waiting<'_> {
    fn into_owned(self) -> Waiting<'static> {
        Waiting { record: self.record.into_owned(), number: self.number }
    }
}

impl<'a> Slot<'a> {
    /// The session's last record, if it still waits.
    fn last_record(&mut self) -> Option<&mut Record<'a>> {
        let last = match self.statement_is_last {
            true => &mut self.statement,
            false => &mut self.open,
        };
        last.as_mut().map(|waiting| &mut waiting.record)
    }

    /// Ends the waits that took too long by the latest time behind a record.
    fn drop_outlasted(&mut self, behind: impl Fn(u64) -> Option<Timestamp>, sink: &mut dyn Sink) {
        for place in [&mut self.open, &mut self.statement] {
            let in_vain = place.take_if(|waiting| {
                let times = (waiting.record.time, behind(waiting.number));
                matches!(times, (Some(time), Some(latest))
                    if latest.0 > time.0.saturating_add(PATIENCE_US))
            });
            emit_alone(in_vain, sink);
        }
    }

    fn into_owned(self) -> Slot<'static> {
        let own = |line: Attached<'a>| Attached {
            severity: line.severity,
            text: Cow::Owned(line.text.into_owned()),
            latest: line.latest,
        };
        Slot {
            head_lines: self.head_lines.into_iter().map(own).collect(),
            began: self.began,
            settled: self.settled,
            open: self.open.map(|waiting| Box::new(waiting.into_owned())),
            statement: self.statement.map(|waiting| Box::new(waiting.into_owned())),
            statement_is_last: self.statement_is_last,
        }
    }
}

/// Tells what waited in vain.
fn emit_alone(waiting: Option<Box<Waiting<'_>>>, sink: &mut dyn Sink) {
    if let Some(waiting) = waiting {
        messages::emit(&waiting.record, messages::classify(&waiting.record), sink);
    }
}

/// Adds an attached line to its record; the first of a kind counts.
fn add_line<'a>(record: &mut Record<'a>, severity: Severity, text: Text<'a>) {
    let place = match severity {
        Severity::Detail => &mut record.detail,
        Severity::Context => &mut record.context,
        Severity::Statement => &mut record.statement,
        _ => return,
    };
    place.get_or_insert(text);
}

/// A statement and the duration that came later: one run, which ended at the duration's time.
fn emit_pair(waiting: Waiting<'_>, bare: &Bare, sink: &mut dyn Sink) {
    let mut statement = waiting.record;
    if statement.query_id == 0 {
        statement.query_id = bare.query_id;
    }
    if let Message::Statement(text) = messages::classify(&statement) {
        let time = bare.time.or(statement.time);
        messages::emit_run(&statement, text, Some(bare.duration_us), time, sink);
    }
}

fn emit_orphan(bare: &Bare, sink: &mut dyn Sink) {
    sink.event(&Event {
        offset: bare.offset,
        line: bare.line_in_chunk,
        time: bare.time,
        utc_offset_s: bare.utc_offset_s,
        who: Default::default(),
        kind: Kind::OrphanDuration { duration_us: bare.duration_us },
    });
}
