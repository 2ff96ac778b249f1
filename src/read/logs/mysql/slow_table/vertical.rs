//! Rows as `\G` shows them: a line of stars with the row's number, then a line a column. Statements
//! stand there as they are, with all their lines; a row ends before the next mark that stands in none of
//! the statement's literals.

use super::super::banner::line_at;
use super::super::ends::{Credit, statement_end};
use super::columns::{Column, Table};
use super::rows::Row;
use memchr::{memchr, memchr_iter};
use std::borrow::Cow;

/// So far ahead the end of a literal is looked for that holds a mark, in bytes.
const LOOKAHEAD: u64 = 32 * 1024;

/// The size of the mark that a text begins with, line end included.
pub(super) fn mark_bytes(text: &[u8]) -> Option<usize> {
    let rest = text.strip_prefix(b"***************************")?;
    let end = memchr(b'\n', rest.get(..rest.len().min(80))?)?;
    let line =
        rest.get(..end)?.trim_ascii_end().strip_suffix(b". row ***************************")?;
    let number = line.trim_ascii_start();
    let is_mark = !number.is_empty() && number.iter().all(u8::is_ascii_digit);
    is_mark.then_some(text.len() - rest.len() + end + 1)
}

/// The length of the row at the start of a text.
pub(super) fn row_bytes(text: &[u8], is_whole: bool) -> Option<usize> {
    let starts = memchr_iter(b'\n', text).map(|at| at + 1);
    let begins = |text: &[u8]| mark_bytes(text).is_some();
    let behind = |at: usize| text.get(at..).unwrap_or_default();
    let all = || is_whole.then_some(text.len());
    let Some(size) = mark_bytes(text) else {
        return starts.into_iter().find(|at| begins(behind(*at))).or_else(all);
    };
    let mut at = size;
    loop {
        let (line, bytes) = line_at(text, at);
        if begins(behind(at)) {
            return Some(at);
        }
        if let Some(value) = statement_in(line) {
            let from = at + value;
            let end = statement_end(text, from, is_whole, Credit(LOOKAHEAD), &begins)?;
            return Some(end.at);
        }
        if bytes == 0 || line.len() == bytes {
            return all();
        }
        at += bytes;
    }
}

/// Where the statement begins in a line of either table's last text column.
fn statement_in(line: &[u8]) -> Option<usize> {
    let name = line.trim_ascii_start();
    let blanks = line.len() - name.len();
    [&b"sql_text: "[..], b"argument: "]
        .iter()
        .find(|head| name.starts_with(head))
        .map(|head| blanks + head.len())
}

/// A row by the names of its lines.
pub(super) fn row<'a>(text: &'a [u8], table: Table) -> Option<Row<'a>> {
    let mut at = mark_bytes(text)?;
    let mut row = Row::default();
    let mut set = |column: Column, value: &'a [u8]| {
        if let Some(place) = row.get_mut(column.index()) {
            *place = Some(Cow::Borrowed(value));
        }
    };
    while at < text.len() {
        let (line, bytes) = line_at(text, at);
        if let Some(from) = statement_in(line) {
            let mut statement = text.get(at + from..)?.trim_ascii_end();
            // What follows it, from the last line back.
            while let Some((before, column, value)) = last_column(statement, table) {
                set(column, value);
                statement = before;
            }
            set(Column::Text, statement);
            return Some(row);
        }
        if let Some((column, value)) = column_of(line, table) {
            set(column, value);
        }
        at += bytes;
    }
    None
}

fn column_of(line: &[u8], table: Table) -> Option<(Column, &[u8])> {
    let line = line.trim_ascii();
    let colon = memchr(b':', line)?;
    let column = table.column(line.get(..colon)?)?;
    Some((column, line.get(colon + 1..)?.trim_ascii()))
}

/// The last line of a text, if it is a number that stands behind the statement; and what is before.
fn last_column(text: &[u8], table: Table) -> Option<(&[u8], Column, &[u8])> {
    let start = memchr::memrchr(b'\n', text)?;
    let (column, value) = column_of(text.get(start + 1..)?, table)?;
    let is_behind = matches!(column, Column::ThreadId | Column::RowsAffected)
        && table == Table::Slow
        && !value.is_empty()
        && value.iter().all(u8::is_ascii_digit);
    is_behind.then_some((text.get(..start)?, column, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    const STARS: &str = "***************************";

    #[test]
    fn rows_end_at_the_next_mark_outside_of_literals() {
        let forged = format!("{STARS} 8. row {STARS}");
        let rest = "\n thread_id: 5\n rows_affected: 2\n";
        for statement in [
            "select 1\n  from t".to_owned(),
            format!("select 'a\n{forged}\n'"),
            "select 'open".into(),
        ] {
            let first =
                format!("{STARS} 7. row {STARS}\n  db: shop\n  sql_text: {statement}{rest}");
            let text = format!("{first}{forged}\n  db: x\n  sql_text: select 'b', 'c'\n");
            assert_eq!(row_bytes(text.as_bytes(), true), Some(first.len()), "{statement}");
            let row = row(first.as_bytes(), Table::Slow).expect("a row");
            let value = |column: Column| row[column.index()].as_deref();
            assert_eq!(value(Column::Text), Some(statement.as_bytes()));
            assert_eq!(value(Column::ThreadId), Some(&b"5"[..]));
            assert_eq!(value(Column::RowsAffected), Some(&b"2"[..]));
            assert_eq!(value(Column::Database), Some(&b"shop"[..]));
        }
        assert_eq!(row_bytes(format!("junk\n{forged}\n").as_bytes(), false), Some(5));
    }
}
