//! `system.profile` as Extended JSON: mongoexport's lines and arrays, relaxed or canonical, what
//! bsondump prints, and `JSON.stringify`, which takes integers of 64 bits apart.

use super::mask::TextMasker;
use super::shell::sniff_text;
use super::text::ProfileTexts;
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::mongodb::documents::{TextParser, TextWalk};
use crate::read::logs::segment::Segment;
use crate::read::logs::walk_cut::WalkCut;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use serde::de::IgnoredAny;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mongodb-profile",
    engine: Engine::Mongodb,
    title: "MongoDB profiler documents (system.profile) as JSON",
    samples: &[
        "{\"op\":\"query\",\"ns\":\"shop.orders\",\"command\":{\"find\":\"orders\",\"filter\":{\"status\":\"new\"},\"$db\":\"shop\"},\"keysExamined\":0,\"docsExamined\":100000,\"nreturned\":12,\"responseLength\":4096,\"millis\":120,\"planSummary\":\"COLLSCAN\",\"ts\":{\"$date\":\"2026-11-23T09:00:01.250Z\"},\"client\":\"10.0.0.7\",\"user\":\"app@shop\"}\n",
        "[\n{\n\t\"op\": \"remove\",\n\t\"ns\": \"shop.carts\",\n\t\"command\": {\n\t\t\"q\": {\n\t\t\t\"at\": {\n\t\t\t\t\"$lt\": {\n\t\t\t\t\t\"$date\": {\n\t\t\t\t\t\t\"$numberLong\": \"1795424401250\"\n\t\t\t\t\t}\n\t\t\t\t}\n\t\t\t}\n\t\t},\n\t\t\"limit\": {\n\t\t\t\"$numberInt\": \"0\"\n\t\t}\n\t},\n\t\"ndeleted\": {\n\t\t\"$numberInt\": \"3\"\n\t},\n\t\"millis\": {\n\t\t\"$numberInt\": \"7\"\n\t},\n\t\"ts\": {\n\t\t\"$date\": {\n\t\t\t\"$numberLong\": \"1795424401250\"\n\t\t}\n\t}\n}]\n",
    ],
    apart: None,
    sample_map: None,
};

/// Profiler documents as JSON.
pub struct ProfileJson;

impl LogFormat for ProfileJson {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        sniff_text(sample, is_json)
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(JsonReader { zones: Arc::clone(&options.zones) })
    }
}

/// Whether a document is JSON and no shell's text.
pub(super) fn is_json(document: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(document).is_ok()
}

struct JsonReader {
    zones: Arc<ZoneTable>,
}

impl LogReader for JsonReader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(WalkCut::new(TextWalk))
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn masker(&self) -> Box<dyn Masker + '_> {
        Box::new(TextMasker)
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        TextParser::new(chunk, ProfileTexts::new(&self.zones, sink), |_| false).run(sink)
    }
}
