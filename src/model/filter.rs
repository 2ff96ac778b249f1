//! Which events count: the filters of the command line, applied before anything is added.

use super::event::{Event, Who, session_of_pid, session_of_text};
use crate::lang::id::QueryId;
use crate::time::Timestamp;
use regex::bytes::Regex;

/// What an event must satisfy to count. The default lets everything pass.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Not before this time.
    pub since: Option<Timestamp>,
    /// Before this time.
    pub until: Option<Timestamp>,
    /// One of these databases, when any is named.
    pub databases: Vec<String>,
    /// One of these users, when any is named.
    pub users: Vec<String>,
    /// One of these hosts, when any is named.
    pub hosts: Vec<String>,
    /// One of these applications, when any is named.
    pub apps: Vec<String>,
    /// One of these query classes, when any is named.
    pub query_ids: Vec<QueryId>,
    /// Not a statement that matches this.
    pub exclude_query: Option<Regex>,
    /// Only runs of at least this many microseconds; runs without a duration do not pass.
    pub min_duration_us: Option<u64>,
}

impl Filter {
    /// Whether an event passes by its time and by who caused it. An event without a time passes no
    /// time filter: what cannot be placed is left out, not guessed.
    pub fn passes(&self, event: &Event<'_>) -> bool {
        self.passes_time(event.time) && self.passes_who(&event.who)
    }

    /// Whether a time passes.
    pub fn passes_time(&self, time: Option<Timestamp>) -> bool {
        self.since.is_none_or(|since| time.is_some_and(|t| t >= since))
            && self.until.is_none_or(|until| time.is_some_and(|t| t < until))
    }

    /// Whether someone passes.
    pub fn passes_who(&self, who: &Who<'_>) -> bool {
        let one_of = |wanted: &[String], value: Option<&[u8]>| {
            wanted.is_empty() || value.is_some_and(|v| wanted.iter().any(|w| w.as_bytes() == v))
        };
        one_of(&self.databases, who.database)
            && one_of(&self.users, who.user)
            && one_of(&self.hosts, who.host)
            && one_of(&self.apps, who.app)
    }

    /// Whether a run passes by its text and duration.
    pub fn passes_run(&self, text: &[u8], duration_us: Option<u64>) -> bool {
        self.passes_duration(duration_us) && self.passes_text(text)
    }

    /// Whether a duration passes.
    pub fn passes_duration(&self, duration_us: Option<u64>) -> bool {
        self.min_duration_us.is_none_or(|least| duration_us.is_some_and(|us| us >= least))
    }

    /// Whether a statement passes by its text, whatever its class.
    pub fn passes_text(&self, text: &[u8]) -> bool {
        self.exclude_query.as_ref().is_none_or(|regex| !regex.is_match(text))
    }

    /// Whether a class passes.
    pub fn passes_class(&self, id: QueryId) -> bool {
        self.query_ids.is_empty() || self.query_ids.contains(&id)
    }

    /// Whether anything is filtered at all.
    pub fn is_active(&self) -> bool {
        self.since.is_some()
            || self.until.is_some()
            || self.min_duration_us.is_some()
            || self.exclude_query.is_some()
            || !(self.databases.is_empty()
                && self.users.is_empty()
                && self.hosts.is_empty()
                && self.apps.is_empty()
                && self.query_ids.is_empty())
    }

    /// Whether only some statements are wanted, so that what happened to the server is left out.
    pub fn selects_statements(&self) -> bool {
        self.min_duration_us.is_some() || self.exclude_query.is_some() || !self.query_ids.is_empty()
    }
}

/// A session that was asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum SessionChoice {
    /// All that the process, or the connection, of this number served.
    Process(u64),
    /// One by its id.
    Id(SessionId),
}

/// A session's id as logged. PostgreSQL's (`%c`) tells when it began, in hexadecimal seconds since
/// 1970, and behind a dot its process, hexadecimal too.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct SessionId {
    text: String,
    began: Option<(Timestamp, u64)>,
}

impl SessionChoice {
    /// Whether a record is of the session: by its id where the record has one; else by its key,
    /// which may be that of its process, and then only from the session's beginning on.
    pub fn passes(&self, key: u64, id: Option<&[u8]>, time: Option<Timestamp>) -> bool {
        match (self, id) {
            (SessionChoice::Process(pid), _) => key == session_of_pid(*pid),
            (SessionChoice::Id(wanted), Some(id)) => {
                id.eq_ignore_ascii_case(wanted.text.as_bytes())
            }
            (SessionChoice::Id(wanted), None) => {
                key == session_of_text(wanted.text.as_bytes())
                    || wanted.began.is_some_and(|(began, pid)| {
                        key == session_of_pid(pid) && time.is_some_and(|time| time >= began)
                    })
            }
        }
    }
}

impl From<&str> for SessionId {
    fn from(text: &str) -> Self {
        let began = text.split_once('.').and_then(|(began, pid)| {
            let began_s = i64::from_str_radix(began, 16).ok()?;
            let began = Timestamp(began_s.checked_mul(1_000_000)?);
            Some((began, u64::from_str_radix(pid, 16).ok()?))
        });
        SessionId { text: text.to_owned(), began }
    }
}
