//! Cells out of their lines: joined as they were before the client cut them.

use super::cut::{CutLine, GoesOn};

/// A row that may take more lines.
pub struct Assembled {
    /// Where it begins.
    pub at: usize,
    cells: Vec<Cell>,
}

#[derive(Default)]
struct Cell {
    text: String,
    /// What stands between this and what the next line has for it.
    goes_on: Option<GoesOn>,
    /// Whether its last line has no place left, as one has that was cut there.
    is_full: bool,
    has_lines: bool,
    /// Blank lines since its last one.
    blank_lines: usize,
    /// Blanks behind its last line, which are its own if it was cut there.
    blanks: usize,
}

impl Assembled {
    /// A row that begins with a line.
    pub fn new(at: usize, line: &CutLine<'_>) -> Self {
        let cells = line.parts.iter().map(|part| {
            let text = match part.goes_on {
                Some(GoesOn::Wrapped) => part.text,
                _ => part.text.trim_end_matches(' '),
            };
            let blanks = part.text.len() - text.len();
            Cell {
                text: text.to_owned(),
                goes_on: part.goes_on,
                is_full: part.is_full,
                blanks,
                ..Cell::default()
            }
        });
        Assembled { at, cells: cells.collect() }
    }

    /// Whether a line goes on with it, as far as marks tell.
    pub fn goes_on_with(&self, line: &CutLine<'_>) -> bool {
        self.cells.iter().any(|cell| cell.goes_on.is_some())
            || line.parts.iter().any(|part| part.continues.is_some())
    }

    /// Adds a line that goes on with it, by the marks.
    pub fn add_marked(&mut self, line: &CutLine<'_>) {
        let is_old = line.parts.iter().any(|part| part.continues.is_some())
            && self.cells.iter().all(|cell| cell.goes_on.is_none());
        for (index, (cell, part)) in self.cells.iter_mut().zip(&line.parts).enumerate() {
            // Where the marks stand in place of the bars, the first column has none.
            let first_old = is_old && index == 0 && !part.text.trim().is_empty();
            let how = if is_old { part.continues } else { cell.goes_on.take() };
            let Some(how) = how.or(first_old.then_some(GoesOn::LineEnd)) else { continue };
            cell.add(how, part.text, part.goes_on);
            cell.goes_on = part.goes_on;
        }
    }

    /// Adds a line of a row that has no marks: where a cell filled its column the line was cut,
    /// elsewhere it ended. Blank lines of a cell are its own only above others of it.
    pub fn add_unmarked(&mut self, line: &CutLine<'_>) {
        for (cell, part) in self.cells.iter_mut().zip(&line.parts) {
            if part.text.trim().is_empty() {
                cell.blank_lines += 1;
                continue;
            }
            let is_cut = cell.is_full && cell.blank_lines == 0;
            for _ in 0..std::mem::take(&mut cell.blank_lines) {
                cell.add(GoesOn::LineEnd, "", None);
            }
            cell.add(if is_cut { GoesOn::Wrapped } else { GoesOn::LineEnd }, part.text, None);
            cell.is_full = part.is_full;
        }
    }

    /// The cells.
    pub fn into_cells(self) -> Vec<Option<Box<str>>> {
        self.cells.into_iter().map(|cell| Some(cell.finished())).collect()
    }
}

impl Cell {
    fn add(&mut self, how: GoesOn, part: &str, goes_on: Option<GoesOn>) {
        match how {
            GoesOn::LineEnd => {
                let end = self.text.trim_end_matches(' ').len();
                self.text.truncate(end);
                self.text.push('\n');
                self.has_lines = true;
            }
            GoesOn::Wrapped => self.text.extend(std::iter::repeat_n(' ', self.blanks)),
        }
        let text = match goes_on {
            Some(GoesOn::Wrapped) => part,
            _ => part.trim_end_matches(' '),
        };
        self.blanks = part.len() - text.len();
        self.text.push_str(text);
    }

    fn finished(self) -> Box<str> {
        match self.has_lines {
            // Blanks before the first of several lines are the text's own.
            true => self.text.trim_end_matches(' ').into(),
            false => self.text.trim_matches(' ').into(),
        }
    }
}
