//! News of the server in LOG records, and what an error or warning is about: one table.

use super::part;
use crate::model::event::{Level, LogMessage, Topic};
use crate::read::logs::postgres::record::{Record, Text};
use memchr::memmem;
use std::borrow::Cow;

/// SQLSTATE of what a function raised itself.
const RAISED: &[u8] = b"P0001";

/// How messages begin, and what they are about. The first that fits counts.
const TOPICS: &[(&[u8], Topic)] = &[
    (b"database system was shut down", Topic::Start),
    (b"database system is ready to accept", Topic::Start),
    (b"database system was interrupted", Topic::Recovery),
    (b"database system shutdown was interrupted", Topic::Recovery),
    (b"database system was not properly shut down", Topic::Recovery),
    (b"all server processes terminated; reinitializing", Topic::Recovery),
    (b"received promote request", Topic::Recovery),
    (b"database system is shut down", Topic::Stop),
    (b"received smart shutdown request", Topic::Stop),
    (b"received fast shutdown request", Topic::Stop),
    (b"received immediate shutdown request", Topic::Stop),
    (b"shutting down because restart_after_crash is off", Topic::Crash),
    (b"terminating any other active server processes", Topic::Crash),
    (b"received SIGHUP, reloading configuration files", Topic::Reload),
    (b"parameter \"", Topic::Setting),
    (b"configuration file \"", Topic::Setting),
    (b"could not load pg_hba.conf", Topic::Setting),
    (b"pg_hba.conf was not reloaded", Topic::Setting),
    (b"pg_ident.conf was not reloaded", Topic::Setting),
    (b"checkpoints are occurring too frequently", Topic::CheckpointsTooFrequent),
    (b"archive command ", Topic::Archiving),
    (b"archiving write-ahead log file ", Topic::Archiving),
    (b"archiving transaction log file ", Topic::Archiving),
    (b"archive_mode enabled, yet archiving is not configured", Topic::Archiving),
    (b"archive_mode enabled, yet archive_command is not set", Topic::Archiving),
    (b"could not receive data from WAL stream", Topic::Replication),
    (b"could not send data to WAL stream", Topic::Replication),
    (b"could not start WAL streaming", Topic::Replication),
    (b"could not connect to the primary server", Topic::Replication),
    (b"replication terminated by primary server", Topic::Replication),
    (b"terminating walsender process due to replication timeout", Topic::Replication),
    (b"terminating walreceiver due to timeout", Topic::Replication),
    (b"terminating logical replication worker due to timeout", Topic::Replication),
    (b"requested WAL segment ", Topic::Replication),
    (b"invalidating obsolete replication slot", Topic::Replication),
    (b"invalidating slot", Topic::Replication),
    (b"background worker \"logical replication", Topic::Replication),
    (b"recovery still waiting after ", Topic::RecoveryConflict),
    (b"recovery finished waiting after ", Topic::RecoveryConflict),
    (b"canceling statement due to conflict with recovery", Topic::RecoveryConflict),
    (b"terminating connection due to conflict with recovery", Topic::RecoveryConflict),
    (b"oldest xmin is far in the past", Topic::Wraparound),
    (b"oldest multixact is far in the past", Topic::Wraparound),
    (b"cutoff for removing and freezing ", Topic::Wraparound),
    (b"bypassing nonessential maintenance of table", Topic::Wraparound),
    (b"database is not accepting commands ", Topic::Wraparound),
    (b"could not fsync", Topic::Urgent),
    (b"could not write to file", Topic::Urgent),
    (b"could not write block", Topic::Urgent),
    (b"could not extend file", Topic::Urgent),
    (b"could not read block", Topic::Urgent),
    (b"could not access status of transaction", Topic::Urgent),
    (b"invalid page in block", Topic::Urgent),
    (b"invalid page header in block", Topic::Urgent),
    (b"page verification failed", Topic::Urgent),
    (b"checksum verification failed", Topic::Urgent),
    (b"missing chunk number ", Topic::Urgent),
    (b"unexpected chunk number ", Topic::Urgent),
    (b"out of memory", Topic::OutOfMemory),
    (b"could not fork ", Topic::OutOfMemory),
    (b"could not obtain lock on", Topic::LockNotAvailable),
];

/// Longer messages are looked at so far: what is news is short.
const HEAD_BYTES: usize = 400;

/// What a message is about by its words alone; `None` where no report groups by it.
pub(super) fn topic(message: &[u8]) -> Option<Topic> {
    let head = &message[..message.len().min(HEAD_BYTES)];
    let begins = TOPICS.iter().find(|(start, _)| head.starts_with(start));
    begins.map(|(_, topic)| *topic).or_else(|| inside(head))
}

/// Topics whose messages begin with a name or number. Each is asked for in full, since audit lines
/// and the like hold any text.
fn inside(head: &[u8]) -> Option<Topic> {
    let behind_pid =
        |at: &usize| head[..*at].ends_with(b")") && memmem::find(&head[..*at], b" (PID ").is_some();
    if let Some(at) = memmem::find(head, b" was terminated by ").filter(behind_pid) {
        let how = &head[at + b" was terminated by ".len()..];
        let killed = how.strip_prefix(b"signal 9").is_some_and(|rest| !rest.starts_with(b"0"));
        return Some(if killed { Topic::Killed } else { Topic::Crash });
    }
    let is_of_database = head.starts_with(b"database ");
    if is_of_database && memmem::find(head, b" must be vacuumed ").is_some() {
        return Some(Topic::Wraparound);
    }
    if head.starts_with(b"subscription \"") && memmem::find(head, b" disabled ").is_some() {
        return Some(Topic::Replication);
    }
    head.ends_with(b": No space left on device").then_some(Topic::Urgent)
}

/// What a record of a level is about. What a client can say itself (an error of a statement, a
/// RAISE of a function) never tells of the server.
pub(super) fn topic_of(record: &Record<'_>, level: Level) -> Option<Topic> {
    let raised = |context: &Text<'_>| memmem::find(context, b" at RAISE").is_some();
    if &*record.sqlstate == RAISED || record.context.as_ref().is_some_and(raised) {
        return None;
    }
    topic(&record.message).filter(|topic| match level {
        Level::Error => matches!(
            topic,
            Topic::Wraparound
                | Topic::RecoveryConflict
                | Topic::LockNotAvailable
                | Topic::Urgent
                | Topic::OutOfMemory
        ),
        _ => true,
    })
}

/// A LOG record that is news.
pub(super) fn message<'e>(record: &'e Record<'_>) -> Option<LogMessage<'e>> {
    let topic = topic_of(record, Level::Log)?;
    Some(LogMessage {
        level: Level::Log,
        code: Cow::Borrowed(&record.sqlstate),
        text: Cow::Borrowed(&record.message),
        topic,
        statement: part(&record.statement),
        cancelled: None,
        lost_us: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn knows_what_is_news() {
        for (message, expected) in [
            ("database system is ready to accept read-only connections", Some(Topic::Start)),
            ("server process (PID 9) was terminated by signal 9: Killed", Some(Topic::Killed)),
            (
                "server process (PID 9) was terminated by signal 11: Segmentation fault",
                Some(Topic::Crash),
            ),
            ("archive command was terminated by signal 2: Interrupt", Some(Topic::Archiving)),
            ("AUDIT: SESSION,1,1,READ,SELECT,,,select ' was terminated by signal 9'", None),
            (
                "database \"shop\" must be vacuumed within 10000000 transactions",
                Some(Topic::Wraparound),
            ),
            ("could not write to file \"x\": No space left on device", Some(Topic::Urgent)),
            ("could not create file \"x\": No space left on device", Some(Topic::Urgent)),
            ("subscription \"s\" has been disabled because of an error", Some(Topic::Replication)),
            ("background worker \"parallel worker\" (PID 3) exited with exit code 1", None),
            ("database \"shop\" has no actual collation version, but a version was recorded", None),
            ("listening on port 5432", None),
        ] {
            assert_eq!(topic(message.as_bytes()), expected, "{message}");
        }
    }
}
