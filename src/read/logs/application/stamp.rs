//! When a line of an application's log was written: frameworks put the stamp wherever they like.

use crate::time::{StampParser, Timestamp};
use memchr::memmem;

/// A stamp stands within so many bytes of a line.
const WITHIN: usize = 200;
/// `2026-11-23 10:00:00`
const LEN: usize = 19;

/// Whether a line begins a record, and when that was: `Some(None)` for one with a time of day only.
#[allow(clippy::option_option, reason = "a record without a date is a record")]
pub(super) fn of(line: &[u8], stamps: &mut StampParser<'_>) -> Option<Option<(Timestamp, i32)>> {
    // What is indented, or tells the cause of an exception, belongs to the record above.
    if line.first().is_none_or(u8::is_ascii_whitespace) || line.starts_with(b"Caused by:") {
        return None;
    }
    let head = line.get(..WITHIN).unwrap_or(line);
    for (at, text) in head.windows(LEN).enumerate() {
        if !is_date(text) {
            continue;
        }
        if let Some(stamp) = line.get(at..).and_then(|rest| stamps.parse(rest)) {
            return Some(Some((stamp.time, stamp.offset_s)));
        }
        // Go writes slashes.
        let dashed: Vec<u8> =
            text.iter().map(|byte| if *byte == b'/' { b'-' } else { *byte }).collect();
        if let Some(stamp) = stamps.parse(&dashed) {
            return Some(Some((stamp.time, stamp.offset_s)));
        }
    }
    if let Some(ms) = epoch_ms(line) {
        return Some(Some((Timestamp(ms.saturating_mul(1000)), 0)));
    }
    is_clock(line).then_some(None)
}

/// `2026-11-23 10:`, with any of the usual separators.
fn is_date(text: &[u8]) -> bool {
    text.iter().zip(b"dddd-dd-ddTdd:dd:dd").all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        b'-' => matches!(byte, b'-' | b'/'),
        b'T' => matches!(byte, b'T' | b' '),
        other => byte == other,
    })
}

/// `10:00:00` at the start, as logback does by default.
fn is_clock(line: &[u8]) -> bool {
    let Some(text) = line.get(..8) else { return false };
    text.iter().zip(b"dd:dd:dd").all(|(byte, form)| match form {
        b'd' => byte.is_ascii_digit(),
        other => byte == other,
    })
}

/// `"time":1795428000000`, as pino and bunyan do.
fn epoch_ms(line: &[u8]) -> Option<i64> {
    for key in [&b"\"time\":"[..], b"\"timestamp\":", b"\"ts\":"] {
        let Some(at) = memmem::find(line, key) else { continue };
        let rest = line.get(at + key.len()..)?.trim_ascii_start();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let number: i64 = std::str::from_utf8(rest.get(..digits)?).ok()?.parse().ok()?;
        match digits {
            13 => return Some(number),
            10 => return Some(number.saturating_mul(1000)),
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::ZoneTable;

    #[test]
    fn stamps_are_found_wherever_frameworks_put_them() {
        let zones = ZoneTable::new(None).expect("zones");
        let mut stamps = StampParser::new(&zones);
        let at = Some(Some((Timestamp(1_795_428_000_000_000), 0)));
        for (line, expected) in [
            ("2026-11-23 10:00:00,000 ERROR x", at),
            ("[2026-11-23T10:00:00.000Z] x", at),
            ("ERROR 2026-11-23 10:00:00.000 x", at),
            ("2026/11/23 10:00:00 x", at),
            ("{\"level\":30,\"time\":1795428000000,\"msg\":\"x\"}", at),
            ("{\"ts\":1795428000.5}", at),
            ("time=\"2026-11-23T10:00:00Z\" level=info", at),
            ("10:00:00.123 [main] DEBUG x", Some(None)),
            ("\tat a.b.C(D.java:1) 2026-11-23 10:00:00", None),
            ("Caused by: x 2026-11-23 10:00:00", None),
            ("x", None),
            ("", None),
        ] {
            assert_eq!(of(line.as_bytes(), &mut stamps), expected, "{line}");
        }
    }
}
