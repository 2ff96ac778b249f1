//! Rows without a header: COPY to a file, SQLite's `list`, `csv` and `tabs` as they are by default. Read
//! only if a whole text is nothing else, since no line of it says so.

use super::ResultSet;
use super::csv::{Dialect, Records};
use super::rows::{Rows, empty_or_worded_nulls};

/// The rows of a text.
pub fn read(text: &str) -> Option<ResultSet> {
    let dialect = Dialect::of_bare(text)?;
    let mut rows = Rows::new(text, "bare", Vec::new());
    let mut columns = None;
    let mut whole = 0_usize;
    for record in Records::new(text, 0, &dialect) {
        if record.is_blank() && record.next == text.len() {
            break;
        }
        let expected = *columns.get_or_insert(record.cells.len());
        let is_cut = record.next == text.len() && !text.ends_with('\n');
        if expected < 2 || looks_logged(record.text) {
            return None;
        }
        match record.is_closed && record.cells.len() == expected {
            true => {
                whole += 1;
                rows.push(record.start, dialect.nulls_of(record.cells));
            }
            false if is_cut => rows.drop_row(record.start),
            false => return None,
        }
    }
    if whole < 2 {
        return None;
    }
    let mut set = rows.finish(text.len());
    if dialect.is_plain() {
        empty_or_worded_nulls(&mut set);
    }
    Some(set)
}

/// Whether a line begins as lines of logs do: with a time, an address, a level.
fn looks_logged(line: &str) -> bool {
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    let behind = line.as_bytes().get(digits);
    (digits >= 2 && matches!(behind, Some(b'-' | b':' | b'/' | b'.')))
        || line.starts_with(['[', '<', '#', '{', '|', '+', '>', '$', '/', '-', '*', '!'])
        || [
            "INFO", "WARN", "ERROR", "DEBUG", "LOG:", "SELECT", "INSERT", "UPDATE", "DELETE",
            "CREATE", "ALTER",
        ]
        .iter()
        .any(|word| line.starts_with(word))
}
