//! Operations as events: what ran, who ran it, and what is kept apart.

use super::apart;
use super::messages::cancelled_by;
use super::operation::{Failure, Operation};
use super::pairs::{Pairs, Verdict, Write};
use super::statement::{Statement, parts};
use crate::model::event::{
    self, Apart, Event, Kind, Level, LogMessage, Said, Says, Sink, Span, SpanDetail, SpanRole,
    Topic, Who, session_of_text,
};
use crate::model::plan::PlanDocument;
use crate::read::logs::json::{Members, Value};
use crate::read::logs::segment::Carry;
use crate::read::plans::mongodb::Profiled;
use crate::time::Timestamp;
use std::any::Any;

/// Where and when an operation was recorded.
#[derive(Clone, Copy, Debug)]
pub(super) struct At<'a> {
    /// Offset in the source, and line in the chunk.
    pub place: (u64, u32),
    /// When the record was written.
    pub time: Option<Timestamp>,
    /// Seconds east of UTC of the clock that wrote it.
    pub utc_offset_s: i32,
    /// The connection or thread, such as `conn42`; empty where the record does not say.
    pub context: &'a [u8],
    /// The record says that it holds a part of the command only.
    pub is_cut: bool,
}

impl At<'_> {
    /// What happened there.
    pub fn event<'e>(&self, who: Who<'e>, kind: Kind<'e>) -> Event<'e> {
        let (offset, line) = self.place;
        Event { offset, line, time: self.time, utc_offset_s: self.utc_offset_s, who, kind }
    }

    fn session(&self) -> u64 {
        if self.context.is_empty() { 0 } else { session_of_text(self.context) }
    }
}

/// Tells the operations of one chunk.
#[derive(Default)]
pub(super) struct Teller {
    pairs: Pairs,
    waiting: Vec<Waiting>,
}

/// A command that asked for a write, of which the chunks before know whether that was logged.
struct Waiting {
    /// The object that the operation is read from.
    text: Box<[u8]>,
    place: (u64, u32),
    time: Option<Timestamp>,
    utc_offset_s: i32,
    context: Box<[u8]>,
    is_cut: bool,
}

impl Teller {
    /// Tells an operation that was read from a text.
    pub fn tell(
        &mut self,
        operation: &Operation<'_>,
        text: &[u8],
        at: &At<'_>,
        sink: &mut dyn Sink,
    ) {
        let statement = Statement::of(operation);
        let command = wanted_write(operation, &statement, at);
        let verdict = match (command, writer(operation, at)) {
            (_, []) => Verdict::Only,
            (Some(write), _) if statement.is_inner_write => {
                self.pairs.write(&write);
                Verdict::Only
            }
            (Some(command), context) => {
                let verdict = self.pairs.judge(&command, operation.duration_us.unwrap_or(0));
                self.pairs.other(context);
                verdict
            }
            (None, context) => {
                self.pairs.other(context);
                Verdict::Only
            }
        };
        match verdict {
            Verdict::Only => run(operation, &statement, at, sink),
            Verdict::Second => second(operation, at, sink),
            Verdict::Unknown => self.waiting.push(Waiting {
                text: text.into(),
                place: at.place,
                time: at.time,
                utc_offset_s: at.utc_offset_s,
                context: at.context.into(),
                is_cut: at.is_cut,
            }),
        }
    }

    /// What waits for the chunks before.
    pub fn into_carry(self) -> Box<dyn Carry> {
        Box::new(self)
    }

    /// Tells what waited, now that the chunks before are known: the text again tells all.
    fn settle(&mut self, before: Option<&Pairs>, sink: &mut dyn Sink) {
        let mut still = Vec::new();
        for waiting in std::mem::take(&mut self.waiting) {
            let Waiting { place, time, utc_offset_s, is_cut, .. } = waiting;
            let at = At { place, time, utc_offset_s, context: &waiting.context, is_cut };
            let mut operation = Operation::default();
            operation.read(&waiting.text);
            let statement = Statement::of(&operation);
            let command = wanted_write(&operation, &statement, &at);
            let duration_us = operation.duration_us.unwrap_or(0);
            let verdict = match (before, command) {
                (Some(before), Some(command)) => before.judge(&command, duration_us),
                _ => Verdict::Only,
            };
            match verdict {
                Verdict::Only => run(&operation, &statement, &at, sink),
                Verdict::Second => second(&operation, &at, sink),
                Verdict::Unknown => {
                    drop(operation);
                    still.push(waiting);
                }
            }
        }
        self.waiting = still;
    }
}

impl Carry for Teller {
    fn join(mut self: Box<Self>, next: Box<dyn Carry>, sink: &mut dyn Sink) -> Box<dyn Carry> {
        let Ok(mut next) = next.into_any().downcast::<Teller>() else { return self };
        next.settle(Some(&self.pairs), sink);
        self.pairs.append(&next.pairs);
        self.waiting.append(&mut next.waiting);
        self
    }

    fn begin_source(&mut self, sink: &mut dyn Sink) {
        self.settle(None, sink);
    }

    fn finish(mut self: Box<Self>, sink: &mut dyn Sink) {
        self.settle(None, sink);
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// The update or delete that an operation is, or asked for.
fn wanted_write<'a>(
    operation: &'a Operation<'_>,
    statement: &Statement<'a>,
    at: &At<'a>,
) -> Option<Write<'a>> {
    let name = statement.name;
    if !matches!(name, b"update" | b"delete") {
        return None;
    }
    let (database, collection) = parts(&operation.namespace);
    let collection = match (collection, operation.command) {
        (b"$cmd", Some(Value::Object(raw))) => match named(raw, name)? {
            Value::String(collection) => collection.raw(),
            _ => return None,
        },
        (collection, _) => collection,
    };
    let context = writer(operation, at);
    Some(Write { context, name, database, collection, time: at.time })
}

/// The value of a member.
fn named<'a>(raw: &'a [u8], name: &[u8]) -> Option<Value<'a>> {
    Members::of(raw)?.find(|member| member.key == name).map(|member| member.value)
}

/// Whose records follow each other: the connection's, or the client's where a record does not name
/// the connection.
fn writer<'a>(operation: &'a Operation<'_>, at: &At<'a>) -> &'a [u8] {
    match at.context {
        [] => operation.client.as_deref().unwrap_or_default(),
        context => context,
    }
}

fn who<'a>(operation: &'a Operation<'_>, at: &At<'_>) -> Who<'a> {
    let (database, _) = parts(&operation.namespace);
    Who {
        user: operation.user.as_deref(),
        database: Some(database).filter(|database| !database.is_empty()),
        host: operation.client.as_deref(),
        app: operation.app.as_deref(),
        session: at.session(),
    }
}

/// An operation that is in no other record.
fn run(operation: &Operation<'_>, statement: &Statement<'_>, at: &At<'_>, sink: &mut dyn Sink) {
    let who = who(operation, at);
    let duration_us = operation.duration_us;
    if let Some(why) = apart::why(operation, statement) {
        return sink.event(&at.event(who, Kind::Apart { why, duration_us }));
    }
    // A later batch has the plan of all batches so far, which is not that of its own time.
    let planned = operation.planned.filter(|_| !statement.is_later_batch);
    let kind = Kind::Statement(event::Statement {
        text: (&*statement.text).into(),
        duration_us,
        cut: is_cut(statement, at),
        attributes: &operation.attributes,
        plan: planned.map(|text| PlanDocument { text, reader: &Profiled }),
        ..event::Statement::default()
    });
    sink.event(&at.event(who, kind));
    if let Some(failure) = &operation.failure {
        sink.event(&at.event(who, Kind::Message(message(failure, statement))));
    }
}

/// The failure of an operation, which logs no message of its own.
fn message<'a>(failure: &'a Failure<'_>, statement: &'a Statement<'_>) -> LogMessage<'a> {
    let code = if failure.name.is_empty() { failure.code } else { failure.name };
    let cancelled = cancelled_by(failure.name);
    LogMessage {
        level: Level::Error,
        code: code.into(),
        text: (&*failure.message).into(),
        topic: Topic::Other,
        statement: Some((&*statement.text).into()),
        cancelled,
        // Its time is that of the run.
        lost_us: cancelled.map(|_| 0),
    }
}

/// The second record of a write.
fn second(operation: &Operation<'_>, at: &At<'_>, sink: &mut dyn Sink) {
    let kind = Kind::Apart { why: Apart::WriteTwice, duration_us: operation.duration_us };
    sink.event(&at.event(who(operation, at), kind));
}

/// What is cut of an insert are its documents, which no class is told apart by.
fn is_cut(statement: &Statement<'_>, at: &At<'_>) -> bool {
    (at.is_cut || statement.is_cut) && statement.name != b"insert"
}

/// Tells an operation's record as a span.
pub(super) fn span(
    operation: &Operation<'_>,
    (text, start): (&[u8], usize),
    at: &At<'_>,
    detail: SpanDetail,
    sink: &mut dyn Sink,
) {
    let statement;
    let says = match detail {
        SpanDetail::Statements => {
            statement = Statement::of(operation);
            let cut = is_cut(&statement, at);
            Says::Ran(Said { text: &statement.text, cut, duration_us: operation.duration_us })
        }
        _ => Says::Nothing,
    };
    sink.span(&Span {
        time: at.time,
        session: at.session(),
        who: who(operation, at),
        says,
        ..Span::at(text, start, SpanRole::Record { lines_apart: false })
    });
}
