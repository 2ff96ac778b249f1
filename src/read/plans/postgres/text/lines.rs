//! The lines of a plan as the server printed them: pieces that a terminal, a mail program or a line
//! end inside a literal made of one line are joined again.
//!
//! A line begins with a node's arrow, a key or a label. Anything else goes on with the line above it
//! if brackets or quotes are open there, or if that line fills the width; otherwise it is a line of
//! its own, which nobody knows.

use super::line::{self, Kind};
use std::borrow::Cow;

/// Lines narrower than this fill no terminal.
const MIN_WIDTH: usize = 40;

/// A line of a plan.
#[derive(Debug)]
pub struct Line<'a> {
    /// What it is.
    pub kind: Kind,
    /// How far it is indented: tabs count as eight.
    pub column: usize,
    /// The text without blanks around it.
    pub text: Cow<'a, str>,
    /// Where it begins in the document.
    pub offset: usize,
}

/// A line while it is put together.
struct Joined<'a> {
    line: Line<'a>,
    open: Open,
    /// How wide its last piece is.
    width: usize,
}

/// The lines of a document from its first node on, each with its place.
pub fn joined<'a>(raw: impl Iterator<Item = (usize, &'a str)> + Clone) -> Vec<Line<'a>> {
    let width = raw.clone().map(|(_, line)| line.chars().count()).max().unwrap_or(0);
    let mut lines: Vec<Joined<'a>> = Vec::new();
    for (offset, raw) in raw {
        let text = raw.trim();
        if text.is_empty() {
            continue;
        }
        let column = column(raw);
        let kind = match line::kind(text) {
            // The first line is a node even where its numbers are cut off or left out.
            _ if lines.is_empty() => Kind::Node,
            kind => kind,
        };
        let piece_width = raw.chars().count();
        if let Some(above) = lines.last_mut()
            && goes_on(above, kind, column, text, width)
        {
            // In quotes the line end is the literal's own.
            let gap = if above.open.quote.is_some() && !is_full(above, width) { "\n" } else { "" };
            let piece = raw.trim_end_matches(['\r', '\n']);
            above.open.see(piece);
            let text = above.line.text.to_mut();
            text.push_str(gap);
            text.push_str(piece);
            above.width = piece_width;
            continue;
        }
        if let Some(above) = lines.last_mut() {
            trim(&mut above.line);
        }
        let text = raw.trim_start();
        let mut open = Open::default();
        open.see(text);
        let line = Line { kind, column, text: Cow::Borrowed(text), offset };
        lines.push(Joined { line, open, width: piece_width });
    }
    if let Some(last) = lines.last_mut() {
        trim(&mut last.line);
    }
    lines.into_iter().map(|joined| joined.line).collect()
}

/// Whether a piece goes on with the line above it.
fn goes_on(above: &Joined<'_>, kind: Kind, column: usize, text: &str, width: usize) -> bool {
    match kind {
        Kind::Node | Kind::Trailer => false,
        // Inside quotes anything may stand; but a cut line must not swallow those below it.
        Kind::Label | Kind::Property => above.open.quote.is_some() && column < above.line.column,
        Kind::Other => {
            above.open.any() || is_full(above, width) || is_rest_of_word(&above.line, text)
        }
    }
}

/// Whether a line fills the width, give or take a blank.
fn is_full(line: &Joined<'_>, width: usize) -> bool {
    width >= MIN_WIDTH && line.width + 1 >= width
}

/// Whether a piece is what is missing of a node's numbers or of a trailer's.
fn is_rest_of_word(above: &Line<'_>, text: &str) -> bool {
    above.kind == Kind::Node
        && line::numbers_start(&above.text).is_none()
        && line::numbers_start(text).is_some()
}

fn trim(line: &mut Line<'_>) {
    match &mut line.text {
        Cow::Borrowed(text) => *text = text.trim_end(),
        Cow::Owned(text) => text.truncate(text.trim_end().len()),
    }
}

/// How far a line is indented.
fn column(raw: &str) -> usize {
    let mut column = 0;
    for byte in raw.bytes() {
        match byte {
            b' ' => column += 1,
            b'\t' => column = (column / 8 + 1) * 8,
            _ => break,
        }
    }
    column
}

/// Which brackets and quotes are open at the end of a text.
#[derive(Default)]
struct Open {
    brackets: i32,
    quote: Option<u8>,
}

impl Open {
    fn see(&mut self, text: &str) {
        for byte in text.bytes() {
            match (self.quote, byte) {
                (Some(quote), _) if quote == byte => self.quote = None,
                (None, b'\'' | b'"') => self.quote = Some(byte),
                (None, b'(' | b'[') => self.brackets += 1,
                (None, b')' | b']') => self.brackets -= 1,
                _ => {}
            }
        }
    }

    fn any(&self) -> bool {
        self.brackets > 0 || self.quote.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_are_joined() {
        for (text, expected) in [
            (
                "Sort  (cos\nt=1.00..2\n.00 rows=1 width=2)\n  Sort Key: a",
                "Sort  (cost=1.00..2.00 rows=1 width=2)/Sort Key: a",
            ),
            ("Sort\n  Filter: (a >\n b)\n  ->  Result", "Sort/Filter: (a > b)/->  Result"),
            (
                "Sort\n  Filter: (a = 'x\nKey: y'::text)\n  Output: b",
                "Sort/Filter: (a = 'x\nKey: y'::text)/Output: b",
            ),
            ("Sort\n  Filter: (a = 'x\n  Output: b", "Sort/Filter: (a = 'x/Output: b"),
            ("Sort\n  something else\n  ->  Seq Sc", "Sort/something else/->  Seq Sc"),
        ] {
            let raw = text.split('\n').map(|line| (0, line));
            let lines: Vec<_> =
                joined(raw).into_iter().map(|line| line.text.into_owned()).collect();
            assert_eq!(lines.join("/"), expected);
        }
    }
}
