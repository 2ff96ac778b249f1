//! Which operations are no queries of a user: members and drivers that talk among themselves, and
//! cursors that wait for data.

use super::operation::Operation;
use super::statement::Statement;
use crate::model::event::Apart;
use crate::read::logs::json::{Member, Members, Value};

/// Why an operation is kept apart; `None` for those that count.
pub(super) fn why(operation: &Operation<'_>, statement: &Statement<'_>) -> Option<Apart> {
    if operation.kind == b"transaction" {
        return Some(Apart::Transaction);
    }
    match statement.name {
        b"hello" | b"isMaster" | b"ismaster" => return Some(Apart::Hello),
        b"replSetHeartbeat" | b"replSetUpdatePosition" => return Some(Apart::Heartbeat),
        _ => {}
    }
    let is_read = matches!(statement.name, b"find" | b"getMore" | b"aggregate");
    if is_read && *operation.namespace == *b"local.oplog.rs" {
        return Some(Apart::OplogRead);
    }
    // The first batch does not wait.
    (statement.is_later_batch && waits(&statement.text)).then_some(Apart::AwaitData)
}

/// Whether a command opens a cursor that waits for new data.
fn waits(origin: &[u8]) -> bool {
    let mut members = Members::of(origin).into_iter().flatten();
    members.any(|Member { key, value }| match (key, value) {
        (b"awaitData", Value::Word(b"true")) => true,
        (b"pipeline", Value::Array(stages)) => {
            let first = stages.get(1..).unwrap_or_default().trim_ascii_start();
            let name = Members::of(first).and_then(|mut members| members.key());
            name.is_some_and(|(name, _)| name == b"$changeStream")
        }
        _ => false,
    })
}
