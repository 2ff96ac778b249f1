//! `pg_stat_activity`, and the samples of it that pg_gather takes.

use crate::model::catalog::{Catalog, Wait};
use crate::model::event::Engine;
use crate::read::snapshots::views::waits::{self, Session};
use crate::read::snapshots::views::{Rows, View};

/// Shown in place of statements of other users.
const WITHHELD: &str = "<insufficient privilege>";

/// Sessions with what they wait for.
pub fn activity(rows: &Rows<'_>, catalog: &mut Catalog) {
    waits::sample(rows, ("pg_stat_activity", Engine::Postgres), session, catalog);
}

/// A session that runs something or has a transaction open; the server's own processes have no state.
fn session<'r>(row: &View<'r>) -> Vec<Session<'r>> {
    let state = row.text("state").filter(|state| *state != "idle" && *state != "disabled");
    let Some(state) = state else { return Vec::new() };
    let numbers = row.text("blocked_by").or_else(|| row.text("pg_blocking_pids"));
    let is_digit = |c: char| c.is_ascii_digit();
    let blockers = numbers.unwrap_or_default().split(|c| !is_digit(c));
    vec![Session {
        id: row.count("pid"),
        statement: row.text("query").filter(|text| *text != WITHHELD),
        statement_id: row.text("query_id").and_then(|id| id.parse().ok()).filter(|id| *id != 0),
        wait: Some(Wait {
            event_type: row.text("wait_event_type").map(Into::into),
            event: row.text("wait_event").map(Into::into),
            state: Some(state.into()),
            ..Wait::default()
        }),
        // Zero stands for a prepared transaction.
        blockers: blockers.filter_map(|id| id.parse().ok()).filter(|id| *id != 0).collect(),
    }]
}

/// Looks of pg_gather, one after the other: sessions that are not idle, with the event alone. Processes
/// of the server itself are flagged, where something says which these are.
pub fn gathered(rows: &Rows<'_>, catalog: &mut Catalog) {
    waits::sample(rows, ("pg_pid_wait", Engine::Postgres), gathered_session, catalog);
}

fn gathered_session<'r>(row: &View<'r>) -> Vec<Session<'r>> {
    if row.flag("is_own") == Some(true) {
        return Vec::new();
    }
    let event = row.text("wait_event").map(Into::into);
    vec![Session {
        id: row.count("pid"),
        statement: None,
        statement_id: None,
        wait: Some(Wait { event, ..Wait::default() }),
        blockers: Vec::new(),
    }]
}
