//! What a record means, in one vocabulary for all engines. Readers emit events into a [`Sink`];
//! everything in an event is borrowed from the record, unmasked, and lives only for that call.

use crate::lang::sql::lexer::Dialect;
use crate::time::Timestamp;
use serde::Serialize;
use std::borrow::Cow;

/// The database engine that wrote an input.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Engine {
    /// PostgreSQL and its derivatives.
    Postgres,
}

impl Engine {
    /// The key that query ids are made with: engines that share a dialect share a family.
    pub fn family(self) -> &'static str {
        match self {
            Engine::Postgres => "postgres",
        }
    }

    /// The name as users write it.
    pub fn title(self) -> &'static str {
        match self {
            Engine::Postgres => "PostgreSQL",
        }
    }

    /// How its statements are lexed.
    pub fn dialect(self) -> Dialect {
        match self {
            Engine::Postgres => Dialect::Postgres,
        }
    }
}

/// Who ran a statement, as far as the record says; empty and `[unknown]` values are `None`.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub struct Who<'a> {
    /// Database user.
    pub user: Option<&'a [u8]>,
    /// Database name.
    pub database: Option<&'a [u8]>,
    /// Client host or address, without the port.
    pub host: Option<&'a [u8]>,
    /// Application name.
    pub app: Option<&'a [u8]>,
    /// A key of the session: stable within one source, never shown.
    pub session: u64,
}

/// One event and where it stands in its source.
#[derive(Clone, Debug)]
pub struct Event<'a> {
    /// Byte offset of the record in the decompressed source.
    pub offset: u64,
    /// Line of the record, counted from the start of its chunk (the source knows each chunk's
    /// first line).
    pub line: u32,
    /// When: for statements the end of the run. `None` where the record carries no time.
    pub time: Option<Timestamp>,
    /// Seconds east of UTC that the record's own clock showed.
    pub utc_offset_s: i32,
    /// Who ran it.
    pub who: Who<'a>,
    /// What happened.
    pub kind: Kind<'a>,
}

/// What happened.
#[derive(Clone, Debug)]
pub enum Kind<'a> {
    /// A statement that ran (or was logged before it ran, then `duration_us` is `None`).
    Statement(Statement<'a>),
    /// A parse or bind step of the extended protocol: kept apart, never added to queries.
    Phase {
        /// Which step.
        phase: Phase,
        /// The statement's text.
        text: Cow<'a, [u8]>,
        /// Time of the step in microseconds.
        duration_us: u64,
    },
    /// A duration line that no statement could be found for. Counted, credited to nobody.
    OrphanDuration {
        /// Its microseconds.
        duration_us: u64,
    },
    /// A plan that the server logged for a statement. Never a query.
    Plan {
        /// The statement's text.
        query: Cow<'a, [u8]>,
        /// The plan document, as logged.
        plan: Cow<'a, [u8]>,
        /// `text`, `json`, `xml` or `yaml`.
        format: &'static str,
        /// Run time in microseconds.
        duration_us: u64,
        /// Takes the literals out of the document; called only if it is kept.
        mask: fn(&[u8]) -> String,
    },
    /// The server said which version it is, such as `15.18`.
    Version(Cow<'a, [u8]>),
    /// An error (ERROR, FATAL or PANIC in PostgreSQL's words).
    Error {
        /// The engine's own word for the severity.
        severity: &'static str,
        /// SQLSTATE or the engine's code; empty when not logged.
        code: Cow<'a, [u8]>,
        /// The message, unmasked.
        message: Cow<'a, [u8]>,
        /// The statement that failed, when the log says.
        statement: Option<Cow<'a, [u8]>>,
        /// Whether the statement was cancelled (by timeout, user or conflict).
        cancelled: bool,
    },
    /// Something that happened to the server.
    Incident(Incident),
}

/// A statement's run.
#[derive(Clone, Debug, Default)]
pub struct Statement<'a> {
    /// The text as logged.
    pub text: Cow<'a, [u8]>,
    /// Run time in microseconds, when logged.
    pub duration_us: Option<u64>,
    /// Bind parameters as logged, when they were.
    pub parameters: Option<Cow<'a, [u8]>>,
    /// The server's own query id; 0 when not logged.
    pub server_query_id: i64,
    /// The reader knows that the text was cut (beyond what the text itself shows).
    pub cut: bool,
}

/// A step of the extended protocol before execution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Parse analysis.
    Parse,
    /// Bind, which includes planning.
    Bind,
}

/// What happened to the server, with the one number that is summed for it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Incident {
    /// A connection came in.
    ConnectionReceived,
    /// A connection was authorized.
    ConnectionAuthorized,
    /// A connection was refused.
    ConnectionRefused,
    /// A session ended.
    Disconnected,
    /// A process was still waiting for a lock.
    LockWait {
        /// Microseconds waited when the line was written.
        waited_us: u64,
    },
    /// A deadlock was broken.
    Deadlock,
    /// A temporary file was removed.
    TempFile {
        /// Its size.
        size_bytes: u64,
    },
    /// A checkpoint or restartpoint completed.
    Checkpoint {
        /// Its total time in microseconds.
        total_us: u64,
    },
    /// An automatic vacuum of a table.
    Autovacuum {
        /// Elapsed microseconds.
        elapsed_us: u64,
    },
}

/// Where readers put events.
pub trait Sink {
    /// Takes one event; nothing of it may be kept but by copying.
    fn event(&mut self, event: &Event<'_>);
}
