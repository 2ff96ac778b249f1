//! How a text separates, quotes and escapes its cells, from its header and its first rows.

use super::super::escapes::{can_be_escaped, unescaped};
use super::super::lines::Line;
use super::super::rows::{empty_or, null_or};
use super::record::Records;
use std::borrow::Cow;

/// Rows that are looked at to know how cells are written; in bytes.
const SAMPLE: usize = 1 << 13;
/// Names of columns are not longer than this, in bytes.
const NAME_MAX: usize = 64;

/// How cells are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Cells {
    /// Quoted where they must be.
    Quoted,
    /// With backslashes; NULL is a word.
    Batch,
    /// With backslashes; NULL is `\N`.
    Copy,
    /// As they are.
    Plain,
}

/// How a table is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Dialect {
    /// What stands between cells.
    pub delimiter: char,
    /// How cells are written.
    pub cells: Cells,
}

impl Dialect {
    /// The dialect of the table whose header a line is, if it is one: adds to what has been looked at.
    pub fn of(text: &str, line: Line<'_>, looked: &mut usize) -> Option<Dialect> {
        let first = line.text.chars().next()?;
        if !(first.is_alphabetic()
            || matches!(first, '_' | '"' | '@' | '(' | '\u{feff}' | '?' | '#'))
        {
            return None;
        }
        ['\t', ',', ';', '|'].into_iter().find_map(|delimiter| {
            line.text.contains(delimiter).then_some(())?;
            *looked += line.text.len();
            let columns = header(line.text, delimiter)?;
            let sample = sample(text, line.start);
            let dialect =
                Dialect { delimiter, cells: cells(sample, delimiter, columns, 1, looked) };
            dialect.fits(sample, columns).then_some(dialect)
        })
    }

    /// The dialect of a text that is all rows without a header: that of its first line, by the letter
    /// that stands most often in it.
    pub fn of_bare(text: &str) -> Option<Dialect> {
        let sample = sample(text, 0);
        let first = sample.lines().next()?;
        let count = |delimiter: char| first.matches(delimiter).count();
        let delimiter =
            ['\t', '|', ',', ';'].into_iter().rev().max_by_key(|delimiter| count(*delimiter))?;
        let columns = count(delimiter) + 1;
        let cells = match delimiter {
            ',' | ';' => Cells::Quoted,
            '|' => Cells::Plain,
            _ => cells(sample, delimiter, columns, 0, &mut 0),
        };
        (columns >= 2).then_some(Dialect { delimiter, cells })
    }

    /// Whether cells stand as they are.
    pub fn is_plain(self) -> bool {
        self.cells == Cells::Plain
    }

    /// Whether the rows below a header have as many cells. Two columns need two rows, as far as there
    /// are any.
    fn fits(self, sample: &str, columns: usize) -> bool {
        let mut records = Records::new(sample, 0, &self).skip(1).map(|record| {
            (
                record.is_closed && record.cells.len() == columns,
                record.is_blank(),
                record.cells.len(),
            )
        });
        let Some((fits, ..)) = records.next() else { return false };
        // A row that a line end has broken stands above one that is whole.
        let is_broken = || {
            let mut below = Records::new(sample, 0, &self).skip(2).take(super::MISFITS_MAX);
            self.cells != Cells::Quoted
                && columns > 2
                && below.any(|record| record.cells.len() == columns)
        };
        match fits {
            true if columns == 2 => {
                records.next().is_none_or(|(fits, is_blank, cells)| fits || is_blank || cells == 1)
            }
            true => true,
            false => is_broken(),
        }
    }

    /// The cells of a record, as this dialect means them.
    pub fn nulls_of(self, cells: Vec<(Cow<'_, str>, bool)>) -> Vec<Option<Box<str>>> {
        let cell = |(cell, is_quoted): (Cow<'_, str>, bool)| match self.cells {
            Cells::Quoted if is_quoted => Some(cell.into()),
            Cells::Quoted if matches!(cell.as_ref(), "NULL" | "\\N") => None,
            Cells::Quoted => empty_or(&cell),
            Cells::Batch => null_or(&cell).map(|cell| unescaped(&cell).into()),
            Cells::Copy => (cell != "\\N").then(|| unescaped(&cell).into()),
            Cells::Plain => Some(cell.into()),
        };
        cells.into_iter().map(cell).collect()
    }
}

/// The columns that a line has, if all its cells can be names of columns.
fn header(line: &str, delimiter: char) -> Option<usize> {
    let mut names = std::collections::BTreeSet::new();
    let (mut columns, mut spaced) = (0, 0);
    for name in line.trim_end().split(delimiter) {
        let name = match name.strip_prefix('"') {
            Some(inside) => inside.strip_suffix('"')?,
            None => name,
        };
        columns += 1;
        spaced += usize::from(name.contains(' '));
        if !is_name(name, delimiter) || !names.insert(name) {
            return None;
        }
    }
    // Two texts of several words are no header.
    (columns >= 2 && (columns > 2 || spaced < 2)).then_some(columns)
}

/// Whether a cell can be a name: a word, or some where they are not prose.
fn is_name(name: &str, delimiter: char) -> bool {
    let begins = |c: char| c.is_alphabetic() || matches!(c, '_' | '@' | '(' | '#' | '?');
    let allowed = |c: char| match c {
        '_' | '$' | '.' | '(' | ')' | '*' | '@' | '%' | '#' | '?' | '[' | ']' | '`' => true,
        '/' | '-' | '+' => true,
        ' ' | ',' | '\'' => delimiter == '\t',
        c => c.is_alphanumeric(),
    };
    name.len() <= NAME_MAX
        && name.starts_with(begins)
        && name.chars().all(allowed)
        && !name.contains("  ")
        && !name.ends_with(' ')
        && name.chars().any(char::is_alphabetic)
        && !name.contains("->")
}

/// The first whole lines of a text from a place on.
fn sample(text: &str, start: usize) -> &str {
    let rest = text.get(start..).unwrap_or_default();
    let Some(mut end) = (rest.len() > SAMPLE).then_some(SAMPLE) else { return rest };
    while !rest.is_char_boundary(end) {
        end -= 1;
    }
    let head = rest.get(..end).unwrap_or_default();
    head.rfind('\n').and_then(|end| head.get(..=end)).unwrap_or(head)
}

/// How the cells below so many headers are written.
fn cells(
    sample: &str,
    delimiter: char,
    columns: usize,
    headers: usize,
    looked: &mut usize,
) -> Cells {
    if matches!(delimiter, ',' | ';') || sample.starts_with('"') {
        return Cells::Quoted;
    }
    *looked += sample.len().min(4096);
    let rows = |cells: Cells| Records::new(sample, 0, &Dialect { delimiter, cells }).skip(headers);
    // Only rows whose cells are quoted are whole when they are read so.
    let misfits = |cells: Cells| {
        rows(cells).take(1000).filter(|row| !row.is_blank() && row.cells.len() != columns).count()
    };
    if memchr::memchr(b'"', sample.as_bytes()).is_some() {
        *looked += 2 * sample.len();
        let is_doubled = |row: super::record::Record<'_>| {
            row.cells.iter().any(|(cell, is_quoted)| {
                *is_quoted && (cell.contains('"') || cell.contains(delimiter))
            })
        };
        let (quoted, plain) = (misfits(Cells::Quoted), misfits(Cells::Plain));
        if quoted < plain || (quoted == 0 && plain == 0 && rows(Cells::Quoted).any(is_doubled)) {
            return Cells::Quoted;
        }
    }
    if delimiter != '\t' {
        return Cells::Plain;
    }
    let mut is_copy = false;
    for (cell, _) in rows(Cells::Plain).take(1000).flat_map(|row| row.cells) {
        is_copy |= cell == "\\N";
        if !can_be_escaped(&cell) {
            return Cells::Plain;
        }
    }
    if is_copy { Cells::Copy } else { Cells::Batch }
}
