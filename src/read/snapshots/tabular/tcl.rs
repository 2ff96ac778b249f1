//! SQLite's `tcl` mode: every cell in double quotes with backslashes, blanks between.

use super::escapes::unescaped;
use super::lines::{Line, Lines};
use super::rows::{Rows, empty_or_worded_nulls, nothing};
use super::{ResultSet, ShapeMeta, TextShape};

/// Rows of quoted words.
pub struct Tcl;

impl TextShape for Tcl {
    fn meta(&self) -> &'static ShapeMeta {
        &ShapeMeta {
            name: "tcl",
            title: "quoted words: tcl of sqlite3",
            words: &["\" \""],
            sample: "\"id\" \"name\"\n\"1\" \"a\"\n",
        }
    }

    fn find(&self, text: &str) -> Option<usize> {
        let mut lines = Lines::from(text, 0);
        while let Some(line) = lines.next() {
            let Some(first) = words(line) else { continue };
            let below = lines.peek().and_then(words).map_or(0, |words| words.len());
            let least = if is_header(&first) { 2 } else { 3 };
            if first.len() >= least && below == first.len() {
                return Some(line.start);
            }
        }
        None
    }

    fn read(&self, text: &str) -> ResultSet {
        let mut rows: Option<Rows<'_>> = None;
        let mut end = 0;
        for line in Lines::from(text, 0) {
            let Some(words) = words(line) else { break };
            let is_other = |rows: &Rows<'_>| rows.columns().len() != words.len();
            if is_header(&words) && rows.as_ref().is_some_and(is_other) {
                break;
            }
            end = line.next;
            let cells =
                |words: Vec<&str>| words.into_iter().map(|w| Some(unescaped(w).into())).collect();
            match &mut rows {
                Some(rows) => rows.push(line.start, cells(words)),
                None if is_header(&words) => {
                    let names = words.into_iter().map(Into::into).collect();
                    rows = Some(Rows::new(text, self.meta().name, names));
                }
                None => {
                    let rows = rows.insert(Rows::new(text, self.meta().name, Vec::new()));
                    rows.push(line.start, cells(words));
                }
            }
        }
        let Some(rows) = rows else { return nothing(1) };
        let mut set = rows.finish(end);
        empty_or_worded_nulls(&mut set);
        set
    }
}

fn is_header(words: &[&str]) -> bool {
    let is_name = |name: &&str| {
        name.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && name.chars().all(|c| c.is_alphanumeric() || "_$.()*".contains(c))
    };
    words.iter().all(is_name)
}

/// The words of a line, still escaped; `None` if it holds anything else.
fn words(line: Line<'_>) -> Option<Vec<&str>> {
    let mut words = Vec::new();
    let mut rest = line.text;
    loop {
        rest = rest.strip_prefix('"')?;
        let mut end = 0;
        loop {
            end += memchr::memchr2(b'"', b'\\', rest.as_bytes().get(end..)?)?;
            match rest.as_bytes().get(end) {
                Some(b'\\') => end += 2,
                _ => break,
            }
        }
        words.push(rest.get(..end)?);
        rest = rest.get(end + 1..)?;
        match rest.strip_prefix(' ') {
            Some(behind) if !behind.is_empty() => rest = behind,
            _ if rest.trim().is_empty() => return Some(words),
            _ => return None,
        }
    }
}
