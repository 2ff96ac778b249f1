//! ERROR, FATAL and PANIC records: the failed statement's class, refusals, deadlocks,
//! cancellations.

use super::{event, part};
use crate::model::event::{Incident, Kind, Sink};
use crate::read::logs::postgres::record::Record;
use std::borrow::Cow;

/// SQLSTATE of a cancelled statement.
const QUERY_CANCELED: &[u8] = b"57014";

/// Messages of cancelled statements.
const CANCELLATIONS: [&[u8]; 2] = [b"canceling statement due to", b"canceling autovacuum task"];

/// Messages of connections that were refused.
const REFUSALS: [&[u8]; 12] = [
    b"no pg_hba.conf entry",
    b"pg_hba.conf rejects",
    b"password authentication failed",
    b"role \"",
    b"database \"",
    b"sorry, too many clients already",
    b"too many connections for",
    b"remaining connection slots are reserved",
    b"the database system is",
    b"Peer authentication failed",
    b"Ident authentication failed",
    b"no PostgreSQL user name specified",
];

/// Tells the sink of an error, and of what it means for the server.
pub(super) fn emit(record: &Record<'_>, severity: &'static str, sink: &mut dyn Sink) {
    let message = &*record.message;
    // The message says it where no SQLSTATE is logged, so that every carrier counts alike.
    let cancelled = &*record.sqlstate == QUERY_CANCELED
        || CANCELLATIONS.iter().any(|start| message.starts_with(start));
    let kind = Kind::Error {
        severity,
        code: Cow::Borrowed(&record.sqlstate),
        message: Cow::Borrowed(message),
        statement: part(&record.statement),
        cancelled,
    };
    sink.event(&event(record, record.time, kind));
    let incident = if message.starts_with(b"deadlock detected") {
        Incident::Deadlock
    } else if severity == "FATAL" && REFUSALS.iter().any(|start| message.starts_with(start)) {
        Incident::ConnectionRefused
    } else {
        return;
    };
    sink.event(&event(record, record.time, Kind::Incident(incident)));
}
