//! CSV with mapped columns: a header, or columns by number; comma, semicolon or tab between them.
//!
//! Where a record ends is known only from its start, by the parity of its quotes; chunks begin at
//! records, so the cut and the parser walk the same way.

use super::map::{ColumnMap, Field};
use super::mask::CsvMasker;
use super::row::{Place, Row, Told, tell};
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use memchr::{memchr_iter, memchr2};
use std::borrow::Cow;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "generic-csv",
    engine: Engine::Postgres,
    title: "CSV of any program, with --map",
    samples: &["ts;ms;sql\n2026-11-23 10:00:00;0.4;\"SELECT 1;\n-- two lines\"\n"],
    sample_map: Some("time=ts,query=sql,duration_ms=ms"),
    apart: None,
};

/// What may stand between two fields.
const DELIMITERS: [u8; 3] = [b',', b';', b'\t'];

/// CSV of any program.
pub struct GenericCsv;

impl LogFormat for GenericCsv {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let is_json = sample.head.trim_ascii_start().starts_with(b"{");
        let map = options.map.as_ref().filter(|_| !is_json);
        match map.map(|map| layout(&sample.head, map)) {
            Some(Ok(_)) => 99,
            // Better said what is missing than taken for something else.
            Some(Err(_)) => 31,
            None => 0,
        }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let laid_out = match &options.map {
            Some(map) => layout(&sample.head, map),
            None => Err("which columns hold what must be said: --map query=NAME,…".to_owned()),
        };
        let (layout, refusal) = match laid_out {
            Ok(layout) => (layout, None),
            Err(refusal) => (Layout::default(), Some(refusal)),
        };
        let unmapped =
            || ColumnMap { columns: Vec::new(), us_per_unit: 1.0, engine: Engine::Postgres };
        let map = options.map.clone().unwrap_or_else(unmapped);
        Box::new(CsvReader { map, layout, zones: Arc::clone(&options.zones), refusal })
    }
}

/// Where the mapped columns stand.
#[derive(Clone, Default)]
pub(super) struct Layout {
    pub delimiter: u8,
    pub has_header: bool,
    /// The field of each column that is mapped.
    pub fields: Vec<Option<Field>>,
}

/// Finds the columns: by the header that has all their names, or by numbers alone.
fn layout(head: &[u8], map: &ColumnMap) -> Result<Layout, String> {
    let first = &head[..record_bytes(head).unwrap_or(head.len())];
    let numbered = |column: &str| column.parse::<usize>().ok().filter(|number| *number > 0);
    let has_header = map.columns.iter().any(|(_, column)| numbered(column).is_none());
    let mut missing = String::new();
    for delimiter in DELIMITERS {
        let names: Vec<Cow<'_, [u8]>> = fields(first, delimiter).collect();
        let mut layout = Layout { delimiter, has_header, fields: vec![None; names.len()] };
        let mut absent = Vec::new();
        for (field, column) in &map.columns {
            let at = match numbered(column) {
                Some(number) => Some(number - 1).filter(|at| *at < names.len()),
                None => names.iter().position(|name| name.trim_ascii() == column.as_bytes()),
            };
            match at {
                Some(at) => layout.fields[at] = Some(*field),
                None => absent.push(column.as_str()),
            }
        }
        if absent.is_empty() && names.len() > 1 || absent.is_empty() && map.columns.len() == 1 {
            return Ok(layout);
        }
        if missing.is_empty() || names.len() > 1 {
            let shown = names.iter().take(40).map(|name| String::from_utf8_lossy(name));
            let shown: Vec<_> = shown.collect();
            let (absent, names) = (absent.join(", "), shown.join(", "));
            missing = match has_header {
                true => {
                    format!("--map names columns that the header has not: {absent}; it has {names}")
                }
                false => format!(
                    "--map names columns that are not there: {absent}; there are {}",
                    shown.len()
                ),
            };
        }
    }
    Err(missing)
}

/// The length of the record that begins a text, line end included; `None` if it does not end.
fn record_bytes(text: &[u8]) -> Option<usize> {
    let (mut from, mut quoted) = (0, false);
    loop {
        let at = from + memchr2(b'"', b'\n', text.get(from..)?)?;
        match text[at] {
            b'"' => quoted = !quoted,
            _ if !quoted => return Some(at + 1),
            _ => {}
        }
        from = at + 1;
    }
}

/// The fields of a record, quotes taken off.
pub(super) fn fields(record: &[u8], delimiter: u8) -> impl Iterator<Item = Cow<'_, [u8]>> {
    let record = record.strip_suffix(b"\n").unwrap_or(record);
    let record = record.strip_suffix(b"\r").unwrap_or(record);
    let mut rest = Some(record);
    std::iter::from_fn(move || {
        let text = rest?;
        let (mut end, mut quoted) = (0, false);
        while let Some(byte) = text.get(end) {
            match byte {
                b'"' => quoted = !quoted,
                byte if *byte == delimiter && !quoted => break,
                _ => {}
            }
            end += 1;
        }
        rest = text.get(end + 1..);
        Some(unquoted(&text[..end]))
    })
}

fn unquoted(field: &[u8]) -> Cow<'_, [u8]> {
    let inner = field.strip_prefix(b"\"").map(|rest| rest.strip_suffix(b"\"").unwrap_or(rest));
    let Some(inner) = inner else { return Cow::Borrowed(field) };
    if !inner.contains(&b'"') {
        return Cow::Borrowed(inner);
    }
    let mut out = Vec::with_capacity(inner.len());
    let mut bytes = inner.iter().peekable();
    while let Some(byte) = bytes.next() {
        out.push(*byte);
        if *byte == b'"' {
            bytes.next_if(|next| **next == b'"');
        }
    }
    Cow::Owned(out)
}

struct CsvReader {
    map: ColumnMap,
    layout: Layout,
    zones: Arc<ZoneTable>,
    refusal: Option<String>,
}

impl CsvReader {
    fn row<'a>(&self, record: &'a [u8]) -> Row<'a> {
        let mut row: Row<'a> = Default::default();
        let mapped = fields(record, self.layout.delimiter).zip(&self.layout.fields);
        for (value, field) in mapped {
            if let Some(field) = field {
                row[field.index()] = Some(value);
            }
        }
        row
    }
}

/// Cuts behind the last whole record.
struct RecordCut {
    /// Where the record begins that is not whole yet.
    record: usize,
}

impl Cut for RecordCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if scanned == 0 {
            self.record = 0;
        }
        while let Some(bytes) = buf.get(self.record..).and_then(record_bytes) {
            self.record += bytes;
        }
        let cut = std::mem::take(&mut self.record);
        (!eof && cut > 0).then_some(cut)
    }
}

impl LogReader for CsvReader {
    fn notes(&self) -> Vec<String> {
        vec!["columns as --map says; times are ends of runs".to_owned()]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.map.engine)
    }

    fn refusal(&self) -> Option<String> {
        self.refusal.clone()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(RecordCut { record: 0 })
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(CsvMasker::new(&self.map, &self.layout))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut reading = Reading::default();
        let (mut start, mut line) = (0, 0u32);
        let spans = sink.wants_spans();
        let mut is_header = self.layout.has_header && chunk.begins_source;
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let length = record_bytes(rest).unwrap_or(rest.len());
            let record = &rest[..length];
            let is_blank = record.trim_ascii().is_empty();
            if !is_blank && std::mem::take(&mut is_header) {
                if spans != SpanDetail::Nothing {
                    sink.span(&Span::at(record, start, SpanRole::Heading));
                }
            } else if !is_blank {
                let row = self.row(record);
                let source = chunk.place(start, line);
                let place = Place { text: record, start, source, spans };
                match tell(&row, &self.map, place, &mut stamps, &mut reading, sink) {
                    Told::Yes => reading.records += 1,
                    Told::No(why) => {
                        let bytes = chunk.source_bytes(start..start + length, line);
                        reading.skip(chunk.skipped(start, line, why), bytes, 1);
                    }
                }
            }
            line = line.saturating_add(memchr_iter(b'\n', record).count().max(1) as u32);
            start += length;
        }
        reading.lines = u64::from(line);
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn splits_records_and_fields() {
        assert_eq!(record_bytes(b"a,\"b\nc\",d\ne"), Some(10));
        assert_eq!(record_bytes(b"a,\"b\nc"), None);
        let split: Vec<_> = fields(b"a;\"b;\"\"c\"\"\n\";;\"\"\r\n", b';').collect();
        assert_eq!(split, [&b"a"[..], b"b;\"c\"\n", b"", b""]);
    }
}
