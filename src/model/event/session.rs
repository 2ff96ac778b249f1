//! Sessions: the keys that tell them apart, and the life of a client's.

use std::borrow::Cow;
use xxhash_rust::xxh3::xxh3_64;

/// The key of the session that a process (or a connection) of this number serves.
pub fn session_of_pid(pid: u64) -> u64 {
    pid.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1
}

/// The key of a session by what a log of any program says of it: a number is that of a process or a
/// connection.
pub fn session_of_text(text: &[u8]) -> u64 {
    let number = std::str::from_utf8(text).ok().and_then(|text| text.parse().ok());
    number.map_or_else(|| session_of_id(text), session_of_pid)
}

/// The key of a session of which only an id of its own is logged (PostgreSQL's `%c`).
pub fn session_of_id(id: &[u8]) -> u64 {
    xxh3_64(id) | 1
}

/// A step in the life of a client's session. Who is in the event's `who`, completed from the
/// message itself where the record's own fields do not say.
#[derive(Clone, Debug)]
pub enum SessionStep<'a> {
    /// A connection came in.
    Received {
        /// Connections that are open now, this one among them, when the log says (MongoDB).
        open_now: Option<u64>,
    },
    /// A client said what it is (MongoDB's client metadata).
    Introduced {
        /// Its driver with the driver's version: `PyMongo 4.3.3`.
        driver: Option<Cow<'a, [u8]>>,
        /// Its operating system: `Linux 5.10`.
        system: Option<Cow<'a, [u8]>>,
    },
    /// A client proved who it is.
    Authenticated {
        /// By which method, when the log says: `scram-sha-256`, `md5`, `peer` …
        method: Option<Cow<'a, [u8]>>,
    },
    /// A session was let in.
    Authorized {
        /// It is encrypted.
        encrypted: bool,
    },
    /// How long it took until the first query could be run (PostgreSQL 18), in microseconds.
    Ready {
        /// From the socket's acceptance on.
        setup_us: u64,
    },
    /// A connection was refused.
    Refused(Refusal),
    /// A session ended.
    Ended {
        /// How long it lasted, in microseconds, when the log says.
        duration_us: Option<u64>,
    },
}

/// Why a connection was refused.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Refusal {
    /// Wrong password, or any other failed proof.
    Authentication,
    /// No line of pg_hba.conf lets it in.
    NotAllowed,
    /// No such user, or it may not log in.
    UnknownUser,
    /// No such database, or it takes no connections.
    UnknownDatabase,
    /// All slots are taken, or those left are reserved.
    TooMany,
    /// The server starts, stops or recovers.
    NotReady,
    /// The host failed too often before (MySQL's `max_connect_errors`).
    Blocked,
    /// Any other reason.
    Other,
}

impl Refusal {
    /// Every reason, in order.
    pub const ALL: [Refusal; 8] = [
        Refusal::Authentication,
        Refusal::NotAllowed,
        Refusal::UnknownUser,
        Refusal::UnknownDatabase,
        Refusal::TooMany,
        Refusal::NotReady,
        Refusal::Blocked,
        Refusal::Other,
    ];

    /// In words.
    pub fn word(self) -> &'static str {
        match self {
            Refusal::Authentication => "authentication failed",
            Refusal::NotAllowed => "not allowed by pg_hba.conf",
            Refusal::UnknownUser => "unknown user",
            Refusal::UnknownDatabase => "unknown database",
            Refusal::TooMany => "no connection slot left",
            Refusal::NotReady => "server not ready",
            Refusal::Blocked => "host blocked after too many failures",
            Refusal::Other => "other reasons",
        }
    }
}
