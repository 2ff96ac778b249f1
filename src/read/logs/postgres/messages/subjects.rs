//! What a LOG message is about, by its first words, and which topic reads it in full.

use super::{Beside, checkpoints, connections, event, locks, maintenance, news, part, scan};
use crate::model::event::{Event, Kind};
use crate::read::logs::postgres::record::Record;
use memchr::memmem;
use std::borrow::Cow;

/// What a LOG message is about.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Subject {
    /// `connection received`
    Received,
    /// `connection authenticated`
    Authenticated,
    /// `connection authorized` and its kin
    Authorized,
    /// `connection ready` (PostgreSQL 18)
    Ready,
    /// `disconnection`
    Ended,
    /// `process 1 still waiting for …`, `acquired`, `failed to acquire`
    LockWait,
    /// `temporary file`
    TempFile,
    /// `checkpoint starting`, `restartpoint starting`
    CheckpointStarting,
    /// `checkpoint complete`, `restartpoint complete`
    Checkpoint,
    /// `automatic vacuum of table`, `automatic analyze of table`
    Maintained,
    /// `skipping vacuum of`, `skipping analyze of`
    NotMaintained,
    /// `starting PostgreSQL 15.18`
    Version,
    /// News of the server.
    News,
}

/// What a message is about; `None` for all that no report needs.
pub fn of(message: &[u8]) -> Option<Subject> {
    let starts = |word: &[u8]| message.starts_with(word);
    let subject = match message.first()? {
        b'c' if starts(b"connection ") => {
            return connections::subject(&message[b"connection ".len()..]);
        }
        b'r' if starts(b"replication connection authorized:") => Subject::Authorized,
        b'd' if starts(b"disconnection: ") => Subject::Ended,
        b't' if starts(b"temporary file: ") => Subject::TempFile,
        b'p' if locks::is_wait(message) => Subject::LockWait,
        b'c' | b'r' if starts(b"checkpoint starting") || starts(b"restartpoint starting") => {
            Subject::CheckpointStarting
        }
        b'c' | b'r' if starts(b"checkpoint complete") || starts(b"restartpoint complete") => {
            Subject::Checkpoint
        }
        b'a' if maintenance::is_done(message) => Subject::Maintained,
        b's' if starts(b"skipping vacuum of ") || starts(b"skipping analyze of ") => {
            Subject::NotMaintained
        }
        b's' if starts(b"starting PostgreSQL ") => Subject::Version,
        _ => return news::topic(message).map(|_| Subject::News),
    };
    Some(subject)
}

/// The event of a message about something; `None` where it does not read as it should.
pub(super) fn event_of<'e>(
    subject: Subject,
    record: &'e Record<'_>,
    beside: &'e Beside<'_>,
) -> Option<Event<'e>> {
    let message = &*record.message;
    let kind = match subject {
        Subject::Received
        | Subject::Authenticated
        | Subject::Authorized
        | Subject::Ready
        | Subject::Ended => return connections::event_of(subject, record),
        Subject::LockWait => Kind::LockWait(locks::wait(record, beside)?),
        Subject::TempFile => Kind::TempFile {
            // The path comes before the size, and may hold any name.
            size_bytes: scan::number(&message[memmem::rfind(message, b", size ")? + 7..])?,
            statement: part(&record.statement),
        },
        Subject::CheckpointStarting => Kind::CheckpointStarting(checkpoints::cause(message)),
        Subject::Checkpoint => Kind::Checkpoint(checkpoints::complete(message)),
        Subject::Maintained => Kind::Maintenance(maintenance::done(message)?),
        Subject::NotMaintained => Kind::Maintenance(maintenance::skipped(message)?),
        Subject::Version => {
            let rest = message.strip_prefix(b"starting PostgreSQL ")?;
            let end = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
            Kind::Version(Cow::Borrowed(&rest[..end]))
        }
        Subject::News => Kind::Message(news::message(record)?),
    };
    Some(event(record, record.time, kind))
}
