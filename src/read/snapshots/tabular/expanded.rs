//! psql's expanded format in every border and line style: the head of a record, then one line for each
//! column, and more where a value holds line ends or was too wide.

use super::lines::{Line, Lines};
use super::rows::{Rows, empty_or_worded_nulls, nothing};
use super::width::cells;
use super::{ResultSet, ShapeMeta, TextShape};
use crate::read::plans::clean::is_bar;

/// Records of psql.
pub struct Expanded;

impl TextShape for Expanded {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "expanded",
            title: "records of psql \\x",
            words: &["[ ", "* "],
            sample: "-[ RECORD 1 ]\nid   | 1\nname | a\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut lines = Lines::from(text, 0);
        while let Some(line) = lines.next() {
            let Some(frame) = head(line.text) else { continue };
            let Some(below) = lines.peek() else { continue };
            let fits = match frame {
                Frame::None => {
                    below.text.starts_with(|c: char| c.is_alphanumeric() || c == '_' || c == '?')
                }
                Frame::Inner | Frame::Full => sign_of(below.text, frame).is_some(),
            };
            if fits {
                return Some(line.start);
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut lines = Lines::from(text, 0);
        let first = lines.next();
        let known = first.and_then(|line| {
            let frame = head(line.text)?;
            Some((frame, key_places(&lines, frame)?))
        });
        let Some((frame, places)) = known else {
            return nothing(first.map_or(text.len(), |line| line.next));
        };
        let mut rows: Option<Rows<'_>> = None;
        let mut record = Record::default();
        let mut end = first.map_or(0, |line| line.next);
        for line in lines {
            if head(line.text).is_some() {
                record.close_into(&mut rows, text, self.meta().name);
                record.start = line.start;
            } else if let Some(field) = Field::of(line, frame, places) {
                record.add(field);
            } else {
                let is_rule = frame == Frame::Full && line.text.starts_with(['+', '└', '╚', '┗']);
                end = if is_rule { line.next } else { end };
                break;
            }
            end = line.next;
        }
        record.close_into(&mut rows, text, self.meta().name);
        let Some(rows) = rows else { return nothing(end) };
        let mut set = rows.finish(end);
        empty_or_worded_nulls(&mut set);
        set
    }
}

/// What a record has for a frame.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Frame {
    None,
    Inner,
    Full,
}

/// The frame of the record that a line is the head of: `-[ RECORD 1 ]---`, `┌─[ ZEILE 1 ]──┐`,
/// `* Record 1`.
fn head(line: &str) -> Option<Frame> {
    let line = line.trim_end();
    let is_counted = |name: &str| {
        let (word, number) = name.rsplit_once(' ')?;
        let is_word = word.chars().all(|c| c.is_alphabetic() || c == ' ') && !word.is_empty();
        (is_word && number.len() <= 18 && number.bytes().all(|b| b.is_ascii_digit())).then_some(())
    };
    if let Some(name) = line.strip_prefix("* ") {
        return is_counted(name).map(|()| Frame::None);
    }
    let (before, rest) = line.split_once("[ ")?;
    let (name, behind) = rest.split_once(" ]")?;
    is_counted(name)?;
    let is_line = |c: char| matches!(c, '-' | '+') || ('\u{2500}'..='\u{257f}').contains(&c);
    let is_drawn = !before.is_empty() && before.chars().chain(behind.chars()).all(is_line);
    let frame = if before.chars().count() == 1 { Frame::Inner } else { Frame::Full };
    is_drawn.then_some(frame)
}

/// The places before the bar behind the first name of a record.
fn sign_of(line: &str, frame: Frame) -> Option<usize> {
    let inside = match frame {
        Frame::Full => line.strip_prefix(is_bar)?,
        _ => line,
    };
    let end = inside.find(is_bar)?;
    Some(cells(inside.get(..end)?))
}

/// The places that names take in a table whose first record follows.
fn key_places(lines: &Lines<'_>, frame: Frame) -> Option<usize> {
    let first = lines.peek()?;
    if frame != Frame::None {
        return sign_of(first.text, frame);
    }
    let record =
        lines.clone().take_while(|line| !line.text.is_empty() && head(line.text).is_none());
    let names = record.filter(|line| !line.text.starts_with([' ', '.', '…', '\t']));
    names.filter_map(|line| line.text.split(' ').next()).map(cells).max()
}

/// A line of a record.
struct Field<'t> {
    name: &'t str,
    /// What stands behind the name and the bar, with a mark at its end if it goes on.
    value: &'t str,
    /// What tells how it goes on with the line above.
    continues: Continues,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Continues {
    /// The line above is marked.
    Marked,
    /// The old way: this line is marked.
    LineEnd,
    /// The line above was too wide; `true` if it is marked, too.
    Wrapped(bool),
}

impl<'t> Field<'t> {
    fn of(line: Line<'t>, frame: Frame, places: usize) -> Option<Self> {
        let mut inside = line.text;
        if frame == Frame::Full {
            inside = inside.trim_end().strip_prefix(is_bar)?.strip_suffix(is_bar)?;
            // A mark stands in the last place, else it is blank.
            inside = inside.strip_suffix(' ').unwrap_or(inside);
        }
        let mut width = 0;
        let at = inside.char_indices().find_map(|(at, letter)| {
            let is_there = width >= places;
            width += cells(letter.encode_utf8(&mut [0; 4]));
            is_there.then_some(at)
        });
        let at =
            at.or_else(|| (width == places && frame == Frame::None).then_some(inside.len()))?;
        let (name, rest) = (inside.get(..at)?, inside.get(at..)?);
        let mut letters = rest.chars();
        let sign = letters.next();
        let mut value = letters.as_str();
        let mut continues = match sign {
            Some(':') if frame != Frame::None => Continues::LineEnd,
            Some(';') if frame != Frame::None => Continues::Wrapped(false),
            Some(bar) if frame != Frame::None && is_bar(bar) => Continues::Marked,
            Some('.' | '…') if frame == Frame::None => Continues::Wrapped(true),
            Some(' ') | None if frame == Frame::None => Continues::Marked,
            _ => return None,
        };
        if frame != Frame::None {
            if let Some(rest) = value.strip_prefix(['.', '…']) {
                continues = Continues::Wrapped(true);
                value = rest;
            } else {
                value = value.strip_prefix(' ').unwrap_or(value);
            }
        }
        let name = name.trim_end();
        (!line.text.is_empty()).then_some(Field { name, value, continues })
    }
}

#[derive(Default)]
struct Record<'t> {
    start: usize,
    names: Vec<&'t str>,
    values: Vec<String>,
    /// The last line of the last value, as it stands.
    last: &'t str,
}

impl<'t> Record<'t> {
    fn add(&mut self, field: Field<'t>) {
        if !field.name.trim().is_empty() {
            self.settle(None);
            self.names.push(field.name.trim());
            self.values.push(String::new());
        } else if !self.values.is_empty() {
            self.settle(Some(field.continues));
        }
        self.last = field.value;
    }

    /// Adds the last line to its value, without its mark if another follows.
    fn settle(&mut self, below: Option<Continues>) {
        let Some(value) = self.values.last_mut() else { return };
        match below {
            Some(Continues::Marked) => {
                let line = self.last.trim_end();
                value.push_str(line.strip_suffix(['+', '↵']).unwrap_or(line).trim_end());
                value.push('\n');
            }
            Some(Continues::LineEnd) => {
                value.push_str(self.last.trim_end());
                value.push('\n');
            }
            Some(Continues::Wrapped(is_marked)) => {
                let line = self.last.strip_suffix(['.', '…']);
                value.push_str(line.filter(|_| is_marked).unwrap_or(self.last));
            }
            None => value.push_str(self.last.trim_end_matches(' ')),
        }
        self.last = "";
    }

    fn close_into<'r>(&mut self, rows: &mut Option<Rows<'r>>, text: &'r str, shape: &'static str) {
        self.settle(None);
        let (names, values) = (std::mem::take(&mut self.names), std::mem::take(&mut self.values));
        if names.is_empty() {
            return;
        }
        let rows = rows.get_or_insert_with(|| {
            Rows::new(text, shape, names.iter().map(|name| Box::from(*name)).collect())
        });
        let is_same = rows.columns().iter().map(|name| &**name).eq(names.iter().copied());
        match is_same {
            true => {
                rows.push(self.start, values.into_iter().map(|value| Some(value.into())).collect())
            }
            false => rows.drop_row(self.start),
        }
    }
}
