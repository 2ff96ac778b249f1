//! Rows with a letter between their cells: CSV with comma, semicolon, tab or bar, batch output of the
//! MySQL client and COPY with a header, psql's unaligned format, SQLite's `csv`, `list`, `tabs` and
//! `ascii`.
//!
//! A line of plausible names begins a table if what follows has as many cells. Where cells are not
//! quoted, a line end in one breaks its row: its pieces do not fit and are counted.

mod ascii;
mod dialect;
mod record;

pub use ascii::Ascii;
pub(super) use dialect::Dialect;

use super::lines::Lines;
use super::rows::{Rows, empty_or_worded_nulls, nothing};
use super::said::is_said_below;
use super::{ResultSet, ShapeMeta, TextShape};
use dialect::Cells;
pub(super) use record::{Record, Records};

/// So many rows in a row that do not fit are no rows of the table.
const MISFITS_MAX: usize = 8;
/// What may be read in vain to find a table, for each byte of the text, and beyond that.
const LOOK_PER_BYTE: usize = 8;
const LOOK_MAX: usize = 1 << 20;

/// Rows with a letter between their cells, below a header.
pub struct Delimited;

impl TextShape for Delimited {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "delimited",
            title: "CSV, TSV, mysql -B, psql -A, list of sqlite3, with a header",
            words: &[",", ";", "\t", "|"],
            sample: "id,name\n1,a\n2,b\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut looked = 0;
        for line in Lines::from(text, 0) {
            if Dialect::of(text, line, &mut looked).is_some() {
                return Some(line.start);
            }
            if looked > LOOK_MAX + LOOK_PER_BYTE.saturating_mul(line.next) {
                return None;
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let first = Lines::from(text, 0).next();
        let dialect = first.and_then(|line| Dialect::of(text, line, &mut 0));
        let Some(dialect) = dialect else {
            return nothing(first.map_or(text.len(), |line| line.next));
        };
        let mut records = Records::new(text, 0, &dialect);
        let Some(header) = records.next() else { return nothing(text.len()) };
        let names: Vec<Box<str>> = header.names();
        rows(text, records, &dialect, Rows::new(text, self.meta().name, names))
    }
}

/// Reads rows up to what fits no more.
fn rows<'t>(
    text: &'t str,
    mut records: Records<'t>,
    dialect: &Dialect,
    mut rows: Rows<'t>,
) -> ResultSet {
    let mut end = records.at();
    let mut misfits: Vec<usize> = Vec::new();
    let mut looked = 0;
    while let Some(record) = records.next() {
        let is_misfit = !record.is_closed || record.cells.len() != rows.columns().len();
        let is_said = is_said_below(record.text);
        if record.is_blank() || is_said {
            // An empty line may be one of a cell.
            let goes_on = dialect.cells != Cells::Quoted
                && !is_said
                && goes_on_below(text, records.clone(), rows.columns().len(), &mut looked);
            if goes_on {
                continue;
            }
            if is_said {
                // What stands above the client's own words is the table's.
                misfits.drain(..).for_each(|at| rows.drop_row(at));
                end = record.next;
            }
            break;
        }
        if !is_misfit {
            // The same header again begins another table.
            let is_header = record
                .cells
                .iter()
                .map(|(cell, _)| cell.as_ref())
                .eq(rows.columns().iter().map(AsRef::as_ref));
            match (is_header, rows.is_empty()) {
                (true, true) => {
                    end = record.next;
                    continue;
                }
                (true, false) => break,
                (false, _) => {}
            }
            for at in misfits.drain(..) {
                rows.drop_row(at);
            }
            rows.push(record.start, dialect.nulls_of(record.cells));
            end = record.next;
            continue;
        }
        let line = super::lines::Line { start: record.start, next: record.next, text: record.text };
        let limit = LOOK_MAX + LOOK_PER_BYTE.saturating_mul(record.next);
        if misfits.len() >= MISFITS_MAX
            || record.text.starts_with("--@")
            || (looked < limit && Dialect::of(text, line, &mut looked).is_some())
        {
            break;
        }
        misfits.push(record.start);
        if !record.is_closed {
            // The text was cut in a quoted cell: nothing of it is known to be whole.
            end = text.len();
            break;
        }
    }
    if records.is_over() && misfits.len() < MISFITS_MAX {
        for at in misfits.drain(..) {
            rows.drop_row(at);
            end = text.len();
        }
    }
    let mut set = rows.finish(end);
    if dialect.cells == Cells::Plain {
        empty_or_worded_nulls(&mut set);
    }
    set
}

/// Whether a row stands not far below an empty line, and not another table.
fn goes_on_below(text: &str, mut below: Records<'_>, columns: usize, looked: &mut usize) -> bool {
    let Some(next) = super::lines::Lines::from(text, below.at()).next() else { return false };
    if Dialect::of(text, next, looked).is_some() {
        return false;
    }
    below.by_ref().take(3).any(|record| record.cells.len() == columns)
}
