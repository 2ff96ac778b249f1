//! The lines of a tree, out of the frames that clients put around it.

use crate::read::plans::mysql::scan;
use std::borrow::Cow;
use std::iter::Peekable;

/// A line of a text, or the part of one between two `\n` that a client in batch mode wrote for line
/// ends.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Where its physical line begins.
    pub physical_start: usize,
    /// Where its content begins.
    pub offset: usize,
    /// One past the end of its physical line, line end included.
    pub end: usize,
    /// Blanks before its content.
    pub indent: usize,
    /// The content, without frame, blanks and line end.
    pub text: &'a str,
    /// Whether a client's frame says that it belongs to an EXPLAIN.
    pub is_framed: bool,
    /// The quote that a client put before it.
    quote: Option<char>,
}

impl<'a> Line<'a> {
    /// The operation or heading that it holds. PostgreSQL's arrows stand two blanks before theirs.
    fn operation(&self) -> Option<&'a str> {
        let text = self.text.strip_prefix("-> ")?;
        (!text.is_empty() && !text.starts_with(' ')).then_some(text)
    }

    /// Whether it is the title of a column that holds a tree, or the frame below that.
    fn is_header(&self) -> bool {
        let title = self.text.trim_matches(['"', '\'', '#', ' ', '|']);
        title == "EXPLAIN" || (self.text.starts_with("+-") && self.text.ends_with("-+"))
    }

    /// Whether it holds the figures that belong to a line that was wrapped before them.
    fn ends_with_figures(&self) -> bool {
        let last = self.text.rsplit_once([' ', '(']).map_or(self.text, |(_, last)| last);
        let is_figure = ["rows=", "loops="].iter().any(|key| last.starts_with(key));
        self.text.ends_with("never executed)") || (is_figure && self.text.ends_with(')'))
    }
}

/// The lines of a text.
pub struct Lines<'a> {
    text: &'a str,
    /// Where the next physical line begins.
    next: usize,
    /// The rest of a physical line in batch form, and where it stands.
    rest: Option<(usize, &'a str)>,
    /// The bounds of that physical line.
    physical: (usize, usize),
}

impl<'a> Lines<'a> {
    /// All lines of a text.
    pub fn new(text: &'a str) -> Self {
        Lines { text, next: 0, rest: None, physical: (0, 0) }
    }

    /// A part of the physical line that is being read.
    fn part(&mut self, offset: usize, part: &'a str) -> Line<'a> {
        let (part, rest) = split_batch(part);
        self.rest =
            rest.map(|at| (offset + at, part_from(self.text, offset + at, self.physical.1)));
        let (mut content, mut at, mut is_framed, mut quote) = (part, offset, false, None);
        if let Some(cell) = content.strip_prefix("| ") {
            let cell = cell.trim_end();
            content = cell.strip_suffix('|').unwrap_or(cell);
            at += 2;
            is_framed = content.trim_start().starts_with("-> ");
        }
        if let Some(value) = content.trim_start().strip_prefix("EXPLAIN: ") {
            at += content.len() - value.len();
            content = value;
            is_framed = true;
        }
        // Quotes are those of a client, or of a table of values.
        if content.starts_with("\"-> ") || content.starts_with("'-> ") {
            quote = content.chars().next();
            at += 1;
            content = content.get(1..).unwrap_or_default();
        }
        let text = content.trim_start_matches([' ', '\t']);
        let blanks = &content[..content.len() - text.len()];
        let indent = blanks.bytes().map(|byte| if byte == b'\t' { 4 } else { 1 }).sum();
        let offset = at + blanks.len();
        let text = text.trim_end();
        let (physical_start, end) = self.physical;
        Line { physical_start, offset, end, indent, text, is_framed, quote }
    }
}

/// The text from a place to another, or nothing.
fn part_from(text: &str, start: usize, end: usize) -> &str {
    text.get(start..end).unwrap_or_default()
}

/// Cuts a part at the first `\n` of batch mode that an arrow, or the end of the line, follows: what
/// stands before, and where the rest begins.
fn split_batch(part: &str) -> (&str, Option<usize>) {
    if !part.contains("-> ") {
        return (part, None);
    }
    for (at, escape) in part.match_indices("\\n") {
        let behind = part.get(at + escape.len()..).unwrap_or_default();
        let next = behind.trim_start_matches(' ');
        // The quote or frame that closes the cell.
        let closing = ['"', '\'', '|', ' ', '\r', '\n'];
        let is_end = next.len() <= 8 && next.trim_matches(closing).is_empty();
        if next.starts_with("-> ") || is_end {
            return (part.get(..at).unwrap_or_default(), Some(at + escape.len()));
        }
    }
    (part, None)
}

impl<'a> Iterator for Lines<'a> {
    type Item = Line<'a>;

    fn next(&mut self) -> Option<Line<'a>> {
        if let Some((offset, rest)) = self.rest.take()
            && rest.contains("-> ")
        {
            return Some(self.part(offset, rest));
        }
        let rest = self.text.get(self.next..).filter(|rest| !rest.is_empty())?;
        let start = self.next;
        let end = memchr::memchr(b'\n', rest.as_bytes()).map_or(rest.len(), |end| end + 1);
        self.next = start + end;
        self.physical = (start, self.next);
        Some(self.part(start, part_from(self.text, start, self.next)))
    }
}

/// A line of a tree, its wrapped parts together.
#[derive(Debug)]
pub struct Logical<'a> {
    /// Where its content begins.
    pub offset: usize,
    /// Blanks before its arrow.
    pub indent: usize,
    /// The operation or heading.
    pub text: Cow<'a, str>,
}

/// The lines of one tree.
#[derive(Debug)]
pub struct Block<'a> {
    /// Where its first line begins.
    pub start: usize,
    /// One past its last line.
    pub end: usize,
    /// Whether a client's frame says that it is an EXPLAIN.
    pub is_framed: bool,
    /// Its operations and headings, at least one.
    pub lines: Vec<Logical<'a>>,
}

/// The next lines that look like a tree: an operation and what belongs to it. What stands deeper
/// does, the headings of the root's own select list, and what goes on where a line was wrapped.
pub fn next_block<'a>(lines: &mut Peekable<Lines<'a>>) -> Option<Block<'a>> {
    /// More lines than this are no operation.
    const MAX_WRAPPED: usize = 64;
    let mut is_below_header = false;
    let (root, text) = loop {
        let line = lines.next()?;
        match line.operation() {
            Some(text) => break (line, text),
            None if line.text.is_empty() => {}
            None => is_below_header = line.is_header(),
        }
    };
    let logical = |line: &Line<'a>, text: &'a str| Logical {
        offset: line.offset,
        indent: line.indent,
        text: Cow::Borrowed(text),
    };
    let mut block = Block {
        start: root.physical_start,
        end: root.end,
        is_framed: root.is_framed || is_below_header,
        lines: vec![logical(&root, text)],
    };
    let mut wrapped = 0;
    while let Some(line) = lines.peek() {
        match (line.operation(), block.lines.last_mut()) {
            (Some(text), _) if line.indent > root.indent || text.starts_with("Select #") => {
                block.lines.push(logical(line, text));
                wrapped = 0;
            }
            (None, Some(last))
                if wrapped < MAX_WRAPPED
                    && !line.text.is_empty()
                    && (line.ends_with_figures() || scan::is_open(&last.text)) =>
            {
                let text = last.text.to_mut();
                if line.indent > 0 || line.text.starts_with('(') {
                    text.push(' ');
                }
                text.push_str(line.text);
                wrapped += 1;
            }
            _ => break,
        }
        block.end = line.end;
        lines.next();
    }
    // A quote at its end is the one that a client put around the tree.
    if let (Some(quote), Some(last)) = (root.quote, block.lines.last_mut())
        && let Some(text) = last.text.strip_suffix(quote)
    {
        last.text = Cow::Owned(text.to_owned());
    }
    Some(block)
}
