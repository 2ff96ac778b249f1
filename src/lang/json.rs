//! Strings of JSON: where they end, and the texts they mean.

use super::bytes::find2;
use memchr::memchr;

/// `\u` and four digits.
const UNIT_BYTES: usize = 6;

/// Where a string ends whose opening quote stands before a text: the offset of its closing quote.
#[inline]
pub(crate) fn string_end(text: &[u8]) -> Option<usize> {
    let mut at = 0;
    loop {
        at += find2(b'"', b'\\', text.get(at..)?)?;
        if text.get(at) == Some(&b'"') {
            return Some(at);
        }
        at += 2;
    }
}

/// Appends the text of what stands between two quotes. An escape that no JSON has stays as it is;
/// half of a character that needs two becomes U+FFFD. Returns the escape that the end cuts, of which
/// nothing was appended; mostly there is none.
#[inline]
pub(crate) fn push_unescaped<'a>(raw: &'a [u8], out: &mut Vec<u8>) -> &'a [u8] {
    let mut rest = raw;
    while let Some(at) = memchr(b'\\', rest) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let Some(used) = push_escape(escape, out) else { return escape };
        rest = escape.get(used..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    b""
}

/// Appends what an escape stands for; how many bytes it takes, `None` if the end cuts it.
#[inline]
fn push_escape(escape: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let byte = match escape.get(1)? {
        b'n' => b'\n',
        b't' => b'\t',
        b'r' => b'\r',
        b'b' => 8,
        b'f' => 12,
        c @ (b'"' | b'\\' | b'/') => *c,
        b'u' => return push_unicode(escape, out),
        _ => {
            out.push(b'\\');
            return Some(1);
        }
    };
    out.push(byte);
    Some(2)
}

#[cold]
fn push_unicode(escape: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let unit = |at: usize| -> Option<u32> {
        let digits = escape.get(at..at + UNIT_BYTES)?.strip_prefix(b"\\u")?;
        digits.iter().try_fold(0, |n, b| Some(n * 16 + char::from(*b).to_digit(16)?))
    };
    let Some(first) = unit(0) else {
        let digits = escape.get(2..).unwrap_or_default();
        if escape.len() < UNIT_BYTES && digits.iter().all(u8::is_ascii_hexdigit) {
            return None;
        }
        out.push(b'\\');
        return Some(1);
    };
    let (code, used) = match (first, unit(UNIT_BYTES)) {
        (0xd800..0xdc00, Some(second @ 0xdc00..0xe000)) => {
            (0x1_0000 + ((first - 0xd800) << 10) + (second - 0xdc00), 2 * UNIT_BYTES)
        }
        _ => (first, UNIT_BYTES),
    };
    let letter = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
    out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes());
    Some(used)
}
