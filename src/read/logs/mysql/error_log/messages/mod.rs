//! What a complete record means: one topic file each, and here the order in which they are asked.
//!
//! Warnings and errors are always told; notes only where they are news of the server, or say what
//! people ask for. Deadlocks are gathered over several records (see `deadlock`).

mod crash;
mod replication;
pub(super) mod sessions;
mod topics;
mod version;

use super::deadlock::{self, Deadlocks};
use super::record::{Label, Record, without_subsystem};
use crate::model::event::{Kind, Level, LogMessage, Sink, Topic, Who};
use memchr::{memchr, memmem};
use std::borrow::Cow;

/// Tells the sink what a record means.
pub(super) fn emit(record: &Record<'_>, deadlocks: &mut Deadlocks, sink: &mut dyn Sink) {
    if let Some(role) = deadlock::role(&record.message) {
        return deadlocks.add(record, role, sink);
    }
    let text = said(&record.message);
    if let Some(version) = version::of(&record.message) {
        sink.event(&record.event(Who::default(), Kind::Version(Cow::Borrowed(version))));
    }
    let session = sessions::read(text);
    let who = session.map_or(Who::default(), |told| told.who);
    if let Some(told) = session {
        sink.event(&record.event(who, Kind::Session(told.step())));
    }
    let level = level(record, text);
    let topic = topics::topic(record, text, level);
    if level == Level::Log && topic.is_none() && session.is_none() {
        return;
    }
    let (code, text, statement) = parts(record, text);
    let reason = session.and_then(|told| told.reason);
    let message = LogMessage {
        level,
        code: Cow::Borrowed(code),
        text: reason.map_or(Cow::Borrowed(text), |reason| {
            Cow::Owned([b"Aborted connection: ", reason].concat())
        }),
        topic: topic.unwrap_or(Topic::Other),
        statement: statement.map(Cow::Borrowed),
        cancelled: session.and_then(|told| told.cancelled()),
        lost_us: None,
    };
    sink.event(&record.event(who, Kind::Message(message)));
}

/// The statement that a record quotes, if it quotes one.
pub(super) fn statement<'r>(record: &'r Record<'_>) -> Option<&'r [u8]> {
    parts(record, said(&record.message)).2
}

/// Code, message and statement of a record.
fn parts<'r>(record: &'r Record<'_>, text: &'r [u8]) -> (&'r [u8], &'r [u8], Option<&'r [u8]>) {
    if let Some(statement) = crash::statement(&record.message) {
        return (&record.code, text, Some(statement));
    }
    if let Some((before, statement, code)) = replication::quoted(&record.message) {
        let code = if record.code.is_empty() { code } else { &record.code };
        return (code, before, Some(statement));
    }
    (&record.code, text, None)
}

/// How grave a record is: as it says, else by its first word.
fn level(record: &Record<'_>, text: &[u8]) -> Level {
    if crash::is_end(text) {
        return Level::Panic;
    }
    if crash::is_last_word(text) {
        return Level::Error;
    }
    match record.label {
        Label::Error => Level::Error,
        Label::Warning => Level::Warning,
        Label::Note | Label::System => Level::Log,
        Label::None => {
            let word = without_subsystem(text);
            let begins = |start: &[u8]| {
                word.get(..start.len()).is_some_and(|head| head.eq_ignore_ascii_case(start))
            };
            match () {
                () if begins(b"error:") => Level::Error,
                () if begins(b"warning:") => Level::Warning,
                () => Level::Log,
            }
        }
    }
}

/// What the server said, without its name before it; dumps and traces follow on further lines.
fn said(message: &[u8]) -> &[u8] {
    let message = message.trim_ascii();
    // Its name may go on over lines.
    if message.starts_with(b"Access denied for user ") {
        return message;
    }
    let first = message[..memchr(b'\n', message).unwrap_or(message.len())].trim_ascii_end();
    topics::without_program(first)
}

/// What stands behind `mark`.
fn after<'m>(text: &'m [u8], mark: &[u8]) -> Option<&'m [u8]> {
    memmem::find(text, mark).map(|at| &text[at + mark.len()..])
}
