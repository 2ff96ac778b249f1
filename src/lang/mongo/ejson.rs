//! Extended JSON v2, written piece by piece: strings, bytes and numbers of any carrier's values.
//!
//! Input: bytes as they stand in a carrier. Output: valid JSON text, appended; what is no UTF-8
//! becomes U+FFFD.

/// Numbers beyond this are not exact as a double, so that other readers would change them.
const EXACT_MAX: u64 = 1 << 53;

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a string with its quotes.
pub(crate) fn push_string(bytes: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    push_escaped(bytes, out);
    out.push(b'"');
}

/// Appends what stands between the quotes of a string.
pub(super) fn push_escaped(bytes: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    let mut rest = bytes;
    while let Some(at) = rest.iter().position(|b| needs_escape(*b)) {
        let (plain, special) = rest.split_at(at);
        out.extend_from_slice(plain);
        if let Some((byte, behind)) = special.split_first() {
            push_special(*byte, out);
            rest = behind;
        }
    }
    out.extend_from_slice(rest);
    replace_invalid(start, out);
}

/// Whether a byte cannot stand in a JSON string as it is.
pub(super) fn needs_escape(byte: u8) -> bool {
    matches!(byte, b'"' | b'\\' | ..0x20)
}

/// Appends a byte that cannot stand in a JSON string as it is.
pub(super) fn push_special(byte: u8, out: &mut Vec<u8>) {
    match byte {
        b'"' | b'\\' => out.extend_from_slice(&[b'\\', byte]),
        b'\n' => out.extend_from_slice(b"\\n"),
        b'\r' => out.extend_from_slice(b"\\r"),
        b'\t' => out.extend_from_slice(b"\\t"),
        _ => {
            out.extend_from_slice(b"\\u00");
            push_hex(&[byte], out);
        }
    }
}

/// Replaces what is no UTF-8 behind `start`.
pub(super) fn replace_invalid(start: usize, out: &mut Vec<u8>) {
    let written = out.get(start..).unwrap_or_default();
    if std::str::from_utf8(written).is_err() {
        let replaced = String::from_utf8_lossy(written).into_owned();
        out.truncate(start);
        out.extend_from_slice(replaced.as_bytes());
    }
}

/// Appends an integer of 64 bits; one that is not exact as a double is marked.
pub(super) fn push_integer(number: i64, out: &mut Vec<u8>) {
    let is_exact = number.unsigned_abs() <= EXACT_MAX;
    let text = number.to_string();
    if is_exact { out.extend_from_slice(text.as_bytes()) } else { push_long(text.as_bytes(), out) }
}

/// Appends an integer by its digits, marked as one of 64 bits.
pub(super) fn push_long(digits: &[u8], out: &mut Vec<u8>) {
    push_wrapped(b"$numberLong", digits, out);
}

/// Appends `{"name":"text"}`.
pub(super) fn push_wrapped(name: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"");
    out.extend_from_slice(name);
    out.extend_from_slice(b"\":");
    push_string(text, out);
    out.push(b'}');
}

/// Appends a timestamp of replication: seconds since 1970 and a counter within the second.
pub(super) fn push_timestamp(seconds: u64, increment: u64, out: &mut Vec<u8>) {
    let text = format!("{{\"$timestamp\":{{\"t\":{seconds},\"i\":{increment}}}}}");
    out.extend_from_slice(text.as_bytes());
}

/// Appends binary data; a UUID (subtype 4) as such.
pub(super) fn push_binary(bytes: &[u8], subtype: u8, out: &mut Vec<u8>) {
    if let (4, Ok(uuid)) = (subtype, <&[u8; 16]>::try_from(bytes)) {
        out.extend_from_slice(b"{\"$uuid\":\"");
        for (at, byte) in uuid.iter().enumerate() {
            if matches!(at, 4 | 6 | 8 | 10) {
                out.push(b'-');
            }
            push_hex(&[*byte], out);
        }
        out.extend_from_slice(b"\"}");
        return;
    }
    out.extend_from_slice(b"{\"$binary\":{\"base64\":\"");
    push_base64(bytes, out);
    push_subtype(subtype, out);
}

/// Appends binary data that is Base64 already.
pub(super) fn push_binary_base64(base64: &[u8], subtype: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"$binary\":{\"base64\":\"");
    push_escaped(base64, out);
    push_subtype(subtype, out);
}

fn push_subtype(subtype: u8, out: &mut Vec<u8>) {
    out.extend_from_slice(b"\",\"subType\":\"");
    push_hex(&[subtype], out);
    out.extend_from_slice(b"\"}}");
}

/// Appends a regular expression by its pattern and its flags.
pub(super) fn push_regex(pattern: &[u8], options: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"$regularExpression\":{\"pattern\":");
    push_string(pattern, out);
    out.extend_from_slice(b",\"options\":");
    push_string(options, out);
    out.extend_from_slice(b"}}");
}

/// Appends two hexadecimal digits for each byte.
pub(super) fn push_hex(bytes: &[u8], out: &mut Vec<u8>) {
    let digit = |nibble: u8| HEX.get(usize::from(nibble)).copied().unwrap_or(b'0');
    out.extend(bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]));
}

/// The bytes that hexadecimal digits stand for; `None` if they are not such.
pub(super) fn unhex(digits: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = digits.as_chunks::<2>() else { return None };
    let nibble = |digit: u8| (digit as char).to_digit(16);
    pairs.iter().map(|[a, b]| u8::try_from(nibble(*a)? * 16 + nibble(*b)?).ok()).collect()
}

fn push_base64(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let bits = group.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte));
        let bits = bits << (8 * (3 - group.len()));
        for place in 0..4 {
            let six = (bits >> (18 - 6 * place) & 63) as usize;
            let sign = BASE64.get(six).filter(|_| place <= group.len());
            out.push(sign.copied().unwrap_or(b'='));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_written_as_base64_and_uuids() {
        for (bytes, subtype, expected) in [
            (&b""[..], 0, r#"{"$binary":{"base64":"","subType":"00"}}"#),
            (b"f", 0, r#"{"$binary":{"base64":"Zg==","subType":"00"}}"#),
            (b"fo", 5, r#"{"$binary":{"base64":"Zm8=","subType":"05"}}"#),
            (b"foobar", 128, r#"{"$binary":{"base64":"Zm9vYmFy","subType":"80"}}"#),
            (b"\xff\xfe\xfd", 4, r#"{"$binary":{"base64":"//79","subType":"04"}}"#),
            (
                b"\x01\x23\x45\x67\x89\xab\xcd\xef\x01\x23\x45\x67\x89\xab\xcd\xef",
                4,
                r#"{"$uuid":"01234567-89ab-cdef-0123-456789abcdef"}"#,
            ),
        ] {
            let mut out = Vec::new();
            push_binary(bytes, subtype, &mut out);
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
        assert_eq!(unhex(b"00fFa1"), Some(vec![0, 255, 0xa1]));
        assert_eq!((unhex(b"0"), unhex(b"0g")), (None, None));
    }

    #[test]
    fn strings_and_integers_are_valid_json() {
        let mut out = Vec::new();
        push_string(b"a\"\\\n\x01\xff\xc3\xa9", &mut out);
        assert_eq!(String::from_utf8(out).expect("text"), "\"a\\\"\\\\\\n\\u0001\u{fffd}\u{e9}\"");
        let written = |number| {
            let mut out = Vec::new();
            push_integer(number, &mut out);
            String::from_utf8(out).expect("text")
        };
        assert_eq!(written(-(1 << 53)), "-9007199254740992");
        assert_eq!(written((1 << 53) + 1), r#"{"$numberLong":"9007199254740993"}"#);
        assert_eq!(written(i64::MIN), r#"{"$numberLong":"-9223372036854775808"}"#);
    }
}
