//! News of the server in LOG records, and what an error or warning is about: one table.

use super::part;
use crate::model::event::{Level, LogMessage, Topic};
use crate::read::logs::postgres::record::Record;
use memchr::memmem;
use std::borrow::Cow;

/// How messages begin, and what they are about. The first that fits counts.
const TOPICS: &[(&[u8], Topic)] = &[
    (b"database system was shut down", Topic::Start),
    (b"database system is ready to accept", Topic::Start),
    (b"database system was interrupted", Topic::Recovery),
    (b"database system was not properly shut down", Topic::Recovery),
    (b"database system is shut down", Topic::Stop),
    (b"received smart shutdown request", Topic::Stop),
    (b"received fast shutdown request", Topic::Stop),
    (b"received immediate shutdown request", Topic::Stop),
    (b"all server processes terminated; reinitializing", Topic::Recovery),
    (b"terminating any other active server processes", Topic::Crash),
    (b"received SIGHUP, reloading configuration files", Topic::Reload),
    (b"parameter \"", Topic::Setting),
    (b"configuration file \"", Topic::Setting),
    (b"checkpoints are occurring too frequently", Topic::CheckpointsTooFrequent),
    (b"archive command ", Topic::Archiving),
    (b"archiving write-ahead log file ", Topic::Archiving),
    (b"archiving transaction log file ", Topic::Archiving),
    (b"archive_mode enabled, yet archiving is not configured", Topic::Archiving),
    (b"could not receive data from WAL stream", Topic::Replication),
    (b"could not send data to WAL stream", Topic::Replication),
    (b"could not connect to the primary server", Topic::Replication),
    (b"replication terminated by primary server", Topic::Replication),
    (b"terminating walsender process due to replication timeout", Topic::Replication),
    (b"terminating walreceiver due to timeout", Topic::Replication),
    (b"requested WAL segment ", Topic::Replication),
    (b"invalidating obsolete replication slot", Topic::Replication),
    (b"invalidating slot", Topic::Replication),
    (b"terminating process", Topic::Replication),
    (b"recovery still waiting after ", Topic::RecoveryConflict),
    (b"recovery finished waiting after ", Topic::RecoveryConflict),
    (b"could not fsync", Topic::Urgent),
    (b"could not write", Topic::Urgent),
    (b"could not extend file", Topic::Urgent),
    (b"invalid page in block", Topic::Urgent),
    (b"page verification failed", Topic::Urgent),
    (b"could not read block", Topic::Urgent),
    (b"out of memory", Topic::OutOfMemory),
    (b"could not fork", Topic::OutOfMemory),
    (b"could not obtain lock on", Topic::LockNotAvailable),
];

/// Words inside messages, where the start differs from case to case.
const INSIDE: &[(&[u8], Topic)] = &[
    (b" was terminated by signal 9", Topic::Killed),
    (b" was terminated by signal ", Topic::Crash),
    (b" was terminated by exception ", Topic::Crash),
    (b"No space left on device", Topic::Urgent),
    (b"must be vacuumed within ", Topic::Wraparound),
    (b"to avoid wraparound data loss", Topic::Wraparound),
];

/// What a message is about; `None` where no report groups by it.
pub(super) fn topic(message: &[u8]) -> Option<Topic> {
    let head = &message[..message.len().min(400)];
    TOPICS
        .iter()
        .find(|(start, _)| head.starts_with(start))
        .or_else(|| INSIDE.iter().find(|(word, _)| memmem::find(head, word).is_some()))
        .map(|(_, topic)| *topic)
}

/// A LOG record that is news.
pub(super) fn message<'e>(record: &'e Record<'_>, topic: Topic) -> LogMessage<'e> {
    LogMessage {
        level: Level::Log,
        code: Cow::Borrowed(&record.sqlstate),
        text: Cow::Borrowed(&record.message),
        topic,
        statement: part(&record.statement),
        cancelled: None,
        lost_us: None,
    }
}
