//! `system.profile` as mongodump writes it: documents of BSON, one behind the other. Places are
//! numbered by documents, since there are no lines.

use super::document::{self, Documents, Found};
use super::dumped::{Piece, broken, piece};
use super::mask::BsonMasker;
use crate::lang::mongo::bson;
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::walk_cut::{Walk, WalkCut};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mongodb-profile-bson",
    engine: Engine::Mongodb,
    title: "MongoDB profiler documents (system.profile.bson of mongodump)",
    samples: &["\0\x01\0\0\
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

/// Profiler documents as BSON.
pub struct ProfileBson;

impl LogFormat for ProfileBson {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let mut ejson = Vec::new();
        match bson::to_ejson(&sample.head, &mut ejson) {
            Ok(_) if document::read(&ejson, &mut Vec::new()).is_some() => 98,
            _ => 0,
        }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(BsonReader { zones: Arc::clone(&options.zones) })
    }
}

struct BsonReader {
    zones: Arc<ZoneTable>,
}

impl LogReader for BsonReader {
    fn notes(&self) -> Vec<String> {
        vec!["places are numbered by documents, as BSON has no lines".to_owned()]
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(WalkCut::new(BsonWalk))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(BsonMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut documents = Documents::new(&self.zones, sink.wants_spans());
        let mut reading = Reading::default();
        let mut ejson = Vec::new();
        let (mut at, mut number) = (0, 0u32);
        while let Some(rest) = chunk.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            // What is left may be damage that looks like the beginning of a large document.
            let piece =
                piece(rest).or_else(|| broken(rest, true)).unwrap_or(Piece::Broken(rest.len()));
            let text = rest.get(..piece.bytes()).unwrap_or(rest);
            if piece != Piece::Blank {
                let place = chunk.place(at, number);
                let found = Found { text, start: at, place, is_elided: false };
                let told = match piece {
                    Piece::Document(_) => {
                        read(&found, &mut ejson, &mut documents, &mut reading, sink)
                    }
                    _ => Err("no document of BSON"),
                };
                if let Err(why) = told {
                    let size_bytes = chunk.source_bytes(at..at + text.len(), number);
                    reading.skip(chunk.skipped(at, number, why), size_bytes, 1);
                }
                number = number.saturating_add(1);
            }
            at += text.len();
        }
        reading.lines = u64::from(number);
        documents.into_segment(reading)
    }
}

/// Tells a document, or why not.
pub(super) fn read(
    found: &Found<'_>,
    ejson: &mut Vec<u8>,
    documents: &mut Documents<'_>,
    reading: &mut Reading,
    sink: &mut dyn Sink,
) -> Result<(), &'static str> {
    ejson.clear();
    bson::to_ejson(found.text, ejson).map_err(|malformed| malformed.what)?;
    match documents.tell(ejson, found, reading, sink) {
        true => Ok(()),
        false => Err("a document, but none of the profiler's: no op, ns and millis"),
    }
}

/// The walk over documents of BSON.
struct BsonWalk;

impl Walk for BsonWalk {
    fn pass(&mut self, text: &[u8]) -> Option<usize> {
        piece(text).map(Piece::bytes)
    }

    fn context(&self) -> Box<[u8]> {
        Box::default()
    }
}
