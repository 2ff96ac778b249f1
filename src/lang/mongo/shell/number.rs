//! Numbers of shell text, by their digits: none passes through a float.

use crate::lang::mongo::ejson;

/// Appends a number as JSON writes it; whether the text is one. An integer that a double would
/// change is marked as one of 64 bits.
pub(super) fn push_number(text: &[u8], out: &mut Vec<u8>) -> bool {
    if let Some(number) = integer(text) {
        ejson::push_integer(number, out);
        return true;
    }
    let (sign, rest) = match text {
        [sign @ (b'-' | b'+'), rest @ ..] => (*sign, rest),
        _ => (b'+', text),
    };
    let (whole, rest) = digits(rest);
    let (fraction, rest) = rest.strip_prefix(b".").map_or((&[][..], rest), digits);
    let (exponent, rest) = match rest {
        [b'e' | b'E', signed @ ..] => {
            let unsigned = signed.strip_prefix(b"-").or(signed.strip_prefix(b"+"));
            let (digits, rest) = digits(unsigned.unwrap_or(signed));
            let bytes = signed.len() - rest.len();
            (signed.get(..bytes).filter(|_| !digits.is_empty()), rest)
        }
        _ => (Some(&[][..]), rest),
    };
    let Some(exponent) = exponent.filter(|_| rest.is_empty()) else { return false };
    if whole.is_empty() && fraction.is_empty() {
        return false;
    }
    if sign == b'-' {
        out.push(b'-');
    }
    let zeros = whole.iter().take_while(|b| **b == b'0').count();
    let whole = whole.get(zeros..).filter(|whole| !whole.is_empty());
    out.extend_from_slice(whole.unwrap_or(b"0"));
    let is_dotted = memchr::memchr(b'.', text).is_some();
    if is_dotted {
        out.push(b'.');
        out.extend_from_slice(if fraction.is_empty() { b"0" } else { fraction });
    }
    if !exponent.is_empty() {
        out.push(b'e');
        out.extend_from_slice(exponent);
    }
    true
}

fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    text.split_at(text.iter().take_while(|b| b.is_ascii_digit()).count())
}

/// An integer of 64 bits.
pub(super) fn integer(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// An integer of 64 bits without a sign.
pub(super) fn unsigned(text: &[u8]) -> Option<u64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// An integer by its halves of 32 bits, each of which may be written with or without a sign.
pub(super) fn bits(low: i64, high: i64) -> i64 {
    high << 32 | (low & i64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_as_json_has_them() {
        for (text, expected) in [
            ("0", "0"),
            ("-12", "-12"),
            ("+5", "5"),
            ("33.0", "33.0"),
            ("5.", "5.0"),
            (".5", "0.5"),
            ("-.5", "-0.5"),
            ("007.25", "7.25"),
            ("1e+06", "1e+06"),
            ("1.5E-3", "1.5e-3"),
            ("-0", "0"),
            ("-0.0", "-0.0"),
            ("9223372036854775807", r#"{"$numberLong":"9223372036854775807"}"#),
            ("12345678901234567890123", "12345678901234567890123"),
        ] {
            let mut out = Vec::new();
            assert!(push_number(text.as_bytes(), &mut out), "{text}");
            assert_eq!(String::from_utf8(out).expect("text"), expected);
        }
        for text in ["", "-", ".", "e5", "1e", "1e+", "0x1f", "2014-05-31", "1.2.3", "5|1", "--1"] {
            let mut out = Vec::new();
            assert!(!push_number(text.as_bytes(), &mut out) && out.is_empty(), "{text}");
        }
    }

    #[test]
    fn halves_are_put_together() {
        for (low, high, expected) in
            [(1, 0, 1), (-1, -1, -1), (4_294_967_295, 0, 4_294_967_295), (0, 1, 1 << 32)]
        {
            assert_eq!(bits(low, high), expected);
        }
    }
}
