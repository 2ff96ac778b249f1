//! Reading a table with a rule: rows of one line, rows whose lines are marked or set apart, rows that
//! hold line ends as they are.

use super::super::ResultSet;
use super::super::lines::{Line, Lines};
use super::super::rows::{Rows, empty_or_worded_nulls, nothing, worded_nulls};
use super::super::said::is_count;
use super::assemble::Assembled;
use super::cut::{CutLine, Part, cut, cut_raw};
use super::rule::{Border, Rule};
use super::{header_of_box, names};
use crate::read::plans::clean::{is_bar, is_footer};

/// Rows that hold line ends may be looked at twice; beyond this many bytes for each of the text the
/// table has no such rows.
const LOOKS_MAX: usize = 8;

/// Reads a table with a frame all around.
pub fn boxed(text: &str, shape: &'static str) -> ResultSet {
    let Some(first) = Lines::from(text, 0).next() else { return nothing(text.len()) };
    let Some((rule, columns, behind)) = header_of_box(text, first) else {
        return nothing(first.next);
    };
    let header = Lines::from(text, first.next).next().map_or("", |line| line.text);
    let is_mysql = !rule.is_drawn && !is_centred(header, &rule);
    let mut table = Table { text, rule, rows: Rows::new(text, shape, columns), open: None };
    let mut end = table.framed_rows(behind);
    let footer = Lines::from(text, end).find(|line| !line.is_blank());
    let footer = footer.filter(|line| is_footer(line.text) || is_count(line.text));
    end = footer.map_or(end, |line| line.next);
    let is_psql = footer.is_some_and(|line| is_footer(line.text));
    let mut set = table.rows.finish(end);
    match is_mysql && !is_psql {
        true => worded_nulls(&mut set),
        false => empty_or_worded_nulls(&mut set),
    }
    set
}

/// Reads a table without a frame.
pub fn aligned(text: &str, shape: &'static str) -> ResultSet {
    let mut lines = Lines::from(text, 0);
    let head = (|| {
        let (header, rule) = (lines.next()?, lines.next()?);
        let rule = Rule::of(rule.text)?;
        Some((names(header.text, &rule)?, rule))
    })();
    let Some((columns, rule)) = head else {
        return nothing(Lines::from(text, 0).next().map_or(text.len(), |line| line.next));
    };
    let behind = lines.peek().map_or(text.len(), |line| line.start);
    let is_one = columns.len() == 1;
    let rule =
        if is_one { rule.of_one_column(lines.peek().map_or("", |line| line.text)) } else { rule };
    let mut table = Table { text, rule, rows: Rows::new(text, shape, columns), open: None };
    let (end, is_counted) = table.unframed_rows(behind);
    // A rule below a line of words is a heading, too.
    let is_bare = table.rule.border == Border::None;
    if !is_counted && (is_one || (is_bare && table.rows.is_empty())) {
        return nothing(end);
    }
    let mut set = table.rows.finish(end);
    empty_or_worded_nulls(&mut set);
    set
}

/// Whether names stand in the middle of their columns, as most clients write them: the MySQL client
/// writes them at the left.
pub fn is_centred(header: &str, rule: &Rule) -> bool {
    cut(header, rule).is_some_and(|line| line.parts.iter().any(|part| part.text.starts_with(' ')))
}

struct Table<'t> {
    text: &'t str,
    rule: Rule,
    rows: Rows<'t>,
    /// The row that the next line may go on with.
    open: Option<Assembled>,
}

impl<'t> Table<'t> {
    /// Reads rows up to the last rule. Where the table ends.
    fn framed_rows(&mut self, behind: usize) -> usize {
        let mut lines = Lines::from(self.text, behind);
        let mut end = behind;
        let mut looks_left = LOOKS_MAX.saturating_mul(self.text.len());
        // The lines since the last rule: one row if rules stand between rows.
        let mut group: Vec<(Line<'t>, CutLine<'t>)> = Vec::new();
        let mut is_apart = false;
        let mut torn = None;
        while let Some(line) = lines.next() {
            if self.is_rule(line) {
                let goes_on = lines
                    .peek()
                    .is_some_and(|next| next.text.starts_with(is_bar) && !self.is_rule(next));
                // What is so far: rules between rows, or one at the end.
                is_apart |= goes_on;
                self.close_group(&mut group, is_apart);
                end = line.next;
                if !goes_on {
                    return end;
                }
                continue;
            }
            if let Some(cut) = cut(line.text, &self.rule) {
                group.push((line, cut));
            } else if line.text.starts_with('|') {
                let rest = self.text.get(line.start..).unwrap_or_default();
                looks_left = looks_left.saturating_sub(self.rule.places());
                match cut_raw(rest, &self.rule).filter(|_| looks_left > 0) {
                    Some((cells, size)) => {
                        self.close_group(&mut group, is_apart);
                        let cells = cells.into_iter().map(|cell| Some(raw(cell))).collect();
                        self.rows.push(line.start, cells);
                        lines = Lines::from(self.text, line.start + size);
                        // The rest of the row's last line is its end.
                        lines.next();
                    }
                    // Here the text was cut.
                    None if lines.peek().is_none() => torn = Some(line.start),
                    None => {
                        self.close_group(&mut group, is_apart);
                        self.rows.drop_row(line.start);
                    }
                }
            } else if line.is_blank() || looks_left == 0 {
                break;
            } else {
                // What is left of a row that does not fit.
                looks_left = looks_left.saturating_sub(line.text.len() + 1);
            }
            end = lines.peek().map_or(self.text.len(), |next| next.start);
        }
        // Without a last rule the text was cut.
        if !is_apart {
            leave_out_begun(&mut group);
        }
        self.close_group(&mut group, is_apart);
        if let Some(at) = torn {
            self.rows.drop_row(at);
        }
        end
    }

    fn is_rule(&self, line: Line<'_>) -> bool {
        Rule::of(line.text).is_some_and(|rule| rule.columns == self.rule.columns)
    }

    fn close_group(&mut self, group: &mut Vec<(Line<'t>, CutLine<'t>)>, is_apart: bool) {
        if is_apart {
            self.unmarked_row(group);
        } else {
            for (line, cut) in group.drain(..) {
                self.marked_line(line, &cut);
            }
            self.close();
        }
        group.clear();
    }

    /// Takes over the lines of one row that has no marks.
    fn unmarked_row(&mut self, group: &[(Line<'t>, CutLine<'t>)]) {
        let Some(((first, line), more)) = group.split_first() else { return };
        let mut row = Assembled::new(first.start, line);
        for (_, line) in more {
            row.add_unmarked(line);
        }
        self.rows.push(row.at, row.into_cells());
    }

    /// Takes over a line of a table whose rows that take several lines are marked.
    fn marked_line(&mut self, line: Line<'t>, cut: &CutLine<'t>) {
        if let Some(open) = &mut self.open
            && open.goes_on_with(cut)
        {
            open.add_marked(cut);
            return;
        }
        self.close();
        if cut.is_barred {
            self.open = Some(Assembled::new(line.start, cut));
        } else {
            self.rows.drop_row(line.start);
        }
    }

    fn close(&mut self) {
        if let Some(row) = self.open.take() {
            self.rows.push(row.at, row.into_cells());
        }
    }

    /// Reads rows up to a footer or what fits no more. Where the table ends, and whether a footer
    /// says so.
    fn unframed_rows(&mut self, behind: usize) -> (usize, bool) {
        let mut lines = Lines::from(self.text, behind);
        let mut end = behind;
        let mut group: Vec<(Line<'t>, CutLine<'t>)> = Vec::new();
        let mut is_apart = false;
        while let Some(line) = lines.next() {
            if is_footer(line.text) {
                self.close_group(&mut group, is_apart);
                return (line.next, true);
            }
            if line.text.is_empty() {
                // SQLite sets rows apart by an empty line as soon as one takes several.
                let goes_on = self.rule.gap == 2 && self.is_row_below(&lines);
                if !goes_on {
                    break;
                }
                is_apart = true;
                self.close_group(&mut group, true);
                continue;
            }
            let Some(cut) = cut(line.text, &self.rule) else { break };
            if self.rule.gap == 2 {
                group.push((line, cut));
            } else {
                let goes_on = self.open.as_ref().is_some_and(|open| open.goes_on_with(&cut));
                if !goes_on && !cut.is_barred {
                    break;
                }
                let is_bare = self.rule.border == Border::None && !goes_on;
                match self.open.as_mut().filter(|_| is_bare && is_rest(&cut)) {
                    Some(open) => open.add_unmarked(&cut),
                    None => self.marked_line(line, &cut),
                }
            }
            end = line.next;
        }
        if !is_apart {
            leave_out_begun(&mut group);
        }
        self.close_group(&mut group, is_apart);
        (end, false)
    }

    fn is_row_below(&self, lines: &Lines<'t>) -> bool {
        let Some(next) = lines.peek() else { return false };
        let is_header = lines.peek_nth(1).is_some_and(|below| Rule::of(below.text).is_some());
        !next.text.is_empty() && !is_header && cut(next.text, &self.rule).is_some()
    }
}

/// Leaves out a row of which a text that was cut has some lines and no sign that they are one row.
fn leave_out_begun(group: &mut Vec<(Line<'_>, CutLine<'_>)>) {
    let is_marked = |part: &Part<'_>| part.goes_on.is_some() || part.continues.is_some();
    if group.iter().any(|(_, line)| line.parts.iter().any(is_marked)) {
        return;
    }
    if let Some(rest) = group.iter().position(|(_, line)| is_rest(line)) {
        group.truncate(rest.saturating_sub(1));
    }
}

/// Whether a line without bars is the rest of a row, by the look of it: in the oldest style nothing
/// else tells.
fn is_rest(line: &CutLine<'_>) -> bool {
    let has_text = |part: &&Part<'_>| !part.text.trim().is_empty();
    line.parts.len() > 2
        && line.parts.first().is_some_and(|part| !has_text(&part))
        && line.parts.iter().filter(has_text).count() <= 1
}

/// A cell that stands as it is: filled up with blanks at one side.
fn raw(cell: &str) -> Box<str> {
    let behind = cell.trim_end_matches(' ');
    match behind.len() == cell.len() {
        true => cell.trim_start_matches(' ').into(),
        false => behind.into(),
    }
}
