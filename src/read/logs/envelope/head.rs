//! The head of a line that a syslog daemon wrote: stamp, host, program and process, in front of the
//! message. Three shapes, each told by its first byte. What the message means is left to others.

use super::stamp::{OuterStamp, YearlessClock, Years, yearless_day};
use crate::time::{StampParser, ZoneTable};
use memchr::memchr;

/// The shape of a head.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(super) enum Shape {
    /// `Nov 23 03:55:04 host postgres[6601]: `
    Bsd,
    /// `2026-11-23T03:55:04.123456+01:00 host postgres[6601]: `
    Iso,
    /// `<134>1 2026-11-23T03:55:04Z host postgres 6601 - - `
    Rfc5424,
}

/// A head.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct LineHead<'a> {
    pub shape: Shape,
    pub stamp: Option<OuterStamp>,
    /// Host and program as they stand there, which name the writer but for its process.
    pub writer: &'a [u8],
    /// The program.
    pub ident: &'a [u8],
    pub pid: Option<u32>,
    /// Offset of the message.
    pub message_at: usize,
}

/// Tokens before the program: the host; busybox writes facility and level, too.
const TOKENS_MAX: usize = 3;
const IDENT_MAX: usize = 64;

/// Reads heads; one per worker.
pub(super) struct Heads<'e> {
    stamps: StampParser<'e>,
    yearless: YearlessClock<'e>,
}

impl<'e> Heads<'e> {
    /// A reader for one file.
    pub fn new(years: Option<Years>, zones: &'e ZoneTable) -> Self {
        Heads { stamps: StampParser::new(zones), yearless: YearlessClock::new(years, zones) }
    }

    /// The head of a line.
    #[inline]
    pub fn read<'a>(&mut self, line: &'a [u8]) -> Option<LineHead<'a>> {
        let start = priority_len(line);
        let rest = line.get(start..)?;
        match rest.first()? {
            b'1' if start > 0 && rest.get(1) == Some(&b' ') => self.rfc5424(line, start + 2),
            b'0'..=b'9' => {
                let stamp = self.iso(rest)?;
                tagged(line, start + stamp.len, Shape::Iso, stamp)
            }
            b'A'..=b'Z' => {
                let stamp = self.yearless.parse(rest)?;
                // Some daemons write a colon behind the stamp.
                let colon = usize::from(rest.get(stamp.len) == Some(&b':'));
                tagged(line, start + stamp.len + colon, Shape::Bsd, stamp)
            }
            _ => None,
        }
    }

    /// `2026-11-23T03:55:04`, with a zone: the `T` tells it from a log's own stamp.
    pub fn iso(&mut self, text: &[u8]) -> Option<OuterStamp> {
        let stamp = self.stamps.parse(text).filter(|_| text.get(10) == Some(&b'T'))?;
        Some(OuterStamp { time: stamp.time, utc_offset_s: stamp.offset_s, len: stamp.len })
    }

    fn rfc5424<'a>(&mut self, line: &'a [u8], start: usize) -> Option<LineHead<'a>> {
        let mut at = start;
        let mut word = || {
            let rest = line.get(at..)?;
            let end = at + memchr(b' ', rest).unwrap_or(rest.len());
            let from = std::mem::replace(&mut at, end + 1);
            line.get(from..end).filter(|word| !word.is_empty()).map(|word| (from, word))
        };
        let (_, time) = word()?;
        let (host_at, _) = word()?;
        let (ident_at, ident) = word()?;
        let (_, process) = word()?;
        let _message_id = word()?;
        let stamp = self.iso(time);
        if stamp.is_none() && time != b"-" {
            return None;
        }
        let mut message_at = at + structured_len(line.get(at..)?)?;
        message_at += usize::from(line.get(message_at) == Some(&b' '));
        if line.get(message_at..).is_some_and(|text| text.starts_with(b"\xef\xbb\xbf")) {
            message_at += 3;
        }
        Some(LineHead {
            shape: Shape::Rfc5424,
            stamp,
            writer: line.get(host_at..ident_at + ident.len())?,
            ident,
            pid: number(process),
            message_at: message_at.min(line.len()),
        })
    }
}

/// Whether a line shows a day without a year, and which.
pub(super) fn day_of(line: &[u8]) -> Option<super::stamp::YearlessDay> {
    yearless_day(line.get(priority_len(line)..)?)
}

/// The length of `<134>`, 0 if there is none.
fn priority_len(line: &[u8]) -> usize {
    match line {
        [b'<', rest @ ..] => {
            let digits = rest.iter().take(3).take_while(|b| b.is_ascii_digit()).count();
            if digits > 0 && rest.get(digits) == Some(&b'>') { digits + 2 } else { 0 }
        }
        _ => 0,
    }
}

/// The rest of a head behind its stamp: ` host postgres[6601]: `, where the host may be missing.
fn tagged<'a>(
    line: &'a [u8],
    stamp_end: usize,
    shape: Shape,
    stamp: OuterStamp,
) -> Option<LineHead<'a>> {
    let start = stamp_end + 1;
    if line.get(stamp_end) != Some(&b' ') {
        return None;
    }
    let mut at = start;
    for _ in 0..TOKENS_MAX {
        let rest = line.get(at..)?;
        let length = rest.iter().take(256).position(|b| *b == b' ').unwrap_or(rest.len());
        if let Some((ident, pid)) = tag(rest.get(..length)?) {
            let message_at = at + length + 1;
            return Some(LineHead {
                shape,
                stamp: Some(stamp),
                writer: line.get(start..at + ident.len())?,
                ident,
                pid,
                message_at: message_at.min(line.len()),
            });
        }
        at += length + 1;
    }
    None
}

/// A token `postgres[6601]:` or `postgres:`.
#[inline]
fn tag(token: &[u8]) -> Option<(&[u8], Option<u32>)> {
    let token = token.strip_suffix(b":")?;
    let (ident, pid) = match token.strip_suffix(b"]") {
        Some(inside) => {
            let open = inside.iter().rposition(|b| *b == b'[')?;
            (inside.get(..open)?, Some(number(inside.get(open + 1..)?)?))
        }
        None => (token, None),
    };
    let is_name = |b: &u8| b.is_ascii_alphanumeric() || b"_-./@+()".contains(b);
    let named = (1..=IDENT_MAX).contains(&ident.len()) && ident.iter().all(is_name);
    named.then_some((ident, pid))
}

fn number(text: &[u8]) -> Option<u32> {
    (1..=10).contains(&text.len()).then_some(())?;
    text.iter().try_fold(0u32, |value, b| {
        let digit = b.is_ascii_digit().then(|| u32::from(b - b'0'))?;
        value.checked_mul(10)?.checked_add(digit)
    })
}

/// The length of `-` or of `[id name="value" …][…]`.
fn structured_len(text: &[u8]) -> Option<usize> {
    if text.first() == Some(&b'-') {
        return Some(1);
    }
    let (mut at, mut quoted) = (0, false);
    if text.first() != Some(&b'[') {
        return None;
    }
    loop {
        match text.get(at)? {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b']' if !quoted && text.get(at + 1) != Some(&b'[') => return Some(at + 1),
            _ => {}
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_heads_of_every_shape() {
        let zones = ZoneTable::default();
        let mut heads = Heads::new(None, &zones);
        for (line, expected) in [
            ("Nov 23 03:55:04 db1 postgres[6601]: x", Some(("postgres", Some(6601), "x"))),
            ("Nov 23 03:55:04 db1 postgres: x", Some(("postgres", None, "x"))),
            ("Nov 23 03:55:04 postgres[1]: x", Some(("postgres", Some(1), "x"))),
            ("<134>Nov  3 03:55:04.123 db1 postgres[1]:  x", Some(("postgres", Some(1), " x"))),
            ("Nov 23 03:55:04 db1 local0.info postgres[1]: x", Some(("postgres", Some(1), "x"))),
            ("Nov 23 2026 03:55:04: db1 postgres[1]:", Some(("postgres", Some(1), ""))),
            ("2026-11-23T03:55:04Z db1 postfix/smtp[7]: x", Some(("postfix/smtp", Some(7), "x"))),
            ("2026-11-23T03:55:04.123456+01:00 fe80::1 pg[7]: x", Some(("pg", Some(7), "x"))),
            ("<134>1 2026-11-23T03:55:04Z db1 pg 7 - - x", Some(("pg", Some(7), "x"))),
            ("<134>1 - - pg - - -", Some(("pg", None, ""))),
            (
                "<134>1 2026-11-23T03:55:04Z - pg 7 id [a@1 b=\"]\\\" \"][c] \u{feff}[5-1] x",
                Some(("pg", Some(7), "[5-1] x")),
            ),
            ("<134>1 2026-11-23T03:55:04Z db1 pg 7 - [a@1 b=\"", None),
            ("<134>1 yesterday db1 pg 7 - - x", None),
            ("2026-11-23 03:55:04.101 CET [1] db postgres: x", None),
            ("2026-11-23T03:55:04Z 2026-11-23 03:55:04 UTC:h(1):u@d:[7]:LOG:  x", None),
            ("2019-03-14T00:22:56+00:00 app[postgres.4882]: [GREEN] [15-1]  x", None),
            ("2026-11-23T03:55:04.1Z stderr F 2026 LOG:  x", None),
            ("Nov 23 03:55:04 db1 last message repeated 2 times", None),
            ("Nov 23 03:55:04", None),
            ("<134>", None),
            ("", None),
        ] {
            let head = heads.read(line.as_bytes());
            let seen = head.map(|head| {
                let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
                (text(head.ident), head.pid, text(&line.as_bytes()[head.message_at..]))
            });
            let expected =
                expected.map(|(ident, pid, message)| (ident.to_owned(), pid, message.to_owned()));
            assert_eq!(seen, expected, "{line}");
        }
    }
}
