//! Times of the log tables: `HH:MM:SS.ffffff` of a duration.

/// A TIME as microseconds: `00:00:01.200174`, hours up to 838; fractions of any length.
pub(super) fn clock_us(text: &[u8]) -> Option<u64> {
    let (whole, fraction) = match text.iter().position(|b| *b == b'.') {
        Some(at) => (text.get(..at)?, text.get(at + 1..)?),
        None => (text, &b""[..]),
    };
    let mut seconds: u64 = 0;
    let mut parts = 0;
    for part in whole.split(|b| *b == b':') {
        let digits = (1..=3).contains(&part.len()) && part.iter().all(u8::is_ascii_digit);
        let number: u64 = std::str::from_utf8(part).ok().filter(|_| digits)?.parse().ok()?;
        if parts > 0 && number > 59 {
            return None;
        }
        seconds = seconds * 60 + number;
        parts += 1;
    }
    let mut us = 0;
    for place in 0..6 {
        let digit = *fraction.get(place).unwrap_or(&b'0');
        us = us * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    (parts == 3).then_some(seconds * 1_000_000 + us)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_durations() {
        for (text, us) in [
            ("00:00:00.000211", Some(211)),
            ("00:00:02", Some(2_000_000)),
            ("838:59:59.5", Some(3_020_399_500_000)),
            ("00:60:00", None),
            ("0.5", None),
            ("00:00:00.x", None),
            ("", None),
        ] {
            assert_eq!(clock_us(text.as_bytes()), us, "{text}");
        }
    }
}
