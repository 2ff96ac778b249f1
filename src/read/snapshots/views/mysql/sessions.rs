//! The list of threads, and the view of who waits for whose row lock.

use crate::model::catalog::{Catalog, Wait};
use crate::model::event::Engine;
use crate::read::snapshots::views::waits::{self, Session};
use crate::read::snapshots::views::{Rows, View};

/// Threads that wait for a client or are the server's own.
const AT_REST: [&str; 6] =
    ["sleep", "daemon", "binlog dump", "binlog dump gtid", "connect", "slave_io"];

/// `SHOW [FULL] PROCESSLIST` and `information_schema.PROCESSLIST`.
pub fn processes(rows: &Rows<'_>, catalog: &mut Catalog) {
    waits::sample(rows, ("PROCESSLIST", Engine::Mysql), thread, catalog);
}

fn thread<'r>(row: &View<'r>) -> Vec<Session<'r>> {
    let is_at_rest = |command: &&str| AT_REST.iter().any(|rest| command.eq_ignore_ascii_case(rest));
    let Some(command) = row.text("command").filter(|command| !is_at_rest(command)) else {
        return Vec::new();
    };
    vec![Session {
        id: row.count("id"),
        statement: row.text("info"),
        statement_id: None,
        wait: Some(Wait {
            event: row.text("state").map(Into::into),
            state: Some(command.into()),
            ..Wait::default()
        }),
        blockers: Vec::new(),
    }]
}

/// `sys.innodb_lock_waits`, and what pt-stalk asks for in its place: both statements stand in one row.
pub fn lock_waits(rows: &Rows<'_>, catalog: &mut Catalog) {
    waits::sample(rows, ("innodb_lock_waits", Engine::Mysql), pair, catalog);
}

fn pair<'r>(row: &View<'r>) -> Vec<Session<'r>> {
    let wait = Wait {
        event_type: Some("Lock".into()),
        event: Some(match row.text("locked_type") {
            Some(kind) => format!("InnoDB {kind}").into(),
            None => "InnoDB".into(),
        }),
        ..Wait::default()
    };
    let number = |pid: &str, thread: &str| row.count(pid).or_else(|| row.count(thread));
    let blocking = number("blocking_pid", "blocking_thread");
    let side = |id, statement: &str, wait: Option<Wait>, blockers: Vec<u64>| Session {
        id,
        statement: row.text(statement),
        statement_id: None,
        wait,
        blockers,
    };
    let waiting = number("waiting_pid", "waiting_thread");
    vec![
        side(waiting, "waiting_query", Some(wait), blocking.into_iter().collect()),
        side(blocking, "blocking_query", None, Vec::new()),
    ]
}
