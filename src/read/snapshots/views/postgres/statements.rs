//! `pg_stat_statements` of every generation.

use crate::model::event::{Counted, StatementCounters};
use crate::read::snapshots::views::{Statement, StatementRow, View, counted};

/// Shown in place of statements of other users.
const WITHHELD: &str = "<insufficient privilege>";

/// A row. Nested statements are a part of those that called them, and are left to these.
pub fn row<'r>(row: &View<'r>) -> StatementRow<'r> {
    match row.text("query") {
        _ if row.flag("toplevel") == Some(false) => StatementRow::Nested,
        Some(WITHHELD) => StatementRow::Withheld,
        text => text
            .and_then(|text| counted(row, text))
            .map_or(StatementRow::Unread, StatementRow::Counted),
    }
}

fn counted<'r>(row: &View<'r>, text: &'r str) -> Option<Statement<'r>> {
    // Until 12 without planning and execution apart.
    let ms = |what: &str| {
        let exec = row.number(&format!("{what}_exec_time"));
        exec.or_else(|| row.number(&format!("{what}_time")))
    };
    let us = |what: &str| ms(what).map(counted::us_of_ms);
    let calls = row.count("calls")?;
    let total_us = us("total")?;
    let id = row.text("queryid").unwrap_or_default();
    Some(Statement {
        database: row.text("datname"),
        user: row.text("rolname").or_else(|| row.text("usename")),
        counters: StatementCounters {
            text: text.as_bytes().into(),
            is_cut: row.flag("query_is_cut") == Some(true),
            key: counted::key(&[
                row.text("userid").unwrap_or_default(),
                row.text("dbid").unwrap_or_default(),
                id,
                if id.is_empty() { text } else { "" },
            ]),
            server_query_id: id.parse().unwrap_or(0),
            counted: Counted {
                calls,
                total_us,
                min_us: us("min"),
                max_us: us("max"),
                squares: counted::squares(calls, total_us, ms("stddev").map(|ms| ms * 1e3)),
                rows: row.count("rows"),
                rows_examined: None,
            },
            taken: row.origin().taken,
        },
    })
}
