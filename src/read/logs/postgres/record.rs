//! One complete PostgreSQL log record, whatever carried it.

use super::prefix::Severity;
use crate::model::event::Who;
use crate::time::Timestamp;
use std::borrow::Cow;

/// A part of a record: borrowed from the chunk, or owned where it had to be unescaped or kept.
pub type Text<'a> = Cow<'a, [u8]>;

/// A record with everything that belongs to it.
#[derive(Clone, Debug)]
pub struct Record<'a> {
    /// Byte offset in the source.
    pub offset: u64,
    /// Line, counted from the start of its chunk.
    pub line_in_chunk: u32,
    /// When it was written.
    pub time: Option<Timestamp>,
    /// Seconds east of UTC of the clock that wrote it.
    pub utc_offset_s: i32,
    /// Which process wrote it, as a key; 0 where the log does not say.
    pub session: u64,
    /// Database user.
    pub user: Option<Text<'a>>,
    /// Database.
    pub database: Option<Text<'a>>,
    /// Client host without port.
    pub host: Option<Text<'a>>,
    /// Application name.
    pub app: Option<Text<'a>>,
    /// Level.
    pub severity: Severity,
    /// SQLSTATE, or empty.
    pub sqlstate: Text<'a>,
    /// The message.
    pub message: Text<'a>,
    /// The message ends where the file was cut, not where the server ended it.
    pub is_cut: bool,
    /// DETAIL.
    pub detail: Option<Text<'a>>,
    /// CONTEXT.
    pub context: Option<Text<'a>>,
    /// STATEMENT: what the client had sent.
    pub statement: Option<Text<'a>>,
    /// The server's query id; 0 where the log does not say.
    pub query_id: i64,
}

impl Record<'_> {
    /// Who wrote it. Only a client's session counts as one.
    pub fn who(&self) -> Who<'_> {
        Who {
            user: self.user.as_deref(),
            database: self.database.as_deref(),
            host: self.host.as_deref(),
            app: self.app.as_deref(),
            session: if self.user.is_some() { self.session } else { 0 },
        }
    }

    /// The same record on its own memory, to be kept beyond its chunk.
    pub fn into_owned(self) -> Record<'static> {
        fn own(text: Text<'_>) -> Text<'static> {
            Cow::Owned(text.into_owned())
        }
        Record {
            offset: self.offset,
            line_in_chunk: self.line_in_chunk,
            time: self.time,
            utc_offset_s: self.utc_offset_s,
            session: self.session,
            user: self.user.map(own),
            database: self.database.map(own),
            host: self.host.map(own),
            app: self.app.map(own),
            severity: self.severity,
            sqlstate: own(self.sqlstate),
            message: own(self.message),
            is_cut: self.is_cut,
            detail: self.detail.map(own),
            context: self.context.map(own),
            statement: self.statement.map(own),
            query_id: self.query_id,
        }
    }
}

/// A name as logged: nothing where it is empty or `[unknown]`.
pub fn name(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty() && text != b"[unknown]").then_some(text)
}
