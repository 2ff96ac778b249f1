//! Strings of JSON: as they stand between their quotes, and the texts they mean.

use crate::lang::json::push_unescaped;
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
        push_unescaped(self.raw, out);
    }
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
            (r"a\uzz", r"a\uzz"),
            (r"a\", "a"),
        ] {
            assert_eq!(*Str::new(raw.as_bytes(), false).text(), *expected.as_bytes(), "{raw}");
        }
    }
}
