//! Documents in what psql and other clients draw around them: borders, signs that a line goes on,
//! and a spreadsheet's quotes around the whole.

use std::borrow::Cow;

/// Borders of a column.
pub const BORDERS: [char; 4] = ['|', '│', '║', '┃'];
/// Signs that the value goes on in the next line.
const CONTINUED: [char; 2] = ['+', '↵'];
/// The heading of the only column, which stands before its value in the expanded form.
pub const HEADING: &str = "QUERY PLAN";

/// A document without its frame, as it is where it has none.
pub fn unframed(document: &str) -> Cow<'_, str> {
    if let Some(quoted) = document.trim().strip_prefix('"')
        && quoted.contains("\"\"Node Type\"\"")
    {
        return Cow::Owned(quoted.strip_suffix('"').unwrap_or(quoted).replace("\"\"", "\""));
    }
    let first = document.lines().next().unwrap_or_default();
    let content = without_heading(first).trim();
    if !content.starts_with(BORDERS) && !content.ends_with(BORDERS) && !content.ends_with(CONTINUED)
    {
        return Cow::Borrowed(document);
    }
    let mut out = String::with_capacity(document.len());
    for line in document.lines() {
        out.push_str(unframed_line(without_heading(line)));
        out.push('\n');
    }
    Cow::Owned(out)
}

/// A line without the heading of the expanded form.
pub fn without_heading(line: &str) -> &str {
    line.strip_prefix(HEADING).filter(|rest| rest.trim_start().starts_with(BORDERS)).unwrap_or(line)
}

/// A line without borders and without the sign that it goes on.
fn unframed_line(line: &str) -> &str {
    let line = line.trim_start().strip_prefix(BORDERS).unwrap_or(line).trim_end();
    let line = line.strip_suffix(BORDERS).unwrap_or(line).trim_end();
    line.strip_suffix(CONTINUED).unwrap_or(line).trim_end()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_go_and_indents_stay() {
        for (document, plain) in [
            (" - Plan:      +\n     Node: \"a+\"", " - Plan:\n     Node: \"a+\"\n"),
            ("│ [    ↵│\n│   {} ↵│\n│ ]     │", " [\n   {}\n ]\n"),
            ("QUERY PLAN | [  +\n           |  1]", " [\n  1]\n"),
            ("\"[{\"\"Node Type\"\": \"\"X\"\"}]\"", "[{\"Node Type\": \"X\"}]"),
            ("[1,\n2]", "[1,\n2]"),
        ] {
            assert_eq!(unframed(document), plain);
        }
    }
}
