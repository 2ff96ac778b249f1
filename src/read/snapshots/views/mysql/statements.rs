//! The digest table of the performance schema, and `sys.statement_analysis` over it.

use crate::model::event::{Counted, StatementCounters};
use crate::read::snapshots::views::{Statement, StatementRow, View, counted};

/// A row of `events_statements_summary_by_digest`. The one without a digest holds all statements
/// that found no room in the table.
pub fn digest<'r>(row: &View<'r>) -> StatementRow<'r> {
    match row.text("digest") {
        Some(digest) => digested(row, digest).map_or(StatementRow::Unread, StatementRow::Counted),
        None => StatementRow::NoRoom,
    }
}

fn digested<'r>(row: &View<'r>, digest: &'r str) -> Option<Statement<'r>> {
    let text = row.text("digest_text")?;
    let us = |column: &str| row.count(column).map(|picoseconds| picoseconds / 1_000_000);
    Some(statement(
        row,
        text,
        (row.text("schema_name"), digest),
        Counted {
            calls: row.count("count_star")?,
            total_us: us("sum_timer_wait")?,
            min_us: us("min_timer_wait"),
            max_us: us("max_timer_wait"),
            squares: None,
            rows: row.count("sum_rows_sent"),
            rows_examined: row.count("sum_rows_examined"),
        },
    ))
}

/// A row of `sys.statement_analysis`: times for people (`1.23 ms`), or picoseconds in its `x$` twin.
/// Its texts are cut in the middle.
pub fn analysis<'r>(row: &View<'r>) -> StatementRow<'r> {
    match row.text("query") {
        Some(text) => analysed(row, text).map_or(StatementRow::Unread, StatementRow::Counted),
        None => StatementRow::NoRoom,
    }
}

fn analysed<'r>(row: &View<'r>, text: &'r str) -> Option<Statement<'r>> {
    let us = |column: &str| row.text(column).and_then(counted::us_of_latency);
    Some(statement(
        row,
        text,
        (row.text("db"), row.text("digest").unwrap_or(text)),
        Counted {
            calls: row.count("exec_count")?,
            total_us: us("total_latency")?,
            min_us: None,
            max_us: us("max_latency"),
            squares: None,
            rows: row.count("rows_sent"),
            rows_examined: row.count("rows_examined"),
        },
    ))
}

fn statement<'r>(
    row: &View<'r>,
    text: &'r str,
    (schema, digest): (Option<&'r str>, &'r str),
    counted: Counted,
) -> Statement<'r> {
    Statement {
        database: schema,
        user: None,
        counters: StatementCounters {
            text: text.as_bytes().into(),
            is_cut: text.ends_with("...") || text.contains(" ... "),
            key: counted::key(&[schema.unwrap_or_default(), digest]),
            server_query_id: 0,
            counted,
            taken: row.origin().taken,
        },
    }
}
