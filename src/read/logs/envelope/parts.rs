//! How PostgreSQL cuts a message for syslog, and how its parts join again.
//!
//! It numbers messages and their parts (`[5-2] `), unless `syslog_sequence_numbers` is off. It cuts at
//! line ends, where the next part begins with a tab or, for DETAIL and its kin, with the prefix; and
//! in lines of more than 900 bytes (1024 before 8.4) at the last blank, or where there is none in the
//! midst of a word.

use super::Joint;
use memchr::memmem;

/// `[5-2] `: the numbers, and how long it is.
#[inline]
pub(super) fn numbered(text: &[u8]) -> Option<(u64, u64, usize)> {
    let rest = text.strip_prefix(b"[")?;
    let (number, dash) = digits(rest)?;
    let rest = rest.get(dash..)?.strip_prefix(b"-")?;
    let (part, close) = digits(rest)?;
    let length = dash + close + 4;
    (rest.get(close..)?.starts_with(b"] ")).then_some((number, part, length))
}

#[inline]
fn digits(text: &[u8]) -> Option<(u64, usize)> {
    let length = text.iter().take(18).take_while(|b| b.is_ascii_digit()).count();
    let value = text.iter().take(length).fold(0, |value, b| value * 10 + u64::from(b - b'0'));
    (length > 0).then_some((value, length))
}

/// How a part joins the one before it, whose text had so many bytes.
pub(super) fn joint(before_bytes: usize, part: &[u8]) -> Joint {
    const LONG: usize = 512;
    const FULL: usize = 850;
    let is_full = matches!(before_bytes, 896..=900 | 1021..=1024);
    let goes_on = match part.first() {
        Some(b'\t') => false,
        // Behind a short part the blank was a tab, unless one long word did not fit there.
        Some(b' ') => before_bytes >= LONG || part.len() >= FULL,
        _ => is_full,
    };
    if goes_on && !has_label(part) { Joint::SameLine } else { Joint::NewLine }
}

/// Whether a part begins a line of its own: `… DETAIL:  `.
fn has_label(part: &[u8]) -> bool {
    const WITHIN: usize = 300;
    const LABELS: &[&[u8]] =
        &[b"DETAIL", b"HINT", b"CONTEXT", b"STATEMENT", b"QUERY", b"LOCATION", b"BACKTRACE"];
    let head = part.get(..part.len().min(WITHIN)).unwrap_or_default();
    memmem::find_iter(head, b":  ").any(|colon| {
        let before = head.get(..colon).unwrap_or_default();
        LABELS.iter().any(|label| before.ends_with(label))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_join_as_they_were_cut() {
        use Joint::{NewLine, SameLine};
        let word = "x".repeat(880);
        for (before_bytes, part, expected) in [
            (80, "\tFROM a", NewLine),
            (899, "\tFROM a", NewLine),
            (893, " FROM a", SameLine),
            (40, " FROM a", NewLine),
            (40, &format!(" {word}"), SameLine),
            (900, "rest of a word", SameLine),
            (897, "\u{e9}", SameLine),
            (1024, "rest", SameLine),
            (850, "a line whose tab was taken away", NewLine),
            (900, "user=app STATEMENT:  select", NewLine),
            (893, " sql_error_code = 00000 DETAIL:  x", NewLine),
            (900, "UNDETAILED: x  y", SameLine),
        ] {
            assert_eq!(joint(before_bytes, part.as_bytes()), expected, "{before_bytes} {part}");
        }
    }
}
