//! What all shapes do with rows: collect those that fit, count the others, and say which cells are
//! NULL where a whole table must be seen to know.

use super::lines::LineNumbers;
use super::{ResultSet, Row};

/// What clients print for NULL where they were told to print something that no text is.
const NULL_MARKS: [&str; 9] =
    ["(null)", "(NULL)", "[null]", "[NULL]", "<null>", "<NULL>", "¤", "∅", "\\N"];

/// A table that is being read.
pub struct Rows<'t> {
    numbers: LineNumbers<'t>,
    set: ResultSet,
}

impl<'t> Rows<'t> {
    /// A table of a shape in a text.
    pub fn new(text: &'t str, shape: &'static str, columns: Vec<Box<str>>) -> Self {
        let set = ResultSet { shape, columns, ..ResultSet::default() };
        Rows { numbers: LineNumbers::new(text), set }
    }

    /// Takes over a row, if it has as many cells as there are columns: without a header, as the first
    /// row has.
    pub fn push(&mut self, at: usize, cells: Vec<Option<Box<str>>>) {
        let columns = match (self.set.columns.len(), self.set.rows.first()) {
            (0, first) => first.map_or(cells.len(), |first| first.cells.len()),
            (columns, _) => columns,
        };
        if cells.len() != columns {
            return self.drop_row(at);
        }
        let line = self.numbers.of(at);
        self.set.rows.push(Row { line, cells });
    }

    /// Counts a row that does not fit.
    pub fn drop_row(&mut self, at: usize) {
        let line = self.numbers.of(at);
        self.set.dropped += 1;
        self.set.first_dropped.get_or_insert(line);
    }

    /// Whether there is no row.
    pub fn is_empty(&self) -> bool {
        self.set.rows.is_empty()
    }

    /// The names of the columns.
    pub fn columns(&self) -> &[Box<str>] {
        &self.set.columns
    }

    /// Says what the table is.
    pub fn set_title(&mut self, title: &str) {
        self.set.title = Some(title.into());
    }

    /// The table, which ends at a place.
    pub fn finish(mut self, end: usize) -> ResultSet {
        self.set.end = end;
        self.set
    }
}

/// What is no table after all, up to a place.
pub fn nothing(end: usize) -> ResultSet {
    ResultSet { end, ..ResultSet::default() }
}

/// Cells that say NULL are, and those that are empty: unless the client was told what to print, since
/// then an empty text is one.
pub fn empty_or_worded_nulls(set: &mut ResultSet) {
    worded_nulls(set);
    let mut cells = set.rows.iter().flat_map(|row| &row.cells).flatten();
    let is_told = cells.any(|cell| NULL_MARKS.contains(&cell.as_ref()));
    for cell in set.rows.iter_mut().flat_map(|row| &mut row.cells) {
        let is_null = |cell: &str| match is_told {
            true => NULL_MARKS.contains(&cell),
            false => cell.is_empty(),
        };
        if cell.as_deref().is_some_and(is_null) {
            *cell = None;
        }
    }
}

/// Cells that hold the word NULL are.
pub fn worded_nulls(set: &mut ResultSet) {
    for cell in set.rows.iter_mut().flat_map(|row| &mut row.cells) {
        if cell.as_deref() == Some("NULL") {
            *cell = None;
        }
    }
}

/// A cell of a client that prints the word NULL and nothing else for it.
pub fn null_or(cell: &str) -> Option<Box<str>> {
    (cell != "NULL").then(|| cell.into())
}

/// A cell of a client that prints nothing for NULL.
pub fn empty_or(cell: &str) -> Option<Box<str>> {
    (!cell.is_empty()).then(|| cell.into())
}
