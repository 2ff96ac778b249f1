//! The brackets and commas of shell text, with strings and regular expressions passed over.
//!
//! For those who want to know where a document or an argument ends, not what it says. No state but
//! a position: nesting is counted by the caller.

use super::text::{REGEX_MAX, regex_end};

/// What a scan stops at.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mark {
    /// `{`, `[` or `(`.
    Open,
    /// `}`, `]` or `)`.
    Close,
    /// `,`
    Comma,
    /// A line end outside of strings.
    Line,
}

/// Finds the marks of a text, one after the other.
#[derive(Clone, Debug)]
pub struct Scan<'a> {
    text: &'a [u8],
    at: usize,
    /// The last byte that is no blank.
    before: u8,
    /// No regular expression ends before that byte.
    no_regex_before: usize,
}

impl<'a> Scan<'a> {
    /// A scan from a text's start, which is outside of strings.
    pub fn new(text: &'a [u8]) -> Self {
        Scan { text, at: 0, before: b',', no_regex_before: 0 }
    }

    /// Behind the last mark.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Passes a string whose opening quote was passed. A string ends with its line, too, unless it
    /// is a template or the line end is escaped: so damage does not reach far.
    fn pass_string(&mut self, quote: u8) -> Option<()> {
        loop {
            let rest = self.text.get(self.at..)?;
            let stop = rest.iter().position(|b| *b == quote || *b == b'\\' || *b == b'\n')?;
            self.at += stop;
            match rest.get(stop)? {
                b'\\' => self.at += 2,
                b'\n' if quote == b'`' => self.at += 1,
                b'\n' => return Some(()),
                _ => {
                    self.at += 1;
                    return Some(());
                }
            }
        }
    }

    /// Passes a regular expression that begins at `at`, if one does that ends on its line.
    fn pass_regex(&mut self) {
        let rest = self.text.get(self.at + 1..).unwrap_or_default();
        self.at += 1;
        if self.at >= self.no_regex_before {
            match regex_end(rest) {
                Some(bytes) => self.at += bytes + 1,
                None => self.no_regex_before = self.at + REGEX_MAX,
            }
        }
    }
}

impl Iterator for Scan<'_> {
    type Item = (Mark, usize);

    /// The next mark and where it stands; `None` where the text ends.
    #[inline]
    fn next(&mut self) -> Option<(Mark, usize)> {
        loop {
            let byte = *self.text.get(self.at)?;
            let mark = match byte {
                b'{' | b'[' | b'(' => Mark::Open,
                b'}' | b']' | b')' => Mark::Close,
                b',' => Mark::Comma,
                b'\n' => Mark::Line,
                // An apostrophe within a word is none of a string's quotes.
                b'"' | b'\'' | b'`' if !self.is_in_word() => {
                    self.at += 1;
                    self.before = byte;
                    if self.pass_string(byte).is_none() {
                        self.at = self.text.len();
                        return None;
                    }
                    continue;
                }
                b'/' if matches!(self.before, b':' | b',' | b'[' | b'(') => {
                    self.before = byte;
                    self.pass_regex();
                    continue;
                }
                _ => {
                    if !byte.is_ascii_whitespace() {
                        self.before = byte;
                    }
                    self.at += 1;
                    continue;
                }
            };
            if mark != Mark::Line {
                self.before = byte;
            }
            self.at += 1;
            return Some((mark, self.at - 1));
        }
    }
}

impl Scan<'_> {
    fn is_in_word(&self) -> bool {
        let last = self.at.checked_sub(1).and_then(|at| self.text.get(at));
        last.is_some_and(u8::is_ascii_alphanumeric)
    }
}

/// Where the bracket closes that begins a text.
pub(super) fn closing(text: &[u8]) -> Option<usize> {
    let mut depth = 0usize;
    Scan::new(text).find_map(|(mark, at)| {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth = depth.saturating_sub(1),
            Mark::Comma | Mark::Line => return None,
        }
        (depth == 0).then_some(at)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_within_texts_do_not_count() {
        for (text, expected) in [
            ("{}", Some(1)),
            ("{ a: '}', b: \"]}\\\"\", c: `}\n` } x", Some(29)),
            ("{ a: /[}\"]{2}\\/}/i, b: [ /'/ ] }", Some(31)),
            ("{ a: 4 / 2 } }", Some(11)),
            ("{ it's: 1 }", Some(10)),
            ("{ a: 'never closed\n}", Some(19)),
            ("{ a: [ }", None),
            ("{ a: '", None),
            ("x", None),
        ] {
            assert_eq!(closing(text.as_bytes()), expected, "{text}");
        }
    }
}
