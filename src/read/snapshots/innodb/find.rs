//! Where the output of InnoDB's monitor stands in a text, whatever printed it.
//!
//! Its lines are the same in every form: as they are (plain, `\G`, boxed, an error log), or all on
//! one line with `\n` between them (`mysql -B`, JSON).

use crate::read::snapshots::tabular::unescaped;
use memchr::{memchr, memchr_iter, memmem, memrchr};
use std::borrow::Cow;

/// Ends the line that names the time.
const HEADLINE: &[u8] = b"INNODB MONITOR OUTPUT";
/// Stands before [`HEADLINE`] in the last line.
const END_OF: &[u8] = b"END OF ";
/// A line end that was escaped.
const ESCAPED: &[u8] = b"\\n";
/// The longest headline: a stamp and a thread.
const HEADLINE_MAX: usize = 80;

/// One output of the monitor.
#[derive(Debug)]
pub struct Output<'t> {
    /// Where its headline begins, in bytes of the text that it was found in.
    pub start: usize,
    /// Where it ends there.
    pub end: usize,
    /// The line of its headline there, from 0.
    pub line: u32,
    /// Its lines from the headline on.
    pub text: Cow<'t, [u8]>,
    /// Its last line is there.
    pub is_whole: bool,
}

impl Output<'_> {
    /// Whether its lines are lines of the text that it was found in.
    pub fn has_lines(&self) -> bool {
        matches!(self.text, Cow::Borrowed(_))
    }
}

/// All outputs in a text, in their order.
pub fn outputs(text: &[u8]) -> Vec<Output<'_>> {
    let heads: Vec<(usize, bool)> =
        memmem::find_iter(text, HEADLINE).filter_map(|at| head(text, at)).collect();
    let (mut counted, mut line) = (0, 0usize);
    let mut found = Vec::new();
    for (rank, &(start, is_escaped)) in heads.iter().enumerate() {
        let next = heads.get(rank + 1).map_or(text.len(), |next| next.0);
        let until = match is_escaped {
            true => start + memchr(b'\n', &text[start..next]).unwrap_or(next - start),
            false => next,
        };
        let (end, is_whole) = end(text, start, until);
        line += memchr_iter(b'\n', &text[counted..start]).count();
        counted = start;
        let own = &text[start..end];
        let text = match is_escaped {
            true => Cow::Owned(unescaped(&String::from_utf8_lossy(own)).into_owned().into_bytes()),
            false => Cow::Borrowed(own),
        };
        found.push(Output { start, end, line: line as u32, text, is_whole });
    }
    found
}

/// Where the headline that ends at `at` begins, and whether its line ends are escaped.
fn head(text: &[u8], at: usize) -> Option<(usize, bool)> {
    let before = text.get(at.saturating_sub(HEADLINE_MAX)..at)?;
    let base = at - before.len();
    let line_start = memrchr(b'\n', before).map_or(0, |end| end + 1);
    let escaped = memmem::rfind(before, ESCAPED).map(|end| end + ESCAPED.len());
    let (start, is_escaped) = match escaped.filter(|escaped| *escaped > line_start) {
        Some(escaped) => (escaped, true),
        None => (line_start, false),
    };
    let stamp = before.get(start..)?;
    let is_stamp = stamp.first().is_some_and(u8::is_ascii_digit) && !stamp.ends_with(END_OF);
    is_stamp.then_some((base + start, is_escaped))
}

/// Where an output ends that begins at `start` and goes no further than `until`, and whether that is
/// its last line. A statement may quote such a line, so the last one counts.
fn end(text: &[u8], start: usize, until: usize) -> (usize, bool) {
    const LAST: &[u8] = b"END OF INNODB MONITOR OUTPUT";
    match memmem::rfind(&text[start..until], LAST) {
        Some(at) => (start + at + LAST.len(), true),
        None => (until, false),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn outputs_are_found_in_any_form() {
        let plain = "====\n2026-11-23 03:24:27 0x7fcb INNODB MONITOR OUTPUT\n====\nLOG\nEND OF INNODB MONITOR OUTPUT\n====\n";
        let cut = "\n130601  3:03:20 INNODB MONITOR OUTPUT\n====\nLO";
        let escaped = format!("Type\tName\tStatus\nInnoDB\t\t\\n{}\n", plain.replace('\n', "\\n"));
        for (text, expected) in [
            (plain.to_owned(), vec![(1, true, true)]),
            (escaped.clone(), vec![(1, true, false)]),
            (
                format!("{escaped}{plain}{cut}"),
                vec![(1, true, false), (3, true, true), (9, false, true)],
            ),
            ("END OF INNODB MONITOR OUTPUT\nsay INNODB MONITOR OUTPUT".to_owned(), vec![]),
        ] {
            let found = outputs(text.as_bytes());
            let told: Vec<_> = found.iter().map(|o| (o.line, o.is_whole, o.has_lines())).collect();
            assert_eq!(told, expected, "{text}");
            for output in found {
                let lines = output.text.split(|b| *b == b'\n').count();
                assert!(lines >= 3, "{text}");
            }
        }
    }
}
