//! Messages that people may have to act on.

use super::Engine;
use std::borrow::Cow;

/// How grave the engine says a message is. Ordered: `Log` is least.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Level {
    /// News of the server.
    Log,
    /// Something may be wrong.
    Warning,
    /// A statement failed.
    Error,
    /// A session ended by it.
    Fatal,
    /// The server went down by it.
    Panic,
}

impl Level {
    /// PostgreSQL's word for it.
    pub fn word(self) -> &'static str {
        match self {
            Level::Log => "LOG",
            Level::Warning => "WARNING",
            Level::Error => "ERROR",
            Level::Fatal => "FATAL",
            Level::Panic => "PANIC",
        }
    }

    /// The word of an engine for it.
    pub fn word_of(self, engine: Engine) -> &'static str {
        match (engine, self) {
            (Engine::Postgres | Engine::Sqlite, _) => self.word(),
            (Engine::Mongodb, Level::Log) => "I",
            (Engine::Mongodb, Level::Warning) => "W",
            (Engine::Mongodb, Level::Error) => "E",
            (Engine::Mongodb, Level::Fatal | Level::Panic) => "F",
            (Engine::Mysql | Engine::Mariadb, Level::Log) => "Note",
            (Engine::Mysql | Engine::Mariadb, Level::Warning) => "Warning",
            (Engine::Mysql | Engine::Mariadb, Level::Error | Level::Fatal) => "ERROR",
            // Not a level of theirs: the signal that ended the server stands beside the levels.
            (Engine::Mysql | Engine::Mariadb, Level::Panic) => "crash",
        }
    }

    /// Whether it counts as an error.
    pub fn is_error(self) -> bool {
        self >= Level::Error
    }
}

/// What a message is about, as far as the report groups by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Topic {
    /// A statement, or nothing that is known here.
    Other,
    /// The server started.
    Start,
    /// The server was asked to stop, or stopped.
    Stop,
    /// A server process died by a signal or with an unexpected exit code.
    Crash,
    /// A server process was killed by signal 9, which is mostly the kernel, out of memory.
    Killed,
    /// The server recovers after it was not shut down properly.
    Recovery,
    /// The configuration was read again.
    Reload,
    /// A setting was changed, or could not be.
    Setting,
    /// Replication: a sender, receiver, slot or worker failed.
    Replication,
    /// The archiver failed.
    Archiving,
    /// Transaction ids are running out.
    Wraparound,
    /// Checkpoints follow one another too fast.
    CheckpointsTooFrequent,
    /// A standby's recovery was in the way of a statement, or waited for one.
    RecoveryConflict,
    /// A lock was asked for without waiting, and not had.
    LockNotAvailable,
    /// A broken page, a full disk, a failed write: somebody must look today.
    Urgent,
    /// The server ran out of memory.
    OutOfMemory,
    /// An election of a primary was begun, won or lost.
    Election,
    /// A member of the replica set, this one or another, is in another state.
    MemberState,
    /// A primary gave up its role.
    StepDown,
    /// What this member alone had written was undone.
    Rollback,
    /// This member reads the oplog of another one, or of none.
    SyncSource,
    /// Somebody was not let in, or not allowed to do something.
    Access,
    /// A client went away, or could not be reached.
    Client,
    /// Looking up a host's name took long.
    NameLookup,
    /// The server took long for what is always quick.
    SlowServer,
    /// A checkpoint takes long.
    SlowCheckpoint,
    /// Writes are held back so that the secondaries can follow.
    FlowControl,
    /// A cursor was closed because nobody used it.
    CursorTimeout,
    /// An index could not be built.
    IndexBuild,
}

/// Why a statement or session was cancelled.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Cancelled {
    /// `statement_timeout`.
    StatementTimeout,
    /// `lock_timeout`.
    LockTimeout,
    /// `transaction_timeout`.
    TransactionTimeout,
    /// `idle_in_transaction_session_timeout`.
    IdleInTransactionTimeout,
    /// `idle_session_timeout`.
    IdleSessionTimeout,
    /// The user asked for it.
    UserRequest,
    /// It stood in the way of recovery on a standby.
    RecoveryConflict,
    /// An administrator ended the session, or the server went down.
    Administrator,
    /// An automatic vacuum that stood in the way of somebody.
    Autovacuum,
    /// The client had gone.
    ClientGone,
    /// `maxTimeMS`.
    MaxTime,
    /// A member of the replica set changed its role.
    RoleChange,
    /// Any other reason.
    Other,
}

impl Cancelled {
    /// In words, after "cancelled by".
    pub fn word(self) -> &'static str {
        match self {
            Cancelled::StatementTimeout => "statement_timeout",
            Cancelled::LockTimeout => "lock_timeout",
            Cancelled::TransactionTimeout => "transaction_timeout",
            Cancelled::IdleInTransactionTimeout => "idle_in_transaction_session_timeout",
            Cancelled::IdleSessionTimeout => "idle_session_timeout",
            Cancelled::UserRequest => "user request",
            Cancelled::RecoveryConflict => "conflict with recovery",
            Cancelled::Administrator => "administrator command",
            Cancelled::Autovacuum => "autovacuum task in the way",
            Cancelled::ClientGone => "disconnected client",
            Cancelled::MaxTime => "maxTimeMS",
            Cancelled::RoleChange => "change of a member's role",
            Cancelled::Other => "other reasons",
        }
    }

    /// Whether it ends a whole session, statement or none.
    pub fn ends_session(self) -> bool {
        matches!(
            self,
            Cancelled::TransactionTimeout
                | Cancelled::IdleInTransactionTimeout
                | Cancelled::IdleSessionTimeout
                | Cancelled::Administrator
        )
    }

    /// Whether time that a statement spent was lost to a limit on time.
    pub fn is_timeout(self) -> bool {
        matches!(
            self,
            Cancelled::StatementTimeout
                | Cancelled::LockTimeout
                | Cancelled::TransactionTimeout
                | Cancelled::MaxTime
        )
    }
}

/// A message that people may have to act on.
#[derive(Clone, Debug)]
pub struct LogMessage<'a> {
    /// How grave.
    pub level: Level,
    /// SQLSTATE or the engine's code; empty when not logged.
    pub code: Cow<'a, [u8]>,
    /// The message, unmasked.
    pub text: Cow<'a, [u8]>,
    /// What it is about.
    pub topic: Topic,
    /// The statement that failed or was warned of, when the log says.
    pub statement: Option<Cow<'a, [u8]>>,
    /// Why the statement or session was cancelled, if it was.
    pub cancelled: Option<Cancelled>,
    /// How long the cancelled statement had run at least, in microseconds, when the log shows it.
    pub lost_us: Option<u64>,
}
