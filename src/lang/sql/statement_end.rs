//! Where statements of MySQL's dialect may end in a log: behind a `;` that ends a line and stands
//! outside every literal and block comment. Which of these places it is, the format knows.
//!
//! Made for speed: it looks at bytes, not at tokens. A `;` inside a line comment counts, since the
//! server writes its own `;` behind whatever a statement ends with.

use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memchr2, memchr3};
use std::sync::LazyLock;

/// What comes next in the text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// A `;` ended a line; the next line begins at this offset.
    Line(usize),
    /// The text ended outside literals.
    Outside,
    /// The text ended inside a literal or a comment that spans lines.
    Inside,
}

/// Steps through a text that begins outside literals.
#[derive(Clone, Debug)]
pub struct StatementEnds<'a> {
    text: &'a [u8],
    at: usize,
    is_fresh: bool,
}

static DASHES: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"--"));
static OPENING: LazyLock<Finder<'static>> = LazyLock::new(|| Finder::new(b"/*"));

/// Longer lines are worth a look by vectors first.
const LONG_LINE: usize = 256;

/// Bytes at which something may begin.
const TELLING: [bool; 256] = {
    let mut table = [false; 256];
    let bytes = b"'\"`;#-/";
    let mut at = 0;
    while at < bytes.len() {
        table[bytes[at] as usize] = true;
        at += 1;
    }
    table
};

/// Longer literals are searched by vectors.
const SHORT: usize = 16;

impl<'a> StatementEnds<'a> {
    /// Steps through `text` from an offset on.
    pub fn new(text: &'a [u8], from: usize) -> Self {
        StatementEnds { text, at: from, is_fresh: true }
    }

    /// The next step; the last one comes again and again.
    pub fn next_step(&mut self) -> Step {
        if std::mem::take(&mut self.is_fresh)
            && let Some(line) = self.plain_line()
        {
            self.at = line;
            return Step::Line(line);
        }
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| TELLING[usize::from(*byte)]) else {
                self.at = self.text.len();
                return Step::Outside;
            };
            let at = self.at + found;
            let byte = self.text[at];
            let next = self.text.get(at + 1).copied();
            match byte {
                b'\'' | b'"' | b'`' => match self.closing(at + 1, byte) {
                    Some(end) if !self.swallows(at, end) => self.at = end,
                    _ => return self.open(at),
                },
                b';' => {
                    self.at = at + 1;
                    if let Some(line) = self.line_behind(at + 1) {
                        self.at = line;
                        return Step::Line(line);
                    }
                }
                b'/' if next == Some(b'*') => {
                    let body = self.text.get(at + 2..).unwrap_or_default();
                    match memmem::find(body, b"*/") {
                        Some(end) => self.at = at + 2 + end + 2,
                        None => return self.open(at),
                    }
                }
                b'#' => {
                    if let Some(step) = self.line_comment(at) {
                        return step;
                    }
                }
                b'-' if next == Some(b'-') && self.is_blank(at + 2) => {
                    if let Some(step) = self.line_comment(at) {
                        return step;
                    }
                }
                _ => self.at = at + 1,
            }
        }
    }

    /// Behind the first line, if it is long, ends in a `;` and is plain: single quotes are all that is
    /// in it, in pairs.
    fn plain_line(&self) -> Option<usize> {
        let rest = self.text.get(self.at..)?;
        let length = memchr(b'\n', rest).filter(|length| *length >= LONG_LINE)?;
        let line = rest[..length].strip_suffix(b"\r").unwrap_or(&rest[..length]);
        let is_plain = line.last() == Some(&b';')
            && memchr3(b'"', b'`', b'\\', line).is_none()
            && memchr(b'#', line).is_none()
            && DASHES.find(line).is_none()
            && OPENING.find(line).is_none()
            && memchr_iter(b'\'', line).count().is_multiple_of(2);
        is_plain.then_some(self.at + length + 1)
    }

    /// Stays at the literal, so that the step comes again.
    fn open(&mut self, at: usize) -> Step {
        self.at = at;
        Step::Inside
    }

    /// Behind the quote that closes a literal whose content begins at `from`.
    fn closing(&self, from: usize, quote: u8) -> Option<usize> {
        let escapes = quote != b'`';
        let mut at = from;
        loop {
            let rest = self.text.get(at..)?;
            let stops = |byte: &u8| *byte == quote || (escapes && *byte == b'\\');
            let near = rest.iter().take(SHORT).position(stops);
            let found = match near {
                Some(found) => found,
                None => {
                    let far = rest.get(SHORT..)?;
                    let found = match escapes {
                        true => memchr2(quote, b'\\', far),
                        false => memchr(quote, far),
                    };
                    SHORT + found?
                }
            };
            at += found;
            if self.text[at] == quote {
                return Some(at + 1);
            }
            at += 2;
        }
    }

    /// Whether a literal is none: behind one that never ends, what stands between two literals looks
    /// like one. Then a letter follows its quote at once, and lines of comments stand in it.
    fn swallows(&self, at: usize, end: usize) -> bool {
        self.text.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
            && memmem::find(&self.text[at..end], b"\n# ").is_some()
    }

    /// Where the next line begins, if nothing but a carriage return stands before it.
    fn line_behind(&self, at: usize) -> Option<usize> {
        match self.text.get(at..)? {
            [b'\n', ..] => Some(at + 1),
            [b'\r', b'\n', ..] => Some(at + 2),
            _ => None,
        }
    }

    /// What follows `--` makes it a comment.
    fn is_blank(&self, at: usize) -> bool {
        // `--;` is the server's own end behind a comment without text.
        self.text.get(at).is_none_or(|byte| *byte <= b' ' || *byte == b';')
    }

    /// Passes a comment up to the end of its line.
    fn line_comment(&mut self, at: usize) -> Option<Step> {
        let rest = self.text.get(at..).unwrap_or_default();
        let Some(length) = memchr(b'\n', rest) else {
            self.at = self.text.len();
            return Some(Step::Outside);
        };
        self.at = at + length + 1;
        let comment = &rest[..length];
        let comment = comment.strip_suffix(b"\r").unwrap_or(comment);
        comment.ends_with(b";").then_some(Step::Line(self.at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The way without the look at the first line.
    fn slowly(text: &[u8]) -> StatementEnds<'_> {
        StatementEnds { is_fresh: false, ..StatementEnds::new(text, 0) }
    }

    proptest! {
        #[test]
        fn long_plain_lines_end_where_the_slow_way_says(
            words in prop::collection::vec(
                prop::sample::select(vec!["'", "''", "\"", "`", "\\", "#", "-", "/", "*", ";", "\n", " abc "]),
                0..40,
            ),
        ) {
            let text = format!("insert into t values {}{};\nx", "(1, 'abcdefgh'), ".repeat(20), words.concat());
            let (mut fast, mut slow) = (StatementEnds::new(text.as_bytes(), 0), slowly(text.as_bytes()));
            for _ in 0..5 {
                prop_assert_eq!(fast.next_step(), slow.next_step());
            }
        }
    }

    #[test]
    fn lines_end_outside_literals_only() {
        let long = "x".repeat(40);
        let cases: &[(&str, &[&str], Step)] = &[
            ("select 1;\nselect 2;\n", &["select 2;\n", ""], Step::Outside),
            ("select 1;\r\nx", &["x"], Step::Outside),
            ("select 1; select 2", &[], Step::Outside),
            ("select ';\n', \"a\\\";\n\", `;\n`;\nx", &["x"], Step::Outside),
            ("select 'it''s;\n', 'back\\\\';\nx", &["x"], Step::Outside),
            ("select 1 -- it's;\nx", &["x"], Step::Outside),
            ("select 1 --;\nx", &["x"], Step::Outside),
            ("select 1--1, 'a';\nx", &["x"], Step::Outside),
            ("select 1 # it's\n, 2;\nx", &["x"], Step::Outside),
            ("/* ';\n */ select 1;\nx", &["x"], Step::Outside),
            ("select 'abc;\nx", &[], Step::Inside),
            ("select 1 /* ;\nx", &[], Step::Inside),
            ("select '\\", &[], Step::Inside),
            ("select 'abc;\n# Time: 1\nselect 'abc';\nx", &[], Step::Inside),
            ("select 'abc;\n# Time: 1' as a, 'b'c;\nx", &["x"], Step::Outside),
        ];
        for (text, lines, last) in cases {
            for text in [(*text).to_owned(), text.replace("abc", &long)] {
                let mut ends = StatementEnds::new(text.as_bytes(), 0);
                for line in *lines {
                    let at = text.len() - line.len();
                    assert_eq!(ends.next_step(), Step::Line(at), "{text:?}");
                }
                assert_eq!(ends.next_step(), *last, "{text:?}");
                assert_eq!(ends.next_step(), *last, "{text:?} again");
            }
        }
    }
}
