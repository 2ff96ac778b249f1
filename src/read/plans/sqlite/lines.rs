//! Lines of a plan with their depth, from any of its forms.

use super::rows;
use crate::model::plan::{Actual, Measured as Ran, Quantity};

/// What `.scanstats` measured of a line.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub(super) struct Measured {
    /// How often it ran.
    pub loops: Option<f64>,
    /// Rows of all runs.
    pub rows: Option<f64>,
    /// Rows expected of one run.
    pub estimated_rows: Option<f64>,
    /// Cycles of the processor, its inputs' not included.
    pub cycles: Option<f64>,
}

impl Measured {
    /// What running it showed.
    pub fn actual(self) -> Actual {
        match self.loops {
            None => Actual::Unknown,
            Some(loops) if loops < 1.0 => Actual::Never,
            Some(loops) => Actual::Ran(Ran {
                loops: loops as u64,
                rows: self.rows.map(|rows| Quantity::of_all_loops(rows, 0.0)),
                first_ms: None,
                total_ms: None,
            }),
        }
    }

    /// Takes `loops=3 rows=7` and the like.
    fn take(&mut self, words: &str) {
        for (name, value) in words.split_whitespace().filter_map(|word| word.split_once('=')) {
            let number = value.parse().ok().filter(|number: &f64| *number >= 0.0);
            match name {
                "loops" | "nLoop" => self.loops = number,
                "rows" | "nRow" => self.rows = number,
                "est" | "estRow/Loop" => self.estimated_rows = number,
                "cycles" => self.cycles = number,
                _ => {}
            }
        }
    }
}

/// One line of a plan.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Line<'a> {
    /// How many lines it stands below.
    pub depth: usize,
    /// Its words.
    pub text: &'a str,
    /// What was measured.
    pub measured: Measured,
    /// Where it stands in the document.
    pub offset: usize,
}

/// The lines of a plan, which begins at `offset` in its document.
pub(super) fn read(plan: &str, offset: usize) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = Vec::new();
    let mut at = offset;
    let mut indent = 0;
    for raw in plan.split_inclusive('\n') {
        let text = raw.trim_end();
        if is_header(text) {
            indent = text.len() - text.trim_start().len();
        } else if let Some((depth, words)) = branch(text.get(indent..).unwrap_or(text)) {
            let (words, measured) = measures(words);
            // A line cannot stand more than one below the one before it.
            let depth = depth.min(lines.last().map_or(0, |last| last.depth + 1));
            lines.push(Line { depth, text: words, measured, offset: at });
        } else if let Some(words) = text.strip_prefix("Loop ").and_then(|t| t.split_once(": ")) {
            let text = words.1.trim();
            lines.push(Line { depth: 0, text, measured: Measured::default(), offset: at });
        } else if let Some(last) = lines.last_mut().filter(|_| text.contains("nLoop=")) {
            last.measured.take(text);
        }
        at += raw.len();
    }
    if lines.is_empty() { rows::read(plan, offset) } else { lines }
}

/// Whether a line is the one above a tree.
pub(super) fn is_header(line: &str) -> bool {
    let text = line.trim();
    text == "QUERY PLAN" || text.starts_with("QUERY PLAN (cycles=")
}

/// A line of a tree: its depth and its words.
pub(super) fn branch(line: &str) -> Option<(usize, &str)> {
    let mut rest = line;
    let mut depth = 0;
    loop {
        if let Some(words) = rest.strip_prefix("|--").or(rest.strip_prefix("`--")) {
            return (!words.trim().is_empty()).then(|| (depth, words.trim()));
        }
        rest = rest.strip_prefix("|  ").or(rest.strip_prefix("   "))?;
        depth += 1;
    }
}

/// The words of a line without what was measured, which stands in the last parentheses.
fn measures(words: &str) -> (&str, Measured) {
    let mut measured = Measured::default();
    let Some((before, inner)) = words.strip_suffix(')').and_then(|words| words.rsplit_once('('))
    else {
        return (words, measured);
    };
    if !["cycles=", "loops=", "rows="].iter().any(|name| inner.starts_with(name)) {
        return (words, measured);
    }
    measured.take(inner);
    (before.trim_end(), measured)
}
