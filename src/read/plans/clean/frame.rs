//! Frames: the bars, rules, headers and footers that database clients draw around rows, and the marks
//! of rows that take several lines.

/// The name of the only column.
const HEADERS: [&str; 2] = ["QUERY PLAN", "EXPLAIN"];

/// Whether a letter is a vertical line of a frame.
pub fn is_bar(c: char) -> bool {
    matches!(c, '|' | '│' | '║')
}

/// Whether a line only separates: a horizontal line of a frame, or the head of a record.
pub fn is_rule(line: &str) -> bool {
    let line = line.trim();
    let is_line = |c: char| {
        matches!(c, '-' | '+' | '=' | '|' | '*' | ' ' | '\u{fffd}') || ('─'..='╿').contains(&c)
    };
    let is_head = |text: &str| text.contains("[ ") && text.contains(" ]");
    let lines = line.chars().filter(|c| !matches!(c, ' ' | '|' | '*')).count();
    let is_record = is_head(line)
        && line.chars().all(|c| is_line(c) || c.is_alphanumeric() || matches!(c, '[' | ']'))
        && line.chars().next().is_some_and(is_line);
    is_record || (lines >= 2 && line.chars().all(is_line))
}

/// Whether a line is the name of the column, whole or cut by the width of a terminal.
pub fn is_header(line: &str) -> bool {
    let is_around = |c: char| c.is_whitespace() || is_bar(c) || matches!(c, '"' | '\'' | '-' | '*');
    let name = line.trim_matches(is_around);
    HEADERS.contains(&name) || (name.len() >= 7 && HEADERS[0].starts_with(name))
}

/// A line without the name of the column that psql's expanded form puts before each row.
pub fn without_header(line: &str) -> &str {
    let rest = line.trim_start_matches(|c: char| c == ' ' || is_bar(c));
    let Some(rest) = rest.strip_prefix(HEADERS[0]) else { return line };
    let rest = rest.trim_start_matches(' ');
    rest.strip_prefix(is_bar).unwrap_or(line)
}

/// Whether a line counts the rows above it, in whatever language: `(5 rows)`.
pub fn is_footer(line: &str) -> bool {
    let Some(inside) = line.trim().strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) else {
        return false;
    };
    let words = inside.trim_start_matches(|c: char| c.is_ascii_digit());
    let is_word = |c: char| c.is_alphabetic() || matches!(c, ' ' | '.' | '(' | ')');
    // Chinese and Japanese clients write the count first or last, others before a word.
    words.len() < inside.len() && inside.chars().count() <= 24 && words.chars().all(is_word)
}

/// Rows without the bars around them. `None`: no frame with bars.
pub fn without_bars(text: &str) -> Option<String> {
    let rows = text.lines().filter(|line| !line.trim().is_empty() && !is_rule(line));
    let (mut framed, mut all) = (0, 0);
    for line in rows {
        all += 1;
        let is_framed = line.trim_start().starts_with(is_bar) || without_header(line) != line;
        framed += usize::from(is_framed);
        // The MySQL client puts bars only before the first and behind the last line of a row.
        if all > 3 && framed == 0 {
            return None;
        }
    }
    if framed == 0 {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    for line in text.lines() {
        if is_rule(line) || is_header(line) || is_footer(line) {
            out.push('\n');
            continue;
        }
        let row = match without_header(line) {
            same if same == line => {
                let row = line.trim_start();
                row.strip_prefix(is_bar).unwrap_or(line)
            }
            row => row,
        };
        let row = match row.trim_end().strip_suffix(is_bar) {
            Some(rest)
                if rest.len() < line.len() && (rest.ends_with([' ', '+', '↵', '.', '…'])) =>
            {
                rest
            }
            _ => row,
        };
        out.push_str(row.trim_end());
        out.push('\n');
    }
    Some(out)
}

/// Rows without the marks that psql puts where a row goes on in the next line: `+` and `↵` where it
/// holds a line end, `.` and `…` on both sides where it was too wide.
pub fn without_marks(text: &str) -> Option<String> {
    let ends = |line: &str| line.trim_end().ends_with(['+', '↵']);
    let is_row = |line: &&str| !line.trim().is_empty() && !is_rule(line) && !is_header(line);
    let (mut rows, mut marked, mut wrapped) = (0, 0, 0);
    let mut before = "";
    for line in text.lines().filter(is_row).filter(|line| !is_footer(line)) {
        rows += 1;
        marked += usize::from(ends(line));
        wrapped += usize::from(is_wrapped(before, line));
        before = line;
    }
    // All rows but the last one are marked: a condition may well end in a plus by itself.
    let is_marked = marked > 0 && marked + 1 >= rows;
    if !is_marked && wrapped == 0 {
        return None;
    }
    let mut out = String::with_capacity(text.len());
    let mut before = "";
    for line in text.lines() {
        if is_wrapped(before, line) {
            let end = out.trim_end().len();
            out.truncate(end);
            out.pop();
            out.push_str(line.trim_start_matches(' ').trim_start_matches(['.', '…']));
        } else if is_marked && is_row(&line) {
            out.push_str(line.trim_end().trim_end_matches(['+', '↵']).trim_end());
        } else {
            out.push_str(line);
        }
        out.push('\n');
        before = line;
    }
    Some(out)
}

/// Whether a line goes on with the row above it, which was too wide for psql's wrapped form.
fn is_wrapped(above: &str, line: &str) -> bool {
    let starts = |mark: &str| line.trim_start_matches(' ').starts_with(mark);
    (above.trim_end().ends_with('.') && starts(".") && !starts(".."))
        || (above.trim_end().ends_with('…') && starts("…"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_frames_are_known() {
        for (line, expected) in [
            ("-------", "rule"),
            ("+-----+", "rule"),
            (" ╟────╢ ", "rule"),
            ("-[ RECORD 1 ]-----", "rule"),
            ("─[ ZEILE 1 ]─────", "rule"),
            ("* Record 1", ""),
            ("(12 rows)", "footer"),
            ("(1 Zeile)", "footer"),
            ("(3 строки)", "footer"),
            ("(2 行记录)", "footer"),
            ("(cost=1)", ""),
            ("(a + 1)", ""),
            ("| QUERY PLAN  |", "header"),
            ("\"QUERY PLAN\"", "header"),
            ("  QUERY PLA", "header"),
            ("QUERY", ""),
            ("->", ""),
            ("-", ""),
            ("  ->  Sort", ""),
        ] {
            let got = match (is_rule(line), is_header(line), is_footer(line)) {
                (true, false, false) => "rule",
                (false, true, false) => "header",
                (false, false, true) => "footer",
                _ => "",
            };
            assert_eq!(got, expected, "{line}");
        }
    }
}
