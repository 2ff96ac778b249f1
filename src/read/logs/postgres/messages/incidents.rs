//! LOG messages about the server: connections, lock waits, temporary files, checkpoints, vacuums.

use super::Message;
use crate::model::event::Incident;
use memchr::memmem;

/// Reads a LOG message; `None` when it is about something else.
pub fn read(message: &[u8]) -> Option<Message<'_>> {
    let incident = match message.first()? {
        b'c' if message.starts_with(b"connection received:") => Incident::ConnectionReceived,
        b'c' if message.starts_with(b"connection authorized:") => Incident::ConnectionAuthorized,
        b'r' if message.starts_with(b"replication connection authorized:") => {
            Incident::ConnectionAuthorized
        }
        b'd' if message.starts_with(b"disconnection:") => Incident::Disconnected,
        b't' if message.starts_with(b"temporary file:") => {
            Incident::TempFile { size_bytes: after(message, b", size ")? as u64 }
        }
        b'p' if message.starts_with(b"process ") => {
            memmem::find(message, b" still waiting for ")?;
            let waited_ms = after(message, b" after ")?;
            Incident::LockWait { waited_us: (waited_ms * 1e3).round() as u64 }
        }
        b'c' | b'r'
            if message.starts_with(b"checkpoint complete")
                || message.starts_with(b"restartpoint complete") =>
        {
            let total_s = after(message, b" total=").unwrap_or(0.0);
            Incident::Checkpoint { total_us: (total_s * 1e6).round() as u64 }
        }
        b'a' if is_autovacuum(message) => {
            let elapsed_s = after(message, b"elapsed: ").or_else(|| after(message, b"elapsed "));
            Incident::Autovacuum { elapsed_us: (elapsed_s.unwrap_or(0.0) * 1e6).round() as u64 }
        }
        b's' => return message.strip_prefix(b"starting PostgreSQL ").map(version),
        _ => return None,
    };
    Some(Message::Incident(incident))
}

/// `automatic [aggressive] vacuum [to prevent wraparound] of table`.
fn is_autovacuum(message: &[u8]) -> bool {
    let Some(rest) = message.strip_prefix(b"automatic ") else {
        return false;
    };
    rest.strip_prefix(b"aggressive ").unwrap_or(rest).starts_with(b"vacuum ")
}

fn version(rest: &[u8]) -> Message<'_> {
    let end = rest.iter().position(|b| *b == b' ').unwrap_or(rest.len());
    Message::Version(&rest[..end])
}

/// The number behind the last occurrence of a word.
fn after(message: &[u8], word: &[u8]) -> Option<f64> {
    let rest = &message[memmem::rfind(message, word)? + word.len()..];
    let length = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    std::str::from_utf8(&rest[..length]).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_happened() {
        for (message, incident) in [
            (
                "temporary file: path \"base/pgsql_tmp/a\", size 14000",
                Some(Incident::TempFile { size_bytes: 14_000 }),
            ),
            (
                "process 7 still waiting for ShareLock on transaction 1 after 1000.119 ms",
                Some(Incident::LockWait { waited_us: 1_000_119 }),
            ),
            ("process 7 acquired ShareLock on transaction 1 after 1000.119 ms", None),
            (
                "checkpoint complete: wrote 9 buffers (0.1%); write=1.5 s, sync=0.1 s, total=1.734 s; sync files=7",
                Some(Incident::Checkpoint { total_us: 1_734_000 }),
            ),
            (
                "automatic aggressive vacuum of table \"a.b.c\": index scans: 0\n\tsystem usage: CPU: user: 0.00 s, elapsed: 0.25 s",
                Some(Incident::Autovacuum { elapsed_us: 250_000 }),
            ),
            ("automatic analyze of table \"a.b.c\"", None),
        ] {
            assert_eq!(read(message.as_bytes()), incident.map(Message::Incident), "{message}");
        }
        assert_eq!(read(b"starting PostgreSQL 15.18 (Debian)"), Some(Message::Version(b"15.18")));
    }
}
