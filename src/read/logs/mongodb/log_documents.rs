//! The log as documents rather than lines: structured records spread over lines by a printer such as
//! jq, and the answers of the command `getLog`, whose strings are the lines, as Extended JSON or as a
//! shell prints them.
//!
//! | file | owns |
//! |---|---|
//! | `array` | the strings of an answer, whatever printed them |
//! | `reader` | documents as lines of the log |
//! | `mask` | documents without literals |
//!
//! What a line says is read as in a log of lines, structured or text.

mod array;
mod mask;
mod reader;

use super::documents::{Piece, TextParser, TextWalk, begin, is_of_shell, piece};
use super::log_json::LogJson;
use super::log_text::{LogText, Years, years_of};
use crate::lang::mongo::shell::{self, End};
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, Sample};
use crate::read::logs::json::Members;
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::Segment;
use crate::read::logs::walk_cut::WalkCut;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use array::{Item, LogArray, push_line};
use mask::DocumentMasker;
use reader::{LogDocuments, answer};
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mongodb-json-documents",
    engine: Engine::Mongodb,
    title: "MongoDB log as documents: pretty-printed, or what getLog answers",
    samples: &[
        "{\n  \"t\": {\n    \"$date\": \"2026-11-23T09:00:01.250+00:00\"\n  },\n  \"s\": \"I\",\n  \"c\": \"COMMAND\",\n  \"id\": 51803,\n  \"ctx\": \"conn42\",\n  \"msg\": \"Slow query\",\n  \"attr\": {\n    \"type\": \"command\",\n    \"ns\": \"shop.orders\",\n    \"command\": {\n      \"find\": \"orders\",\n      \"filter\": {\n        \"status\": \"new\"\n      },\n      \"$db\": \"shop\"\n    },\n    \"planSummary\": \"COLLSCAN\",\n    \"docsExamined\": 100000,\n    \"durationMillis\": 120\n  }\n}\n",
        "{\"totalLinesWritten\":{\"$numberInt\":\"1\"},\"log\":[\"{\\\"t\\\":{\\\"$date\\\":\\\"2026-11-23T09:00:01.250+00:00\\\"},\\\"s\\\":\\\"I\\\",\\\"c\\\":\\\"COMMAND\\\",\\\"id\\\":51803,\\\"ctx\\\":\\\"conn42\\\",\\\"msg\\\":\\\"Slow query\\\",\\\"attr\\\":{\\\"type\\\":\\\"command\\\",\\\"ns\\\":\\\"shop.orders\\\",\\\"command\\\":{\\\"find\\\":\\\"orders\\\",\\\"filter\\\":{},\\\"$db\\\":\\\"shop\\\"},\\\"durationMillis\\\":120}}\\n\"],\"ok\":{\"$numberDouble\":\"1.0\"}}\n",
        "admin> db.adminCommand({ getLog: 'global' })\n{\n  totalLinesWritten: 1,\n  log: [\n    '{\"t\":{\"$date\":\"2026-11-23T09:00:01.250+00:00\"},\"s\":\"I\",\"c\":\"COMMAND\",\"id\":51803,\"ctx\":\"conn42\",\"msg\":\"Slow query\",\"attr\":{\"type\":\"command\",\"ns\":\"shop.orders\",\"command\":{\"find\":\"orders\",\"filter\":{},\"$db\":\"shop\"},\"durationMillis\":120}}\\n'\n  ],\n  ok: 1\n}\n",
        "{\n\t\"totalLinesWritten\" : 1,\n\t\"log\" : [\n\t\t\"2020-03-12T00:00:01.935+0000 I  NETWORK  [listener] connection accepted from 10.0.0.7:51034 #12 (3 connections now open)\"\n\t],\n\t\"ok\" : 1\n}\n",
    ],
    apart: None,
    sample_map: None,
};

/// Documents of the sample that are looked at.
const SAMPLE_DOCUMENTS: usize = 10;

/// Lines of an answer that are looked at.
const SAMPLE_LINES: usize = 200;

/// The log as documents.
pub struct LogDocument;

impl LogFormat for LogDocument {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        // Objects on lines of their own are theirs.
        if LogJson.sniff(sample, options) > 0 {
            return 0;
        }
        let mut ejson = Vec::new();
        let (mut seen, mut good) = (0u8, 0u8);
        for (document, is_whole) in documents(&sample.head) {
            seen += 1;
            let is_ours = match answer(document, is_whole) {
                Some(array) => holds_log(document, array, options),
                None => {
                    ejson.clear();
                    shell::to_ejson(document, &mut ejson).end == End::Closed && is_record(&ejson)
                }
            };
            good += u8::from(is_ours);
        }
        if good > 0 && good * 2 >= seen { 97 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let mut head = Vec::new();
        for (document, is_whole) in documents(&sample.head) {
            if let Some(array) = answer(document, is_whole) {
                push_lines(document, array, &mut head);
            }
        }
        let years = years_of(&Sample { head, ..Sample::default() });
        let is_sorted = documents(&sample.head).any(|(document, _)| is_sorted(document));
        Box::new(Reader { zones: Arc::clone(&options.zones), years, is_sorted })
    }
}

/// The first documents of a text, and whether each ends.
fn documents(text: &[u8]) -> impl Iterator<Item = (&[u8], bool)> {
    let mut rest = Some(text);
    let next = move || {
        let text = rest?;
        let (range, is_whole) = match piece(text) {
            Some(Piece::Document(range)) => (range, true),
            Some(Piece::Broken(range)) => (range, false),
            None => {
                rest = None;
                return Some((text.get(begin(text)?.0..)?, false));
            }
        };
        rest = text.get(range.end..);
        Some((text.get(range)?, is_whole))
    };
    std::iter::from_fn(next).take(SAMPLE_DOCUMENTS)
}

/// Whether the lines of an answer, which stands in a document, are those of a log.
fn holds_log(document: &[u8], array: LogArray<'_>, options: &ReadOptions) -> bool {
    let mut head = Vec::new();
    push_lines(document, array, &mut head);
    let lines = Sample { head, whole: true, ..Sample::default() };
    LogJson.sniff(&lines, options) > 0 || LogText.sniff(&lines, options) > 0
}

/// Appends the first lines of an answer, which stand in a document.
fn push_lines(document: &[u8], array: LogArray<'_>, out: &mut Vec<u8>) {
    for item in array.take(SAMPLE_LINES) {
        if let Item::Line(range) = item {
            push_line(document.get(range).unwrap_or_default(), out);
            out.push(b'\n');
        }
    }
}

/// Whether an object is a record of the structured log.
fn is_record(ejson: &[u8]) -> bool {
    let (mut has_time, mut has_message, mut others) = (false, false, 0u8);
    for member in Members::of(ejson).into_iter().flatten() {
        match member.key {
            b"t" => has_time = true,
            b"msg" => has_message = true,
            b"s" | b"c" | b"id" | b"ctx" => others += 1,
            _ => {}
        }
    }
    has_time && has_message && others >= 3
}

/// Whether a record's printer has sorted its members: servers write the time first.
fn is_sorted(document: &[u8]) -> bool {
    let first = document.get(1..).unwrap_or_default().trim_ascii_start();
    first.starts_with(b"\"attr\"")
}

struct Reader {
    zones: Arc<ZoneTable>,
    /// Of text lines in answers whose stamps show none.
    years: Option<Years>,
    /// Records have sorted members.
    is_sorted: bool,
}

impl LogReader for Reader {
    fn notes(&self) -> Vec<String> {
        let note =
            "a printer has sorted the members of its records: the order of sort keys is lost";
        self.is_sorted.then(|| note.to_owned()).into_iter().collect()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(WalkCut::new(TextWalk))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(DocumentMasker::new(self.years, &self.zones))
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let documents = LogDocuments::new(self.years, &self.zones, sink);
        TextParser::new(chunk, documents, is_of_shell).run(sink)
    }
}
