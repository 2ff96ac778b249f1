//! Rules: the lines that separate a header from its rows, and whose runs say where the columns are.

use super::cut::cut;

/// How much of a frame a table has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Border {
    /// Blanks between the columns.
    None,
    /// Bars between the columns.
    Inner,
    /// A bar behind each column (DBeaver).
    Behind,
    /// Bars around everything.
    Full,
}

/// What a rule says about the columns.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    /// What the table has for a frame.
    pub border: Border,
    /// Each column's first place and the one behind its last.
    pub columns: Vec<(usize, usize)>,
    /// Places between two columns.
    pub gap: usize,
    /// Whether it is drawn with other letters than those of ASCII.
    pub is_drawn: bool,
    /// Whether cells stand right beside the bars, without a blank.
    pub is_tight: bool,
}

fn is_dash(c: char) -> bool {
    matches!(c, '-' | '─' | '━' | '═' | '┄' | '┅' | '┈' | '┉' | '╌' | '╍')
}

fn is_cross(c: char) -> bool {
    c == '+' || (('\u{2500}'..='\u{257f}').contains(&c) && !is_dash(c))
}

impl Rule {
    /// What a line says, if it is a rule.
    pub fn of(line: &str) -> Option<Rule> {
        let line = line.trim_end();
        let first = line.chars().next()?;
        if !is_dash(first) && !is_cross(first) {
            return None;
        }
        let mut columns = Vec::new();
        let mut run = 0;
        let (mut crosses, mut blanks, mut gap, mut gap_before) = (0, 0, 0, None);
        let mut places = 0;
        for (place, letter) in line.chars().enumerate() {
            places = place + 1;
            if is_dash(letter) {
                if run == 0 && !columns.is_empty() && *gap_before.get_or_insert(gap) != gap {
                    return None;
                }
                run += 1;
                continue;
            }
            match letter {
                ' ' => blanks += 1,
                letter if is_cross(letter) => crosses += 1,
                _ => return None,
            }
            match run {
                0 => gap += 1,
                run => {
                    columns.push((place - run, place));
                    gap = 1;
                }
            }
            run = 0;
        }
        let is_closed = run == 0;
        if !is_closed {
            columns.push((places - run, places));
        }
        let border = match (is_cross(first), crosses) {
            (true, 2..) if is_closed && blanks == 0 => Border::Full,
            (false, 1..) if !is_closed && blanks == 0 => Border::Inner,
            (false, 2..) if is_closed && blanks == 0 => Border::Behind,
            (false, 0) if !is_closed => Border::None,
            _ => return None,
        };
        let gap = gap_before.unwrap_or(1);
        let gaps_max = if border == Border::None { 2 } else { 1 };
        let is_tight = border == Border::Behind;
        let is_rule = !columns.is_empty() && gap <= gaps_max && !(crosses > 2 && columns.len() < 2);
        is_rule.then_some(Rule { border, columns, gap, is_drawn: !line.is_ascii(), is_tight })
    }

    /// The rule of a table of one column, which does not tell whether blanks stand around it: a first
    /// row does.
    pub fn of_one_column(self, row: &str) -> Rule {
        let with_blanks = Rule { border: Border::Inner, ..self.clone() };
        let fits = row.starts_with(' ') && cut(row, &with_blanks).is_some();
        if fits && self.border == Border::None { with_blanks } else { self }
    }

    /// Places of a line from its first column to the bar behind its last.
    pub fn places(&self) -> usize {
        let end = self.columns.last().map_or(0, |(_, end)| *end);
        end + usize::from(matches!(self.border, Border::Full | Border::Behind))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_columns() {
        for (line, expected) in [
            ("----+-----", "Inner 0..4 5..10"),
            ("+----+---+", "Full 1..5 6..9"),
            ("┌────┬───┐", "Full 1..5 6..9"),
            ("╞════╪═══╡ ", "Full 1..5 6..9"),
            ("----+-----+", "Behind 0..4 5..10"),
            ("----+", ""),
            ("-- ---", "None 0..2 3..6"),
            ("--  ---", "None 0..2 4..7"),
            ("------", "None 0..6"),
            ("--  --- --", ""),
            ("-- + --", ""),
            ("+-[ RECORD 1 ]-+", ""),
            ("->  Seq Scan", ""),
            ("++", ""),
            ("", ""),
        ] {
            let shown = Rule::of(line).map_or(String::new(), |rule| {
                let columns: Vec<_> =
                    rule.columns.iter().map(|(from, to)| format!("{from}..{to}")).collect();
                format!("{:?} {}", rule.border, columns.join(" "))
            });
            assert_eq!(shown, expected, "{line}");
        }
    }
}
