//! Numbers of Extended JSON, exactly: integers never pass through a float.

use crate::read::logs::json::{Member, Members, Value};

/// The number of a value, times a power of ten, rounded down: plain, in the wrappers of canonical
/// Extended JSON, as a string of digits (DocumentDB), or as the halves that `JSON.stringify` makes
/// of a 64-bit integer. `None` for what is none, negative or too large.
pub(super) fn scaled(value: Value<'_>, power: u32) -> Option<u64> {
    match value {
        Value::Word(word) => decimal(word, power),
        Value::String(text) => decimal(text.raw(), power),
        Value::Object(raw) => wrapped(raw, power),
        Value::Array(_) => None,
    }
}

/// The same of a count.
pub(super) fn count(value: Value<'_>) -> Option<u64> {
    scaled(value, 0)
}

fn wrapped(raw: &[u8], power: u32) -> Option<u64> {
    let (mut low, mut high) = (None, None);
    for Member { key, value } in Members::of(raw)? {
        match (key, value) {
            (b"$numberInt" | b"$numberLong" | b"$numberDouble" | b"$numberDecimal", value) => {
                return match value {
                    Value::String(text) => decimal(text.raw(), power),
                    _ => None,
                };
            }
            (b"low", Value::Word(word)) => low = signed_half(word),
            (b"high", Value::Word(word)) => high = decimal(word, 0),
            _ => {}
        }
    }
    let high = u32::try_from(high?).ok()?;
    let whole = u64::from(high) << 32 | u64::from(low?);
    whole.checked_mul(10u64.checked_pow(power)?)
}

/// The lower half stands as a signed number of 32 bits.
fn signed_half(word: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(word).ok()?;
    text.parse::<i32>().map(i32::cast_unsigned).or_else(|_| text.parse()).ok()
}

/// Digits with or without a fraction or an exponent, times a power of ten, rounded down.
#[inline]
fn decimal(text: &[u8], power: u32) -> Option<u64> {
    let whole_bytes = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (whole, rest) = text.split_at(whole_bytes);
    if whole.is_empty() {
        return None;
    }
    let mut number = whole
        .iter()
        .try_fold(0u64, |n, digit| n.checked_mul(10)?.checked_add(u64::from(digit - b'0')))?;
    let fraction = rest.strip_prefix(b".").unwrap_or_default();
    let digits = fraction.iter().take_while(|b| b.is_ascii_digit()).count();
    let exponent = match rest.get(usize::from(!fraction.is_empty()) + digits..)? {
        [] => 0,
        [b'e' | b'E', sign @ (b'+' | b'-'), figures @ ..] => {
            let size = i32::try_from(decimal(figures, 0)?).ok()?;
            if *sign == b'-' { -size } else { size }
        }
        [b'e' | b'E', figures @ ..] => i32::try_from(decimal(figures, 0)?).ok()?,
        _ => return None,
    };
    let mut fraction = fraction.iter().take(digits);
    for _ in 0..i64::from(power) + i64::from(exponent) {
        let next = fraction.next().map_or(0, |digit| digit - b'0');
        if number == 0 && next == 0 && fraction.len() == 0 {
            break;
        }
        number = number.checked_mul(10)?.checked_add(u64::from(next))?;
    }
    let down = (-(i64::from(power) + i64::from(exponent))).clamp(0, 20) as u32;
    Some(number.checked_div(10u64.checked_pow(down).unwrap_or(u64::MAX)).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_is_exact() {
        for (json, power, expected) in [
            ("0", 0, Some(0)),
            ("9223372036854775807", 0, Some(9_223_372_036_854_775_807)),
            ("18446744073709551615", 0, Some(u64::MAX)),
            ("18446744073709551616", 0, None),
            ("12", 3, Some(12_000)),
            ("4.186", 3, Some(4186)),
            ("4.1869", 3, Some(4186)),
            ("33.0", 0, Some(33)),
            ("1.5e3", 0, Some(1500)),
            ("25e-1", 0, Some(2)),
            ("1e400", 0, None),
            ("0e999999999", 0, Some(0)),
            ("-5", 0, None),
            ("null", 0, None),
            (r#""4.186""#, 3, Some(4186)),
            (r#"{"$numberLong":"9007199254740993"}"#, 0, Some(9_007_199_254_740_993)),
            (r#"{"$numberInt":"7"}"#, 3, Some(7000)),
            (r#"{"$numberDouble":"7.25"}"#, 2, Some(725)),
            (r#"{"low":-1,"high":0,"unsigned":false}"#, 0, Some(4_294_967_295)),
            (r#"{"low":1,"high":2097152,"unsigned":false}"#, 0, Some(9_007_199_254_740_993)),
            (r#"{"low":0,"high":-1,"unsigned":false}"#, 0, None),
            (r#"{"a":1}"#, 0, None),
            ("[1]", 0, None),
        ] {
            let text = format!("{{\"v\":{json}}}");
            let value = Members::of(text.as_bytes()).and_then(|mut members| members.next());
            assert_eq!(scaled(value.expect("a value").value, power), expected, "{json}");
        }
    }
}
