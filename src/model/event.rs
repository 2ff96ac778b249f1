//! What a record means, in one vocabulary for all engines. Readers emit events into a [`Sink`];
//! everything in an event is borrowed from the record, unmasked, and lives only for that call.

mod apart;
mod application_pool;
mod attribute;
mod counted;
mod engine;
mod index;
mod lock;
mod message;
mod pool;
mod session;
mod span;
mod storage;

pub use apart::Apart;
pub use application_pool::{PoolFigures, PoolNews, PoolStep};
pub use attribute::{Attribute, Key, Known, Unit, Value};
pub use counted::{Counted, StatementCounters};
pub use engine::Engine;
pub use index::{BuildKey, Expiry, IndexBuild, IndexBuildStep};
pub use lock::{Deadlock, Holder, LockObject, LockStep, LockWait, Participant};
pub use message::{Cancelled, Level, LogMessage, Topic};
pub use pool::PoolStats;
pub use session::{Refusal, SessionStep, session_of_id, session_of_pid, session_of_text};
pub use span::{Said, Says, Span, SpanDetail, SpanRole};
pub use storage::{Checkpoint, CheckpointCause, Maintenance, MaintenanceKind, MaintenanceStep};

use super::catalog::Catalog;
use super::plan::{Plan, PlanDocument};
use crate::time::Timestamp;
use std::borrow::Cow;

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
    /// A plan that the server logged for a statement, or that stands in a file. Never a query.
    Plan {
        /// The statement's text; `None` where only the document tells it, if anything does.
        statement: Option<Cow<'a, [u8]>>,
        /// The plans.
        plans: PlanSource<'a>,
        /// Run time in microseconds, as the log has it.
        duration_us: Option<u64>,
    },
    /// What a snapshot or a schema dump says of the catalog. Places in it are of this source.
    Catalog(&'a Catalog),
    /// What the server itself counted of a statement.
    Counters(StatementCounters<'a>),
    /// The server said which version it is, such as `15.18`.
    Version(Cow<'a, [u8]>),
    /// A message that people may have to act on: an error, a warning, or news of the server.
    Message(LogMessage<'a>),
    /// A step in the life of a client's session.
    Session(SessionStep<'a>),
    /// A process waited for a lock.
    LockWait(LockWait<'a>),
    /// A deadlock was found and broken.
    Deadlock(Deadlock<'a>),
    /// A temporary file was written and removed.
    TempFile {
        /// Its size.
        size_bytes: u64,
        /// The statement that needed it, when the log says.
        statement: Option<Cow<'a, [u8]>>,
    },
    /// A checkpoint or restartpoint began; what follows says how it went.
    CheckpointStarting(CheckpointCause),
    /// A checkpoint or restartpoint completed.
    Checkpoint(Checkpoint),
    /// A checkpoint took so long that the server says so (MongoDB).
    SlowCheckpoint {
        /// Its microseconds.
        duration_us: u64,
    },
    /// A table was vacuumed or analyzed by the server itself, or should have been.
    Maintenance(Maintenance<'a>),
    /// A step in the building of an index.
    IndexBuild(IndexBuild<'a>),
    /// Documents were deleted because an index says that they expired.
    Expiry(Expiry<'a>),
    /// What a connection pooler counted over an interval.
    Pool(PoolStats),
    /// What an application's log says of its pool.
    ApplicationPool(PoolNews<'a>),
    /// An operation that is no query of a user, or that stands in the log twice.
    Apart {
        /// Why.
        why: Apart,
        /// Its microseconds, when logged.
        duration_us: Option<u64>,
    },
    /// Runs that the server did not log one by one, only how many there were.
    Suppressed {
        /// How many.
        count: u64,
        /// Their run time in microseconds, all together.
        total_us: u64,
    },
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
    /// It was executed through the extended protocol, or by EXECUTE of a prepared statement.
    pub prepared: bool,
    /// The log says that it failed.
    pub failed: bool,
    /// The log took one in so many of such runs, where it says so; 0 or 1: all.
    pub one_in: u32,
    /// What else the log says about the run.
    pub attributes: &'a [Attribute<'a>],
    /// The plan that the log shows beside the run.
    pub plan: Option<PlanDocument<'a>>,
}

/// Plans, or what they are read from.
#[derive(Clone, Copy, Debug)]
pub enum PlanSource<'a> {
    /// A document that is read where somebody looks at it.
    Document(PlanDocument<'a>),
    /// The plans of a document, literals masked unless the user keeps them.
    Read(&'a [Plan]),
}

/// A step of the extended protocol before execution.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Phase {
    /// Parse analysis.
    Parse,
    /// Bind, which includes planning.
    Bind,
}

/// Where readers put events.
pub trait Sink {
    /// Takes one event; nothing of it may be kept but by copying.
    fn event(&mut self, event: &Event<'_>);

    /// Whether spans are wanted instead of events. Readers ask once per chunk; a sink that wants
    /// none costs them nothing.
    fn wants_spans(&self) -> SpanDetail {
        SpanDetail::Nothing
    }

    /// Takes one span; nothing of it may be kept but by copying.
    ///
    /// Where [`Sink::wants_spans`] asks for them, a reader tells, in the order of its text, every
    /// record that it counts and every line that belongs to one, and no event. It need not tell
    /// what it did not understand, nor how far a record reaches beyond what it understood: bytes
    /// between two spans continue the first.
    fn span(&mut self, _span: &Span<'_>) {}
}
