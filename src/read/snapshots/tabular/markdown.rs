//! Markdown tables, as people paste them and as SQLite's `markdown` mode prints them: there bars in
//! cells are not escaped and cells of several lines go on below, but all columns stand below each
//! other.

use super::grid::{Place, Ruled};
use super::lines::{Line, Lines};
use super::rows::{Rows, empty_or_worded_nulls, nothing};
use super::{ResultSet, ShapeMeta, TextShape};

/// Markdown tables.
pub struct Markdown;

impl TextShape for Markdown {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "markdown",
            title: "a Markdown table",
            words: &["-|", "|-", "- |", ":|", "| :"],
            sample: "| id | name |\n|---:|:-----|\n| 1 | a |\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut above: Option<Line<'_>> = None;
        for line in Lines::from(text, 0) {
            let columns = rule(line.text);
            if let Some((above, columns)) = above.zip(columns)
                && split(above.text).is_some_and(|names| names.len() == columns)
            {
                return Some(above.start);
            }
            above = Some(line);
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut lines = Lines::from(text, 0);
        let (header, below) = (lines.next(), lines.next());
        let names = header.and_then(|header| split(header.text));
        let Some(((names, header), below)) = names.zip(header).zip(below) else {
            return nothing(text.len());
        };
        let names: Vec<Box<str>> = names.into_iter().map(|name| name.trim().into()).collect();
        let rows = Rows::new(text, self.meta().name, names);
        // Where names stand in the middle of columns that are filled up, a program wrote it.
        let ruled = Ruled::of_markdown(header.text, below.text);
        let mut set = match ruled {
            Some(mut ruled) => read_ruled(text, below.next, rows, &mut ruled),
            None => read_split(text, below.next, rows),
        };
        empty_or_worded_nulls(&mut set);
        set
    }
}

fn read_ruled<'t>(
    text: &'t str,
    behind: usize,
    mut rows: Rows<'t>,
    ruled: &mut Ruled,
) -> ResultSet {
    let mut end = behind;
    let mut lines = Lines::from(text, behind);
    while let Some(line) = lines.next().filter(|line| line.text.starts_with('|')) {
        if lines.peek().is_some_and(|below| rule(below.text).is_some()) {
            break;
        }
        match ruled.add(line.start, line.text) {
            Place::Begins(Some((at, cells))) => rows.push(at, cells),
            Place::Begins(None) | Place::GoesOn => {}
            Place::Misfit => rows.drop_row(line.start),
        }
        end = line.next;
    }
    if let Some((at, cells)) = ruled.close() {
        rows.push(at, cells);
    }
    rows.finish(end)
}

fn read_split<'t>(text: &'t str, behind: usize, mut rows: Rows<'t>) -> ResultSet {
    let mut end = behind;
    let mut lines = Lines::from(text, behind);
    while let Some(line) = lines.next() {
        let Some(cells) = split(line.text) else { break };
        // The names of another table.
        if lines.peek().and_then(|below| rule(below.text)) == Some(cells.len()) {
            break;
        }
        let cell = |cell: &str| match cell.trim() {
            "null" => None,
            cell => Some(cell.replace("\\|", "|").replace("<br>", "\n").into()),
        };
        rows.push(line.start, cells.into_iter().map(cell).collect());
        end = line.next;
    }
    rows.finish(end)
}

/// How many columns a line has that separates the header from the rows.
fn rule(line: &str) -> Option<usize> {
    let line = line.trim();
    if !line.starts_with(['|', '-', ':']) || !line.contains('|') {
        return None;
    }
    let cells = split(line)?;
    let is_rule = |cell: &&str| {
        let dashes = cell.trim().trim_start_matches(':').trim_end_matches(':');
        !dashes.is_empty() && dashes.bytes().all(|b| b == b'-')
    };
    cells.iter().all(is_rule).then_some(cells.len())
}

/// The cells of a line between bars that are not escaped.
fn split(line: &str) -> Option<Vec<&str>> {
    let line = line.trim();
    let inside = line.strip_prefix('|').unwrap_or(line);
    let inside =
        inside.strip_suffix('|').filter(|inside| !inside.ends_with('\\')).unwrap_or(inside);
    if !line.contains('|') {
        return None;
    }
    let mut cells = Vec::new();
    let mut from = 0;
    for (at, _) in inside.match_indices('|') {
        if inside.get(..at).is_some_and(|before| before.ends_with('\\')) {
            continue;
        }
        cells.push(inside.get(from..at)?);
        from = at + 1;
    }
    cells.push(inside.get(from..)?);
    Some(cells)
}
