//! Strings of JSON without their escapes.

use crate::lang::json::push_unescaped;
use std::borrow::Cow;

/// A string's text; borrowed where it holds no escapes. A damaged escape stays as it is written.
#[inline]
pub(super) fn decoded(text: &[u8], has_escapes: bool) -> Cow<'_, [u8]> {
    if has_escapes { Cow::Owned(without_escapes(text)) } else { Cow::Borrowed(text) }
}

fn without_escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let cut = push_unescaped(text, &mut out);
    out.extend_from_slice(cut);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_become_what_they_stand_for() {
        for (text, expected) in [
            (r#"a\"b\\c\/d"#, r#"a"b\c/d"#),
            (r"\n\t\r\b\f", "\n\t\r\u{8}\u{c}"),
            (r"\u00e9\u20AC", "é€"),
            (r"\ud83d\ude00!", "😀!"),
            (r"\ud83dx\ude00", "\u{fffd}x\u{fffd}"),
            (r"\ud83d\u0041", "\u{fffd}A"),
            (r"\u12", r"\u12"),
            (r"\q\", r"\q\"),
        ] {
            assert_eq!(decoded(text.as_bytes(), true), expected.as_bytes(), "{text}");
        }
        assert_eq!(decoded(b"\\n", false), b"\\n".as_slice());
    }
}
