//! What a server counts of a statement by itself, over all its runs.

use std::borrow::Cow;

/// Counters of a statement.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Counted {
    /// Runs.
    pub calls: u64,
    /// Their time in microseconds.
    pub total_us: u64,
    /// The shortest in microseconds, since the server began to count.
    pub min_us: Option<u64>,
    /// The longest in microseconds, since the server began to count.
    pub max_us: Option<u64>,
    /// Sum of the squares of their microseconds, where the server tells the deviation.
    pub squares: Option<f64>,
    /// Rows returned or changed.
    pub rows: Option<u64>,
    /// Rows examined.
    pub rows_examined: Option<u64>,
}

impl Counted {
    /// Adds another row of the same class.
    pub fn add(&mut self, other: &Counted) {
        let is_first = self.calls == 0;
        self.calls = self.calls.saturating_add(other.calls);
        self.total_us = self.total_us.saturating_add(other.total_us);
        self.min_us = match (self.min_us, other.min_us) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        self.max_us = self.max_us.max(other.max_us);
        self.squares = match is_first {
            true => other.squares,
            false => self.squares.zip(other.squares).map(|(mine, theirs)| mine + theirs),
        };
        let sum = |mine: Option<u64>, theirs: Option<u64>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => Some(mine.saturating_add(theirs)),
            (mine, theirs) => mine.or(theirs),
        };
        self.rows = sum(self.rows, other.rows);
        self.rows_examined = sum(self.rows_examined, other.rows_examined);
    }

    /// What was counted since an earlier state; `None` where the server began anew in between. The
    /// shortest and the longest run cannot be told for the time between.
    pub fn since(&self, earlier: &Counted) -> Option<Counted> {
        let less = |mine: Option<u64>, theirs: Option<u64>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => mine.checked_sub(theirs).map(Some),
            (mine, None) => Some(mine),
            (None, Some(_)) => Some(None),
        };
        Some(Counted {
            calls: self.calls.checked_sub(earlier.calls)?,
            total_us: self.total_us.checked_sub(earlier.total_us)?,
            min_us: None,
            max_us: None,
            squares: self
                .squares
                .zip(earlier.squares)
                .map(|(mine, theirs)| mine - theirs)
                .filter(|squares| *squares >= 0.0),
            rows: less(self.rows, earlier.rows)?,
            rows_examined: less(self.rows_examined, earlier.rows_examined)?,
        })
    }
}

/// A statement as a server lists it with its counters.
#[derive(Clone, Debug)]
pub struct StatementCounters<'a> {
    /// The text, normalised by the server.
    pub text: Cow<'a, [u8]>,
    /// The server keeps a part of the text only.
    pub is_cut: bool,
    /// What tells this row from all others of the server: its user, database and id together.
    pub key: u64,
    /// The server's own query id; 0 where it has none.
    pub server_query_id: i64,
    /// The counters.
    pub counted: Counted,
    /// When they stood so, where the snapshot says it.
    pub taken: Option<crate::time::Timestamp>,
}
