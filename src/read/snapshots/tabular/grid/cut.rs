//! Lines of a table, cut where its rule says that the columns are.

use super::super::width::{Measure, measures_for};
use super::rule::{Border, Rule};
use crate::read::plans::clean::is_bar;

/// A column's part of a line.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part<'t> {
    /// What stands in the column, without the blanks that every column has.
    pub text: &'t str,
    /// How it goes on in the next line, if it does.
    pub goes_on: Option<GoesOn>,
    /// Whether the line above has gone on with it, as far as this line tells.
    pub continues: Option<GoesOn>,
    /// Whether it fills a column of the width at which SQLite cuts texts.
    pub is_full: bool,
}

/// Why a cell takes more lines.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum GoesOn {
    /// It holds a line end.
    LineEnd,
    /// It was too wide.
    Wrapped,
}

/// A line, cut.
pub struct CutLine<'t> {
    /// One for each column.
    pub parts: Vec<Part<'t>>,
    /// Whether all bars are there: old styles leave some out where a row goes on.
    pub is_barred: bool,
}

/// Cuts a line; `None` if it does not fit the rule by any way to count.
pub fn cut<'t>(line: &'t str, rule: &Rule) -> Option<CutLine<'t>> {
    measures_for(line).iter().find_map(|measure| cut_by(line, rule, *measure))
}

fn cut_by<'t>(line: &'t str, rule: &Rule, measure: Measure) -> Option<CutLine<'t>> {
    let mut places = Places { line, measure, carriage_return: 1, at: 0, place: 0 };
    let mut parts = Vec::with_capacity(rule.columns.len());
    let mut is_barred = true;
    let mut continues = None;
    if rule.border == Border::Full {
        is_barred &= is_bar(one_letter(places.upto(1)?)?);
    }
    let last = rule.columns.len().checked_sub(1)?;
    for (index, (from, to)) in rule.columns.iter().enumerate() {
        let is_last = index == last;
        let text = places.upto(*to)?;
        let is_whole = places.place == *to;
        let mut part = match rule.border {
            Border::None => Part { text, is_full: is_cut(text, to - from), ..Part::EMPTY },
            _ if rule.is_tight && is_whole => Part { text, ..Part::EMPTY },
            _ if is_whole => padded(text, to - from)?,
            // Behind the last column nothing is filled up.
            Border::Inner if is_last => {
                let (wrapped, plain) = (text.strip_prefix(['.', '…']), text.strip_prefix(' '));
                let continues = wrapped.map(|_| GoesOn::Wrapped);
                Part { text: wrapped.or(plain).unwrap_or(text), continues, ..Part::EMPTY }
            }
            _ => return None,
        };
        part.continues = part.continues.or(continues);
        let gap = match is_last && rule.border == Border::Inner {
            true => "",
            false => places.upto(to + if is_last { 1 } else { rule.gap })?,
        };
        if rule.border == Border::None {
            match gap.trim_matches(' ') {
                "" => {}
                "+" | "↵" => part.goes_on = Some(GoesOn::LineEnd),
                "." | "…" => part.goes_on = Some(GoesOn::Wrapped),
                _ => return None,
            }
        } else if !(is_last && rule.border == Border::Inner) {
            continues = match one_letter(gap)? {
                bar if is_bar(bar) => None,
                ':' => Some(GoesOn::LineEnd),
                ';' => Some(GoesOn::Wrapped),
                ' ' => {
                    is_barred = false;
                    None
                }
                _ => return None,
            };
            is_barred &= continues.is_none();
        }
        parts.push(part);
    }
    // Where a frame is full, its last bar is behind the last column.
    let is_open = matches!(rule.border, Border::None | Border::Inner);
    let is_closed = is_open || places.line_ends_with_bar();
    let rest = line.get(places.at..)?;
    (is_closed && rest.trim_end().is_empty()).then_some(CutLine { parts, is_barred })
}

impl Part<'_> {
    const EMPTY: Self = Part { text: "", goes_on: None, continues: None, is_full: false };
}

/// The inside of a column that has one more place on each side, for blanks or marks.
fn padded(text: &str, places: usize) -> Option<Part<'_>> {
    if places < 2 {
        return text.trim().is_empty().then_some(Part::EMPTY);
    }
    let mut letters = text.chars();
    let (left, right) = (letters.next()?, letters.next_back()?);
    let continues = match left {
        ' ' => None,
        '.' | '…' => Some(GoesOn::Wrapped),
        _ => return None,
    };
    let goes_on = match right {
        ' ' => None,
        '+' | '↵' => Some(GoesOn::LineEnd),
        '.' | '…' => Some(GoesOn::Wrapped),
        _ => return None,
    };
    let text = letters.as_str();
    Some(Part { text, goes_on, continues, is_full: is_cut(text, places - 2) })
}

/// Where SQLite cuts texts that are too wide.
const CUT_AT: usize = 60;

/// Whether a text was cut at the end of its column, so far as can be told: it may end in a blank.
fn is_cut(text: &str, places: usize) -> bool {
    places == CUT_AT && !text.ends_with("  ")
}

fn one_letter(text: &str) -> Option<char> {
    let mut letters = text.chars();
    let letter = letters.next()?;
    letters.next().is_none().then_some(letter)
}

/// Walks over the places of a line.
struct Places<'t> {
    line: &'t str,
    measure: Measure,
    /// The places that a carriage return takes.
    carriage_return: usize,
    /// Bytes passed.
    at: usize,
    /// Places passed.
    place: usize,
}

impl<'t> Places<'t> {
    /// What stands up to a place, or up to the line's end; `None` if a letter stands on both sides.
    fn upto(&mut self, place: usize) -> Option<&'t str> {
        let from = self.at;
        let rest = self.line.get(from..)?;
        for letter in rest.chars() {
            let width = match letter {
                '\r' => self.carriage_return,
                letter => self.measure.of(letter),
            };
            // A mark upon a letter belongs to what it stands upon.
            if self.place >= place && width > 0 {
                break;
            }
            self.place += width;
            self.at += letter.len_utf8();
        }
        (self.place <= place).then(|| self.line.get(from..self.at))?
    }

    fn line_ends_with_bar(&self) -> bool {
        self.line.get(..self.at).is_some_and(|passed| passed.ends_with(is_bar))
    }
}

/// A row that holds line ends as they are, so that it is as wide as its rule only when its lines are
/// taken together: its cells and its size in bytes. `None` if it is none.
pub fn cut_raw<'t>(text: &'t str, rule: &Rule) -> Option<(Vec<&'t str>, usize)> {
    const RAW: [Measure; 4] =
        [Measure::WideLetters, Measure::Letters, Measure::Bytes, Measure::Cells];
    // On Windows, line ends have got a letter that the client did not count.
    [1, 0].into_iter().find_map(|carriage_return| {
        RAW.iter().find_map(|measure| {
            let places = Places { line: text, measure: *measure, carriage_return, at: 0, place: 0 };
            cut_raw_by(places, rule)
        })
    })
}

fn cut_raw_by<'t>(mut places: Places<'t>, rule: &Rule) -> Option<(Vec<&'t str>, usize)> {
    let text = places.line;
    let mut cells = Vec::with_capacity(rule.columns.len());
    if places.upto(1)? != "|" {
        return None;
    }
    for (_, to) in &rule.columns {
        let cell = places.upto(*to)?;
        let inside = match rule.is_tight {
            true => cell,
            false => cell.strip_prefix(' ')?.strip_suffix(' ')?,
        };
        if places.upto(to + 1)?.trim_end_matches('\r') != "|" {
            return None;
        }
        cells.push(inside);
    }
    let rest = text.get(places.at..)?;
    let is_end = rest.is_empty() || rest.starts_with('\n') || rest.starts_with("\r\n");
    is_end.then_some((cells, places.at))
}
