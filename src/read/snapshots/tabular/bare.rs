//! Rows without a header: COPY to a file, SQLite's `list`, `csv` and `tabs` as they are by default. Read
//! only if a whole text is nothing else, since no line of it says so.

use super::ResultSet;
use super::csv::{Dialect, Record, Records};
use super::rows::{Rows, empty_or_worded_nulls};
use super::said::is_said_below;
use std::borrow::Cow;

/// Whether a text may be something else.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Doubt {
    /// It may be a log, or prose.
    Any,
    /// The user says that it is rows.
    None,
}

/// The rows of a text.
pub fn read(text: &str, doubt: Doubt) -> Option<ResultSet> {
    let dialect = Dialect::of_bare(text)?;
    let mut rows = Rows::new(text, "bare", Vec::new());
    let mut columns = None;
    // A log of statements has one in each row.
    let (mut whole, mut stated) = (0_usize, 0_usize);
    for record in Records::new(text, 0, &dialect) {
        if record.is_blank() && record.next == text.len() {
            break;
        }
        let expected = *columns.get_or_insert(record.cells.len());
        let is_cut = record.next == text.len() && !text.ends_with('\n');
        if is_said_below(record.text) {
            break;
        }
        if doubt == Doubt::Any && (expected < 3 || is_doubtful(&record)) {
            return None;
        }
        match record.is_closed && record.cells.len() == expected {
            true => {
                whole += 1;
                let mut cells = record.cells.iter();
                stated += usize::from(cells.any(|(cell, _)| begins_with_any(cell, &VERBS)));
                rows.push(record.start, dialect.nulls_of(record.cells));
            }
            false if is_cut || doubt == Doubt::None => rows.drop_row(record.start),
            false => return None,
        }
    }
    let is_log = whole < 2 || stated == whole;
    if whole == 0 || (doubt == Doubt::Any && is_log) {
        return None;
    }
    let mut set = rows.finish(text.len());
    if dialect.is_plain() {
        empty_or_worded_nulls(&mut set);
    }
    Some(set)
}

/// Whether a line is one of a log or of prose, by the look of it: it begins with a time, an address or
/// a level, or has blanks around what would be its cells.
fn is_doubtful(record: &Record<'_>) -> bool {
    let begins = |cell: &str| {
        let digits = cell.bytes().take_while(u8::is_ascii_digit).count();
        let behind = cell.as_bytes().get(digits);
        digits >= 2 && matches!(behind, Some(b'-' | b':' | b'/' | b'.')) && digits <= 4
    };
    let is_apart = |(cell, is_quoted): &(Cow<'_, str>, bool)| {
        !is_quoted && (cell.starts_with(' ') || cell.ends_with("  "))
    };
    record.cells.iter().take(2).any(|(cell, _)| begins(cell))
        || record.cells.iter().any(is_apart)
        || record.cells.first().is_some_and(|(cell, _)| cell.ends_with(' '))
        || record
            .text
            .starts_with(['[', '<', '#', '{', '|', '+', '>', '$', '/', '-', '*', '!', '('])
        || begins_with_any(record.text, &LEVELS)
}

/// What lines of logs begin with.
const LEVELS: [&str; 5] = ["INFO ", "WARN", "ERROR", "DEBUG", "LOG:"];
/// What statements begin with.
const VERBS: [&str; 6] = ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "ALTER "];

fn begins_with_any(text: &str, words: &[&str]) -> bool {
    let begins =
        |word: &&str| text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word));
    words.iter().any(begins)
}
