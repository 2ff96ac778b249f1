//! What `querylens collect mongodb` prints: one JSON document for each command, of each member of a
//! replica set. Says which indexes collections have, how each member used them, and how large they are.
//!
//! Members may stand in one file or in several: the use of an index is kept by member, since a member
//! counts its own only. What a shell or another tool printed of the same commands is `printed`'s.

mod bundle;
mod index;
pub mod printed;
mod said;
mod shapes;

use super::whole::tell_catalog;
use crate::model::catalog::{Catalog, Origin};
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::tree::parse_json;
use crate::time::ZoneTable;
use memchr::memchr_iter;
use said::{Said, member, table_name};
use std::sync::Arc;

/// What each line begins with.
const START: &[u8] = b"{\"querylens\":";
/// The score of a file that begins so.
const SCORE: u8 = 97;

/// Collected snapshots of MongoDB.
pub struct MongodbSnapshot;

static META: FormatMeta = FormatMeta {
    name: "mongodb-snapshot",
    engine: Engine::Mongodb,
    title: "What `querylens collect mongodb` prints: indexes, their use, sizes",
    samples: &[
        "{\"querylens\":\"indexes\",\"host\":\"db1:27017\",\"captured_at\":\"2026-11-23T09:00:00.000Z\",\"ns\":\"shop.orders\",\"output\":[{\"v\":2,\"key\":{\"_id\":1},\"name\":\"_id_\"}]}\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for MongodbSnapshot {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        if sample.head.trim_ascii_start().starts_with(START) { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(Reader { zones: Arc::clone(&options.zones) })
    }
}

struct Reader {
    zones: Arc<ZoneTable>,
}

impl LogReader for Reader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(LineCut)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut reading = Reading::default();
        let mut start = 0;
        for (number, line) in (0u32..).zip(chunk.bytes.split_inclusive(|byte| *byte == b'\n')) {
            let (offset, line_in_source) = chunk.place(start, number);
            let place = Place { source: 0, offset, line_in_chunk: line_in_source };
            let at = start;
            start += line.len();
            let text = line.trim_ascii();
            if text.is_empty() {
                continue;
            }
            match self.document(text, place) {
                Ok(catalog) => {
                    reading.records += 1;
                    if sink.wants_spans() != SpanDetail::Nothing {
                        let role = SpanRole::Record { lines_apart: false };
                        sink.span(&Span::at(line, at, role));
                        continue;
                    }
                    tell_catalog(&catalog, (offset, line_in_source), sink);
                }
                Err(message) => {
                    reading.skip(chunk.skipped(at, number, message), line.len(), 1);
                }
            }
        }
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

impl Reader {
    /// What one line says; why not, if it says nothing.
    fn document(&self, line: &[u8], place: Place) -> Result<Catalog, String> {
        let text = std::str::from_utf8(line).map_err(|_| "no UTF-8".to_owned())?;
        let (tree, _) = parse_json(text).map_err(|error| error.message)?;
        let root = tree.root();
        let section = member(root, "querylens").ok_or("no line of a collection")?;
        let output = root.get("output").ok_or("no output in it: the line is cut")?;
        if let Some(error) = member(output, "error") {
            return Err(format!("the server would not say its {section}: {error}"));
        }
        let mut said = Said {
            origin: Origin { taken: None, place },
            node: member(root, "host").unwrap_or_default(),
            table: member(root, "ns").map(table_name),
            ..Said::of(text, &self.zones, place)
        };
        said.origin.taken = member(root, "captured_at").and_then(|text| said.time(text));
        let mut catalog = Catalog::default();
        match section {
            "buildInfo" => said.version(output, &mut catalog),
            "replSetGetStatus" => said.role(output, &mut catalog),
            "serverStatus" => said.status(output, &mut catalog),
            "indexes" => said.indexes(output.children(), true, &mut catalog),
            "indexStats" => said.index_use(output.children(), &mut catalog),
            "collStats" => said.sizes(output.children(), &mut catalog),
            other => return Err(format!("an unknown part of a collection: {other}")),
        }
        Ok(catalog)
    }
}
