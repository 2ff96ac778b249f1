//! Lines of a text with their places, and their numbers without counting twice.

use memchr::{memchr, memchr_iter};

/// A line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line<'t> {
    /// Where it begins, in bytes of the text.
    pub start: usize,
    /// Where the next one begins.
    pub next: usize,
    /// What it says, without its line end.
    pub text: &'t str,
}

impl Line<'_> {
    /// Whether it holds nothing.
    pub fn is_blank(&self) -> bool {
        self.text.trim_ascii().is_empty()
    }
}

/// The lines of a text from a place on, which is a line start.
#[derive(Clone)]
pub struct Lines<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lines<'t> {
    /// The lines from a place on.
    pub fn from(text: &'t str, at: usize) -> Self {
        Lines { text, at }
    }

    /// The next line, which stays the next.
    pub fn peek(&self) -> Option<Line<'t>> {
        self.clone().next()
    }

    /// The next line but so many, which stays where it is.
    pub fn peek_nth(&self, count: usize) -> Option<Line<'t>> {
        self.clone().nth(count)
    }
}

impl<'t> Iterator for Lines<'t> {
    type Item = Line<'t>;

    fn next(&mut self) -> Option<Line<'t>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let start = self.at;
        let end = memchr(b'\n', rest.as_bytes());
        let text = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default();
        self.at = start + end.map_or(rest.len(), |end| end + 1);
        work::count(self.at - start);
        Some(Line { start, next: self.at, text: text.strip_suffix('\r').unwrap_or(text) })
    }
}

/// What reading costs, in bytes looked at: counted in tests only, since times there say nothing.
pub mod work {
    #[cfg(test)]
    thread_local! {
        static LOOKED_BYTES: std::cell::Cell<usize> = const { std::cell::Cell::new(0) };
    }

    /// So many bytes were looked at.
    #[cfg(test)]
    pub fn count(bytes: usize) {
        LOOKED_BYTES.with(|looked| looked.set(looked.get() + bytes));
    }

    /// So many bytes were looked at.
    #[cfg(not(test))]
    #[inline(always)]
    pub fn count(_: usize) {}

    /// How many bytes something looks at.
    #[cfg(test)]
    pub fn of(reads: impl FnOnce()) -> usize {
        LOOKED_BYTES.with(|looked| looked.set(0));
        reads();
        LOOKED_BYTES.with(std::cell::Cell::get)
    }
}

/// The first line start at or behind a place.
pub fn line_start(text: &str, at: usize) -> usize {
    if at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n') {
        return at;
    }
    let rest = text.as_bytes().get(at..).unwrap_or_default();
    memchr(b'\n', rest).map_or(text.len(), |end| at + end + 1)
}

/// Numbers of lines, counted from 1, of places that only go up.
pub struct LineNumbers<'t> {
    text: &'t str,
    counted: usize,
    line: u32,
}

impl<'t> LineNumbers<'t> {
    /// Of a text.
    pub fn new(text: &'t str) -> Self {
        LineNumbers { text, counted: 0, line: 1 }
    }

    /// The number of the line that a place stands in; places before the last one asked for have its
    /// number.
    pub fn of(&mut self, at: usize) -> u32 {
        let passed = self.text.as_bytes().get(self.counted..at).unwrap_or_default();
        let lines = memchr_iter(b'\n', passed).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
        self.counted = self.counted.max(at);
        self.line
    }
}
