//! Numbers and words inside messages: what all topics share.

use memchr::memmem;

/// What stands behind the first occurrence of a word.
pub(super) fn after<'m>(message: &'m [u8], word: &[u8]) -> Option<&'m [u8]> {
    memmem::find(message, word).map(|at| &message[at + word.len()..])
}

/// What stands between the first occurrence of one word and the next of another.
pub(super) fn between<'m>(message: &'m [u8], from: &[u8], to: &[u8]) -> Option<&'m [u8]> {
    let rest = after(message, from)?;
    memmem::find(rest, to).map(|end| &rest[..end])
}

/// The whole number at the start of a text.
pub(super) fn number(text: &[u8]) -> Option<u64> {
    let digits = text.iter().take(20).take_while(|b| b.is_ascii_digit()).count();
    std::str::from_utf8(&text[..digits]).ok()?.parse().ok()
}

/// The whole number behind a word.
pub(super) fn number_after(message: &[u8], word: &[u8]) -> Option<u64> {
    number(after(message, word)?)
}

/// The whole number that stands before a word.
pub(super) fn number_before(message: &[u8], word: &[u8]) -> Option<u64> {
    let before = &message[..memmem::find(message, word)?];
    let digits = before.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    number(&before[before.len() - digits..])
}

/// The decimal number at the start of a text, times a million, exactly: seconds as microseconds.
pub(super) fn millionths(text: &[u8]) -> Option<u64> {
    let whole = number(text)?;
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let mut us = whole.checked_mul(1_000_000)?;
    if let Some(decimals) = text[digits..].strip_prefix(b".") {
        let mut unit = 100_000;
        for digit in decimals.iter().take_while(|b| b.is_ascii_digit()).take(6) {
            us = us.saturating_add(u64::from(digit - b'0') * unit);
            unit /= 10;
        }
    }
    Some(us)
}

/// Seconds behind a word, as microseconds.
pub(super) fn seconds_after(message: &[u8], word: &[u8]) -> Option<u64> {
    millionths(after(message, word)?)
}

/// Milliseconds behind a word, as microseconds.
pub(super) fn milliseconds_after(message: &[u8], word: &[u8]) -> Option<u64> {
    millionths(after(message, word)?).map(|thousandfold| thousandfold / 1000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_numbers_exactly() {
        let text = b"wrote 12 buffers; total=1.734 s, wait 1000.119 ms, avg: 0.5 s, x=.5";
        assert_eq!(number_after(text, b"wrote "), Some(12));
        assert_eq!(number_before(text, b" buffers"), Some(12));
        assert_eq!(number_before(text, b"wrote"), None);
        assert_eq!(seconds_after(text, b"total="), Some(1_734_000));
        assert_eq!(milliseconds_after(text, b"wait "), Some(1_000_119));
        assert_eq!(seconds_after(text, b"avg: "), Some(500_000));
        assert_eq!(seconds_after(text, b"x="), None);
        assert_eq!(between(text, b"wrote ", b" buffers"), Some(&b"12"[..]));
        assert_eq!(number(b"99999999999999999999999"), None);
    }
}
