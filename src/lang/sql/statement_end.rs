//! Where statements of MySQL's dialect may end in a log: behind a `;` that ends a line and stands
//! outside every literal and block comment. Which of these places it is, the format knows.
//!
//! Made for speed: it looks at bytes, not at tokens. A `;` inside a line comment counts, since the
//! server writes its own `;` behind whatever a statement ends with.

use crate::lang::bytes::find2;
use memchr::memmem::{self, Finder};
use memchr::{memchr, memchr_iter, memchr3};
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

/// What a place of a text stands in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Inside {
    /// A literal or a name between quotes of this kind.
    Quotes(u8),
    /// A comment that spans lines.
    Comment,
    /// A comment up to the end of its line.
    LineComment,
}

/// Steps through a text from a place outside literals. It keeps offsets only, so that a walk that
/// ran out of text may go on when there is more.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StatementEnds {
    /// Up to here the text is read.
    at: usize,
    /// What is open there, and where it began.
    open: Option<(Inside, usize)>,
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

impl StatementEnds {
    /// So many bytes behind the limit of a step may be looked at.
    pub const LOOKAHEAD: usize = 3;

    /// Steps from an offset on.
    pub fn new(from: usize) -> Self {
        StatementEnds { at: from, open: None, is_fresh: true }
    }

    /// Up to where the text is read: less than the limit of the last step only if nothing behind can
    /// change what it said.
    pub fn position(&self) -> usize {
        self.at
    }

    /// What is open there.
    pub fn inside(&self) -> Option<Inside> {
        self.open.map(|(inside, _)| inside)
    }

    /// The text has lost so many bytes at its start.
    pub fn shift(&mut self, by: usize) {
        self.at = self.at.saturating_sub(by);
        self.open = self.open.map(|(inside, start)| (inside, start.saturating_sub(by)));
    }

    /// The next step up to a limit; the last one comes again and again.
    pub fn next_step(&mut self, text: &[u8], limit: usize) -> Step {
        let limit = limit.min(text.len());
        if std::mem::take(&mut self.is_fresh)
            && let Some(line) = plain_line(text, self.at, limit)
        {
            self.at = line;
            return Step::Line(line);
        }
        loop {
            if let Some((inside, start)) = self.open {
                match self.close(text, limit, inside, start) {
                    Some(Some(line)) => return Step::Line(line),
                    Some(None) => {}
                    None if inside == Inside::LineComment => return Step::Outside,
                    None => return Step::Inside,
                }
            }
            let rest = text.get(self.at..limit).unwrap_or_default();
            let Some(found) = rest.iter().position(|byte| TELLING[usize::from(*byte)]) else {
                self.at = self.at.max(limit);
                return Step::Outside;
            };
            let at = self.at + found;
            let byte = text[at];
            let next = text.get(at + 1).copied();
            let (inside, length) = match byte {
                b'\'' | b'"' | b'`' => (Inside::Quotes(byte), 1),
                b'/' if next == Some(b'*') => (Inside::Comment, 2),
                b'#' => (Inside::LineComment, 1),
                b'-' if next == Some(b'-') && is_blank(text, at + 2) => (Inside::LineComment, 2),
                _ => {
                    self.at = at + 1;
                    if byte == b';'
                        && let Some(line) = line_behind(text, at + 1)
                    {
                        self.at = line;
                        return Step::Line(line);
                    }
                    continue;
                }
            };
            self.at = at + length;
            self.open = Some((inside, at));
        }
    }

    /// Passes what is open, and tells the line behind it if a `;` ended that; `None`: it does not end
    /// before the limit.
    fn close(
        &mut self,
        text: &[u8],
        limit: usize,
        inside: Inside,
        start: usize,
    ) -> Option<Option<usize>> {
        let mut line = None;
        match inside {
            Inside::Quotes(quote) => {
                self.at = closing(text, self.at, limit, quote).map_err(|at| self.at = at).ok()?;
                if swallows(text, start, self.at + 1) {
                    return None;
                }
                self.at += 1;
            }
            Inside::Comment => {
                let body = text.get(self.at..text.len().min(limit + 1)).unwrap_or_default();
                match memmem::find(body, b"*/") {
                    Some(end) => self.at += end + 2,
                    None => {
                        self.at = self.at.max(limit);
                        return None;
                    }
                }
            }
            Inside::LineComment => {
                let rest = text.get(self.at..limit).unwrap_or_default();
                let Some(length) = memchr(b'\n', rest) else {
                    self.at = self.at.max(limit);
                    return None;
                };
                let comment = text.get(start..self.at + length).unwrap_or_default();
                let comment = comment.strip_suffix(b"\r").unwrap_or(comment);
                self.at += length + 1;
                line = comment.ends_with(b";").then_some(self.at);
            }
        }
        self.open = None;
        Some(line)
    }
}

/// Behind the line at an offset, if it is long, ends in a `;` and is plain: single quotes are all that
/// is in it, in pairs.
fn plain_line(text: &[u8], at: usize, limit: usize) -> Option<usize> {
    let rest = text.get(at..limit)?;
    let length = memchr(b'\n', rest).filter(|length| *length >= LONG_LINE)?;
    let line = rest[..length].strip_suffix(b"\r").unwrap_or(&rest[..length]);
    let is_plain = line.last() == Some(&b';')
        && memchr3(b'"', b'`', b'\\', line).is_none()
        && memchr(b'#', line).is_none()
        && DASHES.find(line).is_none()
        && OPENING.find(line).is_none()
        && memchr_iter(b'\'', line).count().is_multiple_of(2);
    is_plain.then_some(at + length + 1)
}

/// The quote that closes a literal, from an offset in it on; else how far it was read.
fn closing(text: &[u8], from: usize, limit: usize, quote: u8) -> Result<usize, usize> {
    let escapes = quote != b'`';
    let mut at = from;
    loop {
        let Some(rest) = text.get(at..limit) else { return Err(at) };
        let found = match escapes {
            true => find2(quote, b'\\', rest),
            false => memchr(quote, rest),
        };
        let Some(found) = found else { return Err(limit) };
        at += found;
        if text[at] == quote {
            return Ok(at);
        }
        at += 2;
    }
}

/// Whether a literal is none: behind one that never ends, what stands between two literals looks
/// like one. Then a letter follows its quote at once, and lines of comments stand in it.
fn swallows(text: &[u8], start: usize, end: usize) -> bool {
    text.get(end).is_some_and(|b| b.is_ascii_alphanumeric() || *b == b'_')
        && text.get(start..end).is_some_and(|literal| memmem::find(literal, b"\n# ").is_some())
}

/// Where the next line begins, if nothing but a carriage return stands before it.
fn line_behind(text: &[u8], at: usize) -> Option<usize> {
    match text.get(at..)? {
        [b'\n', ..] => Some(at + 1),
        [b'\r', b'\n', ..] => Some(at + 2),
        _ => None,
    }
}

/// What follows `--` makes it a comment.
fn is_blank(text: &[u8], at: usize) -> bool {
    // `--;` is the server's own end behind a comment without text.
    text.get(at).is_none_or(|byte| *byte <= b' ' || *byte == b';')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The steps of a text, told at once or by limits that rise by so many bytes.
    fn steps(text: &[u8], mut ends: StatementEnds, by: usize) -> (Vec<usize>, Step) {
        let (mut lines, mut limit) = (Vec::new(), by);
        loop {
            match ends.next_step(text, limit) {
                Step::Line(line) => lines.push(line),
                last if limit >= text.len() => {
                    assert_eq!(ends.next_step(text, limit), last, "again");
                    return (lines, last);
                }
                Step::Outside | Step::Inside => limit += by,
            }
        }
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
            let text = text.as_bytes();
            let slow = StatementEnds { is_fresh: false, ..StatementEnds::new(0) };
            let expected = steps(text, slow, text.len());
            for by in [1, 2, 7, 300, text.len()] {
                prop_assert_eq!(steps(text, StatementEnds::new(0), by), expected.clone());
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
                let starts: Vec<_> = lines.iter().map(|line| text.len() - line.len()).collect();
                for by in [1, 3, text.len()] {
                    let told = steps(text.as_bytes(), StatementEnds::new(0), by);
                    assert_eq!(told, (starts.clone(), *last), "{text:?} by {by}");
                }
            }
        }
    }
}
