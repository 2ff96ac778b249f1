//! A plan as a table whose last column is the tree: what the terminal and documents show.

use super::escape;
use super::types::{Plan, PlanRow};
use crate::judge::words;

/// Details of one operator that are shown.
const MAX_DETAILS: usize = 12;
/// Columns that a tree may be shifted by its depth.
const MAX_INDENT: usize = 60;

/// How much is shown.
#[derive(Clone, Copy, Debug)]
pub struct Extent {
    /// Operators; further ones are counted.
    pub operators: usize,
    /// Whether their details are shown.
    pub details: bool,
    /// Characters of a line; longer ones are cut.
    pub width: usize,
}

/// A cell's text of an operator.
type Cell = fn(&PlanRow) -> String;

/// The columns before the tree, those without a value in any row left out.
const COLUMNS: [(&str, Cell); 6] = [
    ("self", |row| row.own.clone()),
    ("share", |row| row.share.map_or(String::new(), words::percent)),
    ("rows (expected)", |row| row.rows.clone()),
    ("loops", |row| row.loops.clone()),
    ("blocks", |row| row.blocks.clone()),
    ("flags", |row| row.flags.clone()),
];

/// The lines of a plan: a heading, and one line or more for each operator.
pub fn lines(plan: &Plan, extent: Extent) -> Vec<String> {
    let shown = plan.rows.get(..extent.operators).unwrap_or(&plan.rows);
    let columns: Vec<(&str, Vec<String>)> = COLUMNS
        .iter()
        .map(|(title, cell)| {
            let title = if *title == "self" && !plan.measured { "self cost" } else { title };
            (title, shown.iter().map(cell).collect::<Vec<_>>())
        })
        .filter(|(_, cells)| cells.iter().any(|cell| !cell.is_empty()))
        .collect();
    let widths: Vec<usize> = columns
        .iter()
        .map(|(title, cells)| cells.iter().map(chars).fold(title.chars().count(), usize::max))
        .collect();
    let mut out = Vec::new();
    let mut heading = String::new();
    for ((title, _), width) in columns.iter().zip(&widths) {
        heading += &format!("{title:>width$}  ");
    }
    out.push(heading + "operator");
    let margin: usize = widths.iter().map(|width| width + 2).sum();
    for (at, row) in shown.iter().enumerate() {
        let mut line = String::new();
        for ((_, cells), width) in columns.iter().zip(&widths) {
            line += &format!("{:>width$}  ", cells[at]);
        }
        let indent = " ".repeat((2 * row.depth).min(MAX_INDENT));
        let arrow = if row.depth == 0 { "" } else { "-> " };
        out.push(line + &indent + arrow + &row.name);
        if extent.details {
            let indent = " ".repeat(margin) + &indent + "     ";
            out.extend(row.details.iter().take(MAX_DETAILS).map(|detail| indent.clone() + detail));
            let more = row.details.len().saturating_sub(MAX_DETAILS);
            if more > 0 {
                out.push(format!("{indent}… {more} more in JSON"));
            }
        }
    }
    if shown.len() < plan.rows.len() {
        let more = plan.rows.len() - shown.len();
        out.push(format!("… {} more", words::counted(more as u64, "operator")));
    }
    out.iter().map(|line| escape::clipped(line.trim_end(), extent.width)).collect()
}

fn chars(text: impl AsRef<str>) -> usize {
    text.as_ref().chars().count()
}
