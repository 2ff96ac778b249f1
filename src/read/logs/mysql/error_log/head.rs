//! What stands before a message in the text form, in every generation.
//!
//! In: a line. Out: its [`Head`], if it begins a record: when, which thread, how grave, which code
//! and subsystem, and where the message begins. Which lines continue a record is left to the reader.
//!
//! | server | head |
//! |---|---|
//! | MySQL 8.0 and later | `2026-11-23T03:03:14.195974Z 0 [Warning] [MY-010055] [Server] …` |
//! | MySQL 5.7 | `2026-11-23T03:03:14.195974Z 9 [Note] …` |
//! | MySQL 5.6, MariaDB 10.0 | `2013-06-01 12:00:01 1234 [Warning] …`, `… 7f0a12345700 InnoDB: …` |
//! | MariaDB 10.1 and later | `2026-11-23  2:56:30 0 [Note] …` |
//! | MySQL and MariaDB 5.5 | `130601  3:03:20 [Note] …`, `130601  3:03:20  InnoDB: …` |
//! | the script around them | `130601 03:03:20 mysqld_safe …`, `2026-11-23T03:03:14.1Z mysqld_safe …` |
//! | a container's start script | `2026-11-23 03:03:14+00:00 [Note] [Entrypoint]: …` |
//! | InnoDB before 5.7 | `InnoDB: Warning: …`, `InnoDB: Error: …` without any stamp |
//! | a crash | `03:03:14 UTC - mysqld got signal 11 ;`, with a date since 8.0.34 |

use super::record::{Label, is_signal, known_code};
use crate::time::{Stamp, StampParser, Timestamp, US_PER_S};

/// `YYYY-MM-DD HH:MM:SS`
const STAMP_LEN: usize = 19;
/// `YYMMDD HH:MM:SS`
const SHORT_LEN: usize = 15;
/// `HH:MM:SS`
const CLOCK_LEN: usize = 8;
/// How records without a stamp begin.
const UNSTAMPED: [&[u8]; 3] = [b"InnoDB: Warning: ", b"InnoDB: Error: ", b"InnoDB: ERROR: "];
const US_PER_DAY: i64 = 86_400 * US_PER_S;

/// When a record was written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum When {
    /// A point in time, and the seconds east of UTC of the clock that showed it.
    At(Timestamp, i32),
    /// A time of day in UTC, in microseconds: a crash has no time for dates.
    Clock(i64),
    /// It does not say: not before the record before.
    Unknown,
}

impl When {
    /// The point in time, given when the record before was written, and whether its zone is known.
    pub fn resolve(
        self,
        before: Option<(Timestamp, i32)>,
        is_zone_known: bool,
    ) -> Option<(Timestamp, i32)> {
        match self {
            When::At(time, offset_s) => Some((time, offset_s)),
            // Hours in UTC beside local ones would tear the records apart.
            When::Clock(_) if !is_zone_known => before,
            When::Unknown => before,
            When::Clock(us) => {
                let (last, offset_s) = before?;
                let same_day = last.0 - last.0.rem_euclid(US_PER_DAY) + us;
                let days = (last.0 - same_day + US_PER_DAY / 2).div_euclid(US_PER_DAY);
                Some((Timestamp(same_day + days * US_PER_DAY), offset_s))
            }
        }
    }
}

/// What stands before a message.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Head<'a> {
    /// When.
    pub when: When,
    /// The zone is in the stamp.
    pub has_zone: bool,
    /// The thread that wrote it: the connection's id where it is a client's; before 5.7 the
    /// process, or no number.
    pub thread: Option<u64>,
    /// How grave.
    pub label: Label,
    /// `MY-010055`, or empty.
    pub code: &'a [u8],
    /// `Server`, `InnoDB`, `Repl` …, or empty.
    pub subsystem: &'a [u8],
    /// Where the message begins in the line.
    pub message_at: usize,
}

impl<'a> Head<'a> {
    /// Reads the head of a line, if it begins a record.
    pub fn read(line: &'a [u8], stamps: &mut StampParser<'_>) -> Option<Head<'a>> {
        if !line.first()?.is_ascii_digit() {
            let is_one = UNSTAMPED.iter().any(|start| line.starts_with(start));
            return is_one.then_some(Head::bare(When::Unknown, 0));
        }
        if let Some(us) = clock(line) {
            let message_at = behind_utc(line, CLOCK_LEN)?;
            return Some(Head { has_zone: true, ..Head::bare(When::Clock(us), message_at) });
        }
        let (stamp, at) = stamp(line, stamps)?;
        let bare = Head {
            has_zone: stamp.zone.1 > 0,
            ..Head::bare(When::At(stamp.time, stamp.offset_s), at)
        };
        if let Some(message_at) = behind_utc(line, at) {
            return Some(Head { message_at, ..bare });
        }
        let at = behind_blanks(line, at);
        let (thread, after_thread) = thread(line, at);
        bare.labelled(line, thread, after_thread)
            .or_else(|| bare.labelled(line, None, at))
            .or_else(|| bare.unlabelled(line, thread, after_thread))
            .or_else(|| bare.unlabelled(line, None, at))
    }

    fn bare(when: When, message_at: usize) -> Head<'a> {
        Head {
            when,
            has_zone: false,
            thread: None,
            label: Label::None,
            code: b"",
            subsystem: b"",
            message_at,
        }
    }

    /// `[Note] [MY-010055] [Server] ` at `at`, the last two since 8.0.
    fn labelled(self, line: &'a [u8], thread: Option<u64>, at: usize) -> Option<Head<'a>> {
        let (word, mut at) = bracketed(line, at)?;
        let label = Label::of_word(word)?;
        let mut head = Head { thread, label, ..self };
        if let Some((code, behind)) = bracketed(line, at).filter(|(code, _)| is_code(code)) {
            head.code = if known_code(code) { code } else { b"" };
            at = behind;
            if let Some((subsystem, behind)) = bracketed(line, at) {
                (head.subsystem, at) = (subsystem, behind);
            }
        }
        Some(Head { message_at: at, ..head })
    }

    /// What the storage engine, the start script and the monitor write without a label.
    fn unlabelled(self, line: &'a [u8], thread: Option<u64>, at: usize) -> Option<Head<'a>> {
        const STARTS: [&[u8]; 5] = [
            b"InnoDB: ",
            b"mysqld_safe ",
            b"mariadbd-safe ",
            b"INNODB MONITOR OUTPUT",
            b"mysqld: ",
        ];
        let text = line.get(at..)?;
        STARTS.iter().any(|start| text.starts_with(start)).then_some(Head {
            thread,
            message_at: at,
            ..self
        })
    }
}

/// A stamp at the start of a line, and where it ends there. Those of older servers are padded with
/// blanks or lack the century.
pub(in crate::read) fn stamp(line: &[u8], stamps: &mut StampParser<'_>) -> Option<(Stamp, usize)> {
    if line.get(4) == Some(&b'-') {
        if line.get(11) != Some(&b' ') {
            return stamps.parse(line).map(|stamp| (stamp, stamp.len));
        }
        let mut full: [u8; STAMP_LEN] = *line.first_chunk()?;
        full[11] = b'0';
        return stamps.parse(&full).map(|stamp| (stamp, STAMP_LEN));
    }
    let short: &[u8; SHORT_LEN] = line.first_chunk()?;
    if short[6] != b' ' || !short[..6].iter().all(u8::is_ascii_digit) {
        return None;
    }
    let mut full = *b"2000-00-00 00:00:00";
    full[2..4].copy_from_slice(&short[..2]);
    full[5..7].copy_from_slice(&short[2..4]);
    full[8..10].copy_from_slice(&short[4..6]);
    full[11..].copy_from_slice(&short[7..]);
    if full[11] == b' ' {
        full[11] = b'0';
    }
    stamps.parse(&full).map(|stamp| (stamp, SHORT_LEN))
}

/// `HH:MM:SS` at the start of a line, in microseconds since midnight.
fn clock(line: &[u8]) -> Option<i64> {
    let clock: &[u8; CLOCK_LEN] = line.first_chunk()?;
    let two = |at: usize| match clock.get(at..at + 2)? {
        [a @ b'0'..=b'9', b @ b'0'..=b'9'] => Some(i64::from(a - b'0') * 10 + i64::from(b - b'0')),
        _ => None,
    };
    let (hour, minute, second) = (two(0)?, two(3)?, two(6)?);
    let is_one = clock[2] == b':' && clock[5] == b':' && hour < 24 && minute < 60 && second <= 60;
    is_one.then_some(((hour * 60 + minute) * 60 + second) * US_PER_S)
}

/// Behind ` UTC - ` at `at`, where a crash follows.
fn behind_utc(line: &[u8], at: usize) -> Option<usize> {
    const MARK: &[u8] = b"UTC - ";
    let at = behind_blanks(line, at);
    let rest = line.get(at..)?.strip_prefix(MARK)?;
    is_signal(rest).then_some(at + MARK.len())
}

/// The thread's number at `at` and what is behind it and its blanks; no number if it is one of the
/// operating system's (`7f0a12345700`, which may touch the message, or `0x7f0a12345700`).
fn thread(line: &[u8], at: usize) -> (Option<u64>, usize) {
    let rest = line.get(at..).unwrap_or_default();
    let hex = rest.strip_prefix(b"0x").unwrap_or(rest);
    let marks = rest.len() - hex.len();
    let digits = hex.iter().take(20).take_while(|b| b.is_ascii_hexdigit()).count();
    if digits == 0 {
        return (None, at);
    }
    let number = std::str::from_utf8(&rest[..marks + digits]).ok();
    (number.and_then(|number| number.parse().ok()), behind_blanks(line, at + marks + digits))
}

/// What stands in brackets at `at`, and where the text behind it begins.
fn bracketed(line: &[u8], at: usize) -> Option<(&[u8], usize)> {
    const MAX_WORD: usize = 32;
    let inside = line.get(at..)?.strip_prefix(b"[")?;
    let close = inside.iter().take(MAX_WORD).position(|b| *b == b']')?;
    let behind = at + 1 + close + 1;
    // A container's start script writes `[Entrypoint]: `.
    Some((&inside[..close], behind_blanks(line, behind)))
}

/// `MY-010055`.
fn is_code(word: &[u8]) -> bool {
    word.strip_prefix(b"MY-").is_some_and(|n| !n.is_empty() && n.iter().all(u8::is_ascii_digit))
}

fn behind_blanks(line: &[u8], at: usize) -> usize {
    let rest = line.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|b| **b == b' ').count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ZoneTable;

    #[test]
    fn reads_the_heads_of_every_generation() {
        let zones = ZoneTable::default();
        let mut stamps = StampParser::new(&zones);
        for (line, expected) in [
            (
                "2026-11-23T03:03:14.195974Z 0 [Warning] [MY-010055] [Server] IP address",
                "2026-11-23T03:03:14.195974Z 0 Warning MY-010055 Server|IP address",
            ),
            (
                "2026-11-23T04:03:14.195974+01:00 9 [Note] Aborted connection 9",
                "2026-11-23T03:03:14.195974Z 9 Note  |Aborted connection 9",
            ),
            ("2013-06-01 12:00:01 1234 [Warning] x", "2013-06-01T12:00:01.000Z 1234 Warning  |x"),
            (
                "2013-06-01 12:00:01 7f0a12345700 InnoDB: x",
                "2013-06-01T12:00:01.000Z - None  |InnoDB: x",
            ),
            (
                "2013-06-01 12:00:01 7f0a12345700InnoDB: x",
                "2013-06-01T12:00:01.000Z - None  |InnoDB: x",
            ),
            ("2026-11-23  2:56:30 0 [Note] x", "2026-11-23T02:56:30.000Z 0 Note  |x"),
            ("261123 12:39:51 [ERROR] x", "2026-11-23T12:39:51.000Z - Error  |x"),
            ("130601  3:03:20  InnoDB: x", "2013-06-01T03:03:20.000Z - None  |InnoDB: x"),
            ("130601 03:03:20 mysqld_safe x", "2013-06-01T03:03:20.000Z - None  |mysqld_safe x"),
            (
                "2026-11-23T03:03:14.195974Z mysqld_safe x",
                "2026-11-23T03:03:14.195974Z - None  |mysqld_safe x",
            ),
            (
                "2026-11-23 03:03:14+00:00 [Note] [Entrypoint]: x",
                "2026-11-23T03:03:14.000Z - Note  |[Entrypoint]: x",
            ),
            (
                "2026-11-23T03:03:14Z UTC - mysqld got signal 6 ;",
                "2026-11-23T03:03:14.000Z - None  |mysqld got signal 6 ;",
            ),
        ] {
            let head = Head::read(line.as_bytes(), &mut stamps).expect(line);
            let text = |part: &[u8]| String::from_utf8_lossy(part).into_owned();
            let When::At(time, _) = head.when else { panic!("{line}") };
            let told = format!(
                "{} {} {:?} {} {}|{}",
                time.rfc3339(),
                head.thread.map_or("-".to_owned(), |thread| thread.to_string()),
                head.label,
                text(head.code),
                text(head.subsystem),
                text(&line.as_bytes()[head.message_at..])
            );
            assert_eq!(told, expected, "{line}");
        }
        for line in [
            "",
            "InnoDB: x",
            "2013-06-01 12:00:01 7f0a12345700",
            "2026-11-23T03:03:14.195974Z\t    9 Query\tselect 1",
            "2026-11-23 03:03:14 UTC [12] LOG:  x",
            "InnoDB: Doing recovery: scanned up to log sequence number 5",
            "03:03:14 UTC - something else",
            "261323 12:39:51 [ERROR] no such month",
            "2026-11-23 03:03:14 0 [Novel] x",
        ] {
            assert_eq!(Head::read(line.as_bytes(), &mut stamps), None, "{line}");
        }
    }

    #[test]
    fn a_clock_alone_takes_the_nearest_day() {
        let zones = ZoneTable::default();
        let head = |line: &str| {
            Head::read(line.as_bytes(), &mut StampParser::new(&zones)).expect(line).when
        };
        let crash = head("00:00:05 UTC - mysqld got signal 11 ;");
        for (before, expected) in [
            ("2026-11-23 23:59:58 0 [Note] x", "2026-11-24T00:00:05.000Z"),
            ("2026-11-23 00:00:01 0 [Note] x", "2026-11-23T00:00:05.000Z"),
        ] {
            let before = head(before).resolve(None, true);
            assert_eq!(crash.resolve(before, false), before);
            let found = crash.resolve(before, true);
            assert_eq!(found.map(|(time, _)| time.rfc3339()).as_deref(), Some(expected));
        }
        assert_eq!(crash.resolve(None, true), None);
        assert_eq!(head("InnoDB: Error: x"), When::Unknown);
    }
}
