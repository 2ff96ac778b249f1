//! Tables that SQLite writes as Markdown: cut by places as its other tables are, rows of several lines
//! told by a first column that is blank.

use super::assemble::Assembled;
use super::cut::cut;
use super::read::is_centred;
use super::rule::{Border, Rule};

/// A row that is whole: where it begins, and its cells.
type Whole = (usize, Vec<Option<Box<str>>>);

/// Rows below a rule.
pub struct Ruled {
    rule: Rule,
    open: Option<Assembled>,
}

/// What a line is.
pub enum Place {
    /// The first of a row; the row above is whole.
    Begins(Option<Whole>),
    /// One more of the row above.
    GoesOn,
    /// None that fits.
    Misfit,
}

impl Ruled {
    /// If a program has filled up the columns of this header and rule.
    pub fn of_markdown(header: &str, below: &str) -> Option<Ruled> {
        let is_plain = below.starts_with('|') && below.bytes().all(|b| matches!(b, b'|' | b'-'));
        let crossed = is_plain.then(|| below.replace('|', "+"))?;
        let rule = Rule::of(&crossed).filter(|rule| rule.border == Border::Full)?;
        is_centred(header, &rule).then_some(Ruled { rule, open: None })
    }

    /// Takes over a line that begins at a place.
    pub fn add(&mut self, at: usize, line: &str) -> Place {
        let Some(cut) = cut(line, &self.rule) else { return Place::Misfit };
        let is_blank = cut.parts.first().is_some_and(|part| part.text.trim().is_empty());
        if let Some(open) = self.open.as_mut().filter(|_| is_blank) {
            open.add_unmarked(&cut);
            return Place::GoesOn;
        }
        let above = self.close();
        self.open = Some(Assembled::new(at, &cut));
        Place::Begins(above)
    }

    /// The last row.
    pub fn close(&mut self) -> Option<Whole> {
        self.open.take().map(|row| (row.at, row.into_cells()))
    }
}
