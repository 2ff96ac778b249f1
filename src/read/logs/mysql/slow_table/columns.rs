//! The columns of `mysql.slow_log` and `mysql.general_log`, by name where a dump has a header, else
//! by the order that the servers create them in.

use std::borrow::Cow;

/// A column of either table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Column {
    /// `start_time` of slow_log, `event_time` of general_log.
    Time,
    UserHost,
    QueryTime,
    LockTime,
    RowsSent,
    RowsExamined,
    RowsAffected,
    Database,
    ThreadId,
    Command,
    /// `sql_text` of slow_log, `argument` of general_log.
    Text,
    /// Counters of inserts, the server's number.
    Unused,
}

impl Column {
    /// How many hold something that is read.
    pub const COUNT: usize = 11;

    /// Its place in a row; [`Column::Unused`] has none.
    pub fn index(self) -> usize {
        self as usize
    }
}

/// Which table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Table {
    Slow,
    General,
}

type Named = (&'static str, Column);

/// `mysql.slow_log` of MariaDB; MySQL has no `rows_affected`, and 5.6 and before no `thread_id`.
const SLOW: [Named; 13] = [
    ("start_time", Column::Time),
    ("user_host", Column::UserHost),
    ("query_time", Column::QueryTime),
    ("lock_time", Column::LockTime),
    ("rows_sent", Column::RowsSent),
    ("rows_examined", Column::RowsExamined),
    ("db", Column::Database),
    ("last_insert_id", Column::Unused),
    ("insert_id", Column::Unused),
    ("server_id", Column::Unused),
    ("sql_text", Column::Text),
    ("thread_id", Column::ThreadId),
    ("rows_affected", Column::RowsAffected),
];
/// Columns of the oldest slow_log.
const SLOW_MIN: usize = 11;

/// `mysql.general_log`.
const GENERAL: [Named; 6] = [
    ("event_time", Column::Time),
    ("user_host", Column::UserHost),
    ("thread_id", Column::ThreadId),
    ("server_id", Column::Unused),
    ("command_type", Column::Command),
    ("argument", Column::Text),
];

impl Table {
    fn named(self) -> &'static [Named] {
        match self {
            Table::Slow => &SLOW,
            Table::General => &GENERAL,
        }
    }

    /// The column of a name.
    pub fn column(self, name: &[u8]) -> Option<Column> {
        let is = |(known, _): &&Named| known.as_bytes().eq_ignore_ascii_case(name);
        self.named().iter().find(is).map(|(_, column)| *column)
    }
}

/// Which table a header is of, and its columns in order; `None` if it is the header of neither.
pub(super) fn of_header(fields: &[Cow<'_, [u8]>]) -> Option<(Table, Vec<Column>)> {
    let of = |table: Table| {
        let columns: Vec<Column> = fields
            .iter()
            .map(|name| table.column(name.trim_ascii()).unwrap_or(Column::Unused))
            .collect();
        let has = |column| columns.contains(&column);
        let needed = match table {
            Table::Slow => has(Column::QueryTime),
            Table::General => has(Column::Command),
        };
        (needed && has(Column::Time) && has(Column::Text)).then_some((table, columns))
    };
    of(Table::Slow).or_else(|| of(Table::General))
}

/// Which table a row without a header is of, by the number of its fields.
pub(super) fn of_count(count: usize) -> Option<(Table, Vec<Column>)> {
    let columns = |named: &[Named]| named.iter().map(|(_, column)| *column).collect();
    match count {
        6 => Some((Table::General, columns(&GENERAL))),
        SLOW_MIN..=13 => Some((Table::Slow, columns(SLOW.get(..count)?))),
        _ => None,
    }
}
