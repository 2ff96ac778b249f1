//! ERROR, FATAL and PANIC records, and warnings: the failed statement's class, refusals, deadlocks,
//! cancellations.

use super::{Beside, event, locks, maintenance, news, part};
use crate::model::event::{Cancelled, Kind, Level, LogMessage, Refusal, SessionStep, Sink, Topic};
use crate::read::logs::postgres::record::Record;
use memchr::memmem;
use std::borrow::Cow;

/// SQLSTATE of a cancelled statement.
const QUERY_CANCELED: &[u8] = b"57014";

/// How messages of what was cancelled begin, and why it was. The messages say it where no SQLSTATE
/// is logged, so that every carrier counts alike.
const CANCELLATIONS: [(&[u8], Cancelled); 12] = [
    (b"canceling statement due to statement timeout", Cancelled::StatementTimeout),
    (b"canceling statement due to lock timeout", Cancelled::LockTimeout),
    (b"canceling statement due to user request", Cancelled::UserRequest),
    (b"canceling statement due to conflict with recovery", Cancelled::RecoveryConflict),
    (b"canceling statement due to ", Cancelled::Other),
    (b"canceling autovacuum task", Cancelled::Autovacuum),
    (b"terminating connection due to transaction timeout", Cancelled::TransactionTimeout),
    (
        b"terminating connection due to idle-in-transaction timeout",
        Cancelled::IdleInTransactionTimeout,
    ),
    (b"terminating connection due to idle-session timeout", Cancelled::IdleSessionTimeout),
    (b"terminating connection due to conflict with recovery", Cancelled::RecoveryConflict),
    (b"terminating connection due to administrator command", Cancelled::Administrator),
    (b"terminating autovacuum process due to administrator command", Cancelled::Administrator),
];

/// How FATAL messages of refused connections begin, and why they were.
const REFUSALS: [(&[u8], Refusal); 17] = [
    (b"no pg_hba.conf entry", Refusal::NotAllowed),
    (b"pg_hba.conf rejects", Refusal::NotAllowed),
    (b"authentication failed for user", Refusal::Authentication),
    (b"connection requires a valid client certificate", Refusal::Authentication),
    (b"canceling authentication due to timeout", Refusal::Authentication),
    (b"expected password response", Refusal::Authentication),
    (b"empty password returned by client", Refusal::Authentication),
    (b"no PostgreSQL user name specified", Refusal::UnknownUser),
    (b"permission denied for database", Refusal::UnknownDatabase),
    (b"cannot connect to invalid database", Refusal::UnknownDatabase),
    (b"sorry, too many clients already", Refusal::TooMany),
    (b"too many connections for", Refusal::TooMany),
    (b"connection limit exceeded for", Refusal::TooMany),
    (b"remaining connection slots are reserved", Refusal::TooMany),
    (b"number of requested standby connections exceeds", Refusal::TooMany),
    (b"the database system is", Refusal::NotReady),
    (b"unsupported frontend protocol", Refusal::Other),
];

/// Why a FATAL message says that a connection was refused; `None` for those of running sessions.
fn refusal(message: &[u8]) -> Option<Refusal> {
    let has = |word: &[u8]| memmem::find(&message[..message.len().min(300)], word).is_some();
    starts(&REFUSALS, message).or_else(|| match message.first()? {
        b'r' if message.starts_with(b"role \"") => (has(b"\" does not exist")
            || has(b"\" is not permitted to log in"))
        .then_some(Refusal::UnknownUser),
        b'd' if message.starts_with(b"database \"") => (has(b"\" does not exist")
            || has(b"\" is not currently accepting connections"))
        .then_some(Refusal::UnknownDatabase),
        _ => has(b" authentication failed for user ").then_some(Refusal::Authentication),
    })
}

fn starts<T: Copy>(table: &[(&[u8], T)], message: &[u8]) -> Option<T> {
    table.iter().find(|(start, _)| message.starts_with(start)).map(|(_, what)| *what)
}

/// Why a record says that a statement, session or task was cancelled.
fn cancelled(record: &Record<'_>) -> Option<Cancelled> {
    starts(&CANCELLATIONS, &record.message)
        .or_else(|| (&*record.sqlstate == QUERY_CANCELED).then_some(Cancelled::Other))
}

/// Whether a record says that a limit on time ended a statement.
pub(in crate::read::logs::postgres) fn is_timeout(record: &Record<'_>) -> bool {
    cancelled(record).is_some_and(Cancelled::is_timeout)
}

/// Tells the sink of an error or warning, and of what it means for the server.
pub(super) fn emit(record: &Record<'_>, level: Level, beside: &Beside<'_>, sink: &mut dyn Sink) {
    let text = &*record.message;
    let cancelled = cancelled(record).filter(|_| level.is_error());
    let message = LogMessage {
        level,
        code: Cow::Borrowed(&record.sqlstate),
        text: Cow::Borrowed(text),
        topic: news::topic_of(record, level).unwrap_or(Topic::Other),
        statement: part(&record.statement),
        cancelled,
        lost_us: cancelled.filter(|why| why.is_timeout()).and(beside.ran_us),
    };
    sink.event(&event(record, record.time, Kind::Message(message)));
    let kind = match cancelled {
        _ if level == Level::Warning => return,
        _ if text.starts_with(b"deadlock detected") => Kind::Deadlock(locks::deadlock(record)),
        Some(Cancelled::Autovacuum) => {
            let task = record.context.as_deref().and_then(maintenance::cancelled);
            let Some(task) = task else { return };
            Kind::Maintenance(task)
        }
        _ => match refusal(text) {
            Some(why) if level == Level::Fatal => Kind::Session(SessionStep::Refused(why)),
            _ => return,
        },
    };
    sink.event(&event(record, record.time, kind));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_refusals_from_ends_of_sessions() {
        for (message, why) in [
            ("password authentication failed for user \"app\"", Some(Refusal::Authentication)),
            ("RADIUS authentication failed for user \"app\"", Some(Refusal::Authentication)),
            ("\"trust\" authentication failed for user \"app\"", Some(Refusal::Authentication)),
            ("role \"app\" is not permitted to log in", Some(Refusal::UnknownUser)),
            (
                "database \"shop\" is not currently accepting connections",
                Some(Refusal::UnknownDatabase),
            ),
            (
                "remaining connection slots are reserved for roles with the SUPERUSER attribute",
                Some(Refusal::TooMany),
            ),
            (
                "remaining connection slots are reserved for roles with privileges of the \"pg_use_reserved_connections\" role",
                Some(Refusal::TooMany),
            ),
            (
                "remaining connection slots are reserved for non-replication superuser connections",
                Some(Refusal::TooMany),
            ),
            ("the database system is not yet accepting connections", Some(Refusal::NotReady)),
            (
                "no pg_hba.conf entry for replication connection from host \"10.0.0.7\", user \"app\", no encryption",
                Some(Refusal::NotAllowed),
            ),
            ("terminating connection due to administrator command", None),
            ("connection to client lost", None),
        ] {
            assert_eq!(refusal(message.as_bytes()), why, "{message}");
        }
    }
}
