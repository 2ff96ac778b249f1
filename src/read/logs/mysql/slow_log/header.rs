//! The header lines of a slow log record.
//!
//! In: the lines that begin with `#`. Out: [`Header`], with every `Key: value` as an attribute of
//! the run or as a field of its own. Keys and values are divided by one blank or more; a value may be
//! missing (`Schema:   QC_hit: No`) or hold blanks, and reaches to the next word that ends in a
//! colon.

use super::super::user_host::UserHost;
use super::keys::{KeyMemo, Scale, Slot};
use crate::model::event::{Attribute, Key, Known, Value};
use memchr::memchr;

/// Longer runs are damage: 2^64 microseconds and the like.
const MAX_RUN_US: u64 = 10 * 365 * 86_400 * 1_000_000;
/// Attributes of one record that are kept.
const MAX_ATTRIBUTES: usize = 128;

/// What a header says.
#[derive(Debug, Default)]
pub(super) struct Header<'a> {
    /// What stands behind `# Time: `.
    pub time: Option<&'a [u8]>,
    pub who: UserHost<'a>,
    /// The connection, as written.
    pub session: Option<&'a [u8]>,
    /// The default database, where the header has a place for it; empty for none.
    pub schema: Option<&'a [u8]>,
    pub query_time_us: Option<u64>,
    /// One in so many was logged.
    pub one_in: u32,
    pub failed: bool,
    pub prepared: bool,
    /// It is written as MariaDB writes it.
    pub is_mariadb: bool,
    pub attributes: Vec<Attribute<'a>>,
    /// How many line ends it has.
    pub lines: u32,
    /// The rows of its plan, without what stands before each.
    pub explain: Vec<u8>,
}

impl<'a> Header<'a> {
    fn clear(&mut self) {
        let attributes = std::mem::take(&mut self.attributes);
        let explain = std::mem::take(&mut self.explain);
        *self = Header { attributes, explain, ..Header::default() };
        self.attributes.clear();
        self.explain.clear();
    }

    /// Reads the lines of a header.
    pub fn read(&mut self, lines: &'a [u8], keys: &mut KeyMemo) {
        self.clear();
        keys.restart();
        let mut rest = lines;
        while !rest.is_empty() {
            let len = memchr(b'\n', rest).unwrap_or(rest.len());
            self.line(&rest[..len], keys);
            self.lines += u32::from(len < rest.len());
            rest = rest.get(len + 1..).unwrap_or_default();
        }
    }

    fn line(&mut self, line: &'a [u8], keys: &mut KeyMemo) {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let mut rest = line.strip_prefix(b"#").unwrap_or(line).trim_ascii_start();
        loop {
            rest = self.usual(rest, keys);
            let Some((key, value, behind)) = pair(rest) else { break };
            match keys.slot(key) {
                Slot::Explain => return self.explain_row(value_to_end(rest, key)),
                Slot::Line | Slot::Time if key.len() + 1 < rest.len() => {
                    let whole = value_to_end(rest, key);
                    if key.eq_ignore_ascii_case(b"time") {
                        // Old servers may join the next line to it.
                        let end = memchr(b'#', whole).unwrap_or(whole.len());
                        self.time = Some(whole[..end].trim_ascii());
                        rest =
                            whole[end..].strip_prefix(b"#").unwrap_or_default().trim_ascii_start();
                        continue;
                    }
                    self.push(Key::Other(key), Value::Text(whole));
                    return;
                }
                slot => self.field(slot, key, value),
            }
            rest = behind;
        }
        if let Some(warning) = rest.strip_prefix(b"Warning ") {
            let code = warning.split(|b| *b == b' ').next().unwrap_or_default();
            self.push(Key::Known(Known::WarningCode), Value::Text(code));
        } else if let Some(routine) = rest.strip_prefix(b"Stored routine: ") {
            self.push(Key::Known(Known::StoredRoutine), Value::Text(routine));
        } else if let Some(row) = rest.strip_prefix(b"# <explain>") {
            // MariaDB 10.0's first form.
            self.explain_row(row);
        }
    }

    /// Reads the keys that came in this order last time, as long as each has one word; what is left.
    fn usual(&mut self, text: &'a [u8], keys: &mut KeyMemo) -> &'a [u8] {
        let mut rest = text;
        let mut next = keys.expected(rest);
        while let Some((len, slot)) = next {
            let value = rest[len..].trim_ascii_start();
            let number = match slot {
                Slot::Number(_, scale) => leading_number(value, scale),
                _ => None,
            };
            let word = match number {
                Some((_, len)) => len,
                None => value.iter().position(|b| *b == b' ').unwrap_or(value.len()),
            };
            let behind = value[word..].trim_ascii_start();
            let is_word = slot.has_one_word() && word > 0 && value[word - 1] != b':';
            // The value ends here if a key follows, or nothing.
            next = if is_word { keys.expected(behind) } else { None };
            if next.is_none() && !(is_word && behind.is_empty()) {
                keys.unexpected();
                return rest;
            }
            match (slot, number) {
                (Slot::Number(known, _), Some((number, _))) => {
                    self.push(Key::Known(known), Value::Number(number));
                }
                _ => self.field(slot, &rest[..len - 1], &value[..word]),
            }
            rest = behind;
        }
        rest
    }

    fn field(&mut self, slot: Slot, key: &'a [u8], value: &'a [u8]) {
        match slot {
            Slot::Skip | Slot::Time | Slot::Explain | Slot::Line => {}
            Slot::UserHost => self.who = UserHost::read(value),
            Slot::QueryTime => {
                self.query_time_us = scaled(value, Scale::Seconds).filter(|us| *us <= MAX_RUN_US);
            }
            Slot::Session => self.session = Some(value),
            Slot::Schema => self.schema = Some(value),
            Slot::ErrorCode | Slot::Killed if value == b"0" => {}
            Slot::ErrorCode => {
                self.failed = true;
                self.push(Key::Known(Known::Errno), Value::Text(value));
            }
            Slot::Killed => self.push(Key::Known(Known::Killed), Value::Text(value)),
            Slot::RateLimit => {
                let one_in = scaled(value, Scale::One).and_then(|n| u32::try_from(n).ok());
                self.one_in = one_in.unwrap_or(0);
            }
            Slot::Succeeded => self.failed |= value.eq_ignore_ascii_case(b"false"),
            Slot::Prepared => self.prepared = value.eq_ignore_ascii_case(b"true"),
            Slot::Number(known, scale) => {
                if let Some(number) = scaled(value, scale) {
                    self.push(Key::Known(known), Value::Number(number));
                }
            }
            Slot::Flag(known) => {
                // MariaDB writes it so; Percona Server has a capital H.
                self.is_mariadb |= key == b"QC_hit";
                if let Some(yes) = flag(value) {
                    self.push(Key::Known(known), Value::Flag(yes));
                }
            }
            Slot::Word(_) if value.is_empty() => {}
            Slot::Word(known) => self.push(Key::Known(known), Value::Text(value)),
            Slot::Other => self.other(key, value),
        }
    }

    fn other(&mut self, key: &'a [u8], value: &'a [u8]) {
        if value.is_empty() {
            return;
        }
        let value = match (flag(value), millionths(value)) {
            (Some(yes), _) => Value::Flag(yes),
            (None, Some(number)) => Value::Number(number),
            (None, None) => Value::Text(value),
        };
        self.push(Key::Other(key), value);
    }

    fn push(&mut self, key: Key<'a>, value: Value<'a>) {
        if self.attributes.len() < MAX_ATTRIBUTES {
            self.attributes.push(Attribute { key, value });
        }
    }

    fn explain_row(&mut self, row: &[u8]) {
        self.explain.extend_from_slice(row.trim_ascii_start());
        self.explain.push(b'\n');
    }
}

/// The first key of a line with its value, and what follows.
fn pair(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    let colon = memchr(b':', text)?;
    let key = &text[..colon];
    if key.is_empty() || !key.iter().all(|b| is_key_byte(*b)) {
        return None;
    }
    let behind = text[colon + 1..].trim_ascii_start();
    if text.get(colon + 1).is_some_and(|b| *b != b' ') {
        return None;
    }
    // Word by word, until one is a key.
    let mut end = 0;
    let mut at = 0;
    loop {
        let word = behind[at..].iter().position(|b| *b == b' ').unwrap_or(behind.len() - at);
        let is_key = word > 1
            && behind[at + word - 1] == b':'
            && behind[at..at + word - 1].iter().all(|b| is_key_byte(*b));
        if is_key {
            break;
        }
        end = at + word;
        at = end + behind[end..].iter().take_while(|b| **b == b' ').count();
        if at >= behind.len() {
            at = behind.len();
            break;
        }
    }
    Some((key, &behind[..end], &behind[at..]))
}

fn is_key_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'@'
}

/// All of a line behind a key.
fn value_to_end<'a>(text: &'a [u8], key: &[u8]) -> &'a [u8] {
    text.get(key.len() + 1..).unwrap_or_default().trim_ascii()
}

fn flag(value: &[u8]) -> Option<bool> {
    match value {
        b"Yes" | b"yes" | b"true" => Some(true),
        b"No" | b"no" | b"false" => Some(false),
        _ => None,
    }
}

/// A number in the unit that attributes have: microseconds for times.
fn scaled(value: &[u8], scale: Scale) -> Option<u64> {
    match scale {
        Scale::One => integer(value),
        Scale::Seconds => millionths(value),
        Scale::Milliseconds => Some(millionths(value)? / 1000),
    }
}

/// The number that a text begins with, in the unit that attributes have, and its length: of the usual
/// forms only, up to a blank or the end.
fn leading_number(text: &[u8], scale: Scale) -> Option<(u64, usize)> {
    let (mut number, mut at) = (0u64, 0);
    while let Some(digit) = text.get(at).filter(|b| b.is_ascii_digit()) {
        number = number * 10 + u64::from(digit - b'0');
        at += 1;
    }
    // So many digits always fit, as seconds in microseconds, too.
    if at == 0 || at > 12 {
        return None;
    }
    if scale == Scale::One {
        return matches!(text.get(at), None | Some(b' ')).then_some((number, at));
    }
    // Six digits behind the point, as servers write them.
    let fraction = text.get(at..at + 7)?.strip_prefix(b".")?;
    for digit in fraction {
        number = number * 10 + u64::from(digit.is_ascii_digit().then(|| digit - b'0')?);
    }
    let number = if scale == Scale::Milliseconds { number / 1000 } else { number };
    matches!(text.get(at + 7), None | Some(b' ')).then_some((number, at + 7))
}

fn integer(value: &[u8]) -> Option<u64> {
    let number = value.iter().try_fold(0u64, |number, byte| {
        let digit = byte.is_ascii_digit().then(|| u64::from(byte - b'0'))?;
        number.checked_mul(10)?.checked_add(digit)
    });
    number.filter(|_| !value.is_empty())
}

/// A decimal number in millionths; `None` for anything else, and beyond what fits.
fn millionths(value: &[u8]) -> Option<u64> {
    let mut whole: u64 = 0;
    let mut digits = value.iter();
    let mut seen = false;
    for byte in digits.by_ref() {
        match byte {
            b'0'..=b'9' => {
                whole = whole.checked_mul(10)?.checked_add(u64::from(byte - b'0'))?;
                seen = true;
            }
            b'.' => break,
            _ => return None,
        }
    }
    let (mut fraction, mut unit) = (0, 1_000_000);
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        unit /= 10;
        fraction += u64::from(byte - b'0') * unit;
    }
    seen.then(|| whole.checked_mul(1_000_000)?.checked_add(fraction))?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_values_and_units() {
        let lines = b"# Time: 261123  3:03:20 # User@Host: app[app] @ h [1.2.3.4]  Id:    42\n\
            # Thread_id: 7  Schema:   QC_hit: No\n\
            # Query_time: 0.000205  Lock_time: 0.5 Rows_sent: 1  Rows_examined: 30031 Errno: 1213\n\
            # Pages_read_time: 1.25  Engine_time: 0.0487\n#\n\
            # explain: id\ttable\n# explain: 1\torders\n\
            # Warning 1292 Truncated: 'x'\n# No InnoDB statistics available for this query\n\
            # New_key: 1.5 Other: two words Third: Yes  InnoDB_trx_id: 1F\n\
            # Stats: orders:pseudo, items: 3\n# Log_slow_rate_type: query  Log_slow_rate_limit: 2\n";
        let (mut header, mut keys) = (Header::default(), KeyMemo::default());
        for _ in 0..2 {
            header.read(lines, &mut keys);
            assert_eq!(header.time, Some(&b"261123  3:03:20"[..]));
            assert_eq!(header.who, UserHost { user: Some(b"app"), host: Some(b"h") });
            assert_eq!((header.session, header.schema), (Some(&b"7"[..]), Some(&b""[..])));
            assert_eq!((header.query_time_us, header.one_in), (Some(205), 2));
            assert!(header.failed && header.is_mariadb);
            assert_eq!(header.explain, b"id\ttable\n1\torders\n");
            let shown: Vec<String> = header
                .attributes
                .iter()
                .map(|a| match (a.key, a.value) {
                    (Key::Known(known), value) => format!("{} {}", known.name(), show(value)),
                    (Key::Other(key), value) => {
                        format!("{} {}", String::from_utf8_lossy(key), show(value))
                    }
                })
                .collect();
            assert_eq!(
                shown,
                [
                    "qc_hit no",
                    "lock_time 500000",
                    "rows_sent 1",
                    "rows_examined 30031",
                    "errno '1213'",
                    "pages_read_time 1250",
                    "engine_time 48",
                    "warning_code '1292'",
                    "New_key 1500000",
                    "Other 'two words'",
                    "Third yes",
                    "Stats 'orders:pseudo, items: 3'",
                ]
            );
        }
    }

    fn show(value: Value<'_>) -> String {
        match value {
            Value::Number(number) => number.to_string(),
            Value::Flag(yes) => if yes { "yes" } else { "no" }.to_owned(),
            Value::Text(text) => format!("'{}'", String::from_utf8_lossy(text)),
        }
    }

    #[test]
    fn the_quick_way_reads_what_the_slow_way_reads() {
        for text in [
            "0",
            "17",
            "999999999999",
            "1234567890123",
            "0.000205",
            "12.000001",
            "1.25",
            "0.0487",
            "1.2345678",
            "18446744073709551615",
            "x",
            "",
            "1x",
            "0.00000x",
            "5 Rows_sent: 1",
        ] {
            let word = text.split(' ').next().unwrap_or_default();
            for scale in [Scale::One, Scale::Seconds, Scale::Milliseconds] {
                let slow = scaled(word.as_bytes(), scale);
                if let Some((number, len)) = leading_number(text.as_bytes(), scale) {
                    assert_eq!((Some(number), len), (slow, word.len()), "{text} {scale:?}");
                } else {
                    let usual = scale == Scale::One && word.len() < 12 && slow.is_some();
                    assert!(!usual, "{text} {scale:?}");
                }
            }
        }
    }

    #[test]
    fn numbers_that_are_none() {
        for (text, number) in [
            ("2", Some(2_000_000)),
            ("0.0000001967", Some(0)),
            ("18446744073708.796", Some(18_446_744_073_708_796_000)),
            ("99999999999999999999", None),
            ("-0.5", None),
            ("1e5", None),
            (".5", None),
            ("", None),
        ] {
            assert_eq!(millionths(text.as_bytes()), number, "{text}");
        }
    }
}
