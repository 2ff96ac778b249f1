//! csvlog, of every generation: 22 columns to 9.x, 23, 24 (PostgreSQL 13), 26 (from 14 on).
//!
//! Messages hold line ends and doubled quotes, so where a record ends can only be known by reading
//! its quotes from its start: `scan` does that, for the cut between chunks and for the parser
//! alike. A quote out of place shows damage; reading goes on at the next line that looks like a
//! record's start.

use super::clock::{begins_with_stamp, zone_notes, zones_of};
use super::mask::CsvMasker;
use super::messages::translated::shows_in;
use super::prefix::Severity;
use super::record::{Record, Text, name};
use super::sessions::{How, Sessions, TRANSLATED_NOTE};
use super::spans::{self, Stretch};
use crate::model::event::{Engine, Sink, SpanDetail, session_of_pid};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::text::without_port;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use memchr::{memchr, memchr_iter, memchr2};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "postgres-csvlog",
    engine: Engine::Postgres,
    title: "PostgreSQL csvlog, 22 to 26 columns",
    samples: &[
        "2026-11-23 03:55:04.101 CET,\"app\",\"shop\",6601,\"10.0.0.7:5501\",6b03ab08.19c9,1,\"SELECT\",2026-11-23 03:55:04 CET,3/4,0,LOG,00000,\"duration: 0.312 ms  statement: SELECT 1\",,,,,,,,,\"web api\",\"client backend\",,0\n",
        "2025-05-21 12:57:12.039 EEST,,,3210074,,682da377.30fb5a,1,,2025-05-21 12:57:11 EEST,,0,LOG,00000,\"ending log output to stderr\",,\"Future log output will go to log destination \"\"csvlog\"\".\",,,,,,,\"\"\n",
    ],
    sample_map: None,
    apart: None,
};

/// Columns up to the message, without which a record says nothing.
const MIN_COLUMNS: usize = 14;
/// Columns that are read.
pub(super) const COLUMNS: usize = 26;

/// PostgreSQL's csvlog.
pub struct CsvLog;

impl LogFormat for CsvLog {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let head = &sample.head;
        let starts = line_starts(head).take(200).filter(|at| is_start(&head[*at..])).take(3);
        let good = starts.filter(|at| columns_at(&head[*at..]).is_some()).count();
        if good > 0 { 95 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let head = &sample.head;
        let columns = line_starts(head)
            .filter(|at| is_start(&head[*at..]))
            .find_map(|at| columns_at(&head[at..]))
            .unwrap_or(0);
        let how = How {
            lines_apart: false,
            translated: shows_in(&sample.head, &[b",00000,\"", b",57014,\""]),
            wants_parameters: options.keep_literals,
        };
        let pieces = std::iter::once(head).chain(&sample.more);
        let starts = pieces
            .flat_map(|text| line_starts(text).map(|at| &text[at..]))
            .filter(|line| is_start(line))
            .map(|line| line.strip_prefix(b"\"").unwrap_or(line));
        let zone_notes = zone_notes(&zones_of(starts, &options.zones), &options.zones);
        Box::new(CsvReader { columns, zones: Arc::clone(&options.zones), zone_notes, how })
    }
}

struct CsvReader {
    columns: usize,
    zones: Arc<ZoneTable>,
    zone_notes: Vec<String>,
    how: How,
}

impl LogReader for CsvReader {
    fn notes(&self) -> Vec<String> {
        let since = match self.columns {
            25.. => "PostgreSQL 14 or later",
            24.. => "PostgreSQL 13",
            23.. => "PostgreSQL 9.0 to 12",
            _ => "before PostgreSQL 9.0",
        };
        let mut notes = vec![format!("csvlog with {} columns: {since}", self.columns)];
        notes.extend(self.how.translated.then(|| TRANSLATED_NOTE.to_owned()));
        notes.extend_from_slice(&self.zone_notes);
        notes
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(CsvCut { record: 0 })
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(CsvMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut parser = ChunkParser {
            stamps: StampParser::new(&self.zones),
            sessions: Sessions::new(self.how),
            reading: Reading::default(),
            chunk,
            spans: sink.wants_spans(),
        };
        parser.run(sink);
        Segment { reading: parser.reading, carry: parser.sessions.into_carry(sink) }
    }
}

/// How a record ends.
enum Scan {
    /// At this offset: behind its line end.
    End(usize),
    /// A quote is out of place: there is damage, and reading goes on at this offset, where the next
    /// line stands that looks like a start, if the text holds one.
    Damage(Option<usize>),
    /// The text ends first.
    Unfinished,
}

/// Finds the end of the record that begins at the start of a text.
fn scan(text: &[u8]) -> Scan {
    let mut at = 0;
    loop {
        let Some(found) = memchr2(b'"', b'\n', &text[at..]).map(|i| at + i) else {
            return Scan::Unfinished;
        };
        if text[found] == b'\n' {
            return Scan::End(found + 1);
        }
        if found > 0 && text[found - 1] != b',' {
            return damage(text);
        }
        // Inside a quoted field: to the quote that is not doubled.
        let mut inside = found + 1;
        loop {
            let Some(quote) = memchr(b'"', &text[inside..]).map(|i| inside + i) else {
                return Scan::Unfinished;
            };
            match text.get(quote + 1) {
                None => return Scan::Unfinished,
                Some(b'"') => inside = quote + 2,
                Some(b',' | b'\n' | b'\r') => {
                    at = quote + 1;
                    break;
                }
                Some(_) => return damage(text),
            }
        }
    }
}

/// Behind damage, reading goes on at the first line that looks like a start.
fn damage(text: &[u8]) -> Scan {
    Scan::Damage(line_starts(text).skip(1).find(|at| is_start(&text[*at..])))
}

/// Offsets of line starts.
fn line_starts(text: &[u8]) -> impl Iterator<Item = usize> {
    std::iter::once(0).chain(memchr_iter(b'\n', text).map(|at| at + 1))
}

/// Whether a record may begin here: `YYYY-MM-DD HH:MM:SS`, quoted or not.
fn is_start(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"\"").unwrap_or(text);
    begins_with_stamp(text) && text[10] == b' '
}

/// Walks records from the last cut on; where the walk stands is kept between calls.
struct CsvCut {
    /// Start of the last record that was seen to begin, in the buffer.
    record: usize,
}

impl Cut for CsvCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if scanned == 0 {
            self.record = 0;
        }
        while self.record < buf.len() {
            match scan(&buf[self.record..]) {
                Scan::End(length) | Scan::Damage(Some(length)) => self.record += length,
                Scan::Damage(None) | Scan::Unfinished => break,
            }
        }
        let cut = if eof { 0 } else { self.record };
        // The next buffer begins where this one is cut.
        self.record -= cut;
        (cut > 0).then_some(cut)
    }

    fn forced(&mut self) {
        self.record = 0;
    }
}

/// One field: its text without the quotes around it, and whether quotes inside are doubled.
#[derive(Clone, Copy, Default)]
pub(super) struct Field<'a> {
    pub text: &'a [u8],
    doubled: bool,
}

impl<'a> Field<'a> {
    pub fn text(self) -> Text<'a> {
        if !self.doubled {
            return Cow::Borrowed(self.text);
        }
        let mut out = Vec::with_capacity(self.text.len());
        let mut rest = self.text;
        while let Some(quote) = memchr(b'"', rest) {
            out.extend_from_slice(&rest[..=quote]);
            rest = rest.get(quote + 2..).unwrap_or_default();
        }
        out.extend_from_slice(rest);
        Cow::Owned(out)
    }

    fn some(self) -> Option<Text<'a>> {
        (!self.text.is_empty()).then(|| self.text())
    }

    fn name(self) -> Option<Text<'a>> {
        name(self.text).map(|_| self.text())
    }

    fn number<N: std::str::FromStr>(self) -> Option<N> {
        std::str::from_utf8(self.text).ok()?.parse().ok()
    }
}

/// Splits one record, without its line end, into fields; returns how many there are.
pub(super) fn split<'a>(record: &'a [u8], fields: &mut [Field<'a>; COLUMNS]) -> usize {
    let (mut at, mut count) = (0, 0);
    loop {
        let field = if record.get(at) == Some(&b'"') {
            let start = at + 1;
            let (mut inside, mut doubled) = (start, false);
            loop {
                let Some(quote) = memchr(b'"', &record[inside..]).map(|i| inside + i) else {
                    return 0;
                };
                if record.get(quote + 1) != Some(&b'"') {
                    at = quote + 1;
                    break Field { text: &record[start..quote], doubled };
                }
                doubled = true;
                inside = quote + 2;
            }
        } else {
            let end = record[at..].iter().position(|b| *b == b',').map_or(record.len(), |i| at + i);
            let field = Field { text: &record[at..end], doubled: false };
            at = end;
            field
        };
        if let Some(place) = fields.get_mut(count) {
            *place = field;
        }
        count += 1;
        match record.get(at) {
            Some(b',') => at += 1,
            Some(_) => return 0,
            None => return count,
        }
    }
}

/// The number of columns of the record that begins here, if it is one of csvlog's.
fn columns_at(text: &[u8]) -> Option<usize> {
    let Scan::End(end) = scan(text) else {
        return None;
    };
    let mut fields = [Field::default(); COLUMNS];
    let count = split(text[..end].trim_ascii_end(), &mut fields);
    let severity = Severity::from_word(fields[11].text);
    (count >= MIN_COLUMNS && severity.is_some()).then_some(count)
}

struct ChunkParser<'a, 'z> {
    stamps: StampParser<'z>,
    sessions: Sessions<'a>,
    reading: Reading,
    chunk: ChunkText<'a>,
    /// Spans are told instead of events.
    spans: SpanDetail,
}

impl<'a> ChunkParser<'a, '_> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let bytes = self.chunk.bytes;
        let (mut at, mut line) = (0, 0u32);
        while at < bytes.len() {
            let (length, whole) = match scan(&bytes[at..]) {
                Scan::End(length) => (length, true),
                Scan::Damage(next) => (next.unwrap_or(bytes.len() - at), false),
                Scan::Unfinished => (bytes.len() - at, true),
            };
            let text = &bytes[at..at + length];
            if whole && self.record(text, at, line, sink) {
                self.reading.records += 1;
            } else if !text.trim_ascii().is_empty() {
                let message = "no csvlog record: columns or quotes do not fit";
                let size_bytes = self.chunk.source_bytes(at..at + length, line);
                self.reading.skip(self.chunk.skipped(at, line, message), size_bytes, 1);
            }
            line = line.saturating_add(memchr_iter(b'\n', text).count() as u32);
            at += length;
        }
        let unended = bytes.last().is_some_and(|last| *last != b'\n');
        self.reading.lines = u64::from(line) + u64::from(unended);
    }

    fn record(&mut self, text: &'a [u8], at: usize, line: u32, sink: &mut dyn Sink) -> bool {
        let mut fields = [Field::default(); COLUMNS];
        let text = text.strip_suffix(b"\n").unwrap_or(text);
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if split(text, &mut fields) < MIN_COLUMNS {
            return false;
        }
        let Some(severity) = Severity::from_word(fields[11].text) else {
            return false;
        };
        let Some(stamp) = self.stamps.parse(fields[0].text) else {
            return false;
        };
        self.reading.saw(stamp.time, stamp.offset_s);
        let (offset, line_in_chunk) = self.chunk.place(at, line);
        let text_of = |field: Field<'a>| match self.spans {
            SpanDetail::Places => Cow::Borrowed(field.text),
            SpanDetail::Nothing | SpanDetail::Statements => field.text(),
        };
        let record = Record {
            offset,
            line_in_chunk,
            time: Some(stamp.time),
            utc_offset_s: stamp.offset_s,
            session: fields[3].number().map_or(0, session_of_pid),
            user: fields[1].name(),
            database: fields[2].name(),
            host: name(without_port(fields[4].text)).map(Cow::Borrowed),
            app: fields[22].name(),
            severity,
            sqlstate: Cow::Borrowed(fields[12].text),
            message: text_of(fields[13]),
            is_cut: false,
            detail: fields[14].some(),
            context: fields[18].some(),
            statement: fields[19].some(),
            query_id: fields[25].number().unwrap_or(0),
        };
        let session_id = Some(fields[5].text).filter(|id| !id.is_empty());
        match self.spans {
            SpanDetail::Nothing => self.sessions.record(record, sink),
            detail => {
                let stretch = Stretch { text, start: at, session_id };
                spans::record(record, stretch, self.sessions.how(), detail, sink);
            }
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A strict CSV parser must agree on where records end and what the fields hold.
    #[test]
    fn splits_as_a_strict_parser_does() {
        let text = "a,\"b\"\"c\nd\",,\"\"\ne,\"f,g\",h,i\r\n\"\"\"\",\"x\ny\",,z\n";
        let mut strict = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
        let mut rest = text.as_bytes();
        for expected in strict.records() {
            let Scan::End(end) = scan(rest) else { panic!("a record must end") };
            let mut fields = [Field::default(); COLUMNS];
            let record = std::str::from_utf8(&rest[..end]).unwrap().trim_end();
            let count = split(record.as_bytes(), &mut fields);
            let got: Vec<_> = fields[..count]
                .iter()
                .map(|f| String::from_utf8(f.text().into_owned()).unwrap())
                .collect();
            assert_eq!(got, expected.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
            rest = &rest[end..];
        }
        assert!(rest.is_empty());
    }

    #[test]
    fn a_quote_out_of_place_is_damage() {
        let start = "2026-11-23 03:55:04.101 CET,";
        let text = format!("{start}lost\",x\n{start}\"good\"\n");
        assert!(matches!(scan(text.as_bytes()), Scan::Damage(Some(at)) if at == start.len() + 8));
        assert!(matches!(scan(&text.as_bytes()[..text.len() / 2]), Scan::Damage(None)));
    }
}
