//! JSON lines with mapped members: one object a line, members by name or by a dotted path.

use super::map::{ColumnMap, Field};
use super::mask::JsonMasker;
use super::row::{Place, Row, Told, tell};
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::json::{Members, Value};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::{StampParser, ZoneTable};
use memchr::memchr;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "generic-jsonl",
    engine: Engine::Postgres,
    title: "JSON lines of any program, with --map",
    samples: &["{\"ts\":\"2026-11-23T10:00:00Z\",\"sql\":\"SELECT 1\",\"ms\":0.4}\n"],
    sample_map: Some("time=ts,query=sql,duration_ms=ms"),
    apart: None,
};

/// Lines of the sample that are looked at.
const SAMPLE_LINES: usize = 50;

/// JSON lines of any program.
pub struct GenericJsonl;

impl LogFormat for GenericJsonl {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        match &options.map {
            Some(_) if !sample.head.trim_ascii_start().starts_with(b"{") => 0,
            Some(map) if has_query(sample, map) => 100,
            // Better said what is missing than taken for something else.
            Some(_) => 35,
            None => 0,
        }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let Some(map) = options.map.clone() else {
            let refusal = "which members hold what must be said: --map query=NAME,…".to_owned();
            return Box::new(JsonlReader::refusing(refusal));
        };
        let refusal = (!has_query(sample, &map)).then(|| {
            let names: BTreeSet<_> = objects(sample)
                .flatten()
                .map(|member| String::from_utf8_lossy(member.key).into_owned())
                .collect();
            let names: Vec<_> = names.into_iter().take(40).collect();
            format!("no record has the query that --map names; members are {}", names.join(", "))
        });
        let paths = map.columns.iter().map(|(field, path)| (*field, path.clone())).collect();
        Box::new(JsonlReader { map, paths, zones: Arc::clone(&options.zones), refusal })
    }
}

/// The first objects of a sample.
fn objects(sample: &Sample) -> impl Iterator<Item = Members<'_>> {
    let lines = sample.head.split(|b| *b == b'\n').take(SAMPLE_LINES);
    lines.filter_map(|line| Members::of(line.trim_ascii()))
}

fn has_query(sample: &Sample, map: &ColumnMap) -> bool {
    let path = map.columns.iter().find(|(field, _)| *field == Field::Query);
    path.is_some_and(|(_, path)| objects(sample).any(|members| value_at(members, path).is_some()))
}

struct JsonlReader {
    map: ColumnMap,
    paths: Vec<(Field, String)>,
    zones: Arc<ZoneTable>,
    refusal: Option<String>,
}

impl JsonlReader {
    fn refusing(refusal: String) -> Self {
        let map = ColumnMap { columns: Vec::new(), us_per_unit: 1.0, engine: Engine::Postgres };
        let zones = Arc::default();
        JsonlReader { map, paths: Vec::new(), zones, refusal: Some(refusal) }
    }

    fn row<'a>(&self, line: &'a [u8]) -> Option<Row<'a>> {
        let members = Members::of(line)?;
        let mut row: Row<'a> = Default::default();
        for (field, path) in &self.paths {
            row[field.index()] = value_at(members.clone(), path);
        }
        Some(row)
    }
}

/// The value of a member by its name, else by a dotted path into nested objects.
fn value_at<'a>(members: Members<'a>, path: &str) -> Option<Cow<'a, [u8]>> {
    let (mut members, mut path) = (members, path);
    loop {
        let (first, rest) = path.split_once('.').unwrap_or((path, ""));
        let mut inner = None;
        for member in members {
            if member.key == path.as_bytes() {
                return match member.value {
                    Value::String(text) => Some(text.text()),
                    Value::Word(b"null") => None,
                    Value::Word(raw) | Value::Object(raw) | Value::Array(raw) => {
                        Some(Cow::Borrowed(raw))
                    }
                };
            }
            if let Value::Object(object) = member.value
                && !rest.is_empty()
                && member.key == first.as_bytes()
            {
                inner = Members::of(object);
            }
        }
        members = inner?;
        path = rest;
    }
}

impl LogReader for JsonlReader {
    fn notes(&self) -> Vec<String> {
        vec!["members as --map says; times are ends of runs".to_owned()]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.map.engine)
    }

    fn refusal(&self) -> Option<String> {
        self.refusal.clone()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(JsonMasker::new(&self.map))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut stamps = StampParser::new(&self.zones);
        let mut reading = Reading::default();
        let spans = sink.wants_spans();
        let (mut start, mut number) = (0, 0u32);
        while start < chunk.bytes.len() {
            let rest = &chunk.bytes[start..];
            let line = &rest[..memchr(b'\n', rest).unwrap_or(rest.len())];
            let text = line.trim_ascii();
            if !text.is_empty() {
                let source = chunk.place(start, number);
                let place = Place { text: line, start, source, spans };
                let told = match self.row(text) {
                    Some(row) => tell(&row, &self.map, place, &mut stamps, &mut reading, sink),
                    None => Told::No("no JSON object"),
                };
                match told {
                    Told::Yes => reading.records += 1,
                    Told::No(why) => {
                        let bytes = chunk.source_bytes(start..start + line.len() + 1, number);
                        reading.skip(chunk.skipped(start, number, why), bytes, 1);
                    }
                }
            }
            start += line.len() + 1;
            number = number.saturating_add(1);
        }
        reading.lines = u64::from(number);
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}
