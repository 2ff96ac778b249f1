//! Rows of statement counters: the statement with its counters, or why a row is none of its own, and how
//! many rows of each reason a table had.

use super::View;
use crate::model::event::StatementCounters;
use crate::read::logs::segment::{Reading, Skipped};

/// What a row of counters is.
#[derive(Debug)]
pub enum StatementRow<'r> {
    /// A statement with its counters.
    Counted(Statement<'r>),
    /// One that another statement called: its time is a part of that one's.
    Nested,
    /// Its text is kept from the user who asked.
    Withheld,
    /// What found no room in the table, summed up.
    NoRoom,
    /// It lacks what is needed: its text, its calls or its time.
    Unread,
}

/// A statement with its counters.
#[derive(Debug)]
pub struct Statement<'r> {
    /// The database that it runs in.
    pub database: Option<&'r str>,
    /// The user who runs it.
    pub user: Option<&'r str>,
    /// Its counters.
    pub counters: StatementCounters<'r>,
}

/// Rows that are no statement of their own, by the reason.
#[derive(Default)]
pub struct LeftOut {
    rows: u64,
    nested: u64,
    withheld: u64,
    withheld_calls: u64,
    no_room: u64,
    no_room_calls: u64,
    unread: u64,
}

impl LeftOut {
    /// Adds a row to its reason, and gives the statement that it is.
    pub fn take<'r>(&mut self, view: &View<'_>, row: StatementRow<'r>) -> Option<Statement<'r>> {
        self.rows += 1;
        let calls = || view.count("calls").or_else(|| view.count("count_star")).unwrap_or(0);
        match row {
            StatementRow::Counted(statement) => return Some(statement),
            StatementRow::Nested => self.nested += 1,
            StatementRow::Withheld => {
                self.withheld += 1;
                self.withheld_calls = self.withheld_calls.saturating_add(calls());
            }
            StatementRow::NoRoom => {
                self.no_room += 1;
                self.no_room_calls = self.no_room_calls.saturating_add(calls());
            }
            StatementRow::Unread => self.unread += 1,
        }
        None
    }

    /// Adds what is to be known of the rows to the reading of their file; `at` is where they stand.
    pub fn note(&self, view: &str, reading: &mut Reading, at: impl Fn(String) -> Skipped) {
        self.notes(view).into_iter().for_each(|note| reading.note(note));
        self.losses(view).into_iter().for_each(|loss| reading.remark(at(loss)));
    }

    /// What is to be known beside what was read.
    fn notes(&self, view: &str) -> Vec<String> {
        let LeftOut { rows, nested, .. } = self;
        let text = format!(
            "{nested} of {rows} rows of {view} are of statements that others called \
             (toplevel = false): their time is in those and is not added again"
        );
        if *nested > 0 { vec![text] } else { Vec::new() }
    }

    /// What the rows do not cover.
    fn losses(&self, view: &str) -> Vec<String> {
        let LeftOut { rows, withheld, no_room, unread, .. } = self;
        let mut losses = Vec::new();
        if *withheld > 0 {
            let calls = self.withheld_calls;
            losses.push(format!(
                "{withheld} of {rows} rows of {view} ({calls} calls) have no text, for want of \
                 privilege: the load of other users is missing; pg_read_all_stats shows it"
            ));
        }
        if *no_room > 0 {
            let calls = self.no_room_calls;
            losses.push(format!(
                "the digest table was full: {calls} calls of statements that found no room in it \
                 are of no class; performance_schema_digests_size sets its size"
            ));
        }
        if *unread > 0 {
            losses.push(format!(
                "{unread} of {rows} rows of {view} lack a text, calls or a total time"
            ));
        }
        losses
    }
}
