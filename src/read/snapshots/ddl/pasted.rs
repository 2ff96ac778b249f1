//! `SHOW CREATE TABLE` as clients print it: in a box, in lines of `name: value`, or in one line with
//! escapes. The statement is taken out of its frame.

use memchr::{memchr, memmem, memrchr};
use std::borrow::Cow;

/// What every such statement begins with.
const BEGIN: &[u8] = b"CREATE TABLE `";

/// A statement in a frame.
pub struct Pasted<'a> {
    /// Where it begins in the text, in bytes.
    pub start: usize,
    /// The statement as the server holds it.
    pub text: Cow<'a, [u8]>,
}

/// The statements that a text holds in frames.
pub fn pasted(text: &[u8]) -> Vec<Pasted<'_>> {
    let mut behind = 0;
    let found = memmem::find_iter(text, BEGIN).filter_map(|start| {
        if start < behind {
            return None;
        }
        let rest = text.get(start..)?;
        let line_start = memrchr(b'\n', text.get(..start)?).map_or(0, |at| at + 1);
        let before = text.get(line_start..start)?;
        let name = rest.get(BEGIN.len()..)?;
        let name = name.get(..memchr(b'`', name)?)?;
        let statement = match Frame::of(before, name)? {
            Frame::Vertical => Cow::Borrowed(rest.get(..vertical_end(rest))?),
            Frame::Boxed => {
                let body = rest.get(..memmem::find(rest, b"\n+--").unwrap_or(rest.len()))?;
                Cow::Borrowed(body.trim_ascii_end().strip_suffix(b"|").unwrap_or(body))
            }
            Frame::Batch => unescaped(rest.get(..memchr(b'\n', rest).unwrap_or(rest.len()))?),
        };
        behind = start + BEGIN.len();
        Some(Pasted { start, text: statement })
    });
    found.collect()
}

/// Where the last line of a text begins that may hold such a statement; `None` if it is the first.
pub fn last_line(text: &[u8]) -> Option<usize> {
    let start = memmem::rfind(text, BEGIN)?;
    memrchr(b'\n', text.get(..start)?).map(|at| at + 1)
}

enum Frame {
    Boxed,
    Vertical,
    Batch,
}

impl Frame {
    /// By what stands before the statement in its line: the name of the table must be there twice.
    fn of(before: &[u8], name: &[u8]) -> Option<Frame> {
        let trimmed = before.trim_ascii();
        if trimmed.strip_suffix(b"Create Table:").is_some_and(<[u8]>::is_empty) {
            return Some(Frame::Vertical);
        }
        if let Some(cell) = trimmed.strip_prefix(b"|") {
            let cell = cell.strip_suffix(b"|")?.trim_ascii();
            return (cell == name).then_some(Frame::Boxed);
        }
        let cell = before.strip_suffix(b"\t")?;
        (cell == name).then_some(Frame::Batch)
    }
}

/// Up to the next row, the count of rows or an empty line.
fn vertical_end(rest: &[u8]) -> usize {
    let mut at = 0;
    while let Some(end) = memchr(b'\n', rest.get(at..).unwrap_or_default()) {
        let line_start = at + end + 1;
        let line = rest.get(line_start..).unwrap_or_default();
        let line = line.get(..memchr(b'\n', line).unwrap_or(line.len())).unwrap_or_default();
        let is_end = line.trim_ascii().is_empty()
            || line.starts_with(b"*****")
            || line.starts_with(b"mysql>")
            || line.starts_with(b"MariaDB [")
            || line.first().is_some_and(u8::is_ascii_digit);
        if is_end {
            return at + end;
        }
        at = line_start;
    }
    rest.len()
}

/// The escapes of `mysql --batch`.
fn unescaped(line: &[u8]) -> Cow<'_, [u8]> {
    if memchr(b'\\', line).is_none() {
        return Cow::Borrowed(line);
    }
    let mut out = Vec::with_capacity(line.len());
    let mut bytes = line.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => match bytes.next() {
                Some(b'n') => out.push(b'\n'),
                Some(b't') => out.push(b'\t'),
                Some(b'0') => out.push(0),
                Some(other) => out.push(*other),
                None => out.push(b'\\'),
            },
            other => out.push(*other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statements_come_out_of_every_frame() {
        let statement = "CREATE TABLE `t` (\n  `a` varchar(9) DEFAULT '|\\\\'\n) ENGINE=InnoDB";
        let escaped = statement.replace('\\', "\\\\").replace('\n', "\\n");
        for text in [
            format!(
                "*** 1. row ***\n       Table: t\nCreate Table: {statement}\n1 row in set (0.00 sec)\n"
            ),
            format!("*** 1. row ***\n       Table: t\nCreate Table: {statement}"),
            format!(
                "+---+---+\n| Table | Create Table |\n+---+---+\n| t     | {statement} |\n+---+---+\n1 row"
            ),
            format!("Table\tCreate Table\nt\t{escaped}\n"),
        ] {
            let found = pasted(text.as_bytes());
            let found: Vec<_> =
                found.iter().map(|one| String::from_utf8_lossy(&one.text)).collect();
            assert_eq!(found.len(), 1, "{text}");
            assert_eq!(found[0].trim(), statement, "{text}");
        }
        assert!(pasted(b"| 17 | CREATE TABLE `t` (a int) | 3 |\n").is_empty(), "a digest");
    }
}
