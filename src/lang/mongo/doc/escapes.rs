//! Strings of JSON without their escapes.

use std::borrow::Cow;

/// A string's text; borrowed where it holds no escapes. A damaged escape stays as it is written.
#[inline]
pub(super) fn decoded(text: &[u8], has_escapes: bool) -> Cow<'_, [u8]> {
    if has_escapes { Cow::Owned(without_escapes(text)) } else { Cow::Borrowed(text) }
}

fn without_escapes(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.extend_from_slice(rest.get(..at).unwrap_or_default());
        rest = rest.get(at + 1..).unwrap_or_default();
        let Some((&escape, behind)) = rest.split_first() else {
            out.push(b'\\');
            break;
        };
        let plain = match escape {
            b'n' => b'\n',
            b't' => b'\t',
            b'r' => b'\r',
            b'b' => 8,
            b'f' => 12,
            b'u' => {
                rest = character(rest, &mut out);
                continue;
            }
            b'"' | b'\\' | b'/' => escape,
            _ => {
                out.push(b'\\');
                escape
            }
        };
        out.push(plain);
        rest = behind;
    }
    out.extend_from_slice(rest);
    out
}

/// Reads `uXXXX`, a pair of surrogates included; returns what follows.
fn character<'t>(text: &'t [u8], out: &mut Vec<u8>) -> &'t [u8] {
    let Some(first) = code(text) else {
        out.extend_from_slice(b"\\u");
        return text.get(1..).unwrap_or_default();
    };
    let behind = text.get(5..).unwrap_or_default();
    let second = behind.strip_prefix(b"\\").and_then(code);
    let (value, rest) = match (first, second) {
        (0xd800..0xdc00, Some(low @ 0xdc00..0xe000)) => (
            0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00),
            behind.get(6..).unwrap_or_default(),
        ),
        _ => (first, behind),
    };
    let character = char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
    rest
}

/// The code of `uXXXX`.
fn code(text: &[u8]) -> Option<u32> {
    let digits = text.strip_prefix(b"u")?.get(..4)?;
    digits.iter().try_fold(0, |code, digit| Some(code * 16 + char::from(*digit).to_digit(16)?))
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
