//! Where a table stands in a text, and its rows, in each of the forms that clients and logs give it.

use super::{Row, Rows};
use crate::read::plans::Found;

/// Before each line of an EXPLAIN in MariaDB's slow log.
const LOG_PREFIX: &str = "# explain: ";

/// How a table is written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Form {
    /// `| id | select_type |`.
    Pipes,
    /// Tabs between the cells.
    Tabs,
    /// Tabs, and the prefix of MariaDB's slow log.
    Log,
    /// A line for each cell.
    Vertical,
}

/// The lines of a text with their places and without line ends.
fn lines(text: &str) -> impl Iterator<Item = (usize, usize, &str)> {
    let mut at = 0;
    text.split_inclusive('\n').map(move |line| {
        let start = at;
        at += line.len();
        (start, at, line.trim_end_matches(['\n', '\r']))
    })
}

/// The first table in a text.
pub fn find(text: &str) -> Option<Found> {
    let mut lines = lines(text).peekable();
    // The line above: a frame, or the number of a row.
    let mut above: Option<(usize, &str)> = None;
    while let Some((start, end, line)) = lines.next() {
        let next = lines.peek().map(|(_, _, next)| *next);
        let Some(form) = form_of(line, next) else {
            above = Some((start, line));
            continue;
        };
        let is_frame = |line: &str| is_rule(line) || is_row_number(line);
        let start = above.filter(|(_, line)| is_frame(line)).map_or(start, |(start, _)| start);
        let mut found = Found { start, end };
        while let Some((_, end, _)) = lines.next_if(|(_, _, next)| continues(form, next)) {
            found.end = end;
        }
        return Some(found);
    }
    None
}

/// The form of a table whose header, or whose first cell, a line is.
fn form_of(line: &str, next: Option<&str>) -> Option<Form> {
    if let Some(value) = vertical_cell(line, "id") {
        let is_id = value == "NULL" || value.bytes().all(|byte| byte.is_ascii_digit());
        let is_next = next.is_some_and(|next| vertical_cell(next, "select_type").is_some());
        return (is_id && is_next).then_some(Form::Vertical);
    }
    let (form, header) = match (line.strip_prefix(LOG_PREFIX), line.trim_start().starts_with('|')) {
        (Some(header), _) => (Form::Log, header),
        (None, true) => (Form::Pipes, line),
        (None, false) => (Form::Tabs, line),
    };
    is_header(&cells(form, header)).then_some(form)
}

/// Whether these are the columns of EXPLAIN.
fn is_header(columns: &[&str]) -> bool {
    columns.starts_with(&["id", "select_type", "table"])
        && ["type", "possible_keys", "key", "rows", "Extra"].iter().all(|n| columns.contains(n))
}

fn cells(form: Form, line: &str) -> Vec<&str> {
    match form {
        Form::Pipes => {
            let line = line.trim();
            let inside = line.strip_prefix('|').unwrap_or(line);
            let inside = inside.strip_suffix('|').unwrap_or(inside);
            inside.split('|').map(str::trim).collect()
        }
        Form::Tabs | Form::Log | Form::Vertical => line.split('\t').map(str::trim).collect(),
    }
}

/// Whether a line belongs to a table in this form, behind its header.
fn continues(form: Form, line: &str) -> bool {
    match form {
        Form::Pipes => {
            let is_row = || line.trim_start().starts_with('|') && !is_header(&cells(form, line));
            is_rule(line) || is_row()
        }
        Form::Tabs => {
            let mut cells = line.split('\t');
            cells.next().is_some_and(is_id) && cells.next().is_some_and(is_select_type)
        }
        Form::Log => {
            let row = line.strip_prefix(LOG_PREFIX).and_then(|row| row.split('\t').next());
            row.is_some_and(is_id)
        }
        Form::Vertical => {
            (is_row_number(line) && !line.contains("* 1. row")) || vertical_any(line).is_some()
        }
    }
}

fn is_id(cell: &str) -> bool {
    cell == "NULL" || (!cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_digit()))
}

fn is_select_type(cell: &str) -> bool {
    !cell.is_empty() && cell.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b' ')
}

/// `+----+------+`, `|----|------|`.
fn is_rule(line: &str) -> bool {
    let line = line.trim();
    line.len() > 2
        && line.starts_with(['+', '|'])
        && line.bytes().all(|byte| matches!(byte, b'+' | b'-' | b'|' | b':' | b' '))
        && line.contains('-')
}

/// `*************************** 1. row ***************************`.
fn is_row_number(line: &str) -> bool {
    line.starts_with("***") && line.trim_end_matches('*').trim_end().ends_with(". row")
}

/// The value of a cell in vertical form, if it is of that column.
fn vertical_cell<'a>(line: &'a str, column: &str) -> Option<&'a str> {
    let value = line.trim_start().strip_prefix(column)?.strip_prefix(':')?;
    Some(value.trim())
}

/// The column and value of a cell in vertical form: any of the columns that EXPLAIN has.
fn vertical_any(line: &str) -> Option<(&str, &str)> {
    const COLUMNS: [&str; 14] = [
        "id",
        "select_type",
        "table",
        "partitions",
        "type",
        "possible_keys",
        "key",
        "key_len",
        "ref",
        "rows",
        "r_rows",
        "filtered",
        "r_filtered",
        "Extra",
    ];
    let (column, value) = line.trim_start().split_once(':')?;
    COLUMNS.contains(&column).then(|| (column, value.trim()))
}

/// The rows of a table that was found. A last row that is cut is left out.
pub fn rows(table: &str, offset: usize) -> Rows<'_> {
    let lines: Vec<_> = lines(table).collect();
    let form = lines
        .iter()
        .enumerate()
        .find_map(|(at, (_, _, line))| form_of(line, lines.get(at + 1).map(|(_, _, next)| *next)));
    match form {
        Some(Form::Vertical) => vertical_rows(&lines, offset),
        Some(form) => horizontal_rows(form, table, &lines, offset),
        None => Rows::default(),
    }
}

fn vertical_rows<'a>(lines: &[(usize, usize, &'a str)], offset: usize) -> Rows<'a> {
    let mut rows = Rows::default();
    for (start, _, line) in lines {
        let Some(cell) = vertical_any(line) else { continue };
        if cell.0 == "id" || rows.rows.is_empty() {
            rows.rows.push(Row { offset: offset + start, cells: Vec::new() });
        }
        if let Some(row) = rows.rows.last_mut() {
            row.cells.push(cell);
        }
    }
    rows.rows.retain(|row| row.has("rows"));
    rows
}

fn horizontal_rows<'a>(
    form: Form,
    table: &'a str,
    lines: &[(usize, usize, &'a str)],
    offset: usize,
) -> Rows<'a> {
    let mut columns: Vec<&str> = Vec::new();
    let mut rows = Rows { rows: Vec::new(), is_of_mariadb: form == Form::Log };
    let mut id_width = 0;
    for (start, end, line) in lines {
        let line = match form {
            Form::Log => line.strip_prefix(LOG_PREFIX).unwrap_or(line),
            _ => line,
        };
        if is_rule(line) {
            continue;
        }
        let cells = cells(form, line);
        if columns.is_empty() {
            if is_header(&cells) {
                columns = cells;
                id_width = line.trim_start().split('|').nth(1).map_or(0, str::len);
            }
            continue;
        }
        let is_whole = match form {
            Form::Pipes => line.trim_end().ends_with('|') && cells.len() == columns.len(),
            // Blanks at line ends, so an empty last cell too, are easily lost.
            _ if table.get(*start..*end).is_some_and(|line| line.ends_with('\n')) => {
                cells.len() + 1 >= columns.len()
            }
            _ => cells.len() >= columns.len(),
        };
        if is_whole {
            let cells = columns.iter().copied().zip(cells).collect();
            rows.rows.push(Row { offset: offset + start, cells });
        }
    }
    // MariaDB gives the first column room for NULL, MySQL only where there is one.
    let longest = rows.rows.iter().flat_map(|row| row.cells.first()).map(|(_, id)| id.len()).max();
    rows.is_of_mariadb |=
        form == Form::Pipes && id_width == " NULL ".len() && longest.is_some_and(|len| len < 4);
    rows
}
