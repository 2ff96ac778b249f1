//! Which events count: the filters of the command line, applied before anything is added.

use super::event::{Event, Who};
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

    fn passes_time(&self, time: Option<Timestamp>) -> bool {
        self.since.is_none_or(|since| time.is_some_and(|t| t >= since))
            && self.until.is_none_or(|until| time.is_some_and(|t| t < until))
    }

    fn passes_who(&self, who: &Who<'_>) -> bool {
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
        self.min_duration_us.is_none_or(|least| duration_us.is_some_and(|us| us >= least))
            && self.exclude_query.as_ref().is_none_or(|regex| !regex.is_match(text))
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
