//! What a complete record means. Durations and statements are read by [`durations`], errors and
//! warnings by [`errors`], and what happened to the server by one topic file each, which
//! [`subjects`] chooses by a message's first words.

mod checkpoints;
mod connections;
pub mod durations;
pub(super) mod errors;
pub(super) mod locks;
mod maintenance;
mod news;
mod scan;
mod subjects;
pub(super) mod translated;

pub use subjects::Subject;
pub(super) use subjects::of as subject_of;

use super::prefix::Severity;
use super::record::{Record, Text};
use crate::model::event::{Engine, Event, Holder, Kind, Level, Phase, PlanSource, Sink, Statement};
use crate::model::plan::PlanDocument;
use crate::read::plans::captured;
use crate::time::Timestamp;
use std::borrow::Cow;

/// What a record's message says, as far as its place among other records depends on it.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Message<'m> {
    /// A statement that ran, with its duration.
    Timed {
        /// Microseconds.
        duration_us: u64,
        /// Its text.
        text: &'m [u8],
        /// It was prepared.
        prepared: bool,
    },
    /// A parse or bind step with its duration.
    Phase {
        /// Which.
        phase: Phase,
        /// Microseconds.
        duration_us: u64,
        /// The statement's text.
        text: &'m [u8],
    },
    /// A plan by auto_explain.
    Plan {
        /// Microseconds.
        duration_us: u64,
        /// The document.
        document: &'m [u8],
    },
    /// A duration alone, in microseconds.
    Bare(u64),
    /// A statement logged before it ran.
    Statement {
        /// Its text.
        text: &'m [u8],
        /// It was prepared.
        prepared: bool,
    },
    /// An error or a warning.
    Failure(Level),
    /// Something that happened to the server or to a session.
    About(Subject),
    /// Anything else.
    Other,
}

/// What other records of the session, or of other sessions, say about one.
#[derive(Debug, Default)]
pub struct Beside<'a> {
    /// The process that held the lock which this one waited for.
    pub holder: Option<Holder<'a>>,
    /// How long the statement that this one ended had run, in microseconds.
    pub ran_us: Option<u64>,
}

/// Reads the message of a record.
pub fn classify<'m>(record: &'m Record<'_>) -> Message<'m> {
    match record.severity {
        Severity::Error => Message::Failure(Level::Error),
        Severity::Fatal => Message::Failure(Level::Fatal),
        Severity::Panic => Message::Failure(Level::Panic),
        Severity::Warning => Message::Failure(Level::Warning),
        Severity::Log => durations::read(&record.message)
            .or_else(|| subjects::of(&record.message).map(Message::About))
            .unwrap_or(Message::Other),
        _ => Message::Other,
    }
}

/// Tells the sink what a complete record means.
pub fn emit(record: &Record<'_>, message: Message<'_>, beside: &Beside<'_>, sink: &mut dyn Sink) {
    let kind = match message {
        Message::Timed { duration_us, text, prepared } => {
            let run = Run { text, prepared, duration_us: Some(duration_us), ended: record.time };
            return emit_run(record, run, sink);
        }
        Message::Statement { text, prepared } => {
            let run = Run { text, prepared, duration_us: None, ended: record.time };
            return emit_run(record, run, sink);
        }
        Message::Phase { phase, duration_us, text } => {
            Kind::Phase { phase, text: Cow::Borrowed(text), duration_us }
        }
        Message::Plan { duration_us, document } => {
            let Some(plan) = captured::read(document) else {
                return;
            };
            Kind::Plan {
                statement: Some(plan.query),
                plans: PlanSource::Document(PlanDocument {
                    text: document,
                    reader: &captured::Logged(Engine::Postgres),
                }),
                duration_us: Some(duration_us),
            }
        }
        Message::Bare(duration_us) => Kind::OrphanDuration { duration_us },
        Message::Failure(level) => return errors::emit(record, level, beside, sink),
        Message::About(subject) => {
            if let Some(event) = subjects::event_of(subject, record, beside) {
                sink.event(&event);
            }
            return;
        }
        Message::Other => return,
    };
    sink.event(&event(record, record.time, kind));
}

/// A run of a statement, as its records tell it.
pub struct Run<'m> {
    /// The statement.
    pub text: &'m [u8],
    /// It was prepared.
    pub prepared: bool,
    /// How long it took, when logged.
    pub duration_us: Option<u64>,
    /// When it ended.
    pub ended: Option<Timestamp>,
}

/// Tells the sink of a run of a statement.
pub fn emit_run(record: &Record<'_>, run: Run<'_>, sink: &mut dyn Sink) {
    let parameters = record.detail.as_deref().and_then(parameters);
    let statement = Statement {
        text: Cow::Borrowed(run.text),
        duration_us: run.duration_us,
        parameters: parameters.map(Cow::Borrowed),
        server_query_id: record.query_id,
        cut: record.is_cut,
        prepared: run.prepared,
        ..Statement::default()
    };
    sink.event(&event(record, run.ended, Kind::Statement(statement)));
}

fn event<'e>(record: &'e Record<'_>, time: Option<Timestamp>, kind: Kind<'e>) -> Event<'e> {
    Event {
        offset: record.offset,
        line: record.line_in_chunk,
        time,
        utc_offset_s: record.utc_offset_s,
        who: record.who(),
        kind,
    }
}

/// The bind parameters of a DETAIL: `parameters: $1 = '1'`, in newer releases `Parameters:`.
fn parameters(detail: &[u8]) -> Option<&[u8]> {
    let rest =
        detail.strip_prefix(b"parameters: ").or_else(|| detail.strip_prefix(b"Parameters: "))?;
    Some(rest.trim_ascii())
}

/// A text of a record as an event carries it.
fn part<'e>(text: &'e Option<Text<'_>>) -> Option<Cow<'e, [u8]>> {
    text.as_deref().map(Cow::Borrowed)
}
