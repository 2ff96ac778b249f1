//! Records of the MySQL client (`\G`, `-E`) and of MySQL Shell: `*** 1. row ***`, then one line for
//! each column, whose names are right-aligned before a colon.
//!
//! Values of several lines have no marks: only a name that stands exactly below the others begins a
//! value, and from the second record on only the name whose turn it is.

use super::lines::{Line, Lines};
use super::rows::{Rows, nothing, null_or};
use super::said::is_count;
use super::width::cells;
use super::{ResultSet, ShapeMeta, TextShape};

/// Records with a name before each value.
pub struct Vertical;

impl TextShape for Vertical {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "vertical",
            title: "records of mysql \\G",
            words: &[". row *"],
            sample: "*************************** 1. row ***************************\n  id: 1\nname: a\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut lines = Lines::from(text, 0);
        while let Some(line) = lines.next() {
            let has_field = || {
                lines
                    .peek()
                    .is_some_and(|next| next.text.contains(": ") || next.text.ends_with(':'))
            };
            if record(line.text).is_some() && has_field() {
                return Some(line.start);
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut lines = Lines::from(text, 0);
        let first = lines.next();
        let Some(colon) = lines.peek().and_then(|line| colon_of(line.text)) else {
            return nothing(first.map_or(text.len(), |line| line.next));
        };
        let columns = columns(lines.clone(), colon);
        let mut rows = Rows::new(text, self.meta().name, columns.clone());
        let mut open = Record { start: 0, values: Vec::new() };
        let mut number = 1;
        let mut end = first.map_or(0, |line| line.next);
        while let Some(line) = lines.next() {
            if let Some(next) = record(line.text) {
                // Records that count from one again are another table.
                if next <= number {
                    break;
                }
                number = next;
                rows.push(open.start, open.cells());
                open = Record { start: line.start, values: Vec::new() };
            } else if is_end(&line, &lines, &open, columns.len()) {
                break;
            } else {
                open.add(line.text, colon, &columns);
            }
            end = line.next;
        }
        rows.push(open.start, open.cells());
        rows.finish(end)
    }
}

/// The number of the record that begins with a line.
fn record(line: &str) -> Option<u64> {
    let inside = line.trim_end().strip_prefix("***")?.strip_suffix("***")?.trim_matches('*');
    inside.strip_suffix(". row ")?.trim_start().parse().ok()
}

/// Where the colon stands in the first line of a record.
fn colon_of(line: &str) -> Option<usize> {
    let end = line.find(": ").or_else(|| line.strip_suffix(':').map(str::len))?;
    Some(cells(line.get(..end)?))
}

/// The name and the value of a line that begins a value.
fn field(line: &str, colon: usize) -> Option<(&str, &str)> {
    let place = match line.is_ascii() {
        true => colon,
        false => {
            let mut width = 0;
            line.char_indices().find_map(|(at, letter)| {
                let is_there = width >= colon;
                width += cells(letter.encode_utf8(&mut [0; 4]));
                is_there.then_some(at)
            })?
        }
    };
    let (name, value) = (line.get(..place)?, line.get(place..)?.strip_prefix(':')?);
    let value = if value.is_empty() { value } else { value.strip_prefix(' ')? };
    let name = name.trim_start_matches(' ');
    let is_name = !name.is_empty()
        && !name.ends_with(' ')
        && !name.contains("  ")
        && !name.starts_with(['-', '*', '=']);
    is_name.then_some((name, value))
}

/// The names of the columns: those of the first record that the second has, too, in this order.
fn columns(lines: Lines<'_>, colon: usize) -> Vec<Box<str>> {
    let mut records: [Vec<Box<str>>; 2] = Default::default();
    let mut index = 0;
    for line in lines {
        if record(line.text).is_some_and(|number| number == 1) {
            break;
        }
        if record(line.text).is_some() {
            index += 1;
        }
        let Some(names) = records.get_mut(index) else { break };
        if let Some((name, _)) = field(line.text, colon) {
            names.push(name.into());
        }
        // What follows the last record of a long text is not asked for names for ever.
        if names.len() > 4096 {
            break;
        }
    }
    let is_second_whole = index > 1;
    let [first, second] = records;
    let mut known = std::collections::BTreeSet::new();
    let first: Vec<Box<str>> =
        first.into_iter().filter(|name| known.insert(name.clone())).collect();
    let mut rest = second.iter();
    let in_second: Vec<bool> = first
        .iter()
        .map(|name| {
            let here = rest.clone().position(|other| other == name);
            here.is_some_and(|here| rest.nth(here).is_some())
        })
        .collect();
    // Behind the last of them the text may end.
    let end = in_second.iter().rposition(|is_in| *is_in).map_or(0, |last| last + 1);
    let keeps = |index: usize, is_in: bool| is_in || (index >= end && !is_second_whole);
    let kept = first.into_iter().zip(in_second).enumerate();
    kept.filter(|(index, (_, is_in))| keeps(*index, *is_in)).map(|(_, (name, _))| name).collect()
}

/// Whether a line ends the table: what the client says below it, or a blank line behind a last value
/// of one line.
fn is_end(line: &Line<'_>, lines: &Lines<'_>, open: &Record, columns: usize) -> bool {
    let is_last = open.values.len() == columns;
    let is_said = |line: &str| {
        is_count(line)
            || line.starts_with("mysql> ")
            || line.starts_with("MariaDB [")
            || line.starts_with("--@")
            || line.starts_with("TS ")
            // The next statement was answered with a box.
            || (line.starts_with("+-") && line.ends_with("-+"))
            || line == "Bye"
    };
    let has_one_line = open.values.last().is_none_or(|value| !value.contains('\n'));
    is_last
        && (is_said(line.text)
            || (line.is_blank()
                && (has_one_line || lines.peek().is_none_or(|next| is_said(next.text)))))
}

struct Record {
    start: usize,
    values: Vec<String>,
}

impl Record {
    fn add(&mut self, line: &str, colon: usize, columns: &[Box<str>]) {
        let turn = columns.get(self.values.len());
        let field =
            field(line, colon).filter(|(name, _)| turn.is_some_and(|turn| &**turn == *name));
        match (field, self.values.last_mut()) {
            (Some((_, value)), _) => self.values.push(value.to_owned()),
            (None, Some(value)) => {
                value.push('\n');
                value.push_str(line);
            }
            (None, None) => {}
        }
    }

    fn cells(&self) -> Vec<Option<Box<str>>> {
        self.values.iter().map(|value| null_or(value)).collect()
    }
}
