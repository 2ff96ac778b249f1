//! The server's own end: signals, failed assertions, hangs it ends by itself, and what ran then.

use super::super::quoted::crashed_at;
use super::super::record::{is_signal, without_subsystem};
use memchr::{memchr, memmem};

/// How the last lines of a server begin.
const ENDS: [&[u8]; 3] = [b"Assertion failure", b"Semaphore wait has lasted", b"[FATAL]"];

/// Whether a message says that the server goes down by it.
pub(super) fn is_end(text: &[u8]) -> bool {
    let text = without_subsystem(text);
    is_signal(text) || ENDS.iter().any(|start| text.starts_with(start))
}

/// The statement that ran in the thread that crashed: `Query (7f…): select …`, up to the line that
/// says which connection it was.
pub(super) fn statement(message: &[u8]) -> Option<&[u8]> {
    const MARK: &[u8] = b"\nQuery (";
    const BEHIND: &[u8] = b"\nConnection ID (thread ID): ";
    if !is_end(message) {
        return None;
    }
    let line = message.get(memmem::find(message, MARK)? + 1..)?;
    let first = line.get(..memchr(b'\n', line).unwrap_or(line.len()))?;
    let text = line.get(crashed_at(first)?..)?;
    let text = text[..memmem::rfind(text, BEHIND).unwrap_or(text.len())].trim_ascii();
    (!text.is_empty()).then_some(text)
}
