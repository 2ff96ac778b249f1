//! Strings of JSON: as they stand between their quotes, and the texts they mean.

use memchr::memchr;
use std::borrow::Cow;

/// A string as it stands between its quotes.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(in crate::read::logs) struct Str<'a> {
    raw: &'a [u8],
    /// The text ends before the string does.
    is_cut: bool,
}

impl<'a> Str<'a> {
    /// What stands between two quotes, or behind one where the text ends before the string does.
    pub fn new(raw: &'a [u8], is_cut: bool) -> Str<'a> {
        Str { raw, is_cut }
    }

    /// What stands between two quotes.
    pub fn whole(raw: &'a [u8]) -> Str<'a> {
        Str::new(raw, false)
    }

    /// As it stands between its quotes.
    pub fn raw(self) -> &'a [u8] {
        self.raw
    }

    /// Both sides of a place between two characters, as they stand.
    pub fn split_at(self, at: usize) -> (Str<'a>, Str<'a>) {
        let (before, behind) = self.raw.split_at_checked(at).unwrap_or((self.raw, b""));
        (Str::new(before, false), Str::new(behind, self.is_cut))
    }

    /// Whether the text ends before the string does.
    pub fn is_cut(self) -> bool {
        self.is_cut
    }

    /// The text, borrowed where nothing is escaped.
    #[inline]
    pub fn text(self) -> Cow<'a, [u8]> {
        match memchr(b'\\', self.raw) {
            None => Cow::Borrowed(self.raw),
            Some(_) => {
                let mut out = Vec::with_capacity(self.raw.len());
                self.push_to(&mut out);
                Cow::Owned(out)
            }
        }
    }

    /// Appends the text. An escape that no JSON has stays as it is; half of a character that needs
    /// two becomes U+FFFD.
    #[inline]
    pub fn push_to(self, out: &mut Vec<u8>) {
        let mut rest = self.raw;
        while let Some(at) = memchr(b'\\', rest) {
            let (before, escape) = rest.split_at(at);
            out.extend_from_slice(before);
            let used = push_escape(escape, out);
            rest = escape.get(used..).unwrap_or_default();
        }
        out.extend_from_slice(rest);
    }
}

/// Appends what an escape stands for; how many bytes it takes. One that the text's end cuts stands
/// for nothing.
#[inline]
fn push_escape(escape: &[u8], out: &mut Vec<u8>) -> usize {
    let byte = match escape.get(1) {
        Some(b'n') => b'\n',
        Some(b't') => b'\t',
        Some(b'r') => b'\r',
        Some(b'b') => 8,
        Some(b'f') => 12,
        Some(c @ (b'"' | b'\\' | b'/')) => *c,
        Some(b'u') => return push_unicode(escape, out),
        Some(_) => b'\\',
        None => return escape.len(),
    };
    out.push(byte);
    if byte == b'\\' && escape.get(1) != Some(&b'\\') { 1 } else { 2 }
}

#[cold]
fn push_unicode(escape: &[u8], out: &mut Vec<u8>) -> usize {
    const UNIT_BYTES: usize = 6;
    let unit = |at: usize| -> Option<u32> {
        let digits = escape.get(at..at + UNIT_BYTES)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |n, b| Some(n * 16 + char::from(*b).to_digit(16)?))
    };
    let Some(first) = unit(0) else {
        if escape.len() < UNIT_BYTES {
            return escape.len();
        }
        out.push(b'\\');
        return 1;
    };
    let (code, used) = match (first, unit(UNIT_BYTES)) {
        (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
            (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), 2 * UNIT_BYTES)
        }
        _ => (first, UNIT_BYTES),
    };
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    used
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_those_of_another_reader() {
        for raw in [
            "plain",
            r"\n\t\r\b\f\/\\ \u0041\u00e9\u20ac",
            r"\ud83d\ude00!",
            r"\u0000\u001f",
            "é€😀",
        ] {
            let expected: String = serde_json::from_str(&format!("\"{raw}\"")).expect(raw);
            assert_eq!(*Str::new(raw.as_bytes(), false).text(), *expected.as_bytes(), "{raw}");
        }
        for (raw, expected) in [
            (r"\ud83d x", "\u{fffd} x"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\ude00", "\u{fffd}"),
            (r"a\x", r"a\x"),
            (r"a\uzzzz", r"a\uzzzz"),
            (r"a\u12", "a"),
            (r"a\", "a"),
        ] {
            assert_eq!(*Str::new(raw.as_bytes(), false).text(), *expected.as_bytes(), "{raw}");
        }
    }
}
