//! What a line of the general log begins with: `TIME<tab>   ID COMMAND<tab>`, in every layout.
//!
//! Up to 5.6, and in MariaDB, the time is `YYMMDD HH:MM:SS` in the server's zone, and two tabs where
//! the second is that of the line before; since 5.7 it is an ISO stamp with its zone. MySQL 5.0 pads
//! the command with blanks where later ones write a tab.

use super::super::commands::Command;
use memchr::memchr;

/// Bytes that a stamp may take.
const STAMP_MAX: usize = 40;
/// Digits that a thread id may have.
const ID_DIGITS: usize = 20;
/// Bytes that a command and the tab behind it may take.
const NAME_MAX: usize = 32;
/// How wide MySQL 5.0 pads a command.
const PADDED: usize = 11;

/// What a record begins with.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mysql) struct Head<'a> {
    /// Its time as written; `None` where it is that of the record before.
    pub stamp: Option<Stamp<'a>>,
    /// The thread that serves the session.
    pub thread_id: u64,
    /// The command.
    pub command: Command,
    /// Bytes up to the argument.
    pub len: usize,
}

/// A time as written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::read::logs::mysql) enum Stamp<'a> {
    /// `2026-11-23T03:05:15.848371Z`
    Iso(&'a [u8]),
    /// `261123  3:05:15`, as `2026-11-23 03:05:15`.
    Local(LocalStamp),
}

/// A time of the server's own zone: `2026-11-23 03:05:15`.
pub(in crate::read::logs::mysql) type LocalStamp = [u8; 19];

impl<'a> Head<'a> {
    /// Reads the head of a line; the answer depends on the head's own bytes only.
    #[inline]
    pub fn read(line: &'a [u8]) -> Option<Head<'a>> {
        let (stamp, behind) = match line.first()? {
            b'\t' => (None, line.strip_prefix(b"\t\t")?),
            b'0'..=b'9' if line.get(4) == Some(&b'-') => {
                let tab = memchr(b'\t', line.get(..STAMP_MAX.min(line.len()))?)?;
                let stamp = line.get(..tab).filter(|stamp| is_iso(stamp))?;
                (Some(Stamp::Iso(stamp)), line.get(tab + 1..)?)
            }
            b'0'..=b'9' => {
                let (stamp, behind) = local(line)?;
                (Some(Stamp::Local(stamp)), behind.strip_prefix(b"\t")?)
            }
            _ => return None,
        };
        let blanks = behind.iter().take_while(|b| **b == b' ').count();
        let behind = behind.get(blanks..)?;
        let digits = behind.iter().take(ID_DIGITS).take_while(|b| b.is_ascii_digit()).count();
        let thread_id = std::str::from_utf8(behind.get(..digits)?).ok()?.parse().ok()?;
        let behind = behind.get(digits..)?.strip_prefix(b" ")?;
        let (command, behind) = command(behind)?;
        Some(Head { stamp, thread_id, command, len: line.len() - behind.len() })
    }

    /// What follows the command is a statement.
    pub fn has_statement(&self) -> bool {
        matches!(self.command.name, "Query" | "Execute" | "Prepare")
    }
}

/// The command, and what follows it.
fn command(text: &[u8]) -> Option<(Command, &[u8])> {
    let tab = memchr(b'\t', text.get(..text.len().min(NAME_MAX))?);
    let ended = tab.and_then(|tab| Some((Command::of_name(text.get(..tab)?)?, tab + 1)));
    let padded = || Some((Command::of_name(text.get(..PADDED)?.trim_ascii_end())?, PADDED));
    let (command, length) = ended.or_else(padded)?;
    Some((command, text.get(length..)?))
}

fn is_iso(stamp: &[u8]) -> bool {
    const FORM: &[u8; 19] = b"0000-00-00T00:00:00";
    stamp.len() > FORM.len()
        && FORM.iter().zip(stamp).all(|(form, byte)| match form {
            b'0' => byte.is_ascii_digit(),
            mark => byte == mark,
        })
}

/// `261123  3:05:15` and what follows it.
pub(in crate::read::logs::mysql) fn local(line: &[u8]) -> Option<(LocalStamp, &[u8])> {
    let (date, rest) = line.split_at_checked(6)?;
    let rest = rest.strip_prefix(b" ")?;
    let rest = rest.strip_prefix(b" ").unwrap_or(rest);
    let hour_digits = memchr(b':', rest.get(..rest.len().min(3))?)?;
    let (hour, rest) = rest.split_at_checked(hour_digits)?;
    let (clock, behind) = rest.split_at_checked(6)?;
    let [tens, ones] = match hour {
        [ones] => [b'0', *ones],
        [tens, ones] => [*tens, *ones],
        _ => return None,
    };
    let [y1, y2, mo1, mo2, d1, d2] = *date.first_chunk()?;
    let [b':', mi1, mi2, b':', s1, s2] = *clock.first_chunk()? else { return None };
    let digits = [y1, y2, mo1, mo2, d1, d2, tens, ones, mi1, mi2, s1, s2];
    let is_time = digits.iter().all(u8::is_ascii_digit)
        && (b"01"..=b"12").contains(&&[mo1, mo2])
        && (b"01"..=b"31").contains(&&[d1, d2])
        && [tens, ones] < *b"24"
        && mi1 < b'6'
        && s1 <= b'6';
    let stamp = [
        b'2', b'0', y1, y2, b'-', mo1, mo2, b'-', d1, d2, b' ', tens, ones, b':', mi1, mi2, b':',
        s1, s2,
    ];
    is_time.then_some((stamp, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_heads_of_every_generation() {
        for (line, stamp, thread_id, name, argument) in [
            (
                "261123  2:56:30\t     3 Connect\troot@x on  using TCP/IP",
                "2026-11-23 02:56:30",
                3,
                "Connect",
                "root@x on  using TCP/IP",
            ),
            ("\t\t     3 Quit\t\n", "", 3, "Quit", "\n"),
            (
                "2026-11-23T03:05:15.848371Z\t    8 Query\tselect 1",
                "2026-11-23T03:05:15.848371Z",
                8,
                "Query",
                "select 1",
            ),
            (
                "2026-11-23T04:05:15.848371+01:00\t    8 Init DB\tshop",
                "2026-11-23T04:05:15.848371+01:00",
                8,
                "Init DB",
                "shop",
            ),
            (
                "071015 21:43:52\t      1 Query       SELECT 1",
                "2007-10-15 21:43:52",
                1,
                "Query",
                " SELECT 1",
            ),
            ("\t\t    12 Close stmt\t", "", 12, "Close stmt", ""),
        ] {
            let head = Head::read(line.as_bytes()).expect(line);
            let shown = match &head.stamp {
                None => String::new(),
                Some(Stamp::Iso(text)) => String::from_utf8_lossy(text).into_owned(),
                Some(Stamp::Local(text)) => String::from_utf8_lossy(text).into_owned(),
            };
            assert_eq!(
                (shown.as_str(), head.thread_id, head.command.name),
                (stamp, thread_id, name)
            );
            assert_eq!(&line[head.len..], argument);
        }
        for line in [
            "261123  9:99:99\t     9 Query\tselect forged()",
            "261323  9:09:09\t     9 Query\tno such month",
            "\t     9 Query\tone tab",
            "\t\t     9 Select\tno command",
            "\t\t  Query\tno id",
            "2026-11-23 03:05:15\t    8 Query\tno T",
            "2026-11-23T03:05:15.8Z",
            "",
        ] {
            assert_eq!(Head::read(line.as_bytes()), None, "{line}");
        }
    }
}
