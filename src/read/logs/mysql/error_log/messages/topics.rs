//! What a record is about, as far as reports group by it: one table for all servers.

use super::super::record::{Record, without_subsystem};
use super::crash;
use crate::model::event::{Level, Topic};
use memchr::memmem;

/// Longer messages are looked at so far.
const HEAD_BYTES: usize = 400;

/// How news begin, whatever their label, and what they are about. The first that fits counts.
const NEWS: &[(&[u8], Topic)] = &[
    (b"ready for connections.", Topic::Start),
    (b"Starting crash recovery", Topic::Recovery),
    // The server itself tells of its start and recovery.
    (b"mysqld_safe mysqld restarted", Topic::Other),
    (b"mariadbd-safe mysqld restarted", Topic::Other),
    (b"mysqld_safe mysqld from pid file ", Topic::Stop),
    (b"Received SHUTDOWN from user ", Topic::Stop),
    (b"Got signal 15 to shutdown", Topic::Stop),
    (b"Normal shutdown", Topic::Stop),
    (b"Shutdown complete", Topic::Stop),
    (b"page_cleaner: ", Topic::Other),
];

/// How warnings and errors begin, behind the program's name.
const TROUBLE: &[(&[u8], Topic)] = &[
    (b"Slave ", Topic::Replication),
    (b"Slave: ", Topic::Replication),
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
    (b"system error number 28.", Topic::Urgent),
    (b"system error number 28 ", Topic::Urgent),
    (b"is marked as crashed", Topic::Urgent),
    (b"Incorrect key file for table", Topic::Urgent),
    (b"page corruption", Topic::Urgent),
    (b"is corrupted", Topic::Urgent),
    (b"system error number 12.", Topic::OutOfMemory),
    (b"system error number 12 ", Topic::OutOfMemory),
    (b"is deprecated", Topic::Setting),
];

/// What a record is about; `None` where no report groups by it. The text is without the server's
/// name.
pub(super) fn topic(record: &Record<'_>, text: &[u8], level: Level) -> Option<Topic> {
    if crash::is_end(text) {
        return Some(Topic::Crash);
    }
    if crash::is_last_word(text) {
        return Some(Topic::Urgent);
    }
    let text = without_subsystem(&text[..text.len().min(HEAD_BYTES)]);
    let begins = |table: &[(&[u8], Topic)]| {
        table.iter().find(|(start, _)| text.starts_with(start)).map(|(_, topic)| *topic)
    };
    let holds = |part: &[u8]| memmem::find(text, part).is_some();
    if level == Level::Log {
        // The storage engine's own, not the server's.
        let is_engines = text.starts_with(b"Shutdown completed");
        return begins(NEWS).filter(|_| !is_engines).or_else(|| {
            // Before 5.6 the beginning of a recovery is a line of the record that tells why.
            let recovers = text.starts_with(b"Database was not shut")
                && memmem::find(&record.message, b"Starting crash recovery").is_some();
            // `mariadbd (initiated by: root[root] @ localhost []): Normal shutdown`
            let stops = text.ends_with(b"): Normal shutdown");
            match (recovers, stops) {
                (true, _) => Some(Topic::Recovery),
                (_, true) => Some(Topic::Stop),
                _ => None,
            }
        });
    }
    begins(TROUBLE).or_else(|| {
        // The name of a table that is full stands between the words.
        let full = text.starts_with(b"The table '") && holds(b"' is full");
        let inside = TROUBLE_INSIDE.iter().find(|(part, _)| holds(part));
        if full { Some(Topic::Urgent) } else { inside.map(|(_, topic)| *topic) }
    })
}

/// A message without the path or name of the server before it.
pub(super) fn without_program(text: &[u8]) -> &[u8] {
    const PATH_MAX: usize = 300;
    const SERVERS: [&[u8]; 2] = [b"mysqld", b"mariadbd"];
    let Some(at) = memmem::find(&text[..text.len().min(PATH_MAX)], b": ") else { return text };
    let name = text[..at].rsplit(|b| matches!(b, b'/' | b'\\')).next().unwrap_or_default();
    let is_server = SERVERS.iter().any(|server| name.starts_with(server)) && !name.contains(&b' ');
    if is_server { &text[at + 2..] } else { text }
}
