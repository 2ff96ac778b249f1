//! Where records of a slow log begin and end.
//!
//! A record is its header lines, what the server sets before the statement (`use db;`,
//! `SET timestamp=…;`), and the statement. Where the statement ends is not told by what looks like
//! the next header, since a literal may hold anything: it is the first `;` at a line's end, outside
//! literals and comments, behind which a header, a banner or the end of the text follows. Only a
//! statement without any such end is ended by force, at the first header behind a `;` and a line
//! end, and marked.
//!
//! The cut between chunks and the parser both read by this, so that any cutting gives the same
//! records.

use super::super::banner::{Banner, begins_banner, is_rest_of_banner, line_at};
use super::ends::{End, Known, Outline, REACH, Statements};
use std::ops::Range;

/// What a record's text is.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Body {
    /// The header is all there is.
    Nothing,
    /// `# administrator command: Quit;`: what stands between the mark and the semicolon.
    Admin(Range<usize>),
    /// A statement, without its last `;`.
    Statement {
        text: Range<usize>,
        /// It ends before its end.
        is_cut: bool,
    },
}

/// A record, by offsets in the text.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Record {
    pub start: usize,
    /// Its header lines.
    pub header: Range<usize>,
    /// The database of `use db;` before the statement, as written.
    pub database: Option<Range<usize>>,
    /// The seconds of `SET timestamp=…;` before the statement.
    pub timestamp: Option<Range<usize>>,
    pub body: Body,
    /// Where its statement ends, if that had to be looked for.
    pub found: Option<End>,
    /// What comes next begins here.
    pub end: usize,
}

impl Record {
    /// Its statement had no end, and was ended by force.
    pub fn is_forced(&self) -> bool {
        self.found.is_some_and(|end| end.is_forced)
    }

    /// What [`Known`] says of it, if only literals could tell where it ends.
    pub fn outline(&self) -> Option<[u32; Outline::PLACES]> {
        Outline { start: self.start, header_end: self.header.end, end: self.found? }.encode()
    }
}

/// What stands at an offset.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Next {
    Record(Record),
    /// A server began to write, or its banner's rest: up to this offset.
    Banner(usize),
    /// An empty line, up to this offset.
    Blank(usize),
    /// Bytes that belong to no record, up to this offset.
    Unknown(usize),
    /// The text is too short to tell.
    More,
}

/// Which headers begin records in a file.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Heads {
    /// Only `# Time: ` and `# User@Host: `, as servers write them.
    pub usual: bool,
}

const USER_HOST: &[u8] = b"# User@Host: ";
const TIME: &[u8] = b"# Time: ";
const QUERY_TIME: &[u8] = b"# Query_time: ";
const USUAL: [&[u8]; 2] = [USER_HOST, TIME];
const OTHERS: [&[u8]; 5] =
    [QUERY_TIME, b"# Thread_id: ", b"# Client: ", b"# User: ", b"# Schema: "];

impl Heads {
    /// Those of a sample: whatever its first header is among.
    pub fn of(text: &[u8]) -> Heads {
        let usual = |at: usize| USUAL.iter().any(|head| text[at..].starts_with(head));
        let starts = memchr::memchr_iter(b'\n', text).map(|at| at + 1);
        Heads { usual: std::iter::once(0).chain(starts).any(usual) }
    }

    /// Whether a record begins at the start of this; `None` if there is too little of it.
    pub fn begin(self, text: &[u8], is_whole: bool) -> Option<bool> {
        let others: &[&[u8]] = if self.usual { &[] } else { &OTHERS };
        for head in USUAL.iter().chain(others) {
            if let Some(rest) = text.strip_prefix(*head) {
                if *head != TIME {
                    return Some(true);
                }
                // A time holds no quote; a name may.
                let (line, len) = line_at(rest, 0);
                let is_line = len > line.len() || is_whole;
                return is_line.then(|| !line.iter().any(|b| matches!(b, b'\'' | b'"')));
            }
            if !is_whole && head.starts_with(text) {
                return None;
            }
        }
        Some(false)
    }
}

/// Reads what stands at `at`, a line's start. `is_whole`: nothing of this source follows the text,
/// or a record begins there.
pub(super) fn next(
    text: &[u8],
    at: usize,
    heads: Heads,
    is_whole: bool,
    known: &mut Known<'_>,
) -> Next {
    let (line, len) = line_at(text, at);
    if line.len() == len && !is_whole {
        return Next::More;
    }
    if !line.starts_with(b"#") {
        if line.trim_ascii().is_empty() {
            return Next::Blank(at + len);
        }
        return match Banner::read(&text[at..]) {
            // The lines behind may be still to come.
            Some(banner)
                if !is_whole
                    && (text[..at + banner.len].last() != Some(&b'\n')
                        || banner.lines < 3 && !has_line(text, at + banner.len)) =>
            {
                Next::More
            }
            Some(banner) => Next::Banner(at + banner.len),
            None if is_rest_of_banner(line) => Next::Banner(at + len),
            None => unknown(text, at, heads, is_whole),
        };
    }
    Reader { text, heads, is_whole }.record(at, known).map_or(Next::More, Next::Record)
}

/// Whether there is a whole line at an offset.
fn has_line(text: &[u8], at: usize) -> bool {
    text.get(at..).is_some_and(|rest| memchr::memchr(b'\n', rest).is_some())
}

/// Passes what belongs to no record, up to the next that does.
fn unknown(text: &[u8], at: usize, heads: Heads, is_whole: bool) -> Next {
    let mut from = at;
    loop {
        let Some(found) = memchr::memchr(b'\n', &text[from..]) else {
            return if is_whole { Next::Unknown(text.len()) } else { Next::More };
        };
        from += found + 1;
        let rest = &text[from..];
        match heads.begin(rest, is_whole) {
            None => return Next::More,
            Some(true) => return Next::Unknown(from),
            Some(false) if begins_banner(line_at(rest, 0).0) => return Next::Unknown(from),
            Some(false) => {}
        }
    }
}

struct Reader<'a> {
    text: &'a [u8],
    heads: Heads,
    is_whole: bool,
}

/// What a line of a header is.
enum Line {
    Header { is_metrics: bool },
    Admin(Range<usize>),
    Database(Range<usize>),
    Timestamp(Range<usize>),
    Statement,
}

impl Reader<'_> {
    /// The record at `at`; `None` if more text is needed.
    fn record(&self, at: usize, known: &mut Known<'_>) -> Option<Record> {
        let mut record = Record {
            start: at,
            header: at..at,
            database: None,
            timestamp: None,
            body: Body::Nothing,
            found: None,
            end: at,
        };
        // What the header holds so far, since another one may follow a header without a statement.
        let (mut has_user, mut has_metrics) = (false, false);
        let outline = known.outline(at).filter(|outline| outline.end.at <= self.text.len());
        let mut at = at;
        if let Some(outline) = outline {
            (has_user, has_metrics) = (true, true);
            record.header.end = outline.header_end;
            at = outline.header_end;
        }
        loop {
            if at == self.text.len() {
                record.end = at;
                return self.is_whole.then_some(record);
            }
            let (line, len) = line_at(self.text, at);
            if line.len() == len && !self.is_whole {
                return None;
            }
            let next = at + len;
            // Most lines are told by the first letter of their keys.
            let (is_user, is_time) = match line.get(2) {
                Some(b'U') => (line.starts_with(USER_HOST), false),
                Some(b'T') => (false, line.starts_with(TIME)),
                _ => (false, false),
            };
            let begins = is_user || is_time;
            if begins && (has_user || has_metrics) && record.header.end > record.start {
                record.end = at;
                return Some(record);
            }
            match self.line(line, at, &record, has_metrics) {
                Line::Header { is_metrics } => {
                    has_user |= is_user;
                    has_metrics |= is_metrics;
                    record.header.end = next;
                }
                Line::Admin(command) => {
                    record.body = Body::Admin(command);
                    record.end = next;
                    return Some(record);
                }
                Line::Database(name) => {
                    // A `use` of the client's own is a statement, and nothing follows it.
                    if self.ends(next)? {
                        return Some(self.statement_line(record, at, line.len(), next));
                    }
                    record.database = Some(name);
                }
                Line::Timestamp(seconds) => {
                    if self.ends(next)? {
                        return Some(self.statement_line(record, at, line.len(), next));
                    }
                    record.timestamp = Some(seconds);
                }
                Line::Statement if begins_banner(line) => {
                    record.end = at;
                    return Some(record);
                }
                Line::Statement => return self.statement(record, at, outline, known),
            }
            at = next;
        }
    }

    fn line(&self, line: &[u8], at: usize, record: &Record, has_metrics: bool) -> Line {
        let set = record.timestamp.is_some();
        if !set && !has_metrics && line.first() == Some(&b'#') && line.get(2) != Some(&b'a') {
            return Line::Header { is_metrics: line.starts_with(QUERY_TIME) };
        }
        let text = line.trim_ascii_end();
        if text.starts_with(b"# administrator command: ") {
            let text = text.strip_suffix(b";").unwrap_or(text);
            return Line::Admin(at + b"# ".len()..at + text.len());
        }
        if text.starts_with(b"#") {
            let is_header = !set && record.database.is_none() && (!has_metrics || has_key(text));
            let is_metrics = text.starts_with(QUERY_TIME);
            return if is_header { Line::Header { is_metrics } } else { Line::Statement };
        }
        let inner = text.strip_suffix(b";");
        if let Some(name) = inner.and_then(|t| t.strip_prefix(b"use "))
            && record.database.is_none()
        {
            return Line::Database(at + 4..at + 4 + name.len());
        }
        if let Some(set_part) = inner.and_then(|t| t.strip_prefix(b"SET ")).filter(|_| !set)
            && let Some(seconds) = timestamp_of(set_part)
        {
            return Line::Timestamp(at + 4 + seconds.start..at + 4 + seconds.end);
        }
        Line::Statement
    }

    /// Whether a record may end before `at`: a header, a banner or the end of the text follows.
    fn ends(&self, at: usize) -> Option<bool> {
        Some(self.boundary(at)?.is_some())
    }

    /// Where the next record begins, if one ended before `at`; `None` if more text is needed.
    fn boundary(&self, at: usize) -> Option<Option<usize>> {
        let rest = self.text.get(at..).unwrap_or_default();
        let blank = rest.iter().take_while(|b| matches!(b, b'\n' | b'\r')).count();
        let (from, rest) = (at + blank, &rest[blank..]);
        if rest.is_empty() {
            return self.is_whole.then_some(Some(from));
        }
        if rest.starts_with(b"#") {
            let begins = self.heads.begin(rest, self.is_whole)?;
            return Some(begins.then_some(from));
        }
        let (line, len) = line_at(rest, 0);
        if line.len() == len && !self.is_whole {
            return None;
        }
        Some(begins_banner(line).then_some(from))
    }

    /// A record whose statement is this one line.
    fn statement_line(&self, mut record: Record, at: usize, len: usize, next: usize) -> Record {
        let text = self.text[at..at + len].trim_ascii_end();
        let text = text.strip_suffix(b";").unwrap_or(text);
        record.body = Body::Statement { text: at..at + text.len(), is_cut: false };
        record.end = self.boundary(next).flatten().unwrap_or(next);
        record
    }

    /// A record whose statement begins at `from`, and ends where the cut found it if that says so.
    fn statement(
        &self,
        mut record: Record,
        from: usize,
        outline: Option<Outline>,
        known: &mut Known<'_>,
    ) -> Option<Record> {
        let Reader { text, heads, is_whole } = *self;
        let boundary = |at| self.boundary(at);
        let statements = Statements { text, heads, is_whole, reach: REACH, boundary };
        let end = match outline {
            Some(outline) => outline.end,
            None => statements.end(from, known)?,
        };
        record.end = match end.is_forced {
            true => end.at,
            false => self.boundary(end.at).flatten().unwrap_or(end.at),
        };
        record.found = Some(end);
        let text = self.text.get(from..end.at).unwrap_or_default().trim_ascii_end();
        let text = text.strip_suffix(b";").unwrap_or(text);
        record.body = Body::Statement { text: from..from + text.len(), is_cut: end.is_cut };
        Some(record)
    }
}

/// How many line ends a statement has, and whether what looks like a record's header stands in it.
pub(super) fn lines_of(statement: &[u8]) -> (u32, bool) {
    let ends = memchr::memchr_iter(b'\n', statement);
    ends.fold((0, false), |(lines, holds_header), at| {
        let rest = &statement[at + 1..];
        let is_header = || USUAL.iter().chain(&OTHERS[..1]).any(|head| rest.starts_with(head));
        (lines + 1, holds_header || is_header())
    })
}

/// Whether a line reads `# Key: …`, or is one of the lines of headers that have no key.
fn has_key(line: &[u8]) -> bool {
    let line = line.trim_ascii_start();
    let text = line.strip_prefix(b"#").unwrap_or(line).trim_ascii_start();
    let key = text.iter().take_while(|b| b.is_ascii_alphanumeric() || b"_@".contains(b)).count();
    let words = [&b"No InnoDB statistics"[..], b"Warning", b"Stored routine", b"explain", b"<"];
    text.is_empty()
        || key > 0 && text.get(key) == Some(&b':')
        || words.iter().any(|word| text.starts_with(word))
}

/// Of `timestamp=1795402590`, which may follow `last_insert_id=…,insert_id=…,`, where the seconds
/// stand.
fn timestamp_of(set: &[u8]) -> Option<Range<usize>> {
    let mut at = 0;
    for part in set.split(|b| *b == b',') {
        let (key, value) = part.split_at(part.iter().position(|b| *b == b'=')?);
        let value = &value[1..];
        if value.is_empty() || !value.iter().all(|b| b.is_ascii_digit() || *b == b'.') {
            return None;
        }
        match key {
            b"timestamp" => return Some(at + key.len() + 1..at + part.len()),
            b"insert_id" | b"last_insert_id" => at += part.len() + 1,
            _ => return None,
        }
    }
    None
}

#[cfg(test)]
mod tests;
