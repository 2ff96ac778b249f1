//! stderr logs: lines that begin with `log_line_prefix`, whatever that is.
//!
//! The prefix is stated by the user or inferred from samples of the whole file, once. A line whose
//! prefix fits begins a record or belongs to one of its process; every other line continues the
//! line above or is foreign. Tabs and positions that only this carrier adds are taken off, so that
//! its texts are those of csvlog and jsonlog.

use super::clock::zone_notes;
use super::foreign::{is_foreign, is_of_others, is_translated};
use super::mask::StderrMasker;
use super::messages::translated;
use super::prefix::{Head, InferredPrefix, Prefix, PrefixReader, Severity};
use super::record::{Record, Text};
use super::redshift;
use super::sessions::{How, Sessions, TRANSLATED_NOTE};
use super::spans::{self, AttachedLine, Stretch};
use crate::model::event::{Engine, Sink, SpanDetail, Who, session_of_id, session_of_pid};
use crate::read::input::{Cut, Sample, last_start};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader, Role};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use memchr::memchr;
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "postgres-stderr",
    engine: Engine::Postgres,
    title: "PostgreSQL stderr log with any log_line_prefix",
    samples: &[
        "2026-11-23 03:55:04.101 CET [6601] app@shop web api 10.0.0.7 LOG:  duration: 0.312 ms  statement: SELECT 1\n",
        "2020-03-11 20:40:43 CET::@:[12760]:LOG:  listening on IPv6 address \"::\", port 5432\n2020-03-11 20:40:43 CET::@:[12760]:LOG:  database system is ready to accept connections\n",
        "LOG:  checkpoint starting: time\nERROR:  column \"x\" does not exist at character 8\nSTATEMENT:  select x\n",
    ],
    sample_map: None,
    apart: None,
};

/// PostgreSQL's stderr log.
pub struct Stderr;

impl LogFormat for Stderr {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        if sample.head.trim_ascii_start().starts_with(b"{") || redshift::is_one(sample, options) {
            return 0;
        }
        let inferred = InferredPrefix::infer(&sample.head, &ZoneTable::default());
        if inferred.matched == 0 {
            return 0;
        }
        // One line that fits is a hint; most lines of a file that do are a fact.
        let share = inferred.matched as f64 / inferred.sampled.max(1) as f64;
        (40.0 + 50.0 * share.min(1.0)) as u8
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let mut text = sample.head.clone();
        sample.more.iter().for_each(|more| text.extend_from_slice(more));
        let inferred = match &options.log_line_prefix {
            Some(stated) => InferredPrefix::stated(stated.clone(), &text, &options.zones),
            None => InferredPrefix::infer(&text, &options.zones),
        };
        let mut reader = StderrReader {
            inferred,
            zones: Arc::clone(&options.zones),
            tabbed: false,
            translated: false,
            how: How {
                lines_apart: true,
                translated: false,
                wants_parameters: options.keep_literals,
            },
        };
        reader.look_at_lines(&text);
        Box::new(reader)
    }
}

#[derive(Clone)]
struct StderrReader {
    inferred: InferredPrefix,
    zones: Arc<ZoneTable>,
    /// Continuations begin with a tab, so a line without blank space or prefix is foreign.
    tabbed: bool,
    /// Some severities are not English.
    translated: bool,
    how: How,
}

impl StderrReader {
    /// Looks at the lines of a sample that carry no prefix. The file still has the tabs that
    /// PostgreSQL writes before continuations if most of them begin with one.
    fn look_at_lines(&mut self, text: &[u8]) {
        let mut reader = PrefixReader::new(&self.inferred, &self.zones);
        let (mut tabs, mut bare, mut translated) = (0u32, 0u32, 0u32);
        for line in text.split(|b| *b == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
            if line[0] == b'\t' {
                tabs += 1;
            } else if let Some(head) = reader.head(line) {
                let message = line.get(head.message_at..).unwrap_or_default();
                self.how.translated |= translated::english(message).is_some();
            } else {
                bare += u32::from(!is_foreign(line));
                translated += u32::from(is_translated(line));
            }
        }
        self.tabbed = tabs > bare;
        self.translated = translated > 0;
    }
}

impl LogReader for StderrReader {
    fn notes(&self) -> Vec<String> {
        let mut notes = vec![self.inferred.explanation.clone()];
        if self.tabbed {
            notes.push(
                "continuation lines begin with a tab or blank; others are foreign".to_owned(),
            );
        }
        if self.translated {
            notes.push(
                "some severities are in a language that is not known here (lc_messages): such records are not \
                 understood; \
                 csvlog, jsonlog or lc_messages = C read better"
                    .to_owned(),
            );
        }
        if self.how.translated {
            notes.push(TRANSLATED_NOTE.to_owned());
        }
        notes.extend(zone_notes(&self.inferred.zones, &self.zones));
        notes
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(self.clone())
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(StderrMasker::new(PrefixReader::new(&self.inferred, &self.zones)))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut parser = ChunkParser {
            heads: PrefixReader::new(&self.inferred, &self.zones),
            sessions: Sessions::new(self.how),
            reading: Reading::default(),
            chunk,
            spans: sink.wants_spans(),
            tabbed: self.tabbed,
            current: None,
        };
        parser.run(sink);
        Segment { reading: parser.reading, carry: parser.sessions.into_carry(sink) }
    }
}

impl Cut for StderrReader {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        let mut heads = PrefixReader::new(&self.inferred, &self.zones);
        last_start(buf, scanned, eof, |line| heads.is_record_start(trim_cr(line)))
    }
}

/// A line with a prefix, and the lines that continue it.
struct Current<'a> {
    head: Head<'a>,
    start: usize,
    end: usize,
    line: u32,
    /// A foreign line came: nothing after it continues this one.
    closed: bool,
    /// All lines but the first begin with a tab, or are empty.
    tabbed: bool,
}

struct ChunkParser<'a, 'f> {
    heads: PrefixReader<'f>,
    sessions: Sessions<'a>,
    reading: Reading,
    chunk: ChunkText<'a>,
    /// Spans are told instead of events.
    spans: SpanDetail,
    tabbed: bool,
    current: Option<Current<'a>>,
}

impl<'a> ChunkParser<'a, '_> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let bytes = self.chunk.bytes;
        let (mut start, mut line_number) = (0, 0u32);
        while start < bytes.len() {
            let end = memchr(b'\n', &bytes[start..]).map_or(bytes.len(), |at| start + at);
            let line = trim_cr(&bytes[start..end]);
            if line.first() == Some(&b'\t') {
                self.continuation(start, end, line_number);
            } else if let Some(head) = self.heads.head(line) {
                self.flush(sink);
                self.current = Some(Current {
                    head,
                    start,
                    end: start + line.len(),
                    line: line_number,
                    closed: false,
                    tabbed: true,
                });
            } else if line.trim_ascii().is_empty() {
                // Nothing, or a part of the record above that its next line will take in.
            } else if self.is_apart(line, start, line_number) {
                self.foreign(start, end, line_number);
            } else {
                self.continuation(start, end, line_number);
            }
            start = end + 1;
            line_number = line_number.saturating_add(1);
        }
        self.flush(sink);
        self.reading.lines = u64::from(line_number);
    }

    /// Whether a line without a prefix belongs to none above it.
    fn is_apart(&self, line: &[u8], start: usize, line_number: u32) -> bool {
        match self.chunk.role(start, line_number) {
            Role::Begins => true,
            Role::Continues => false,
            // Where tabs are usual, blanks may still stand for one that an editor replaced.
            Role::Unknown => is_foreign(line) || (self.tabbed && line.first() != Some(&b' ')),
        }
    }

    fn continuation(&mut self, start: usize, end: usize, line: u32) {
        match &mut self.current {
            Some(current) if !current.closed => {
                let line = trim_cr(&self.chunk.bytes[start..end]);
                current.tabbed &= line.first().is_none_or(|first| *first == b'\t');
                current.end = end;
            }
            _ => {
                self.skip(start, end, line, "continues no record: the file begins or was cut here")
            }
        }
    }

    fn foreign(&mut self, start: usize, end: usize, line: u32) {
        if let Some(current) = &mut self.current {
            current.closed = true;
        }
        let text = &self.chunk.bytes[start..end];
        if is_of_others(trim_cr(text)) {
            let size_bytes = self.chunk.source_bytes(start..end + 1, line);
            return self.reading.leave_to_others(size_bytes, 1);
        }
        self.skip(start, end, line, "a line without the log's prefix");
    }

    fn skip(&mut self, start: usize, end: usize, line: u32, message: &'static str) {
        let size_bytes = self.chunk.source_bytes(start..end + 1, line);
        self.reading.skip(self.chunk.skipped(start, line, message), size_bytes, 0);
    }

    /// The current line and its continuations are complete.
    fn flush(&mut self, sink: &mut dyn Sink) {
        let Some(current) = self.current.take() else {
            return;
        };
        let Current { start, end, line, tabbed, .. } = current;
        let is_cut = self.chunk.is_forced && end == self.chunk.bytes.len();
        let Head { prefix, severity, message_at, sqlstate_in_message, .. } = current.head;
        let outer = self.chunk.outer(start, line);
        let is_cut = is_cut || outer.is_cut;
        if outer.is_cut {
            let message = "a record of which only the beginning is there";
            self.reading.skip(self.chunk.skipped(start, line, message), 0, 0);
        }
        let session = match (prefix.pid, prefix.session, outer.pid) {
            (Some(pid), ..) | (None, None, Some(pid)) => session_of_pid(u64::from(pid)),
            (None, Some(id), _) => session_of_id(id),
            (None, None, None) => 0,
        };
        let message = self.chunk.bytes.get(start + message_at..end).unwrap_or_default();
        let message = message.trim_ascii_end();
        let (time, utc_offset_s) = match prefix.time {
            Some(_) => (prefix.time, prefix.offset_s.unwrap_or(0)),
            None => (outer.time, outer.utc_offset_s),
        };
        let text = self.chunk.bytes.get(start..end).unwrap_or_default();
        let stretch = Stretch { text, start, session_id: prefix.session };
        if !severity.is_primary() {
            if self.spans != SpanDetail::Nothing {
                let who = who_of(&prefix);
                let message = &self.text_of(message, tabbed);
                let line = AttachedLine { severity, message, time, session, who };
                spans::attached(&line, stretch, sink);
            }
            if self.chunk.begins_source && self.reading.records == 0 {
                let message = "belongs to a record before the file's first one";
                let size_bytes = self.chunk.source_bytes(start..end + 1, line);
                return self.reading.skip(self.chunk.skipped(start, line, message), size_bytes, 1);
            }
            if self.spans == SpanDetail::Nothing {
                self.sessions.attach(session, severity, text_of(message, tabbed), sink);
            }
            return;
        }
        let message = match severity {
            Severity::Error | Severity::Fatal | Severity::Panic => without_position(message),
            _ => message,
        };
        self.reading.records += 1;
        if let Some(time) = time {
            self.reading.saw(time, utc_offset_s);
        }
        let (offset, line_in_chunk) = self.chunk.place(start, line);
        let text = |part: Option<&'a [u8]>| part.map(Text::Borrowed);
        let record = Record {
            offset,
            line_in_chunk,
            time,
            utc_offset_s,
            session,
            user: text(prefix.user),
            database: text(prefix.database),
            host: text(prefix.host),
            app: text(prefix.app),
            severity,
            sqlstate: Cow::Borrowed(sqlstate_in_message.or(prefix.sqlstate).unwrap_or_default()),
            message: self.text_of(message, tabbed),
            is_cut,
            detail: None,
            context: None,
            statement: None,
            query_id: prefix.query_id.unwrap_or(0),
        };
        match self.spans {
            SpanDetail::Nothing => self.sessions.record(record, sink),
            detail => spans::record(record, stretch, self.sessions.how(), detail, sink),
        }
    }

    /// A text without what only this carrier adds, if anybody will look at it.
    fn text_of(&self, text: &'a [u8], tabbed: bool) -> Text<'a> {
        match self.spans {
            SpanDetail::Places => Cow::Borrowed(text),
            SpanDetail::Nothing | SpanDetail::Statements => text_of(text, tabbed),
        }
    }
}

fn who_of<'a>(prefix: &Prefix<'a>) -> Who<'a> {
    Who {
        user: prefix.user,
        database: prefix.database,
        host: prefix.host,
        app: prefix.app,
        session: 0,
    }
}

/// A text without the tab that PostgreSQL writes before each of its lines but the first. Where one
/// line has none (`tabbed` is false), the tabs are the text's own. Plans keep them: they are long,
/// and indented anyway.
pub(super) fn text_of(text: &[u8], tabbed: bool) -> Text<'_> {
    let Some(first) = memchr(b'\n', text).filter(|_| tabbed) else { return Cow::Borrowed(text) };
    if text[..first].trim_ascii_end().ends_with(b"  plan:") {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    out.extend_from_slice(&text[..first]);
    let mut rest = &text[first..];
    while let Some(line) = rest.strip_prefix(b"\n") {
        out.push(b'\n');
        let line = line.strip_prefix(b"\t").unwrap_or(line);
        let end = memchr(b'\n', line).unwrap_or(line.len());
        out.extend_from_slice(&line[..end]);
        rest = &line[end..];
    }
    Cow::Owned(out)
}

/// An error's message without ` at character 15`: the other carriers hold it in a field of its own.
fn without_position(message: &[u8]) -> &[u8] {
    let digits = message.iter().rev().take_while(|b| b.is_ascii_digit()).count();
    match message[..message.len() - digits].strip_suffix(b" at character ") {
        Some(before) if digits > 0 => before,
        _ => message,
    }
}

fn trim_cr(line: &[u8]) -> &[u8] {
    line.strip_suffix(b"\r").unwrap_or(line)
}
