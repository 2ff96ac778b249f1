//! The archive of `mongodump --archive`: what it says of itself, then the documents of all
//! collections in blocks. Only collections named `system.profile` are read; the documents of others
//! are counted as others'. Places are numbered by documents, since there are no lines.

mod walk;

use super::bson::read;
use super::document::{Documents, Found};
use super::mask::BsonMasker;
use crate::lang::mongo::bson;
use crate::model::event::{Engine, Event, Kind, Sink, Span, SpanDetail, SpanRole, Who};
use crate::read::input::{Cut, Sample};
use crate::read::logs::json::{Members, Value};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::walk_cut::WalkCut;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use std::borrow::Cow;
use std::sync::Arc;
use walk::{ArchiveWalk, MAGIC, Part};

static META: FormatMeta = FormatMeta {
    name: "mongodb-archive",
    engine: Engine::Mongodb,
    title: "archive of mongodump, its system.profile",
    samples: &["m\u{2641}h\0\0\0\
         \x10concurrent_collections\0\x01\0\0\0\
         \x02version\0\x04\0\0\x000.1\0\
         \x02server_version\0\x07\0\0\x007.0.14\0\
         \x02tool_version\0\x09\0\0\x00100.10.0\0\0a\0\0\0\
         \x02db\0\x05\0\0\0shop\0\
         \x02collection\0\x0f\0\0\0system.profile\0\
         \x02metadata\0\x03\0\0\0{}\0\
         \x10size\0\0\0\0\0\
         \x02type\0\x0b\0\0\0collection\0\0\0\x01\0\0\
         \x02op\0\x06\0\0\0query\0\
         \x02ns\0\x0c\0\0\0shop.orders\0\
         \x03command\0A\0\0\0\
         \x02find\0\x07\0\0\0orders\0\
         \x03filter\0\x15\0\0\0\
         \x02status\0\x04\0\0\0new\0\0\
         \x02$db\0\x05\0\0\0shop\0\0\
         \x10docsExamined\0c\0\0\0\
         \x10nreturned\0\x0c\0\0\0\
         \x10responseLength\0\0\x10\0\0\
         \x10millis\0x\0\0\0\
         \x02planSummary\0\x09\0\0\0COLLSCAN\0\
         \x09ts\0h6\":\x7f\x01\0\0\
         \x02client\0\x09\0\0\x0010.0.0.7\0\
         \x02appName\0\x06\0\0\0web-s\0\0"],
    apart: None,
    sample_map: None,
};

/// Archives of mongodump.
pub struct Archive;

impl LogFormat for Archive {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        if sample.head.starts_with(&MAGIC) { 99 } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        let contents = Contents::of(&sample.head);
        Box::new(ArchiveReader { zones: Arc::clone(&options.zones), contents })
    }
}

/// What an archive says of itself, as far as a sample shows it.
#[derive(Default)]
struct Contents {
    /// Collections that are named.
    collections: usize,
    /// Those of the profiler.
    profiles: usize,
    /// All that the archive holds were seen.
    is_complete: bool,
}

impl Contents {
    fn of(head: &[u8]) -> Contents {
        let mut contents = Contents::default();
        let mut walk = ArchiveWalk::default();
        let mut rest = head;
        while let Some((part, bytes)) = walk.part(rest) {
            match part {
                Part::Collection { is_profile } => {
                    contents.collections += 1;
                    contents.profiles += usize::from(is_profile);
                }
                Part::Magic | Part::Header => {}
                _ => {
                    contents.is_complete = true;
                    break;
                }
            }
            rest = rest.get(bytes..).unwrap_or_default();
        }
        contents
    }
}

struct ArchiveReader {
    zones: Arc<ZoneTable>,
    contents: Contents,
}

impl LogReader for ArchiveReader {
    fn notes(&self) -> Vec<String> {
        let Contents { collections, profiles, is_complete } = self.contents;
        let more = if is_complete { "" } else { " at least" };
        vec![
            format!(
                "an archive of{more} {collections} collections, {profiles} of them system.profile; the documents of all others are left aside"
            ),
            "places are numbered by documents, as BSON has no lines".to_owned(),
        ]
    }

    fn refusal(&self) -> Option<String> {
        let Contents { collections, profiles, is_complete } = self.contents;
        (is_complete && profiles == 0).then(|| {
            format!("an archive of mongodump without the profiler's collection: it holds {collections} others; dump it with: mongodump --db NAME --collection system.profile --archive=FILE")
        })
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(WalkCut::new(ArchiveWalk::default()))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(BsonMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let detail = sink.wants_spans();
        let mut parser = ChunkParser {
            walk: ArchiveWalk::decode(chunk.context),
            documents: Documents::new(&self.zones, detail),
            reading: Reading::default(),
            ejson: Vec::new(),
            detail,
            chunk,
        };
        parser.run(sink);
        parser.documents.into_segment(parser.reading)
    }
}

struct ChunkParser<'c, 'z> {
    chunk: ChunkText<'c>,
    walk: ArchiveWalk,
    documents: Documents<'z>,
    reading: Reading,
    ejson: Vec<u8>,
    detail: SpanDetail,
}

impl ChunkParser<'_, '_> {
    fn run(&mut self, sink: &mut dyn Sink) {
        let (mut at, mut number) = (0, 0u32);
        while let Some(rest) = self.chunk.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            // What is left may be damage that looks like the beginning of a large document.
            let part = self.walk.part(rest).or_else(|| self.walk.broken(rest));
            let (part, bytes) = part.unwrap_or((Part::Broken, rest.len()));
            let text = rest.get(..bytes).unwrap_or(rest);
            let place = self.chunk.place(at, number);
            let found = Found { text, start: at, place, is_elided: false };
            self.part(part, &found, number, sink);
            at += text.len();
            number = number.saturating_add(1);
        }
        self.reading.lines = u64::from(number);
    }

    fn part(&mut self, part: Part, found: &Found<'_>, number: u32, sink: &mut dyn Sink) {
        let size_bytes = found.text.len();
        let why = match part {
            Part::Document { is_profile: true } => {
                let Self { documents, reading, ejson, .. } = self;
                match read(found, ejson, documents, reading, sink) {
                    Ok(()) => return,
                    Err(why) => why,
                }
            }
            Part::Document { is_profile: false } => {
                if self.detail != SpanDetail::Nothing {
                    sink.span(&Span::at(found.text, found.start, SpanRole::Foreign));
                }
                return self.reading.leave_to_others(size_bytes, 1);
            }
            Part::Broken => "no part of an archive of mongodump",
            _ => {
                if self.detail != SpanDetail::Nothing {
                    sink.span(&Span::at(found.text, found.start, SpanRole::Heading));
                } else if part == Part::Header {
                    self.version(found, sink);
                }
                return;
            }
        };
        let is_record = u64::from(part != Part::Broken);
        self.reading.skip(self.chunk.skipped(found.start, number, why), size_bytes, is_record);
    }

    /// The header says which version was dumped.
    fn version(&mut self, found: &Found<'_>, sink: &mut dyn Sink) {
        self.ejson.clear();
        if bson::to_ejson(found.text, &mut self.ejson).is_err() {
            return;
        }
        let mut members = Members::of(&self.ejson).into_iter().flatten();
        let version = members.find(|member| member.key == b"server_version");
        let Some(Value::String(version)) = version.map(|member| member.value) else { return };
        let (offset, line) = found.place;
        let kind = Kind::Version(Cow::Borrowed(version.raw()));
        let who = Who::default();
        sink.event(&Event { offset, line, time: None, utc_offset_s: 0, who, kind });
    }
}
