//! PostgreSQL's records without literals: what each part of a record may keep, whatever carried it.
//!
//! Statements are masked by their lexer, plans by what their properties are, messages by their words;
//! bind parameters are withheld. What the server writes about itself (checkpoints, vacuum, locks,
//! temporary files, sessions) holds names and figures only, and stays.

mod audit;
mod csvlog;
mod jsonlog;
mod redshift;
mod stderr;

pub(super) use csvlog::CsvMasker;
pub(super) use jsonlog::JsonMasker;
pub(super) use redshift::RedshiftMasker;
pub(super) use stderr::StderrMasker;

use super::messages::{Message, Subject, durations, subject_of, translated};
use super::prefix::Severity;
use crate::lang::literals::{mask_message, mask_sql};
use crate::lang::sql::lexer::Dialect;
use crate::read::logs::mask::WITHHELD;
use crate::read::plans::captured;
use memchr::{memchr, memmem, memrchr};

/// Masks a text by the word that stands before it; in English, where it is known in another language.
fn part(severity: Severity, text: &[u8], out: &mut String) {
    let english = match severity {
        Severity::Statement | Severity::Query => None,
        _ => translated::english(text),
    };
    let text = english.as_deref().unwrap_or(text);
    match severity {
        Severity::Statement | Severity::Query => sql(text, out),
        Severity::Detail => detail(text, out),
        Severity::Context => context(text, out),
        Severity::Hint | Severity::Location | Severity::Backtrace => mask_message(text, out),
        _ => message(text, out),
    }
}

fn sql(text: &[u8], out: &mut String) {
    mask_sql(text, Dialect::Postgres, out);
}

fn message(text: &[u8], out: &mut String) {
    if let Some(Message::Plan { document, .. }) = durations::read(text) {
        plain(text.get(..text.len() - document.len()).unwrap_or_default(), out);
        out.push('\n');
        out.push_str(captured::mask(document).trim_end());
        return;
    }
    if let Some((head, statement)) =
        durations::statement_at(text).and_then(|at| text.split_at_checked(at))
    {
        plain(head, out);
        sql(statement, out);
        return;
    }
    if let Some(fields) = text.strip_prefix(audit::HEAD) {
        return audit::mask(fields, out);
    }
    let is_duration = matches!(durations::read(text), Some(Message::Bare(_)));
    match is_duration || subject_of(text).is_some_and(|subject| is_plain(subject, text)) {
        true => plain(text, out),
        false => mask_message(text, out),
    }
}

/// Whether a message about something holds names and figures only.
fn is_plain(subject: Subject, text: &[u8]) -> bool {
    let of_server = matches!(
        subject,
        Subject::Received
            | Subject::Authorized
            | Subject::Ready
            | Subject::Ended
            | Subject::LockWait
            | Subject::TempFile
            | Subject::CheckpointStarting
            | Subject::Checkpoint
            | Subject::Maintained
            | Subject::NotMaintained
            | Subject::Version
    );
    // A function can write any message; the server's own have no string in them.
    of_server && memchr(b'\'', text).is_none() && memchr(b'$', text).is_none()
}

/// A DETAIL may hold bind parameters, a PREPARE, or what a killed process or those of a deadlock ran.
fn detail(text: &[u8], out: &mut String) {
    for head in [&b"parameters: "[..], b"Parameters: "] {
        if text.starts_with(head) {
            plain(head, out);
            out.push_str(WITHHELD);
            return;
        }
    }
    for head in [&b"prepare: "[..], b"Failed process was running: "] {
        if let Some(statement) = text.strip_prefix(head) {
            plain(head, out);
            return sql(statement, out);
        }
    }
    if !text.starts_with(b"Process ") {
        return mask_message(text, out);
    }
    // Lines of who waits for whom, then what each had sent, which may hold any text.
    let mut rest = text;
    loop {
        let end = process(rest).map_or(0, |(head, says)| match says.starts_with(b": ") {
            true => 0,
            false => head + memchr(b'\n', says).map_or(says.len(), |at| at + 1),
        });
        if end == 0 {
            break;
        }
        let (line, behind) = rest.split_at(end);
        plain(line, out);
        rest = behind;
    }
    while let Some((head, _)) = process(rest).filter(|(_, says)| says.starts_with(b": ")) {
        let next = memmem::find_iter(rest, b"\nProcess ").map(|at| at + 1).find(|at| {
            let behind = rest.get(*at..).and_then(process);
            behind.is_some_and(|(_, says)| says.starts_with(b": "))
        });
        let (one, behind) = rest.split_at(next.unwrap_or(rest.len()));
        let (head, statement) = one.split_at((head + 2).min(one.len()));
        plain(head, out);
        sql(statement, out);
        rest = behind;
    }
    if !rest.trim_ascii().is_empty() {
        mask_message(rest, out);
    }
}

/// The length of `Process 12`, and what follows.
fn process(text: &[u8]) -> Option<(usize, &[u8])> {
    let rest = text.strip_prefix(b"Process ")?;
    let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
    (digits > 0).then(|| (b"Process ".len() + digits, rest.get(digits..).unwrap_or_default()))
}

/// A CONTEXT may hold a statement or data without quotes around them, or a statement in quotes that
/// are not doubled inside: from the first to the last quote nothing can be told apart.
fn context(text: &[u8], out: &mut String) {
    for head in [&b"remote SQL command: "[..], b"Remote SQL command: "] {
        if let Some(at) = memmem::find(text, head) {
            let (before, behind) = text.split_at(at);
            mask_message(before, out);
            plain(head, out);
            return sql(behind.get(head.len()..).unwrap_or_default(), out);
        }
    }
    if text.starts_with(b"JSON data, ") {
        return out.push_str(WITHHELD);
    }
    let quotes = memchr(b'"', text).zip(memrchr(b'"', text)).filter(|(first, last)| first < last);
    let Some((first, last)) = quotes else { return mask_message(text, out) };
    mask_message(text.get(..first).unwrap_or_default(), out);
    out.push_str("\"?\"");
    mask_message(text.get(last + 1..).unwrap_or_default(), out);
}

/// Adds what may stay; what is no UTF-8 is replaced.
fn plain(text: &[u8], out: &mut String) {
    out.push_str(&String::from_utf8_lossy(text));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_part_loses_its_values_and_nothing_else() {
        use Severity::{Context, Detail, Error, Hint, Log, Query, Statement};
        for (severity, text, expected) in [
            (
                Log,
                "duration: 0.312 ms  statement: SELECT 'hush', 5",
                "duration: 0.312 ms  statement: SELECT '?', ?",
            ),
            (Log, "duration: 0.312 ms", "duration: 0.312 ms"),
            (Log, "execute S_1: SELECT $1, 'hush'", "execute S_1: SELECT $1, '?'"),
            (Log, "bind p: SELECT $$two words$$", "bind p: SELECT '?'"),
            (Log, "duration: 1 ms  parse p: SELECT 'hush", "duration: 1 ms  parse p: SELECT …"),
            (
                Log,
                "duration: 3.0 ms  plan:\nQuery Text: SELECT 'hush'\nSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = 'hush'::text)",
                "duration: 3.0 ms  plan:\nQuery Text: SELECT '?'\nSeq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = '?'::text)",
            ),
            (Log, "checkpoint complete: wrote 5 (0.0%)", "checkpoint complete: wrote 5 (0.0%)"),
            (Log, "checkpoint complete: 'hush'", "checkpoint complete: '?'"),
            (Log, "something about \"hush\" and 5", "something about \"?\" and ?"),
            (
                Log,
                "AUDIT: SESSION,1,1,READ,SELECT,TABLE,t,\"select 'a ''hush''', \"\"b\"\"\",<none>",
                "AUDIT: SESSION,1,1,READ,SELECT,TABLE,t,\"select '?', \"\"b\"\"\",<none>",
            ),
            (
                Log,
                "AUDIT: SESSION,1,1,READ,SELECT,,,select $$two words$$,hush",
                "AUDIT: SESSION,1,1,READ,SELECT,,,\"select '?'\",…",
            ),
            (Log, "AUDIT: SESSION,1,hush", "AUDIT: …"),
            (Error, "invalid input: \"hush\"", "invalid input: \"?\""),
            (Log, "Anweisung: SELECT $$two words$$", "statement: SELECT '?'"),
            (Statement, "SELECT E'two\\' words'", "SELECT '?'"),
            (Query, "SELECT 5", "SELECT ?"),
            (Hint, "Look at \"hush\".", "Look at \"?\"."),
            (Detail, "parameters: $1 = 'hush', $2 = NULL", "parameters: …"),
            (Detail, "Parameters: $1 = 'hush'", "Parameters: …"),
            (Detail, "prepare: PREPARE p AS SELECT $$two$$", "prepare: PREPARE p AS SELECT '?'"),
            (Detail, "Key (a)=(hush) already exists.", "Key (a)=(?) already exists."),
            (
                Detail,
                "Process 1 waits for ShareLock on transaction 7; blocked by process 2.\nProcess 1: UPDATE t\n SET a = E'two words'\nProcess 2: SELECT $$Process 1: words$$",
                "Process 1 waits for ShareLock on transaction 7; blocked by process 2.\nProcess 1: UPDATE t\n SET a = '?'\nProcess 2: SELECT '?'",
            ),
            (
                Detail,
                "Process holding the lock: 4821. Wait queue: 4.",
                "Process holding the lock: ?. Wait queue: ?.",
            ),
            (
                Detail,
                "Failed process was running: SELECT 'hush'",
                "Failed process was running: SELECT '?'",
            ),
            (Context, "remote SQL command: SELECT $$two words$$", "remote SQL command: SELECT '?'"),
            (Context, "JSON data, line 1: [two words", "…"),
            (
                Context,
                "SQL statement \"SELECT \"hush\" || '\"two words\"'\"\nPL/pgSQL function f() line 3",
                "SQL statement \"?\"\n? function f(?) line ?",
            ),
        ] {
            let mut out = String::new();
            part(severity, text.as_bytes(), &mut out);
            assert_eq!(out, expected, "{text}");
        }
    }
}
