//! A log that psql printed (`SELECT pg_read_file(…)`): a heading, a rule, lines with a blank before
//! and, where the value goes on, padding and a `+` behind.
//!
//! psql prints tabs as blanks, so where a line of a statement began with one is not known any more;
//! the reader inside copes with that, as it does with logs that editors have changed.

use super::{Content, Entry, Envelope, EnvelopeKind, Fits, Piece, Splitter, first_line};
use crate::read::input::Sample;
use crate::read::logs::text::Outer;
use crate::read::options::ReadOptions;

/// A log that psql printed.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "psql",
    detect,
    samples: &[
        "                              pg_read_file                               \n-------------------------------------------------------------------------\n 2026-11-23 03:55:04 CET [6601] LOG:  duration: 0.312 ms  statement: SELECT+\n         1                                                                 +\n 2026-11-23 03:55:05 CET [6601] LOG:  checkpoint starting: time            +\n \n(1 row)\n\n",
    ],
};

/// Lines of a sample that are looked at.
const LINES_MAX: usize = 500;

struct Psql;

fn detect(sample: &Sample, _: &ReadOptions, fits: Fits<'_>) -> Option<Box<dyn Envelope>> {
    let mut inside = Vec::new();
    let (mut framed, mut others) = (0u32, 0u32);
    let mut rest = &sample.head[..];
    while !rest.is_empty() && framed + others < LINES_MAX as u32 {
        let (line, bytes) = first_line(rest);
        match unframed(line) {
            Some(text) => {
                framed += u32::from(line.ends_with(b"+"));
                inside.extend_from_slice(text);
                inside.push(b'\n');
            }
            None => others += u32::from(!is_own(line)),
        }
        rest = rest.get(bytes..).unwrap_or_default();
    }
    (framed > 1 && framed > others && fits.text(&inside)).then(|| Box::new(Psql) as _)
}

/// The text of a framed line.
fn unframed(line: &[u8]) -> Option<&[u8]> {
    let text = line.strip_prefix(b" ")?;
    Some(text.strip_suffix(b"+").map_or(text, <[u8]>::trim_ascii_end))
}

/// What psql says itself: the rule below the heading, the number of rows, empty lines.
fn is_own(line: &[u8]) -> bool {
    let is_rule = line.len() > 2 && line.iter().all(|b| matches!(b, b'-' | b'+'));
    let is_count =
        line.starts_with(b"(") && (line.ends_with(b" row)") || line.ends_with(b" rows)"));
    line.trim_ascii().is_empty() || is_rule || is_count
}

/// The heading stands in the middle, so it begins with many blanks and has no `+`.
fn is_heading(line: &[u8]) -> bool {
    line.starts_with(b"          ")
        && line.trim_ascii().iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

impl Envelope for Psql {
    fn title(&self) -> String {
        "lines that psql printed".to_owned()
    }

    fn notes(&self) -> Vec<String> {
        vec!["psql prints tabs as blanks: line ends inside statements are guessed".to_owned()]
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        Box::new(LineSplitter)
    }
}

struct LineSplitter;

impl Splitter for LineSplitter {
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let (line, bytes) = first_line(rest);
        let content = match unframed(line) {
            _ if line.trim_ascii().is_empty() => Content::Blank,
            Some(inside) if !is_heading(line) => {
                text.extend_from_slice(inside);
                Content::Payload { piece: Piece::Alone, outer: Outer::default() }
            }
            None if !is_own(line) && !is_heading(line) => {
                Content::Unknown("a line without the blank that psql prints before each")
            }
            _ => Content::Foreign,
        };
        let lines = u32::from(rest.get(bytes - 1) == Some(&b'\n'));
        Entry { bytes, lines, content }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_lines_out_of_their_frame() {
        for (line, text) in [
            (" LOG:  a    +", Some("LOG:  a")),
            (" LOG:  a", Some("LOG:  a")),
            (" SELECT 1 + 2    +", Some("SELECT 1 + 2")),
            ("     1    +", Some("    1")),
            ("(1 row)", None),
        ] {
            assert_eq!(unframed(line.as_bytes()), text.map(str::as_bytes), "{line}");
        }
        assert!(is_own(b"------+----") && is_own(b"(3 rows)") && !is_own(b"LOG:  a"));
        assert!(is_heading(b"                pg_read_file     "));
    }
}
