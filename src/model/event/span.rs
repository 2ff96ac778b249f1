//! A stretch of a source: where a record stands, and what decides whether it is wanted. For those
//! who want the source's own bytes back, not what they mean.

use super::Who;
use crate::time::Timestamp;
use std::ops::Range;

/// How much a sink wants to be told of spans.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpanDetail {
    /// No spans: the sink takes events.
    Nothing,
    /// Spans without what they say of statements.
    Places,
    /// Spans with what they say.
    Statements,
}

/// A record, or a line of one, in the bytes that a reader was given.
#[derive(Clone, Debug)]
pub struct Span<'a> {
    /// Its bytes: whole lines, with or without the last line end.
    pub text: &'a [u8],
    /// Where they begin in the text that the reader was given, in bytes.
    pub start: usize,
    /// Where they stand in the source, in bytes from the chunk's start, in rising order; empty: at
    /// `start`. Readers leave it empty; carriers, of which a record may take several entries, fill
    /// it in.
    pub parts: &'a [Range<usize>],
    /// How it belongs to others.
    pub role: SpanRole,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// The key of the session that wrote it, of whatever kind that is; 0 where nothing says so.
    pub session: u64,
    /// The session's id as logged (PostgreSQL's `%c`).
    pub session_id: Option<&'a [u8]>,
    /// Who caused it.
    pub who: Who<'a>,
    /// What it says of a statement; [`Says::Nothing`] where only places are wanted.
    pub says: Says<'a>,
}

impl<'a> Span<'a> {
    /// A span of which nothing is known but its bytes and how it belongs to others.
    pub fn at(text: &'a [u8], start: usize, role: SpanRole) -> Self {
        Span {
            text,
            start,
            parts: &[],
            role,
            time: None,
            session: 0,
            session_id: None,
            who: Who::default(),
            says: Says::Nothing,
        }
    }
}

/// How a span belongs to others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SpanRole {
    /// A record; where `lines_apart`, lines that belong to it may follow as spans of their own.
    Record {
        /// The format writes such lines.
        lines_apart: bool,
    },
    /// A line that belongs to the last record of its session.
    Attached,
    /// Bytes that were not understood, behind the span before: they go where that goes. Readers need
    /// not tell of them: what no span holds is taken so.
    Rest,
    /// What must stand in front so that the rest can be read: the names of columns. Always passes.
    Heading,
    /// Entries that hold nothing of the log: other programs' lines in a carrier, what is not
    /// understood, other collections in an archive. Carriers tell them without a text.
    Foreign,
}

/// What a span says of a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Says<'a> {
    /// Nothing.
    Nothing,
    /// Nothing, but no duration will come any more for a statement that began before.
    Settled,
    /// A statement that ran or failed. None that began before it still waits for its duration.
    Ran(Said<'a>),
    /// A statement, but not a run of it: a plan, a parse or bind step, a temporary file.
    Beside(Said<'a>),
    /// A statement that begins: its duration may come as a record of its own.
    Began(Said<'a>),
    /// The duration of the session's last statement that began, in microseconds.
    Duration(u64),
}

/// A statement as a span says it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Said<'a> {
    /// The text as logged.
    pub text: &'a [u8],
    /// It was cut beyond what the text itself shows.
    pub cut: bool,
    /// How long it took, in microseconds, when logged beside it.
    pub duration_us: Option<u64>,
}
