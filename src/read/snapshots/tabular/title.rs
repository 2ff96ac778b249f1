//! What stands right above a table and says what it is.

use super::said::is_said_below;

/// A title is not longer than this, in bytes.
const TITLE_MAX: usize = 4096;
/// Nor has it more lines.
const LINES_MAX: usize = 12;
/// What our own scripts write above a block.
const MANIFEST: &str = "--@querylens";

/// The lines right above a place, behind another: without prompts, with at most one blank line
/// between. A line of a manifest wins over what stands below it.
pub fn above(text: &str, behind: usize, at: usize) -> Option<Box<str>> {
    let mut from = at.saturating_sub(TITLE_MAX).max(behind);
    while !text.is_char_boundary(from) {
        from += 1;
    }
    let mut lines: Vec<&str> = Vec::new();
    let mut blank = 0;
    for line in text.get(from..at)?.lines().rev().take(LINES_MAX) {
        let said = without_prompt(line.trim());
        let is_empty = said.is_empty() || is_noise(said);
        if said.starts_with(MANIFEST) {
            return Some(said.into());
        }
        match (is_empty, lines.is_empty()) {
            (true, true) if blank < 2 => blank += 1,
            (true, _) => break,
            (false, _) => lines.push(said),
        }
        // A prompt begins a statement.
        if !is_empty && said.len() < line.trim().len() {
            break;
        }
    }
    lines.reverse();
    let title = lines.join("\n");
    (!title.is_empty()).then(|| title.into())
}

/// A line without what a client writes before it takes a statement: `db=# `, `mysql> `,
/// `MariaDB [db]> `, `sqlite> `.
fn without_prompt(line: &str) -> &str {
    let end = ["=# ", "=> ", "-# ", "-> ", "> "].iter().find_map(|mark| {
        let end = line.find(mark)?;
        let name = line.get(..end)?;
        let is_name = |c: char| {
            c.is_alphanumeric()
                || matches!(c, '_' | '-' | '@' | '.' | '[' | ']' | ' ' | '(' | ')' | '*')
        };
        let is_client = !mark.starts_with('>')
            || name.starts_with("mysql")
            || name.starts_with("MariaDB [")
            || name.starts_with("sqlite");
        (is_client && name.len() <= 64 && name.chars().all(is_name)).then_some(end + mark.len())
    });
    end.and_then(|end| line.get(end..)).unwrap_or(line)
}

/// What clients say below a table, and lines that only separate.
fn is_noise(line: &str) -> bool {
    is_said_below(line) || line.chars().all(|c| matches!(c, '-' | '=' | '+' | '*' | '#' | ' '))
}
