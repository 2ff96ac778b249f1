//! What a complete record means. Durations and statements are read here; what happened to the
//! server is told by one topic file each.

pub mod durations;
pub mod errors;
pub mod incidents;

use super::prefix::Severity;
use super::record::{Record, Text};
use crate::model::event::{Event, Incident, Kind, Phase, Sink, Statement};
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
    Statement(&'m [u8]),
    /// An error.
    Failure(&'static str),
    /// Something that happened to the server.
    Incident(Incident),
    /// The server's version.
    Version(&'m [u8]),
    /// Anything else.
    Other,
}

/// Reads the message of a record.
pub fn classify<'m>(record: &'m Record<'_>) -> Message<'m> {
    match record.severity {
        Severity::Error => Message::Failure("ERROR"),
        Severity::Fatal => Message::Failure("FATAL"),
        Severity::Panic => Message::Failure("PANIC"),
        Severity::Log => durations::read(&record.message)
            .or_else(|| incidents::read(&record.message))
            .unwrap_or(Message::Other),
        _ => Message::Other,
    }
}

/// Tells the sink what a complete record means.
pub fn emit(record: &Record<'_>, message: Message<'_>, sink: &mut dyn Sink) {
    let kind = match message {
        Message::Timed { duration_us, text } => {
            return emit_run(record, text, Some(duration_us), record.time, sink);
        }
        Message::Statement(text) => return emit_run(record, text, None, record.time, sink),
        Message::Phase { phase, duration_us, text } => {
            Kind::Phase { phase, text: Cow::Borrowed(text), duration_us }
        }
        Message::Plan { duration_us, document } => {
            let Some(plan) = captured::read(document) else {
                return;
            };
            Kind::Plan {
                query: plan.query,
                plan: Cow::Borrowed(document),
                format: plan.format,
                duration_us,
                mask: captured::mask,
            }
        }
        Message::Bare(duration_us) => Kind::OrphanDuration { duration_us },
        Message::Failure(severity) => return errors::emit(record, severity, sink),
        Message::Incident(incident) => Kind::Incident(incident),
        Message::Version(version) => Kind::Version(Cow::Borrowed(version)),
        Message::Other => return,
    };
    sink.event(&event(record, record.time, kind));
}

/// Tells the sink of a run of a statement, which ended at a time.
pub fn emit_run(
    record: &Record<'_>,
    text: &[u8],
    duration_us: Option<u64>,
    ended: Option<Timestamp>,
    sink: &mut dyn Sink,
) {
    let parameters = record.detail.as_deref().and_then(parameters);
    let statement = Statement {
        text: Cow::Borrowed(text),
        duration_us,
        parameters: parameters.map(Cow::Borrowed),
        server_query_id: record.query_id,
        cut: record.is_cut,
    };
    sink.event(&event(record, ended, Kind::Statement(statement)));
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
