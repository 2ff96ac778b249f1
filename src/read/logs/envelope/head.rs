//! The head of a line that a logging daemon wrote: stamp, host, program and process, in front of the
//! message. Every shape is told by its own looks. What the message means is left to others.

use super::stamp::{OuterStamp, YearlessClock, Years, yearless_day};
use crate::time::{StampParser, Timestamp, US_PER_S, ZoneTable};
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
    /// `Mon 2026-11-23 03:55:04 CET host postgres[6601]: `
    Full,
    /// `1795402504.101311 host postgres[6601]: `
    Unix,
    /// `[   12.101311] host postgres[6601]: `
    Monotonic,
    /// `2026-11-23T03:55:04+00:00 app[postgres.4882]: `, or its like in the manner of RFC 5424
    Logplex,
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
        let (shape, stamp, length) = match rest.first()? {
            b'1' if start > 0 && rest.get(1) == Some(&b' ') => {
                return self.rfc5424(line, start + 2);
            }
            b'0'..=b'9' if rest.get(UNIX_DIGITS) == Some(&b'.') => {
                let stamp = unix(rest)?;
                (Shape::Unix, Some(stamp), stamp.len)
            }
            b'0'..=b'9' => {
                let stamp = self.iso(rest)?;
                let behind = start + stamp.len;
                let head = tagged(line, behind, Shape::Iso, Some(stamp));
                return head.or_else(|| logplex(line, behind, stamp));
            }
            b'A'..=b'Z' if rest.get(8) == Some(&b'-') => {
                let stamp = self.stamps.parse(rest.get(4..)?)?;
                let (time, utc_offset_s, len) = (stamp.time, stamp.offset_s, 4 + stamp.len);
                (Shape::Full, Some(OuterStamp { time, utc_offset_s, len }), len)
            }
            b'A'..=b'Z' => {
                let stamp = self.yearless.parse(rest)?;
                // Some daemons write a colon behind the stamp.
                let colon = usize::from(rest.get(stamp.len) == Some(&b':'));
                (Shape::Bsd, Some(stamp), stamp.len + colon)
            }
            b'[' => (Shape::Monotonic, None, monotonic_len(rest)?),
            _ => return None,
        };
        tagged(line, start + length, shape, stamp)
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
        let (behind, pid) = (line.get(at..)?, number(process));
        let writer = line.get(host_at..ident_at + ident.len())?;
        let dyno = (pid.is_none() && process != b"-").then(|| dyno(process));
        let Some(structured) = structured_len(behind) else {
            // A drain of logplex writes none.
            let (ident, pid) = dyno?;
            let message_at = at.min(line.len());
            return Some(LineHead { shape: Shape::Logplex, stamp, writer, ident, pid, message_at });
        };
        let mut message_at = at + structured;
        message_at += usize::from(line.get(message_at) == Some(&b' '));
        if line.get(message_at..).is_some_and(|text| text.starts_with(b"\xef\xbb\xbf")) {
            message_at += 3;
        }
        let message_at = message_at.min(line.len());
        // The colour of a database looks like structured data.
        let (shape, ident, pid) = match dyno {
            Some((ident, pid @ Some(_))) => (Shape::Logplex, ident, pid),
            _ => (Shape::Rfc5424, ident, pid),
        };
        Some(LineHead { shape, stamp, writer, ident, pid, message_at })
    }
}

/// Whether a line shows a day without a year, and which.
pub(super) fn day_of(line: &[u8]) -> Option<super::stamp::YearlessDay> {
    yearless_day(line.get(priority_len(line)..)?)
}

/// The length of `<134>`, with the size of the message before it (`203 <134>`), 0 if there is none.
#[inline]
fn priority_len(line: &[u8]) -> usize {
    const DIGITS_MAX: usize = 6;
    let digits =
        |text: &[u8]| text.iter().take(DIGITS_MAX).take_while(|b| b.is_ascii_digit()).count();
    let size = match line.first() {
        Some(b'<') => 0,
        Some(b'0'..=b'9') => match digits(line) {
            count if line.get(count..).is_some_and(|rest| rest.starts_with(b" <")) => count + 1,
            _ => return 0,
        },
        _ => return 0,
    };
    let count = digits(line.get(size + 1..).unwrap_or_default());
    let end = size + 1 + count;
    if count > 0 && line.get(end) == Some(&b'>') { end + 1 } else { 0 }
}

/// Digits of seconds since 1970.
const UNIX_DIGITS: usize = 10;

/// `1795402504.101311`
fn unix(text: &[u8]) -> Option<OuterStamp> {
    let (seconds, us) = (text.get(..UNIX_DIGITS)?, text.get(UNIX_DIGITS + 1..UNIX_DIGITS + 7)?);
    let value = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0i64, |n, b| b.is_ascii_digit().then(|| n * 10 + i64::from(b - b'0')))
    };
    let time = Timestamp(value(seconds)? * US_PER_S + value(us)?);
    Some(OuterStamp { time, utc_offset_s: 0, len: UNIX_DIGITS + 7 })
}

/// The length of `[   12.101311]`.
fn monotonic_len(text: &[u8]) -> Option<usize> {
    let inside = text.strip_prefix(b"[")?;
    let length = inside.iter().take(24).position(|b| *b == b']')?;
    let number = inside.get(..length)?.trim_ascii_start();
    let is_number =
        number.contains(&b'.') && number.iter().all(|b| matches!(b, b'0'..=b'9' | b'.'));
    is_number.then_some(length + 2)
}

/// The rest of a head behind logplex' stamp: ` app[postgres.4882]: `, or in a drain's file
/// ` d.af28b93f app[postgres.4882] [GREEN] `.
fn logplex(line: &[u8], stamp_end: usize, stamp: OuterStamp) -> Option<LineHead<'_>> {
    let mut at = stamp_end + 1;
    for _ in 0..2 {
        let rest = line.get(at..)?;
        let length = rest.iter().take(256).position(|b| *b == b' ').unwrap_or(rest.len());
        let token = rest.get(..length)?;
        let behind = at + length + 1;
        let is_labelled = || line.get(behind) == Some(&b'[');
        let token = token.strip_suffix(b":").or_else(|| is_labelled().then_some(token));
        let writer = token.and_then(|token| token.strip_suffix(b"]"));
        if let Some(writer) = writer
            && let Some(open) = memchr(b'[', writer).filter(|open| *open > 0)
        {
            let (ident, pid) = dyno(writer.get(open + 1..)?);
            let (shape, stamp, message_at) = (Shape::Logplex, Some(stamp), behind.min(line.len()));
            return Some(LineHead { shape, stamp, writer, ident, pid, message_at });
        }
        at = behind;
    }
    None
}

/// `postgres.4882`: name and number.
fn dyno(text: &[u8]) -> (&[u8], Option<u32>) {
    let split = text.iter().rposition(|b| *b == b'.').map(|dot| (&text[..dot], &text[dot + 1..]));
    match split.and_then(|(name, digits)| Some((name, number(digits)?))) {
        Some((name, pid)) => (name, Some(pid)),
        None => (text, None),
    }
}

/// The rest of a head behind its stamp: ` host postgres[6601]: `, where the host may be missing.
fn tagged<'a>(
    line: &'a [u8],
    stamp_end: usize,
    shape: Shape,
    stamp: Option<OuterStamp>,
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
                stamp,
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
            (
                "2019-03-14T00:22:56+00:00 app[postgres.4882]: [GREEN] [15-1]  x",
                Some(("postgres", Some(4882), "[GREEN] [15-1]  x")),
            ),
            (
                "2019-03-14T00:22:56+00:00 heroku[router]: at=info",
                Some(("router", None, "at=info")),
            ),
            (
                "71 <134>1 2019-03-14T00:22:56+00:00 host app postgres.4882 - [GREEN] [15-1]  x",
                Some(("postgres", Some(4882), "[15-1]  x")),
            ),
            (
                "<134>1 2019-03-14T00:22:56+00:00 host heroku router - at=info",
                Some(("router", None, "at=info")),
            ),
            (
                "Mon 2026-11-23 03:55:04 CET db1 pg@15-main[1]: x",
                Some(("pg@15-main", Some(1), "x")),
            ),
            ("1795402504.101311 db1 postgres[1]: x", Some(("postgres", Some(1), "x"))),
            ("[   12.101311] db1 postgres[1]: x", Some(("postgres", Some(1), "x"))),
            ("[6601] app LOG: x", None),
            ("1795402504.10131x db1 postgres[1]: x", None),
            ("2026-11-23T03:55:04.1Z stderr F 2026 [1] x", None),
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
