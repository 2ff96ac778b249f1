//! Syslog: lines of many programs, as syslog daemons write them into files.
//!
//! The head of a line is read by `head`, each by its own looks, so a file may change from one shape
//! to another. A record of several lines becomes several messages, which PostgreSQL numbers
//! (`[5-2] `: message 5, part 2), and daemons write tabs and line ends in octal (`#011`).

use super::head::{Heads, LineHead, Shape, day_of};
use super::stamp::{UNKNOWN_YEAR, YearFrom, Years, find_years};
use super::{Content, Entry, Envelope, EnvelopeKind, Fits, Joint, Piece, Splitter, first_line};
use crate::read::input::Sample;
use crate::read::logs::text::Outer;
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use memchr::{memchr, memchr_iter, memmem};
use std::collections::BTreeMap;
use std::sync::Arc;
use xxhash_rust::xxh3::xxh3_64_with_seed;

/// Lines of syslog daemons.
pub(super) static KIND: EnvelopeKind = EnvelopeKind {
    name: "syslog",
    detect,
    samples: &[
        "Nov 23 03:55:04 db1 postgres[6601]: [5-1] 2026-11-23 03:55:04.101 CET [6601] app@shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "2026-11-23T03:55:04.101311+01:00 db1 postgres[6601]: [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "<134>1 2026-11-23T03:55:04Z db1 postgres 6601 - - [5-1] user=app,db=shop LOG:  duration: 0.312 ms  statement: SELECT 1\n",
    ],
};

/// Programs that are looked at, and bytes of each one's lines.
const IDENTS_MAX: usize = 32;
const IDENT_TEXT_MAX: usize = 64 * 1024;

struct Syslog {
    zones: Arc<ZoneTable>,
    /// The programs whose lines are read.
    idents: Vec<Vec<u8>>,
    shape: Shape,
    years: Option<(Years, YearFrom)>,
    /// Messages that begin with a blank go on where another ended.
    blanks_continue: bool,
}

/// What a sample shows of one program.
#[derive(Default)]
struct Program {
    text: Vec<u8>,
    lines: u32,
    blank_first: u32,
}

fn detect(sample: &Sample, options: &ReadOptions, fits: Fits<'_>) -> Option<Box<dyn Envelope>> {
    let mut heads = Heads::new(None, &options.zones);
    let mut programs: BTreeMap<Vec<u8>, Program> = BTreeMap::new();
    let mut shapes: BTreeMap<Shape, u32> = BTreeMap::new();
    let mut strange = 0u32;
    for line in lines_of(sample) {
        let Some(head) = heads.read(line) else {
            strange += u32::from(!is_daemons_own(line));
            continue;
        };
        *shapes.entry(head.shape).or_default() += 1;
        if programs.len() >= IDENTS_MAX && !programs.contains_key(head.ident) {
            continue;
        }
        let program = programs.entry(head.ident.to_vec()).or_default();
        let message = Message::of(line, &head);
        program.lines += 1;
        program.blank_first += u32::from(message.text.first() == Some(&b' '));
        if program.text.len() < IDENT_TEXT_MAX {
            push_unescaped(message.text, &mut program.text);
            program.text.push(b'\n');
        }
    }
    let (shape, _) = shapes.iter().max_by_key(|(_, count)| **count)?;
    if shapes.values().sum::<u32>() <= strange {
        return None;
    }
    programs.retain(|_, program| fits(&program.text));
    if programs.is_empty() {
        return None;
    }
    let ours = lines_of(sample).filter_map(|line| {
        let head = heads.read(line).filter(|head| head.shape == Shape::Bsd)?;
        let day = day_of(line).filter(|_| programs.contains_key(head.ident))?;
        Some((day, line.get(head.message_at..)?))
    });
    let years = find_years(ours);
    let count = |of: fn(&Program) -> u32| programs.values().map(of).sum::<u32>();
    let blanks_continue = count(|program| program.blank_first) * 2 < count(|program| program.lines);
    Some(Box::new(Syslog {
        zones: Arc::clone(&options.zones),
        idents: programs.into_keys().collect(),
        shape: *shape,
        years,
        blanks_continue,
    }))
}

/// The lines of a sample that may have a head.
fn lines_of(sample: &Sample) -> impl Iterator<Item = &[u8]> {
    let pieces = std::iter::once(&sample.head).chain(&sample.more);
    pieces
        .flat_map(|text| text.split(|b| *b == b'\n'))
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| line.first() != Some(&b'\t') && !line.trim_ascii().is_empty())
}

/// What a daemon says itself about messages that it left out.
fn is_daemons_own(line: &[u8]) -> bool {
    let head = line.get(..line.len().min(200)).unwrap_or_default();
    memmem::find(head, b"message repeated ").is_some()
}

/// A message behind its head.
struct Message<'a> {
    /// Number and part, of `[5-2] `.
    number: Option<(u64, u64)>,
    text: &'a [u8],
}

impl<'a> Message<'a> {
    fn of(line: &'a [u8], head: &LineHead<'_>) -> Self {
        let text = line.get(head.message_at..).unwrap_or_default();
        let text = without_message_id(text);
        match numbered(text) {
            Some((number, part, length)) => {
                Message { number: Some((number, part)), text: text.get(length..).unwrap_or(text) }
            }
            None => Message { number: None, text },
        }
    }
}

/// Without Solaris' `[ID 748625 local0.info] `.
fn without_message_id(text: &[u8]) -> &[u8] {
    let id = text.strip_prefix(b"[ID ");
    let end = id.and_then(|id| memmem::find(id.get(..id.len().min(64))?, b"] "));
    match (id, end) {
        (Some(id), Some(end)) => id.get(end + 2..).unwrap_or(text),
        _ => text,
    }
}

/// `[5-2] `: the numbers, and how long it is.
#[inline]
fn numbered(text: &[u8]) -> Option<(u64, u64, usize)> {
    let rest = text.strip_prefix(b"[")?;
    let (number, dash) = digits(rest)?;
    let rest = rest.get(dash..)?.strip_prefix(b"-")?;
    let (part, close) = digits(rest)?;
    let length = dash + close + 4;
    (rest.get(close..)?.starts_with(b"] ")).then_some((number, part, length))
}

#[inline]
fn digits(text: &[u8]) -> Option<(u64, usize)> {
    let length = text.iter().take(18).take_while(|b| b.is_ascii_digit()).count();
    let value = text.iter().take(length).fold(0, |value, b| value * 10 + u64::from(b - b'0'));
    (length > 0).then_some((value, length))
}

impl Envelope for Syslog {
    fn title(&self) -> String {
        let shape = match self.shape {
            Shape::Bsd => "BSD",
            Shape::Iso => "ISO 8601",
            Shape::Rfc5424 => "RFC 5424",
        };
        format!("syslog lines ({shape})")
    }

    fn notes(&self) -> Vec<String> {
        let names: Vec<_> = self.idents.iter().map(|i| String::from_utf8_lossy(i)).collect();
        let mut notes = vec![format!("lines of {} are read", names.join(", "))];
        match self.years {
            Some((years, YearFrom::Texts)) => notes.push(format!(
                "syslog's times show no year: {years} was taken from dates in the messages"
            )),
            Some((_, YearFrom::Nothing)) => notes.push(format!(
                "syslog's times show no year, and nothing else does: {UNKNOWN_YEAR} was taken"
            )),
            Some((_, YearFrom::Records)) | None => {}
        }
        notes
    }

    fn splitter(&self) -> Box<dyn Splitter + '_> {
        let heads = Heads::new(self.years.map(|(years, _)| years), &self.zones);
        Box::new(SyslogSplitter { syslog: self, heads })
    }

    /// A line that begins with a tab is part of the entry above.
    fn resync(&self, text: &[u8]) -> Option<usize> {
        memchr_iter(b'\n', text).map(|at| at + 1).find(|at| text.get(*at) != Some(&b'\t'))
    }

    fn has_parts(&self) -> bool {
        true
    }

    fn joint(&self, before_bytes: usize, part: &[u8]) -> Joint {
        joint(before_bytes, part)
    }
}

/// How PostgreSQL's parts join. It cuts at line ends, where the next part begins with a tab or, for
/// DETAIL and its kin, with the prefix; and in lines of more than 900 bytes (1024 before 8.4) at
/// the last blank, or where there is none in the midst of a word.
fn joint(before_bytes: usize, part: &[u8]) -> Joint {
    const LONG: usize = 512;
    const FULL: usize = 850;
    match part.first() {
        Some(b'\t') => Joint::NewLine,
        // Behind a short part the blank was a tab, unless one long word did not fit there.
        Some(b' ') if before_bytes < LONG && part.len() < FULL => Joint::NewLine,
        Some(b' ') => Joint::SameLine,
        _ if !matches!(before_bytes, 896..=900 | 1021..=1024) => Joint::NewLine,
        _ if has_label(part) => Joint::NewLine,
        _ => Joint::SameLine,
    }
}

/// Whether a part begins a line of its own: `… DETAIL:  `.
fn has_label(part: &[u8]) -> bool {
    const WITHIN: usize = 300;
    const WORD_MIN: usize = 4;
    let head = part.get(..part.len().min(WITHIN)).unwrap_or_default();
    memmem::find(head, b":  ").is_some_and(|colon| {
        let letters = head.iter().take(colon).rev().take_while(|b| b.is_ascii_uppercase());
        letters.count() >= WORD_MIN
    })
}

struct SyslogSplitter<'e> {
    syslog: &'e Syslog,
    heads: Heads<'e>,
}

impl Splitter for SyslogSplitter<'_> {
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry {
        let (line, mut bytes) = first_line(rest);
        let mut lines = u32::from(rest.get(bytes - 1) == Some(&b'\n'));
        let content = self.content(line, text);
        // A daemon that lets line ends through: the lines that follow belong to this one.
        while let Some(more) = rest.get(bytes..).filter(|more| more.first() == Some(&b'\t')) {
            let (line, more_bytes) = first_line(more);
            if text.last() != Some(&b'\n') {
                text.push(b'\n');
            }
            push_unescaped(line, text);
            lines += u32::from(more.get(more_bytes - 1) == Some(&b'\n'));
            bytes += more_bytes;
        }
        Entry { bytes, lines, content }
    }
}

impl SyslogSplitter<'_> {
    fn content(&mut self, line: &[u8], text: &mut Vec<u8>) -> Content {
        let Some(head) = self.heads.read(line) else {
            return match () {
                () if line.trim_ascii().is_empty() => Content::Blank,
                () if is_daemons_own(line) => Content::Foreign,
                () => Content::Unknown("a line without the head of a syslog line"),
            };
        };
        if !self.syslog.idents.iter().any(|ident| ident == head.ident) {
            return Content::Foreign;
        }
        let message = Message::of(line, &head);
        push_unescaped(message.text, text);
        let outer = Outer {
            time: head.stamp.map(|stamp| stamp.time),
            utc_offset_s: head.stamp.map_or(0, |stamp| stamp.utc_offset_s),
            pid: head.pid,
        };
        let from = xxh3_64_with_seed(head.writer, head.pid.map_or(0, u64::from));
        let continues = match message.text.first() {
            Some(b'\t' | b'#') => {
                message.text.starts_with(b"\t") || message.text.starts_with(b"#011")
            }
            Some(b' ') => self.syslog.blanks_continue,
            _ => false,
        };
        let piece = match message.number {
            Some((record, 0 | 1)) => Piece::First { from, record },
            Some((record, _)) => Piece::Next { from, record },
            None if head.pid.is_none() => Piece::Alone,
            None if continues => Piece::Next { from, record: 0 },
            None => Piece::First { from, record: 0 },
        };
        Content::Payload { piece, outer }
    }
}

/// Appends a text with rsyslog's octal tabs, line ends and carriage returns turned back.
fn push_unescaped(text: &[u8], out: &mut Vec<u8>) {
    let mut rest = text;
    while let Some(at) = memchr(b'#', rest) {
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
