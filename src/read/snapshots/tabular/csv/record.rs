//! Records of delimited text: a line, or several where cells are quoted.

use super::super::lines::work;
use super::dialect::{Cells, Dialect};
use memchr::memchr2;
use std::borrow::Cow;

/// A row of cells.
pub struct Record<'t> {
    /// Where it begins.
    pub start: usize,
    /// Where the next one begins.
    pub next: usize,
    /// Its first line.
    pub text: &'t str,
    /// Each cell, and whether it was quoted.
    pub cells: Vec<(Cow<'t, str>, bool)>,
    /// Whether its last quotes are closed.
    pub is_closed: bool,
}

impl Record<'_> {
    /// Whether it is an empty line.
    pub fn is_blank(&self) -> bool {
        self.text.trim_matches(' ').is_empty()
    }

    /// Its cells as names of columns.
    pub fn names(&self) -> Vec<Box<str>> {
        self.cells.iter().map(|(cell, _)| cell.as_ref().into()).collect()
    }
}

/// The records of a text from a place on.
#[derive(Clone)]
pub struct Records<'t> {
    text: &'t str,
    at: usize,
    delimiter: char,
    is_quoted: bool,
}

impl<'t> Records<'t> {
    /// The records from a place on.
    pub fn new(text: &'t str, at: usize, dialect: &Dialect) -> Self {
        let is_quoted = dialect.cells == Cells::Quoted;
        Records { text, at, delimiter: dialect.delimiter, is_quoted }
    }

    /// Where the next one begins.
    pub fn at(&self) -> usize {
        self.at
    }

    /// Whether there is no more.
    pub fn is_over(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Records whose first line holds no quotes, which most are.
    fn line(&mut self, line: &'t str, next: usize) -> Record<'t> {
        let start = std::mem::replace(&mut self.at, next);
        let cells = line.split(self.delimiter).map(|cell| (Cow::Borrowed(cell), false)).collect();
        Record { start, next, text: line, cells, is_closed: true }
    }

    fn quoted(&mut self, line: &'t str) -> Record<'t> {
        let start = self.at;
        let delimiter = u8::try_from(self.delimiter).unwrap_or(b',');
        let mut cells = Vec::new();
        let mut is_closed = true;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            let (cell, is_quoted) = match rest.strip_prefix('"') {
                Some(inside) => {
                    let (cell, size) = quoted_cell(inside);
                    is_closed = size.is_some();
                    self.at += 1 + size.unwrap_or(inside.len());
                    (cell, true)
                }
                None => (Cow::Borrowed(""), false),
            };
            // What stands behind closing quotes belongs to the cell, as lenient readers have it.
            let rest = self.text.get(self.at..).unwrap_or_default();
            let end = memchr2(delimiter, b'\n', rest.as_bytes()).unwrap_or(rest.len());
            let tail = rest.get(..end).unwrap_or_default();
            self.at += end;
            let is_end = rest.as_bytes().get(end) != Some(&delimiter);
            self.at += usize::from(end < rest.len());
            let tail = if is_end { tail.strip_suffix('\r').unwrap_or(tail) } else { tail };
            let cell = match (is_quoted, tail) {
                (true, "") => cell,
                (true, tail) => Cow::Owned(cell.into_owned() + tail),
                (false, tail) => Cow::Borrowed(tail),
            };
            cells.push((cell, is_quoted));
            if is_end || !is_closed {
                work::count(self.at - start);
                return Record { start, next: self.at, text: line, cells, is_closed };
            }
        }
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Record<'t>;

    fn next(&mut self) -> Option<Record<'t>> {
        let line = super::super::lines::Lines::from(self.text, self.at).next()?;
        let has_quotes = self.is_quoted && memchr::memchr(b'"', line.text.as_bytes()).is_some();
        Some(if has_quotes { self.quoted(line.text) } else { self.line(line.text, line.next) })
    }
}

/// The cell whose quotes have been opened, and its size with the closing quotes; `None` if they are
/// not closed.
fn quoted_cell(inside: &str) -> (Cow<'_, str>, Option<usize>) {
    let mut at = 0;
    let mut has_doubled = false;
    while let Some(found) = memchr::memchr(b'"', inside.as_bytes().get(at..).unwrap_or_default()) {
        at += found + 1;
        if inside.as_bytes().get(at) != Some(&b'"') {
            let cell = inside.get(..at - 1).unwrap_or_default();
            let cell = match has_doubled {
                true => Cow::Owned(cell.replace("\"\"", "\"")),
                false => Cow::Borrowed(cell),
            };
            return (cell, Some(at));
        }
        has_doubled = true;
        at += 1;
    }
    (Cow::Borrowed(inside), None)
}
