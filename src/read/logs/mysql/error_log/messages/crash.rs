//! The server's own end: signals, failed assertions, hangs it ends by itself, and what ran then.

use super::super::quoted::crashed_at;
use super::super::record::{is_signal, without_subsystem};
use memchr::{memchr, memmem};

/// How messages begin that say why the server is about to end itself; its signal follows.
const LAST_WORDS: [&[u8]; 3] = [b"Assertion failure", b"Semaphore wait has lasted", b"[FATAL]"];
/// What stands for a statement where there is none to show.
const NO_STATEMENT: [&[u8]; 3] = [b"is an invalid pointer", b"(null)", b"is NULL"];

/// Whether a message says that the server died.
pub(super) fn is_end(text: &[u8]) -> bool {
    is_signal(text)
}

/// Whether a message says why the server is about to end itself.
pub(super) fn is_last_word(text: &[u8]) -> bool {
    let text = without_subsystem(text);
    LAST_WORDS.iter().any(|start| text.starts_with(start))
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
    let is_none = text.is_empty() || NO_STATEMENT.iter().any(|none| text.starts_with(none));
    (!is_none).then_some(text)
}
