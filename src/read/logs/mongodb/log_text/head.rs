//! What stands before a message: a stamp, since 3.0 a severity and a component, and who wrote it.
//!
//! | version | line |
//! |---|---|
//! | 2.2 | `Mon Aug  5 20:21:43 [conn2] message` |
//! | 2.4 | `Mon Aug  5 20:21:43.457 [conn2] message` |
//! | 2.6 | `2014-05-31T19:38:41.414+0000 [conn2] message` |
//! | 3.0 to 4.0 | `2016-08-14T14:36:30.641-0500 I COMMAND  [conn2] message` |
//! | 4.2 | `2020-03-12T00:00:01.935+0000 I  COMMAND  [conn2] message` |
//!
//! Every version since 2.6 can be told to write stamps as those before did. What mongod hands to
//! syslog begins with the brackets.

use super::clock::{CtimeClock, Years};
use crate::time::{StampParser, Timestamp, ZoneTable};
use memchr::memchr;

/// 2007-01-01, when there was no MongoDB.
const FIRST_TIME: Timestamp = Timestamp(1_167_609_600_000_000);
/// The longest name of a thread.
const CONTEXT_MAX: usize = 200;

/// A line behind its head.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
pub(super) struct Head<'a> {
    /// When it was written, and how far east of UTC the clock was; `None` where a carrier says it, or
    /// what is said cannot be.
    pub time: Option<(Timestamp, i32)>,
    /// `F`, `E`, `W`, `I` or `D`; 0 before 3.0.
    pub severity: u8,
    /// Such as `COMMAND`; `-` where the server says none, empty before 3.0.
    pub component: &'a [u8],
    /// The thread, such as `conn2`; empty where none is named.
    pub context: &'a [u8],
    /// What is said.
    pub message: &'a [u8],
    /// Where that begins in the line.
    pub message_at: usize,
}

impl<'a> Head<'a> {
    /// Reads what follows a stamp of `stamp_len` bytes: a blank first.
    pub fn behind_stamp(text: &'a [u8], stamp_len: usize) -> Option<Head<'a>> {
        // A fraction may be left where the caller did not care.
        let blank = memchr(b' ', text.get(..text.len().min(5))?)?;
        let mut head = Head::default();
        let mut at = blank + 1;
        if let Some((severity, component, taken)) = text.get(at..).and_then(leveled) {
            (head.severity, head.component) = (severity, component);
            at += taken;
        }
        if let Some((context, taken)) = text.get(at..).and_then(bracketed) {
            head.context = context;
            at += taken;
        }
        // Some messages of old versions stand behind two blanks.
        let rest = text.get(at..)?;
        let message = rest.trim_ascii_start();
        head.message = message;
        head.message_at = stamp_len + at + (rest.len() - message.len());
        Some(head)
    }
}

/// `I COMMAND  ` or `D2 COMMAND  `: severity, component, and what both take.
fn leveled(text: &[u8]) -> Option<(u8, &[u8], usize)> {
    let severity = *text.first().filter(|byte| byte.is_ascii_uppercase())?;
    let digits = text.get(1..3)?.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let rest = text.get(1 + digits..)?;
    let component = rest.trim_ascii_start();
    if component.len() == rest.len() {
        return None;
    }
    let is_of_name = |byte: &&u8| byte.is_ascii_uppercase() || matches!(byte, b'_' | b'-');
    let name_len = component.iter().take(24).take_while(is_of_name).count();
    let (name, behind) = component.split_at_checked(name_len)?;
    let behind_blanks = behind.trim_ascii_start();
    let is_name = !name.is_empty() && behind_blanks.len() < behind.len();
    is_name.then(|| (severity, name, text.len() - behind_blanks.len()))
}

/// `[conn2] `: what is inside, and what it takes; nothing may follow.
fn bracketed(text: &[u8]) -> Option<(&[u8], usize)> {
    let inside = text.strip_prefix(b"[")?;
    let end = memchr(b']', inside.get(..inside.len().min(CONTEXT_MAX))?)?;
    // Of a damaged line, a part of a document may stand here.
    if inside.get(..end)?.iter().any(|byte| b"\"{}[(".contains(byte)) {
        return None;
    }
    let behind = inside.get(end + 1..)?;
    match behind.first() {
        None => Some((inside.get(..end)?, end + 2)),
        Some(b' ') => Some((inside.get(..end)?, end + 3)),
        Some(_) => None,
    }
}

/// Reads heads; one per worker.
pub(super) struct Heads<'z> {
    stamps: StampParser<'z>,
    clock: CtimeClock<'z>,
}

impl<'z> Heads<'z> {
    /// For lines of a file whose `ctime` stamps are of these years.
    pub fn new(years: Option<Years>, zones: &'z ZoneTable) -> Self {
        Heads { stamps: StampParser::new(zones), clock: CtimeClock::new(years, zones) }
    }

    /// Reads the head of a line; `None` if it has none.
    #[inline]
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Option<Head<'a>> {
        let (time, len) = match line.first()? {
            b'0'..=b'9' => {
                let stamp = self.stamps.parse(line)?;
                // No version leaves the zone out.
                let is_whole = line.get(10) == Some(&b'T') && stamp.zone.1 > 0;
                is_whole.then_some((Some((stamp.time, stamp.offset_s)), stamp.len))?
            }
            b'F' | b'M' | b'S' | b'T' | b'W' => {
                let stamp = self.clock.parse(line)?;
                (Some((stamp.time, stamp.utc_offset_s)), stamp.len)
            }
            b'[' => {
                let (context, taken) = bracketed(line)?;
                let message = line.get(taken..).unwrap_or_default();
                return Some(Head { context, message, message_at: taken, ..Head::default() });
            }
            _ => return None,
        };
        let behind = line.get(len..).filter(|rest| rest.first().is_none_or(|b| *b == b' '))?;
        // A damaged stamp would stretch the log's period over a thousand years.
        let time = time.filter(|(time, _)| *time >= FIRST_TIME);
        if behind.is_empty() {
            return Some(Head { time, message_at: line.len(), ..Head::default() });
        }
        let head = Head::behind_stamp(behind, len)?;
        Some(Head { time, ..head })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_heads_of_every_version() {
        let zones = ZoneTable::default();
        let years = Years::find([&b"Mon Aug  5 20:21:43 [conn2] x"[..]].into_iter());
        let mut heads = Heads::new(years, &zones);
        for (line, time, of_line) in [
            ("Mon Aug  5 20:21:43 [conn2] end", "2013-08-05T20:21:43.000Z", ("", "", "conn2")),
            (
                "Sat Jul 13 16:14:35.324 I QUERY [conn39] end",
                "2013-07-13T16:14:35.324Z",
                ("I", "QUERY", "conn39"),
            ),
            (
                "2014-04-09T23:16:20.437-0400 [conn2]  end",
                "2014-04-10T03:16:20.437Z",
                ("", "", "conn2"),
            ),
            (
                "2020-03-12T00:00:01.935Z D2 COMMAND  [repl writer worker 1] end",
                "2020-03-12T00:00:01.935Z",
                ("D", "COMMAND", "repl writer worker 1"),
            ),
            (
                "2020-03-12T00:00:01.935+0000 W  -        [main] end",
                "2020-03-12T00:00:01.935Z",
                ("W", "-", "main"),
            ),
            (
                "2018-11-16T12:31:35.886-0500 I NETWORK end",
                "2018-11-16T17:31:35.886Z",
                ("I", "NETWORK", ""),
            ),
            ("Mon Aug  5 20:21:43.001 end", "2013-08-05T20:21:43.001Z", ("", "", "")),
            ("[conn7] end", "-", ("", "", "conn7")),
            ("1014-04-09T23:16:20.437-0400 [conn2] end", "-", ("", "", "conn2")),
        ] {
            let head = heads.read(line.as_bytes()).expect(line);
            let told = head.time.map_or("-".to_owned(), |(time, _)| time.rfc3339());
            assert_eq!(told, time, "{line}");
            let (severity, component, context) = of_line;
            assert_eq!(head.severity, severity.bytes().next().unwrap_or(0), "{line}");
            assert_eq!(head.component, component.as_bytes(), "{line}");
            assert_eq!(head.context, context.as_bytes(), "{line}");
            assert_eq!(head.message, b"end", "{line}");
            assert_eq!(&line.as_bytes()[head.message_at..], b"end", "{line}");
        }
        for line in [
            "",
            "[{ a: 1 }] x",
            "****",
            "2014-04-0 [conn48] buil",
            "2014-04-09 23:16:20.437 [conn2] x",
            "Mon x",
        ] {
            assert_eq!(heads.read(line.as_bytes()), None, "{line}");
        }
    }
}
