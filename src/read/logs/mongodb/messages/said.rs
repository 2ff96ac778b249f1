//! The attributes of a message, whether they stand in a structured log's `attr` or in a text log's
//! sentence.

use super::Line;
use super::template::MAX_HOLES;
use crate::lang::mongo::shell::to_ejson;
use crate::read::logs::json::{Member, Members, Value};
use std::borrow::Cow;

/// An attribute of a text: its name and what stands in its place. Unused ones have no name.
pub(super) type Captured<'a> = (&'static str, &'a [u8]);

/// The attributes of one message.
#[derive(Clone)]
pub(super) enum Said<'a> {
    /// An object of Extended JSON, with its brackets; empty where there is none.
    Attributes(&'a [u8]),
    /// The whole text and what it holds.
    Text(&'a [u8], [Captured<'a>; MAX_HOLES]),
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Failure<'a> {
    /// The name of the error's code: `HostUnreachable`.
    pub name: Option<Cow<'a, [u8]>>,
    /// In words.
    pub text: Cow<'a, [u8]>,
}

/// Names of attributes that say what went wrong, and whether a name of an error may begin their
/// words.
const FAILURES: [(&str, bool); 5] =
    [("error", true), ("status", true), ("result", true), ("exception", false), ("reason", false)];
/// Longest name of an error code.
const MAX_ERROR_NAME: usize = 60;

impl<'a> Said<'a> {
    /// The attributes of a line of a structured log.
    pub fn of_attributes(line: &Line<'a>) -> Said<'a> {
        Said::Attributes(line.attr.unwrap_or_default())
    }

    /// The attributes in a line of a text log.
    pub fn of_text(text: &'a [u8], captured: [Captured<'a>; MAX_HOLES]) -> Said<'a> {
        Said::Text(text, captured)
    }

    /// A line of a text log that is an error's name and words.
    pub fn of_failure(text: &'a [u8]) -> Said<'a> {
        let mut captured = [("", &b""[..]); MAX_HOLES];
        captured[0] = ("error", text);
        Said::Text(text, captured)
    }

    /// Whether it is a line of a text log.
    pub fn is_text(&self) -> bool {
        matches!(self, Said::Text(..))
    }

    /// The whole text of a line of a text log.
    pub fn whole(&self) -> &'a [u8] {
        match self {
            Said::Attributes(_) => b"",
            Said::Text(text, _) => text,
        }
    }

    /// What stands in an attribute; no empty text.
    pub fn text(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        let text = match self {
            Said::Attributes(attr) => scalar(member(attr, name)?)?,
            Said::Text(_, captured) => Cow::Borrowed(hole(captured, name)?),
        };
        (!text.is_empty()).then_some(text)
    }

    /// The first of some attributes that there is: names changed between versions.
    pub fn any(&self, names: &[&str]) -> Option<Cow<'a, [u8]>> {
        names.iter().find_map(|name| self.text(name))
    }

    /// A document in an attribute as Extended JSON, with its brackets; texts have it as the old
    /// shell writes it.
    pub fn document(&self, name: &str) -> Option<Cow<'a, [u8]>> {
        match self {
            Said::Attributes(attr) => match member(attr, name)? {
                Value::Object(raw) => Some(Cow::Borrowed(raw)),
                _ => None,
            },
            Said::Text(_, captured) => {
                let mut document = Vec::new();
                to_ejson(hole(captured, name)?, &mut document);
                Some(Cow::Owned(document))
            }
        }
    }

    /// A whole number; of a fraction its whole part.
    pub fn number(&self, name: &str) -> Option<u64> {
        leading_number(&self.text(name)?).map(|(number, _)| number)
    }

    /// A span of time in microseconds: `durationMillis` in a structured log, a number with its unit
    /// in a text (`5000ms`, `3 seconds`).
    pub fn duration_us(&self) -> Option<u64> {
        for (name, unit_us) in
            [("durationMillis", 1000), ("durationSeconds", 1_000_000), ("durationMicros", 1)]
        {
            if let Some(number) = self.number(name) {
                return number.checked_mul(unit_us);
            }
        }
        let text = self.text("duration")?;
        let (number, unit) = leading_number(&text)?;
        let unit_us = match unit.trim_ascii_start() {
            unit if unit.starts_with(b"ms") || unit.starts_with(b"milli") => 1000,
            unit if unit.starts_with(b"micro") || unit.starts_with(b"us") => 1,
            unit if unit.starts_with(b"s") => 1_000_000,
            _ => return None,
        };
        number.checked_mul(unit_us)
    }

    /// What went wrong, when the message says.
    pub fn failure(&self) -> Option<Failure<'a>> {
        if let Said::Attributes(attr) = self {
            for (name, is_named) in FAILURES {
                match member(attr, name) {
                    Some(Value::Object(raw)) => {
                        let text = |name| member(raw, name).and_then(scalar);
                        let name = text("codeName").filter(|name| is_error_name(name));
                        let text = text("errmsg");
                        if name.is_some() || text.is_some() {
                            return Some(Failure { name, text: text.unwrap_or_default() });
                        }
                    }
                    Some(Value::String(text)) => {
                        return Some(Failure::of_words(text.text(), is_named));
                    }
                    _ => {}
                }
            }
            return None;
        }
        FAILURES
            .iter()
            .find_map(|(name, is_named)| Some(Failure::of_words(self.text(name)?, *is_named)))
    }

    /// Some words, behind them attributes with their names.
    pub fn sentence(&self, words: &'static str, shown: &[&str]) -> Cow<'a, [u8]> {
        let mut sentence = Cow::Borrowed(words.as_bytes());
        for name in shown {
            if let Some(value) = self.text(name) {
                let sentence = sentence.to_mut();
                sentence.extend_from_slice(b", ");
                sentence.extend_from_slice(name.as_bytes());
                sentence.extend_from_slice(b": ");
                sentence.extend_from_slice(&value);
            }
        }
        if let Some(failure) = self.failure() {
            failure.push_to(sentence.to_mut());
        }
        sentence
    }
}

impl<'a> Failure<'a> {
    /// `HostUnreachable: Connection closed by peer`, or any words.
    fn of_words(text: Cow<'a, [u8]>, is_named: bool) -> Failure<'a> {
        let is_of_name = |b: &u8| b.is_ascii_alphanumeric();
        let length = text.iter().take(MAX_ERROR_NAME).take_while(|b| is_of_name(b)).count();
        let (name, rest) = text.split_at_checked(length).unwrap_or_default();
        if !is_named || !is_error_name(name) || !rest.starts_with(b": ") {
            return Failure { name: None, text };
        }
        let part = |from: usize, to: usize| match &text {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(from..to).unwrap_or_default()),
            Cow::Owned(text) => Cow::Owned(text.get(from..to).unwrap_or_default().to_vec()),
        };
        Failure { name: Some(part(0, length)), text: part(length + 2, text.len()) }
    }

    /// Appends it to a sentence.
    pub fn push_to(&self, sentence: &mut Vec<u8>) {
        for part in [self.name.as_deref(), Some(&*self.text)].into_iter().flatten() {
            if !part.is_empty() {
                sentence.extend_from_slice(b": ");
                sentence.extend_from_slice(part);
            }
        }
    }
}

/// Whether a word may be the name of an error's code: letters, but for `Location40415`, which is
/// made of the number of an error that has no name. Names are shown as they are.
fn is_error_name(word: &[u8]) -> bool {
    const UNNAMED: &[u8] = b"Location";
    let rest = word.strip_prefix(UNNAMED);
    word.first().is_some_and(u8::is_ascii_uppercase)
        && word.len() <= MAX_ERROR_NAME
        && (word.iter().all(u8::is_ascii_alphabetic)
            || rest.is_some_and(|digits| digits.iter().all(u8::is_ascii_digit)))
}

/// The value of a member of an object.
pub(super) fn member<'a>(object: &'a [u8], name: &str) -> Option<Value<'a>> {
    let mut members = Members::of(object)?;
    members.find(|member: &Member<'_>| member.key == name.as_bytes()).map(|member| member.value)
}

/// A text or number as text; numbers of a kind (`{"$numberLong":"5"}`) are numbers.
pub(super) fn scalar(value: Value<'_>) -> Option<Cow<'_, [u8]>> {
    match value {
        Value::String(text) => Some(text.text()),
        Value::Word(word) => Some(Cow::Borrowed(word)),
        Value::Object(raw) => {
            let only = Members::of(raw)?.next()?;
            match only {
                Member { key, value: Value::String(text) } if key.starts_with(b"$number") => {
                    Some(text.text())
                }
                _ => None,
            }
        }
        Value::Array(_) => None,
    }
}

fn hole<'a>(captured: &[Captured<'a>], name: &str) -> Option<&'a [u8]> {
    captured.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
}

/// The number that begins a text, and what stands behind its digits.
fn leading_number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let (number, rest) = text.split_at_checked(digits)?;
    Some((std::str::from_utf8(number).ok()?.parse().ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_spans_of_time_have_their_units() {
        for (attr, expected) in [
            (r#"{"durationMillis":1500}"#, Some(1_500_000)),
            (r#"{"durationSeconds":2}"#, Some(2_000_000)),
            (r#"{"durationMillis":{"$numberLong":"7"}}"#, Some(7000)),
            (r#"{"durationMillis":99999999999999999999}"#, None),
            (r#"{"durationMillis":18446744073709551615}"#, None),
            (r#"{"x":1}"#, None),
            ("", None),
        ] {
            assert_eq!(Said::Attributes(attr.as_bytes()).duration_us(), expected, "{attr}");
        }
        for (text, expected) in [
            ("5000ms", Some(5_000_000)),
            ("3 seconds", Some(3_000_000)),
            ("12 secs", Some(12_000_000)),
            ("7 micros", Some(7)),
            ("soon", None),
            ("5 apples", None),
        ] {
            let mut captured = [("", &b""[..]); MAX_HOLES];
            captured[0] = ("duration", text.as_bytes());
            assert_eq!(Said::of_text(b"", captured).duration_us(), expected, "{text}");
        }
    }

    #[test]
    fn failures_are_objects_or_words() {
        for (attr, name, text) in [
            (
                r#"{"error":{"code":6,"codeName":"HostUnreachable","errmsg":"Connection closed"}}"#,
                "HostUnreachable",
                "Connection closed",
            ),
            (
                r#"{"error":"HostUnreachable: closed: by peer"}"#,
                "HostUnreachable",
                "closed: by peer",
            ),
            (r#"{"error":"interrupted at \"shutdown\""}"#, "-", "interrupted at \"shutdown\""),
            (r#"{"error":-31802,"reason":"x: y"}"#, "-", "x: y"),
            (r#"{"error":"Location40415: unknown field"}"#, "Location40415", "unknown field"),
            (r#"{"error":"Mary1970: x"}"#, "-", "Mary1970: x"),
            (r#"{"exception":"Mary: x"}"#, "-", "Mary: x"),
            (r#"{"error":{"codeName":"Mary 1970","errmsg":"x"}}"#, "-", "x"),
            (r#"{"other":1}"#, "-", "-"),
        ] {
            let failure = Said::Attributes(attr.as_bytes()).failure();
            let shown =
                |part: Option<&[u8]>| String::from_utf8_lossy(part.unwrap_or(b"-")).into_owned();
            assert_eq!(shown(failure.as_ref().and_then(|f| f.name.as_deref())), name, "{attr}");
            assert_eq!(shown(failure.as_ref().map(|f| &*f.text)), text, "{attr}");
        }
    }
}
