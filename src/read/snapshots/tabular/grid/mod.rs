//! Tables whose columns stand below each other, with a rule between header and rows: psql's aligned
//! and wrapped formats in every border and line style, the MySQL client's and MySQL Shell's boxes,
//! SQLite's `box`, `table` and `column`.
//!
//! Cells are cut by the places of the rule, never at bars, which cells may hold. Blanks around a cell
//! are the client's, except before the lines of a cell that has several.

mod assemble;
mod cut;
mod read;
mod rule;
mod ruled;

pub use ruled::{Place, Ruled};

use super::lines::{Line, Lines};
use super::width::cells;
use super::{ResultSet, ShapeMeta, TextShape};
use rule::{Border, Rule};

/// Tables with a frame all around.
pub struct Boxed;

/// Tables with bars or blanks between the columns.
pub struct Aligned;

impl TextShape for Boxed {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "boxed",
            title: "a box: mysql -t, psql with border 2, box and table of sqlite3",
            words: &["+-", "─", "═", "━"],
            sample: "+----+------+\n| id | name |\n+----+------+\n|  1 | a    |\n+----+------+\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        for line in Lines::from(text, 0) {
            let is_rule = Rule::of(line.text).is_some_and(|rule| rule.border == Border::Full);
            if is_rule && header_of_box(text, line).is_some() {
                return Some(line.start);
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        read::boxed(text, self.meta().name)
    }
}

impl TextShape for Aligned {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "aligned",
            title: "columns below each other: psql with border 0 or 1, column of sqlite3",
            words: &["--", "──", "-+-", "══"],
            sample: " id | name \n----+------\n  1 | a\n(1 row)\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut above: Option<Line<'_>> = None;
        for line in Lines::from(text, 0) {
            if let Some(above) = above
                && line.text.starts_with(['-', '─', '═', '━'])
                && is_below(above.text, line.text)
            {
                return Some(above.start);
            }
            above = Some(line);
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        read::aligned(text, self.meta().name)
    }
}

/// Whether a header has such a rule below it.
fn is_below(header: &str, rule: &str) -> bool {
    let Some(rule) = Rule::of(rule).filter(|rule| rule.border != Border::Full) else {
        return false;
    };
    !header.trim().is_empty()
        && cells(header.trim_end()) <= rule.places()
        && names(header, &rule).is_some()
}

/// The rule and the header of the box that begins with a line, and the place behind both.
fn header_of_box(text: &str, first: Line<'_>) -> Option<(Rule, Vec<Box<str>>, usize)> {
    let rule = Rule::of(first.text)?;
    let mut lines = Lines::from(text, first.next);
    let (header, below) = (lines.next()?, lines.next()?);
    let tight = || Some(Rule { is_tight: true, ..rule.clone() }).filter(|_| !rule.is_drawn);
    let (names, rule) = match names(header.text, &rule) {
        Some(names) => (names, rule),
        None => tight().and_then(|rule| Some((names(header.text, &rule)?, rule)))?,
    };
    let same = Rule::of(below.text).is_some_and(|below| below.columns == rule.columns);
    same.then_some((rule, names, below.next))
}

/// The names in a header.
fn names(header: &str, rule: &Rule) -> Option<Vec<Box<str>>> {
    let line = cut::cut(header, rule).filter(|line| line.is_barred)?;
    let is_word = |c: char| c.is_alphanumeric() || matches!(c, '?' | '*');
    let is_name = |name: &str| name.contains(is_word) && name.len() <= 256;
    line.parts
        .iter()
        .map(|part| Some(part.text.trim()).filter(|name| is_name(name)).map(Into::into))
        .collect()
}
