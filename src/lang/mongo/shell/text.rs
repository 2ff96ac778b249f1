//! Strings and regular expressions of shell text: where they end, and their JSON.

use super::{Transcriber, is_blank};
use crate::lang::mongo::ejson;

/// Longest set of flags behind a regular expression, in bytes.
const FLAGS_MAX: usize = 8;

/// Longest regular expression, in bytes: what is longer is taken as something else.
pub(super) const REGEX_MAX: usize = 2048;

/// Where a regular expression ends whose first slash stands before a text: the offset of its
/// closing slash. The server does not escape slashes, so that one is not the last unless a value can
/// end there; the shell does not within a class.
pub(super) fn regex_end(text: &[u8]) -> Option<usize> {
    slash(text, true).or_else(|| slash(text, false))
}

fn slash(text: &[u8], has_classes: bool) -> Option<usize> {
    let (mut at, mut is_in_class) = (0, false);
    loop {
        let rest = text.get(at..REGEX_MAX.min(text.len()))?;
        let stop = rest.iter().position(|b| matches!(b, b'/' | b'\\' | b'\n' | b'[' | b']'))?;
        at += stop + 1;
        match rest.get(stop)? {
            b'\n' => return None,
            b'\\' => at += 1,
            b'[' => is_in_class = has_classes,
            b']' => is_in_class = false,
            _ if is_in_class => {}
            _ => {
                let behind = text.get(at..)?;
                if ends_value(behind.get(flags(behind)..)?) {
                    return Some(at - 1);
                }
            }
        }
    }
}

/// How many flags of a regular expression a text begins with.
fn flags(text: &[u8]) -> usize {
    text.iter().take(FLAGS_MAX).take_while(|b| b.is_ascii_lowercase()).count()
}

/// Whether a value, a key or a part of a joined string can end before a text.
fn ends_value(text: &[u8]) -> bool {
    let rest = text.get(blanks(text)..).unwrap_or_default();
    let is_end = |b: &u8| matches!(b, b',' | b'}' | b']' | b')' | b':' | b'+');
    rest.first().is_none_or(is_end) || rest.starts_with(b"... ")
}

/// How many blanks and line ends a text begins with.
fn blanks(text: &[u8]) -> usize {
    text.iter().take_while(|b| is_blank(**b)).count()
}

impl Transcriber<'_, '_> {
    /// A string, by its opening quote, with all the parts that `+` joins to it; whether it is whole.
    /// What there is of one that is not is closed.
    pub(super) fn string(&mut self) -> bool {
        self.out.push(b'"');
        let start = self.out.len();
        let is_whole = loop {
            if self.part().is_none() {
                self.at = self.text.len();
                break false;
            }
            let behind = self.rest();
            let gap = blanks(behind);
            let next = behind.get(gap..).unwrap_or_default();
            if next.starts_with(b"... ") {
                self.at += gap;
                self.pass_count();
            }
            let Some(next) = next.strip_prefix(b"+") else { break true };
            let gap = gap + 1 + blanks(next);
            match behind.get(gap) {
                Some(b'"' | b'\'' | b'`') => self.at += gap,
                Some(_) => break true,
                None => {
                    self.at = self.text.len();
                    break false;
                }
            }
        };
        ejson::replace_invalid(start, self.out);
        self.out.push(b'"');
        is_whole
    }

    /// One quoted part of a string; `None` if the text ends within.
    fn part(&mut self) -> Option<()> {
        let quote = *self.text.get(self.at)?;
        self.at += 1;
        loop {
            let rest = self.text.get(self.at..)?;
            let stop = rest.iter().position(|b| *b == quote || ejson::needs_escape(*b));
            self.out.extend_from_slice(rest.get(..stop.unwrap_or(rest.len()))?);
            let byte = *rest.get(stop?)?;
            self.at += stop? + 1;
            match byte {
                // The server writes quotes as they are: one is not the last unless a value can end
                // there.
                _ if byte == quote && ends_value(self.rest()) => return Some(()),
                b'\\' => self.escape()?,
                b'\'' | b'`' => self.out.push(byte),
                _ => ejson::push_special(byte, self.out),
            }
        }
    }

    /// What a backslash stands for that was passed.
    fn escape(&mut self) -> Option<()> {
        let byte = *self.text.get(self.at)?;
        self.at += 1;
        let hex = |text: Option<&[u8]>| {
            let digits = text.filter(|digits| digits.iter().all(u8::is_ascii_hexdigit))?;
            u32::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
        };
        match byte {
            b'n' | b'r' | b't' | b'b' | b'f' | b'"' | b'\\' => {
                self.out.extend_from_slice(&[b'\\', byte]);
            }
            b'\'' | b'`' | b'/' => self.out.push(byte),
            b'0' => ejson::push_special(0, self.out),
            b'v' => ejson::push_special(0x0b, self.out),
            b'x' => match hex(self.text.get(self.at..self.at + 2)).map(u8::try_from) {
                Some(Ok(code)) => {
                    self.out.extend_from_slice(b"\\u00");
                    ejson::push_hex(&[code], self.out);
                    self.at += 2;
                }
                _ => self.out.extend_from_slice(b"\\\\x"),
            },
            b'u' => match self.text.get(self.at..self.at + 4) {
                Some(digits) if digits.iter().all(u8::is_ascii_hexdigit) => {
                    self.out.extend_from_slice(b"\\u");
                    self.out.extend_from_slice(digits);
                    self.at += 4;
                }
                _ => self.code_point(hex),
            },
            b'\n' => {}
            // Regular expressions in strings, and what the server does not escape.
            _ => {
                self.out.extend_from_slice(b"\\\\");
                self.at -= 1;
            }
        }
        Some(())
    }

    /// `\u{1f600}`, of which `\u` was passed.
    fn code_point(&mut self, hex: impl Fn(Option<&[u8]>) -> Option<u32>) {
        let braced = self.rest().strip_prefix(b"{");
        let digits = braced.map(|rest| rest.iter().take(7).take_while(|b| **b != b'}').count());
        let code = digits.and_then(|digits| hex(braced?.get(..digits)));
        match (digits, code.and_then(char::from_u32)) {
            (Some(digits), Some(c)) => {
                self.out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                self.at += digits + 2;
            }
            _ => self.out.extend_from_slice(b"\\\\u"),
        }
    }

    /// A regular expression, by its first slash; whether it is one.
    pub(super) fn regex(&mut self) -> bool {
        let body = self.text.get(self.at + 1..).unwrap_or_default();
        let Some(bytes) = regex_end(body) else { return false };
        let behind = body.get(bytes + 1..).unwrap_or_default();
        let flags = flags(behind);
        let pattern = body.get(..bytes).unwrap_or_default();
        self.out.extend_from_slice(b"{\"$regularExpression\":{\"pattern\":\"");
        let mut escaped = pattern;
        while let Some(at) = memchr::memmem::find(escaped, b"\\/") {
            let (before, from) = escaped.split_at(at);
            // Behind an escaped backslash a slash is none of an escape's.
            let is_even = before.iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0;
            ejson::push_escaped(before, self.out);
            self.out.extend_from_slice(if is_even { b"/" } else { b"\\\\/" });
            escaped = from.get(2..).unwrap_or_default();
        }
        ejson::push_escaped(escaped, self.out);
        self.out.extend_from_slice(b"\",\"options\":");
        ejson::push_string(behind.get(..flags).unwrap_or_default(), self.out);
        self.out.extend_from_slice(b"}}");
        self.at += 1 + bytes + 1 + flags;
        true
    }
}
