//! Redshift's user activity log: every statement with who sent it, none with its duration.
//!
//! `'2020-03-07T20:11:18Z UTC [ db=dev user=rdsdb pid=123 userid=1 xid=456 ]' LOG: SELECT 1`; the
//! statement may go on over lines, until the next head.

use super::mask::RedshiftMasker;
use crate::model::event::{
    Engine, Event, Kind, Said, Says, Sink, Span, SpanDetail, SpanRole, Statement, Who,
    session_of_pid,
};
use crate::read::input::{Cut, Sample, last_start};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{Stamp, StampParser, ZoneTable};
use memchr::{memchr, memmem};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "redshift-activity",
    engine: Engine::Postgres,
    title: "Redshift user activity log",
    samples: &[
        "'2026-11-23T20:11:18Z UTC [ db=dev user=rdsdb pid=123 userid=1 xid=456 ]' LOG: SELECT 1\n'2026-11-23T20:11:19Z UTC [ db=dev user=rdsdb pid=123 userid=1 xid=457 ]' LOG: SELECT a\nFROM t\n",
    ],
    apart: None,
    sample_map: None,
};

/// Redshift's user activity log.
pub struct Redshift;

impl LogFormat for Redshift {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        if is_one(sample, options) { 97 } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(RedshiftReader { zones: Arc::clone(&options.zones) })
    }
}

/// Whether a sample has its heads, which a PostgreSQL prefix might look like.
pub(super) fn is_one(sample: &Sample, options: &ReadOptions) -> bool {
    let mut stamps = StampParser::new(&options.zones);
    let mut lines = sample.head.split(|b| *b == b'\n').take(100);
    lines.any(|line| Head::read(line, &mut stamps).is_some())
}

#[derive(Clone)]
struct RedshiftReader {
    zones: Arc<ZoneTable>,
}

/// What stands before a statement.
pub(super) struct Head<'a> {
    stamp: Stamp,
    who: Who<'a>,
    /// Where the statement begins in the line.
    pub text_at: usize,
}

impl<'a> Head<'a> {
    pub fn read(line: &'a [u8], stamps: &mut StampParser<'_>) -> Option<Head<'a>> {
        let stamp = stamps.parse(line.strip_prefix(b"'")?)?;
        let open = memmem::find(&line[..line.len().min(60)], b" [ db=")?;
        let close = open + memmem::find(&line[open..], b" ]' LOG: ")?;
        let inside = &line[open + b" [ db=".len()..close];
        // Names may hold blanks, so each ends where the next key begins.
        let (database, rest) = split(inside, b" user=")?;
        let (user, rest) = split(rest, b" pid=")?;
        let digits = rest.iter().take(19).take_while(|b| b.is_ascii_digit()).count();
        let pid: u64 = std::str::from_utf8(&rest[..digits]).ok()?.parse().ok()?;
        let who = Who {
            user: Some(user).filter(|name| !name.is_empty()),
            database: Some(database).filter(|name| !name.is_empty()),
            session: session_of_pid(pid),
            ..Who::default()
        };
        Some(Head { stamp, who, text_at: close + b" ]' LOG: ".len() })
    }
}

fn split<'a>(text: &'a [u8], key: &[u8]) -> Option<(&'a [u8], &'a [u8])> {
    let at = memmem::find(text, key)?;
    Some((&text[..at], &text[at + key.len()..]))
}

impl LogReader for RedshiftReader {
    fn notes(&self) -> Vec<String> {
        vec!["statements without durations: calls are counted, no time".to_owned()]
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(self.clone())
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(RedshiftMasker::new(&self.zones))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut reading = Reading::default();
        let spans = sink.wants_spans();
        let mut open: Option<(Head<'_>, usize, u32)> = None;
        let mut finish = |(head, start, line): (Head<'_>, usize, u32), end: usize| {
            let (offset, line_in_chunk) = chunk.place(start, line);
            let record = chunk.bytes.get(start..end).unwrap_or_default();
            let text = record.get(head.text_at..).unwrap_or_default().trim_ascii();
            let cut = chunk.is_forced && end == chunk.bytes.len();
            if spans != SpanDetail::Nothing {
                return sink.span(&Span {
                    time: Some(head.stamp.time),
                    session: head.who.session,
                    who: head.who,
                    says: Says::Ran(Said { text, cut, duration_us: None }),
                    ..Span::at(record, start, SpanRole::Record { lines_apart: false })
                });
            }
            sink.event(&Event {
                offset,
                line: line_in_chunk,
                time: Some(head.stamp.time),
                utc_offset_s: head.stamp.offset_s,
                who: head.who,
                kind: Kind::Statement(Statement {
                    text: Cow::Borrowed(text),
                    cut,
                    ..Statement::default()
                }),
            });
        };
        let (mut start, mut number) = (0, 0u32);
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            if let Some(head) = Head::read(line, &mut stamps) {
                if let Some(before) = open.take() {
                    finish(before, start);
                }
                reading.records += 1;
                reading.saw(head.stamp.time, head.stamp.offset_s);
                open = Some((head, start, number));
            } else if open.is_none() && !line.trim_ascii().is_empty() {
                let size_bytes = chunk.source_bytes(start..start + line.len() + 1, number);
                let why = "continues no record: the file begins or was cut here";
                reading.skip(chunk.skipped(start, number, why), size_bytes, 0);
            }
            start += line.len() + 1;
            number = number.saturating_add(1);
        }
        if let Some(last) = open {
            finish(last, chunk.bytes.len());
        }
        reading.lines = u64::from(number);
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

impl Cut for RedshiftReader {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        let mut stamps = StampParser::new(&self.zones);
        last_start(buf, scanned, eof, |line| Head::read(line, &mut stamps).is_some())
    }
}
