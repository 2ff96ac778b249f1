//! The life of sessions: `connection received`, `authenticated`, `authorized`, `ready`,
//! `disconnection`. What the message says of who it is completes the record's own fields, since a
//! background line has none of them in its prefix.

use super::subjects::Subject;
use super::{event, scan};
use crate::model::event::{Event, Kind, SessionStep, Who};
use crate::read::logs::postgres::record::{Record, name};
use memchr::memmem;
use std::borrow::Cow;

/// What a message that begins with `connection ` is about, by what follows.
pub(super) fn subject(rest: &[u8]) -> Option<Subject> {
    Some(match rest {
        _ if rest.starts_with(b"received: ") => Subject::Received,
        _ if rest.starts_with(b"authenticated: ") => Subject::Authenticated,
        _ if rest.starts_with(b"authorized: ") => Subject::Authorized,
        _ if rest.starts_with(b"ready: ") => Subject::Ready,
        _ => return None,
    })
}

/// The event of a step.
pub(super) fn event_of<'e>(subject: Subject, record: &'e Record<'_>) -> Option<Event<'e>> {
    let message = &*record.message;
    let step = match subject {
        Subject::Received => SessionStep::Received { open_now: None },
        Subject::Authenticated => {
            let method = scan::after(message, b" method=").map(word);
            SessionStep::Authenticated { method: method.map(Cow::Borrowed) }
        }
        Subject::Authorized => {
            SessionStep::Authorized { encrypted: memmem::find(message, b" SSL enabled").is_some() }
        }
        Subject::Ready => {
            SessionStep::Ready { setup_us: scan::milliseconds_after(message, b"total=")? }
        }
        Subject::Ended => SessionStep::Ended {
            duration_us: scan::after(message, b"session time: ").and_then(session_time_us),
        },
        _ => return None,
    };
    let mut event = event(record, record.time, Kind::Session(step));
    complete(&mut event.who, message);
    Some(event)
}

/// `0:00:01.234`, hours without limit, as microseconds.
fn session_time_us(text: &[u8]) -> Option<u64> {
    let mut parts = text.splitn(3, |b| *b == b':');
    let hours = scan::number(parts.next()?)?;
    let minutes = scan::number(parts.next()?)?;
    let us = scan::millionths(parts.next()?)?;
    hours.checked_mul(60)?.checked_add(minutes)?.checked_mul(60_000_000)?.checked_add(us)
}

/// Fills in from the message what the record's own fields do not say.
fn complete<'e>(who: &mut Who<'e>, message: &'e [u8]) {
    for (place, key) in [
        (&mut who.user, &b"user="[..]),
        (&mut who.database, b"database="),
        (&mut who.host, b"host="),
        (&mut who.app, b"application_name="),
    ] {
        if place.is_none() {
            *place = value(message, key).and_then(name);
        }
    }
}

/// The value behind `key`, up to the next ` key=` or the SSL remark in parentheses: names may hold
/// blanks.
fn value<'m>(message: &'m [u8], key: &[u8]) -> Option<&'m [u8]> {
    let at =
        memmem::find_iter(message, key).find(|at| matches!(message[..*at].last(), Some(b' ')))?;
    let rest = &message[at + key.len()..];
    let end = [
        &b" user="[..],
        b" database=",
        b" host=",
        b" port=",
        b" application_name=",
        b" SSL ",
        b" GSS (",
    ]
    .iter()
    .filter_map(|next| memmem::find(rest, next))
    .min();
    let value = &rest[..end.unwrap_or(rest.len())];
    // Some versions quote the name.
    Some(value.strip_prefix(b"\"").and_then(|v| v.strip_suffix(b"\"")).unwrap_or(value))
}

fn word(rest: &[u8]) -> &[u8] {
    &rest[..rest.iter().position(|b| *b == b' ').unwrap_or(rest.len())]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_who_and_how_long() {
        let message = b"connection authorized: user=app one database=shop application_name=web api SSL enabled (protocol=TLSv1.3, cipher=X, bits=256)";
        let mut who = Who::default();
        complete(&mut who, message);
        assert_eq!(who.user, Some(&b"app one"[..]));
        assert_eq!(who.database, Some(&b"shop"[..]));
        assert_eq!(who.app, Some(&b"web api"[..]));
        assert_eq!(who.host, None);
        assert_eq!(session_time_us(b"0:00:01.234 user=a"), Some(1_234_000));
        assert_eq!(session_time_us(b"27:01:00.000"), Some(97_260_000_000));
        assert_eq!(session_time_us(b"soon"), None);
    }
}
