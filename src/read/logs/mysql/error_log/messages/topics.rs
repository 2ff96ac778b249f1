//! What a record is about, as far as reports group by it: one table for all servers.

use super::super::record::{Record, without_subsystem};
use super::crash;
use crate::model::event::{Level, Topic};
use memchr::memmem;

/// Longer messages are looked at so far.
const HEAD_BYTES: usize = 400;

/// How news begin, whatever their label, and what they are about. The first that fits counts.
const NEWS: &[(&[u8], Topic)] = &[
    (b"Starting crash recovery", Topic::Recovery),
    (b"mysqld_safe mysqld restarted", Topic::Recovery),
    (b"mysqld_safe mysqld from pid file ", Topic::Stop),
    (b"mariadbd-safe mysqld restarted", Topic::Recovery),
    (b"Received SHUTDOWN from user ", Topic::Stop),
    (b"Got signal 15 to shutdown", Topic::Stop),
    (b"page_cleaner: ", Topic::Other),
    (b"Aborted connection ", Topic::Other),
    (b"Access denied for user ", Topic::Other),
];

/// What news hold, whose first words are the program's name.
const NEWS_INSIDE: &[(&[u8], Topic)] =
    &[(b": ready for connections.", Topic::Start), (b": Normal shutdown", Topic::Stop)];

/// How warnings and errors begin, behind the program's name.
const TROUBLE: &[(&[u8], Topic)] = &[
    (b"Slave ", Topic::Replication),
    (b"Replica ", Topic::Replication),
    (b"Error reading packet from server", Topic::Replication),
    (b"Error reading relay log event", Topic::Replication),
    (b"Got fatal error 1236", Topic::Replication),
    (b"Could not execute ", Topic::Replication),
    (b"Timeout waiting for reply of binlog", Topic::Replication),
    (b"Semi-sync ", Topic::Replication),
    (b"Plugin group_replication reported", Topic::Replication),
    (b"WSREP: ", Topic::Replication),
    (b"Out of memory", Topic::OutOfMemory),
    (b"Cannot allocate memory", Topic::OutOfMemory),
    (b"Changed limits", Topic::Setting),
    (b"Buffered warning: ", Topic::Setting),
    (b"Could not increase number of", Topic::Setting),
    (b"option '", Topic::Setting),
    (b"unknown variable ", Topic::Setting),
    (b"unknown option ", Topic::Setting),
];

/// What warnings and errors hold anywhere.
const TROUBLE_INSIDE: &[(&[u8], Topic)] = &[
    (b"No space left on device", Topic::Urgent),
    (b"Disk is full", Topic::Urgent),
    (b"Operating system error number 28 ", Topic::Urgent),
    (b"is marked as crashed", Topic::Urgent),
    (b"Incorrect key file for table", Topic::Urgent),
    (b"page corruption", Topic::Urgent),
    (b"is corrupted", Topic::Urgent),
    (b"Operating system error number 12 ", Topic::OutOfMemory),
    (b"is deprecated", Topic::Setting),
    (b"Lock wait timeout exceeded", Topic::Other),
];

/// What a record is about; `None` where no report groups by it.
pub(super) fn topic(record: &Record<'_>, text: &[u8], level: Level) -> Option<Topic> {
    if crash::is_end(text) {
        return Some(Topic::Crash);
    }
    let text = without_subsystem(&text[..text.len().min(HEAD_BYTES)]);
    let begins = |table: &[(&[u8], Topic)], text: &[u8]| {
        table.iter().find(|(start, _)| text.starts_with(start)).map(|(_, topic)| *topic)
    };
    let holds = |table: &[(&[u8], Topic)], text: &[u8]| {
        table.iter().find(|(part, _)| memmem::find(text, part).is_some()).map(|(_, topic)| *topic)
    };
    if level == Level::Log {
        return begins(NEWS, text)
            .or_else(|| holds(NEWS_INSIDE, text).filter(|_| is_of_server(text)))
            .or_else(|| own_words(record, text));
    }
    let named = without_program(text);
    begins(TROUBLE, named).or_else(|| {
        // The name of a table that is full stands between the words.
        let full = named.starts_with(b"The table '") && memmem::find(named, b"' is full").is_some();
        if full { Some(Topic::Urgent) } else { holds(TROUBLE_INSIDE, named) }
    })
}

/// News that need more than their first words.
fn own_words(record: &Record<'_>, text: &[u8]) -> Option<Topic> {
    // Before 5.6 the beginning of a recovery is a line of the record that tells why.
    let why = text.starts_with(b"Database was not shut");
    if why && memmem::find(&record.message, b"Starting crash recovery").is_some() {
        return Some(Topic::Recovery);
    }
    // `Shutdown completed` is the storage engine's.
    let rest = without_program(text).strip_prefix(b"Shutdown complete")?;
    (rest.first() != Some(&b'd')).then_some(Topic::Stop)
}

/// Whether a message begins with the path or name of the server (of a path of Windows, only the
/// drive is looked at): plugins are ready for connections, too.
fn is_of_server(text: &[u8]) -> bool {
    let word = text.split(|b| *b == b':' || *b == b' ').next().unwrap_or_default();
    let name = word.rsplit(|b| matches!(b, b'/' | b'\\')).next().unwrap_or_default();
    [&b"mysqld"[..], b"mariadbd"].iter().any(|server| name.starts_with(server)) || word.len() == 1
}

/// A message without the path or name of the server before it.
fn without_program(text: &[u8]) -> &[u8] {
    match memmem::find(&text[..text.len().min(200)], b": ") {
        Some(at) if is_of_server(&text[..at]) => &text[at + 2..],
        _ => text,
    }
}
