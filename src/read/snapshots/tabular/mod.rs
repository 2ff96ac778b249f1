//! Tables out of any text that a client prints. A shape is one file and one line in [`SHAPES`].
//!
//! In: a text, which may hold several tables in different shapes between other lines. Out: their
//! columns and rows, every cell a text or NULL. What the columns mean is left to the readers of views.
//!
//! A shape finds where a table of its form surely begins; reading tells how far it goes. What is not
//! surely a table gives none: logs, dumps, plans and prose have readers of their own. Linear: each
//! shape looks at each part of a text a bounded number of times.

mod bare;
mod copy;
mod csv;
mod elsewhere;
mod escapes;
mod expanded;
mod grid;
mod html;
mod insert;
mod json;
mod line;
mod lines;
mod markdown;
mod rows;
mod said;
mod status;
mod tcl;
mod title;
mod vertical;
mod width;
mod within;
mod xml;

pub(super) use copy::blocks;
pub(super) use escapes::unescaped;
pub(super) use json::{Object, text_of};
pub(super) use lines::LineNumbers;

use memchr::memmem;

/// A table that a client printed, or a part of one text that is one.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
pub struct ResultSet {
    /// The name of its shape.
    pub shape: &'static str,
    /// The names of its columns as they were printed; empty where the text has no header.
    pub columns: Vec<Box<str>>,
    /// Its rows, in the order of the text.
    pub rows: Vec<Row>,
    /// What stands right above it or in it and says what it is: a line of a manifest, the name of a
    /// copied table, a statement, a caption.
    pub title: Option<Box<str>>,
    /// Where it begins, in bytes of the text.
    pub start: usize,
    /// Where it ends, in bytes of the text.
    pub end: usize,
    /// Rows whose cells do not fit the header.
    pub dropped: u64,
    /// The line of the first of those, counted from 1.
    pub first_dropped: Option<u32>,
}

/// A row of a table.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Row {
    /// The line that it begins in, counted from 1 at the start of the text.
    pub line: u32,
    /// Its cells, as many as there are columns; `None` is NULL.
    pub cells: Vec<Option<Box<str>>>,
}

/// What a shape is called.
#[derive(Debug)]
pub struct ShapeMeta {
    /// Its name in reports and tests.
    pub name: &'static str,
    /// One line for people: what it is, and who prints it.
    pub title: &'static str,
    /// Each table of the shape holds one of these, so that texts without need no closer look; empty
    /// if there is nothing that all have.
    pub words: &'static [&'static str],
    /// A text that is a table of this shape, and of no other.
    pub sample: &'static str,
}

/// Reads tables of one form.
pub trait TextShape: Sync {
    /// What it is called.
    fn meta(&self) -> &'static ShapeMeta;

    /// Where the first table of this form begins, in a text that begins at a line start. In linear
    /// time; `None` if there is none.
    fn find(&self, text: &str) -> Option<usize>;

    /// Reads the table that a text begins with; places and lines count from there. A table without
    /// rows and columns: it was none after all, and nothing before its end is one. Never panics.
    fn read(&self, text: &str) -> ResultSet;
}

/// Every shape; where two find a table at the same place, the first has it.
pub static SHAPES: &[&dyn TextShape] = &[
    &copy::CopyBlock,
    &xml::MysqlXml,
    &html::Html,
    &vertical::Vertical,
    &expanded::Expanded,
    &grid::Boxed,
    &grid::Aligned,
    &markdown::Markdown,
    &json::Json,
    &insert::Insert,
    &insert::Quoted,
    &tcl::Tcl,
    &csv::Ascii,
    &csv::Delimited,
    &line::NameValueLines,
];

/// What dumps of whole databases and logs of statements hold: rows in them are nobody's statistics.
const DUMPS: [&str; 8] = [
    "PostgreSQL database dump",
    "-- MySQL dump ",
    "-- MariaDB dump ",
    "/*M!999999",
    "PRAGMA foreign_keys=OFF;",
    "# Query_time: ",
    "\nLOCK TABLES `",
    "\nCREATE TABLE ",
];

/// Names of the shapes that dumps are written in, too.
const DUMPED: [&str; 2] = ["copy-block", "insert"];

/// All tables in a text, in their order.
pub fn result_sets(text: &str) -> Vec<ResultSet> {
    // The mark that a text is Unicode is no part of its first name.
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let body = text.get(mark..).unwrap_or_default();
    // Its first line looks like a header.
    let mut all = status::read(body).map_or_else(|| find_all(body), |whole| vec![whole]);
    if all.is_empty() {
        all.extend(bare::read(body, bare::Doubt::Any));
    }
    let mut lines = lines::LineNumbers::new(body);
    let mut behind = 0;
    let mut sets = Vec::with_capacity(all.len());
    for set in all {
        let before = lines.of(set.start).saturating_sub(1);
        let title = set.title.clone().or_else(|| title::above(body, behind, set.start));
        behind = set.end;
        let set = within::unwrapped(set);
        if elsewhere::is_read_elsewhere(set.columns.iter().map(AsRef::as_ref)) {
            continue;
        }
        let rows = set.rows.into_iter().map(|row| Row { line: row.line + before, ..row }).collect();
        let first_dropped = set.first_dropped.map(|line| line + before);
        sets.push(ResultSet {
            rows,
            title,
            first_dropped,
            start: set.start + mark,
            end: set.end + mark,
            ..set
        });
    }
    sets
}

/// The rows of a text that is nothing else, where the user says that it is: without a header, whatever
/// their cells hold.
pub fn bare_rows(text: &str) -> Option<ResultSet> {
    bare::read(text.trim_start_matches('\u{feff}'), bare::Doubt::None)
}

/// A shape, and where its next table begins.
struct Next {
    shape: &'static dyn TextShape,
    start: usize,
}

fn find_all(text: &str) -> Vec<ResultSet> {
    let has = |word: &&str| memmem::find(text.as_bytes(), word.as_bytes()).is_some();
    let is_dump = DUMPS.iter().any(|mark| has(mark) || text.starts_with(mark.trim_start()));
    let is_here = |shape: &&&'static dyn TextShape| {
        let meta = shape.meta();
        let is_dumped = is_dump && DUMPED.contains(&meta.name);
        !is_dumped && (meta.words.is_empty() || meta.words.iter().any(has))
    };
    let first = |shape: &&'static dyn TextShape| Next::at(*shape, text, 0);
    let mut next: Vec<Next> = SHAPES.iter().filter(is_here).filter_map(first).collect();
    let mut all = Vec::new();
    // `min_by_key` gives the first of equals, and the table's order decides between those.
    while let Some(first) = next.iter().min_by_key(|next| next.start) {
        let start = first.start;
        let mut set = first.shape.read(text.get(start..).unwrap_or_default());
        // At least a line, so that there is an end.
        set.end = (start + set.end.max(1)).min(text.len());
        set.start = start;
        // Elements and records of some shapes follow each other in one line.
        let is_joined = text.get(set.end..).is_some_and(|rest| rest.starts_with('<'))
            || text.get(..set.end).is_some_and(|read| read.ends_with('\u{1e}'));
        let behind = if is_joined { set.end } else { lines::line_start(text, set.end) };
        if text.get(set.end..behind).is_some_and(|rest| rest.trim().is_empty()) {
            set.end = behind;
        }
        if !set.columns.is_empty() || !set.rows.is_empty() {
            all.push(set);
        }
        next.retain_mut(|waiting| {
            if waiting.start >= behind {
                return true;
            }
            let again = Next::at(waiting.shape, text, behind);
            waiting.start = again.as_ref().map_or(0, |again| again.start);
            again.is_some()
        });
    }
    all
}

impl Next {
    fn at(shape: &'static dyn TextShape, text: &str, at: usize) -> Option<Next> {
        let rest = text.get(at..).filter(|rest| !rest.is_empty())?;
        Some(Next { shape, start: at + shape.find(rest)? })
    }
}

#[cfg(test)]
mod tests;
