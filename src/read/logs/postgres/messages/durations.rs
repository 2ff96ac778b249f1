//! `duration: 12.345 ms  statement: …` and its kin, and statements logged before they run.

use super::Message;
use crate::model::event::Phase;
use memchr::memchr_iter;

/// Reads a message about a statement; `None` when it is about something else.
#[inline]
pub fn read(message: &[u8]) -> Option<Message<'_>> {
    if let Some(rest) = message.strip_prefix(b"duration: ") {
        return timed(rest);
    }
    let (kind, text) = step(message)?;
    match kind {
        Step::Statement => Some(Message::Statement { text, prepared: false }),
        Step::Execute => Some(Message::Statement { text, prepared: true }),
        Step::Parse | Step::Bind => Some(Message::Other),
    }
}

/// Where the statement begins in a message that holds one, whatever it says of it.
pub fn statement_at(message: &[u8]) -> Option<usize> {
    let text = match message.strip_prefix(b"duration: ") {
        None => step(message)?.1,
        Some(rest) => match timed(rest)? {
            Message::Timed { text, .. } | Message::Phase { text, .. } => text,
            _ => return None,
        },
    };
    Some(message.len() - text.len())
}

fn timed(rest: &[u8]) -> Option<Message<'_>> {
    let (duration_us, length) = milliseconds(rest)?;
    let rest = rest[length..].trim_ascii_start().strip_prefix(b"ms")?;
    let rest = behind_counts(rest.trim_ascii_start());
    if rest.is_empty() {
        return Some(Message::Bare(duration_us));
    }
    if let Some(document) = rest.strip_prefix(b"plan:") {
        return Some(Message::Plan { duration_us, document });
    }
    Some(match step(rest) {
        Some((Step::Statement, text)) => Message::Timed { duration_us, text, prepared: false },
        Some((Step::Execute, text)) => Message::Timed { duration_us, text, prepared: true },
        Some((Step::Parse, text)) => Message::Phase { phase: Phase::Parse, duration_us, text },
        Some((Step::Bind, text)) => Message::Phase { phase: Phase::Bind, duration_us, text },
        None => Message::Timed { duration_us, text: rest, prepared: false },
    })
}

/// What follows `rows: 1 size: 8 bytes`, which Postgres Pro writes behind the duration.
fn behind_counts(mut rest: &[u8]) -> &[u8] {
    for (word, unit) in [(&b"rows:"[..], &b""[..]), (b"size:", b"bytes")] {
        let Some(count) = rest.strip_prefix(word).map(<[u8]>::trim_ascii_start) else {
            continue;
        };
        let digits = count.iter().take_while(|b| b.is_ascii_digit()).count();
        let behind = count[digits..].trim_ascii_start();
        let behind = behind.strip_prefix(unit).unwrap_or(behind);
        rest = behind.strip_prefix(b",").unwrap_or(behind).trim_ascii_start();
    }
    rest
}

enum Step {
    Statement,
    Execute,
    Parse,
    Bind,
}

/// `statement: TEXT`, `execute NAME: TEXT`, `execute fetch from NAME: TEXT`, `parse NAME: TEXT`,
/// `bind NAME: TEXT`, `fastpath function call: TEXT` (which is kept as it is).
#[inline]
fn step(text: &[u8]) -> Option<(Step, &[u8])> {
    let (kind, rest) = match text.first()? {
        b's' => return Some((Step::Statement, text.strip_prefix(b"statement: ")?)),
        b'e' => (Step::Execute, text.strip_prefix(b"execute ")?),
        b'p' => (Step::Parse, text.strip_prefix(b"parse ")?),
        b'b' => (Step::Bind, text.strip_prefix(b"bind ")?),
        b'f' if text.starts_with(b"fastpath function call: ") => {
            return Some((Step::Statement, text));
        }
        _ => return None,
    };
    let colon = memchr_iter(b':', rest).find(|colon| rest.get(colon + 1) == Some(&b' '))?;
    Some((kind, &rest[colon + 2..]))
}

/// Milliseconds with up to three decimals, exactly, as microseconds; and how long the number is.
#[inline]
fn milliseconds(text: &[u8]) -> Option<(u64, usize)> {
    let digits = text.iter().take(16).take_while(|b| b.is_ascii_digit()).count();
    let whole = number(&text[..digits]);
    let mut us = whole.checked_mul(1000)?;
    let mut length = digits;
    if text.get(digits) == Some(&b'.') {
        let decimals =
            text[digits + 1..].iter().take(16).take_while(|b| b.is_ascii_digit()).count();
        let places = decimals.min(3);
        let fraction = number(&text[digits + 1..digits + 1 + places]);
        us += fraction * [1000, 100, 10, 1][places];
        length += 1 + decimals;
    }
    (digits > 0).then_some((us, length))
}

fn number(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |n, d| n * 10 + u64::from(d - b'0'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_every_kind_of_duration() {
        let timed = |duration_us, text: &'static str| {
            Some(Message::Timed { duration_us, text: text.as_bytes(), prepared: false })
        };
        let executed = |duration_us, text: &'static str| {
            Some(Message::Timed { duration_us, text: text.as_bytes(), prepared: true })
        };
        let logged = |text: &'static str, prepared| {
            Some(Message::Statement { text: text.as_bytes(), prepared })
        };
        for (message, meaning) in [
            ("duration: 0.123 ms  statement: SELECT 1", timed(123, "SELECT 1")),
            ("duration: 5 ms statement: SELECT 1;", timed(5000, "SELECT 1;")),
            ("duration: 1.5 ms  execute <unnamed>: SELECT $1", executed(1500, "SELECT $1")),
            ("duration: 1.0 ms  execute S_1/C_2: SELECT a: b", executed(1000, "SELECT a: b")),
            ("duration: 1.0 ms  execute fetch from c: FETCH 9", executed(1000, "FETCH 9")),
            ("duration: 7.0 ms  rows: 1 size: 8 bytes  statement: X", timed(7000, "X")),
            ("duration: 7.0 ms  rows: 1, size: 8 bytes  execute p: X: y", executed(7000, "X: y")),
            ("duration: 7.0 ms  rows: 12 size: 8 bytes", Some(Message::Bare(7000))),
            (
                "duration: 330.857 ms  fastpath function call: \"lowrite\" (OID 955)",
                timed(330_857, "fastpath function call: \"lowrite\" (OID 955)"),
            ),
            (
                "duration: 0.2 ms  parse <unnamed>: SELECT $1",
                Some(Message::Phase { phase: Phase::Parse, duration_us: 200, text: b"SELECT $1" }),
            ),
            ("duration: 2.000 ms", Some(Message::Bare(2000))),
            (
                "duration: 3.0 ms  plan:\nQuery Text: x",
                Some(Message::Plan { duration_us: 3000, document: b"\nQuery Text: x" }),
            ),
            ("statement: SELECT 1", logged("SELECT 1", false)),
            (
                "fastpath function call: \"loread\" (OID 954)",
                logged("fastpath function call: \"loread\" (OID 954)", false),
            ),
            ("execute a: SELECT 1", logged("SELECT 1", true)),
            ("bind a: SELECT 1", Some(Message::Other)),
            ("duration: x ms", None),
            ("duration: 99999999999999999999 ms", None),
            ("starting up", None),
        ] {
            assert_eq!(read(message.as_bytes()), meaning, "{message}");
        }
    }
}
