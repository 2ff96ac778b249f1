//! Lines of many programs, handed to a daemon that writes them down: what syslog, journals and logplex
//! have in common.
//!
//! In: the heads of lines, as `head` reads them. Here: whose lines are ours, decided once from the
//! sample; and how messages belong together, since a record of several lines becomes several
//! messages, which PostgreSQL numbers (`[5-2] `: message 5, part 2). What is left to the carriers:
//! which shapes of heads are theirs.

use super::head::{Heads, LineHead, Shape, day_of};
use super::parts::{joint, numbered};
use super::stamp::{UNKNOWN_YEAR, YearFrom, Years, find_years};
use super::{Content, Entry, Envelope, Fits, Joint, Piece, Splitter, first_line};
use crate::read::input::Sample;
use crate::read::logs::text::Outer;
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use memchr::{memchr, memchr_iter, memmem};
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Programs that are looked at, and bytes of each one's lines.
const IDENTS_MAX: usize = 32;
const IDENT_TEXT_MAX: usize = 64 * 1024;

/// What a carrier does its own way.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// What it is called, given the shape that most lines have.
    pub title: fn(Shape) -> String,
    /// The shapes of its heads.
    pub shapes: &'static [Shape],
    /// Further lines of a message follow its first, indented with blanks up to its column.
    pub is_indented: bool,
    /// Control characters are written in octal (`#011`).
    pub is_octal: bool,
}

struct Programs {
    manner: Manner,
    zones: Arc<ZoneTable>,
    /// The programs whose lines are read.
    idents: Vec<Vec<u8>>,
    shape: Shape,
    years: Option<(Years, YearFrom)>,
    /// Messages that begin with a blank go on where another ended.
    blanks_continue: bool,
    is_octal: bool,
    /// Line ends within a message were let through: a line without a head belongs to the one above.
    is_broken: bool,
}

/// What a sample shows of one program.
#[derive(Default)]
struct Program {
    lines: u32,
    blanks: u32,
    tabs: u32,
    octal_tabs: u32,
}

/// Whether most lines of a sample have heads of a carrier, and some program's messages fit.
pub(super) fn detect(
    sample: &Sample,
    options: &ReadOptions,
    fits: Fits<'_>,
    manner: Manner,
) -> Option<Box<dyn Envelope>> {
    let mut heads = Heads::new(None, &options.zones);
    let mut programs: BTreeMap<Vec<u8>, Program> = BTreeMap::new();
    let mut texts: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    let mut shapes: BTreeMap<Shape, u32> = BTreeMap::new();
    let (mut strange, mut tabs) = (0u32, 0u32);
    for line in lines_of(sample) {
        let Some(head) = heads.read(line) else {
            tabs += u32::from(line.starts_with(b"\t"));
            strange += u32::from(!goes_on(line, manner.is_indented) && !is_daemons_own(line));
            continue;
        };
        *shapes.entry(head.shape).or_default() += 1;
        if programs.len() >= IDENTS_MAX && !programs.contains_key(head.ident) {
            continue;
        }
        let program = programs.entry(head.ident.to_vec()).or_default();
        let text = Message::of(line, &head).text;
        program.lines += 1;
        program.blanks += u32::from(text.starts_with(b" "));
        program.tabs += u32::from(text.starts_with(b"\t"));
        program.octal_tabs += u32::from(text.starts_with(OCTAL_TAB));
        let lines = texts.entry(head.ident.to_vec()).or_default();
        if lines.len() < IDENT_TEXT_MAX {
            push_text(text, manner.is_octal, lines);
            lines.push(b'\n');
        }
    }
    let (shape, _) = shapes.iter().max_by_key(|(_, count)| **count)?;
    if !manner.shapes.contains(shape) || shapes.values().sum::<u32>() <= strange {
        return None;
    }
    fits.keep_ours(&mut texts);
    programs.retain(|ident, _| texts.contains_key(ident));
    if programs.is_empty() {
        return None;
    }
    let ours = lines_of(sample).filter_map(|line| {
        let head = heads.read(line).filter(|head| programs.contains_key(head.ident))?;
        Some((day_of(line)?, line.get(head.message_at..)?))
    });
    let years = find_years(ours);
    let count = |of: fn(&Program) -> u32| programs.values().map(of).sum::<u32>();
    let blanks_continue = count(|program| program.blanks) * 2 < count(|program| program.lines);
    // A daemon that lets tabs through writes no other control character in octal.
    let lets_tabs_through = count(|program| program.tabs) > count(|program| program.octal_tabs);
    Some(Box::new(Programs {
        manner,
        zones: Arc::clone(&options.zones),
        idents: programs.into_keys().collect(),
        shape: *shape,
        years,
        blanks_continue,
        is_octal: manner.is_octal && !lets_tabs_through,
        is_broken: tabs > 0,
    }))
}

/// The lines of a sample.
fn lines_of(sample: &Sample) -> impl Iterator<Item = &[u8]> {
    let pieces = std::iter::once(&sample.head).chain(&sample.more);
    pieces
        .flat_map(|text| text.split(|b| *b == b'\n'))
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.trim_ascii().is_empty())
}

/// Whether a line belongs to the message above.
fn goes_on(line: &[u8], is_indented: bool) -> bool {
    match line.first() {
        Some(b'\t') => true,
        Some(b' ') => is_indented,
        _ => false,
    }
}

/// What a daemon says itself: that it left out messages, where a journal begins.
fn is_daemons_own(line: &[u8]) -> bool {
    let head = line.get(..line.len().min(200)).unwrap_or_default();
    line.starts_with(b"-- ") || memmem::find(head, b"message repeated ").is_some()
}

/// A message behind its head.
struct Message<'a> {
    /// Number and part, of `[5-2] `.
    number: Option<(u64, u64)>,
    text: &'a [u8],
}

impl<'a> Message<'a> {
    fn of(line: &'a [u8], head: &LineHead<'_>) -> Self {
        let text = without_label(line.get(head.message_at..).unwrap_or_default(), head.shape);
        match numbered(text) {
            Some((number, part, length)) => {
                Message { number: Some((number, part)), text: text.get(length..).unwrap_or(text) }
            }
            None => Message { number: None, text },
        }
    }
}

/// Without what the carrier wrote before the message: logplex the database's colour (`[GREEN] `),
/// Solaris an id (`[ID 748625 local0.info] `).
fn without_label(text: &[u8], shape: Shape) -> &[u8] {
    let Some(label) = text.strip_prefix(b"[") else { return text };
    let end = memmem::find(label.get(..label.len().min(64)).unwrap_or_default(), b"] ");
    let is_label = |label: &[u8]| match shape {
        Shape::Logplex => label.iter().all(|b| b.is_ascii_uppercase() || *b == b'_'),
        _ => label.starts_with(b"ID "),
    };
    match end.and_then(|end| Some((label.get(..end)?, label.get(end + 2..)?))) {
        Some((label, rest)) if is_label(label) => rest,
        _ => text,
    }
}

impl Envelope for Programs {
    fn title(&self) -> String {
        (self.manner.title)(self.shape)
    }

    fn notes(&self) -> Vec<String> {
        let names: Vec<_> = self.idents.iter().map(|i| String::from_utf8_lossy(i)).collect();
        let mut notes = vec![format!("lines of {} are read", names.join(", "))];
        let year = match self.years {
            Some((years, YearFrom::Texts)) => {
                format!("{years}, from dates in the messages")
            }
            Some((_, YearFrom::Nothing)) => format!("{UNKNOWN_YEAR}, since nothing shows it"),
            Some((_, YearFrom::Records)) | None => return notes,
        };
        let zone = if self.zones.is_stated() { "" } else { ", in UTC (--tz settles it)" };
        notes.push(format!("the carrier's times show no year and no zone: read as {year}{zone}"));
        notes
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        Box::new(ProgramSplitter { programs: self, heads: self.heads() })
    }

    fn resync(&self, text: &[u8]) -> Option<usize> {
        let mut heads = self.heads();
        let mut starts = memchr_iter(b'\n', text).map(|at| at + 1);
        starts.find(|at| !self.goes_on(text.get(*at..).unwrap_or_default(), &mut heads))
    }

    fn has_parts(&self) -> bool {
        true
    }

    fn joint(&self, before_bytes: usize, part: &[u8]) -> Joint {
        joint(before_bytes, part)
    }
}

impl Programs {
    fn heads(&self) -> Heads<'_> {
        Heads::new(self.years.map(|(years, _)| years), &self.zones)
    }

    /// Whether the line that begins a text belongs to the entry above.
    #[inline]
    fn goes_on(&self, text: &[u8], heads: &mut Heads<'_>) -> bool {
        goes_on(text, self.manner.is_indented)
            || (self.is_broken && !text.is_empty() && {
                let (line, _) = first_line(text);
                heads.read(line).is_none() && !is_daemons_own(line)
            })
    }
}

struct ProgramSplitter<'e> {
    programs: &'e Programs,
    heads: Heads<'e>,
}

impl Splitter for ProgramSplitter<'_> {
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let (line, mut bytes) = first_line(rest);
        let mut lines = u32::from(rest.get(bytes - 1) == Some(&b'\n'));
        let (content, column) = self.content(line, text);
        while let Some(more) = rest.get(bytes..)
            && self.programs.goes_on(more, &mut self.heads)
        {
            let (line, more_bytes) = first_line(more);
            let blanks = line.iter().take(column).take_while(|b| **b == b' ').count();
            text.push(b'\n');
            push_text(line.get(blanks..).unwrap_or_default(), self.programs.is_octal, text);
            lines += u32::from(more.get(more_bytes - 1) == Some(&b'\n'));
            bytes += more_bytes;
        }
        Entry { bytes, lines, content }
    }
}

impl ProgramSplitter<'_> {
    /// What a line is, and the column of its message.
    fn content(&mut self, line: &[u8], text: &mut Vec<u8>) -> (Content, usize) {
        let Some(head) = self.heads.read(line) else {
            let content = match () {
                () if line.trim_ascii().is_empty() => Content::Blank,
                () if is_daemons_own(line) => Content::Foreign,
                () => Content::Unknown("a line without the head that the others have"),
            };
            return (content, 0);
        };
        if !self.programs.idents.iter().any(|ident| ident == head.ident) {
            return (Content::Foreign, 0);
        }
        let message = Message::of(line, &head);
        if message.text.ends_with(b" blob data]") && message.text.starts_with(b"[") {
            let message = "a message that journalctl did not print: journalctl --all does";
            return (Content::Unknown(message), 0);
        }
        push_text(message.text, self.programs.is_octal, text);
        let outer = Outer {
            time: head.stamp.map(|stamp| stamp.time),
            utc_offset_s: head.stamp.map_or(0, |stamp| stamp.utc_offset_s),
            pid: head.pid,
            ..Outer::default()
        };
        let from = xxh3_64_with_seed(head.writer, head.pid.map_or(0, u64::from));
        let continues = match message.text.first() {
            Some(b'\t') => true,
            Some(b'#') => self.programs.is_octal && message.text.starts_with(OCTAL_TAB),
            Some(b' ') => self.programs.blanks_continue,
            _ => false,
        };
        let piece = match message.number {
            Some((record, 0 | 1)) => Piece::First { from, record },
            Some((record, _)) => Piece::Next { from, record },
            None if head.pid.is_none() => Piece::Alone,
            None if continues => Piece::Next { from, record: 0 },
            None => Piece::First { from, record: 0 },
        };
        (Content::Payload { piece, outer }, head.message_at)
    }
}

const OCTAL_TAB: &[u8] = b"#011";

/// Appends a text, with tabs, line ends and carriage returns that were written in octal turned back.
fn push_text(text: &[u8], is_octal: bool, out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr(b'#', rest).filter(|_| is_octal) {
        let (before, escape) = rest.split_at(at);
        out.extend_from_slice(before);
        let (byte, length) = match escape {
            [_, b'0', b'1', b'1', ..] => (b'\t', 4),
            [_, b'0', b'1', b'2', ..] => (b'\n', 4),
            [_, b'0', b'1', b'5', ..] => (b'\r', 4),
            _ => (b'#', 1),
        };
        out.push(byte);
        rest = escape.get(length..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_found_behind_labels_and_numbers() {
        for (text, shape, expected) in [
            ("[5-2] x", Shape::Bsd, (Some((5, 2)), "x")),
            ("[GREEN] [15-1]  x", Shape::Logplex, (Some((15, 1)), " x")),
            ("[GREEN] [15-1]  x", Shape::Iso, (None, "[GREEN] [15-1]  x")),
            ("[ID 748625 local0.info] [5-1] x", Shape::Bsd, (Some((5, 1)), "x")),
            ("[5-] x", Shape::Bsd, (None, "[5-] x")),
            ("[5-1]x", Shape::Bsd, (None, "[5-1]x")),
            ("[6601]: [5-1] x", Shape::Bsd, (None, "[6601]: [5-1] x")),
            ("[", Shape::Logplex, (None, "[")),
        ] {
            let line = text.as_bytes();
            let (stamp, ident) = (None, &line[..0]);
            let head = LineHead { shape, stamp, writer: ident, ident, pid: None, message_at: 0 };
            let message = Message::of(line, &head);
            assert_eq!((message.number, message.text), (expected.0, expected.1.as_bytes()));
        }
    }

    #[test]
    fn octal_is_turned_back_where_a_daemon_writes_it() {
        for (text, plain) in
            [("#011a#012#011b#015", "\ta\n\tb\r"), ("#01", "#01"), ("a # #f00#", "a # #f00#")]
        {
            for (is_octal, expected) in [(true, plain), (false, text)] {
                let mut out = Vec::new();
                push_text(text.as_bytes(), is_octal, &mut out);
                assert_eq!(out, expected.as_bytes());
            }
        }
    }
}
