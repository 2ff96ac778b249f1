//! Clients that were refused or lost: `Access denied for user …`, `Aborted connection 12 to db: …`,
//! `Too many connections`, `Host … is blocked`.

use super::after;
use crate::model::event::{Cancelled, Refusal, SessionStep, Who, session_of_pid};
use memchr::{memchr, memmem};

/// What a message says of a client.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mysql::error_log) struct Told<'a> {
    /// Who it was.
    pub who: Who<'a>,
    /// Why a session was lost, in the server's words: they are the same each time.
    pub reason: Option<&'a [u8]>,
    refusal: Option<Refusal>,
}

impl Told<'_> {
    /// The step in the session's life.
    pub fn step(&self) -> SessionStep<'static> {
        match self.refusal {
            Some(why) => SessionStep::Refused(why),
            None => SessionStep::Ended { duration_us: None },
        }
    }

    /// Why the session ended, where somebody wanted it to.
    pub fn cancelled(&self) -> Option<Cancelled> {
        self.reason.filter(|reason| *reason == b"KILLED").map(|_| Cancelled::Administrator)
    }
}

/// Reads what a message says of a client, if it does.
pub(in crate::read::logs::mysql::error_log) fn read(text: &[u8]) -> Option<Told<'_>> {
    let refused = |who, why| Some(Told { who, refusal: Some(why), reason: None });
    match text.first()? {
        b'A' => text
            .strip_prefix(b"Aborted connection ")
            .and_then(aborted)
            .or_else(|| refused_access(text.strip_prefix(b"Access denied for user ")?)),
        b'T' if text.starts_with(b"Too many connections") => {
            refused(Who::default(), Refusal::TooMany)
        }
        b'H' => {
            let (host, rest) = quoted(text.strip_prefix(b"Host ")?)?;
            let why = match rest.trim_ascii_start() {
                rest if rest.starts_with(b"is blocked because of many") => Refusal::Blocked,
                rest if rest.starts_with(b"is not allowed to connect") => Refusal::UnknownUser,
                _ => return None,
            };
            refused(Who { host: name(host), ..Who::default() }, why)
        }
        _ => None,
    }
}

/// `12 to db: 'shop' user: 'app' host: 'localhost' (Got an error reading communication packets)`.
fn aborted(text: &[u8]) -> Option<Told<'_>> {
    let digits = text.iter().take(19).take_while(|b| b.is_ascii_digit()).count();
    let thread: u64 = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    let field = |mark: &[u8]| after(text, mark).and_then(quoted);
    let (user, _) = field(b" user: ")?;
    let (host, behind) = field(b" host: ")?;
    let database = field(b" db: ").map(|(database, _)| database);
    let reason = memchr(b'(', behind).map(|at| &behind[at + 1..]);
    let reason = reason.and_then(|reason| reason.split(|b| *b == b')').next());
    let never_in = user == b"unauthenticated";
    let refusal = match reason {
        Some(b"Too many connections") => Some(Refusal::TooMany),
        _ => never_in.then_some(Refusal::Other),
    };
    let who = Who {
        user: name(user).filter(|_| !never_in),
        database: database.and_then(name).filter(|name| *name != b"unconnected"),
        host: name(host).filter(|host| *host != b"connecting host"),
        session: if never_in { 0 } else { session_of_pid(thread) },
        ..Who::default()
    };
    Some(Told { who, refusal, reason })
}

/// `'app'@'10.0.0.7' (using password: YES)`, `'app'@'localhost' to database 'shop'`.
fn refused_access(text: &[u8]) -> Option<Told<'_>> {
    let (user, rest) = quoted(text)?;
    let (host, rest) = quoted(rest.strip_prefix(b"@")?)?;
    let database = rest.trim_ascii_start().strip_prefix(b"to database ").and_then(quoted);
    let database = database.and_then(|(database, _)| name(database));
    let why = match database {
        Some(_) => Refusal::UnknownDatabase,
        None => Refusal::Authentication,
    };
    let who = Who { user: name(user), host: name(host), database, ..Who::default() };
    Some(Told { who, refusal: Some(why), reason: None })
}

/// What stands between the quotes that begin a text, and what is behind them. The server does not
/// escape quotes in names, so the closing one is that before what may follow a name.
fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    const ENDS: [&[u8]; 2] = [b"' ", b"'@'"];
    let inside = text.strip_prefix(b"'")?;
    let end = ENDS.iter().filter_map(|end| memmem::find(inside, end)).min();
    let end = end.or_else(|| inside.ends_with(b"'").then(|| inside.len() - 1))?;
    Some((&inside[..end], &inside[end + 1..]))
}

fn name(text: &[u8]) -> Option<&[u8]> {
    (!text.is_empty()).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tells_who_was_refused_or_lost_and_why() {
        for (text, expected) in [
            (
                "Aborted connection 12 to db: 'shop' user: 'app' host: 'localhost' (Got an error reading communication packets)",
                "app shop localhost ended",
            ),
            (
                "Aborted connection 34 to db: 'unconnected' user: 'root' host: '10.0.0.7' (KILLED)",
                "root - 10.0.0.7 ended killed",
            ),
            (
                "Aborted connection 0 to db: 'unconnected' user: 'unauthenticated' host: 'connecting host' (Too many connections)",
                "- - - TooMany",
            ),
            (
                "Aborted connection 28 to db: 'unconnected' user: 'unauthenticated' host: '10.0.0.9' (This connection closed normally without authentication)",
                "- - 10.0.0.9 Other",
            ),
            (
                "Access denied for user 'o'brien'@'10.0.0.7' (using password: YES)",
                "o'brien - 10.0.0.7 Authentication",
            ),
            (
                "Access denied for user 'app'@'localhost' to database 'nosuch'",
                "app nosuch localhost UnknownDatabase",
            ),
            ("Too many connections", "- - - TooMany"),
            (
                "Host '10.0.0.9' is blocked because of many connection errors; unblock with 'mysqladmin flush-hosts'",
                "- - 10.0.0.9 Blocked",
            ),
            ("Host 'x' appeared", "none"),
            ("Aborted connection", "none"),
            ("Aborted connection 1 to db: 'a", "none"),
        ] {
            let text_of =
                |name: Option<&[u8]>| String::from_utf8_lossy(name.unwrap_or(b"-")).into_owned();
            let told = read(text.as_bytes()).map_or("none".to_owned(), |told| {
                let what = match told.step() {
                    SessionStep::Refused(why) => format!("{why:?}"),
                    _ => "ended".to_owned(),
                };
                let killed = if told.cancelled().is_some() { " killed" } else { "" };
                let Who { user, database, host, .. } = told.who;
                format!("{} {} {} {what}{killed}", text_of(user), text_of(database), text_of(host))
            });
            assert_eq!(told, expected, "{text}");
        }
    }
}
