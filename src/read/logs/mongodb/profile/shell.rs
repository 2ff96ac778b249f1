//! `system.profile` as a shell prints it: mongosh's arrays and documents, the legacy shell's
//! documents on one line or many, with prompts and hints between them.

use super::document;
use super::json::is_json;
use super::mask::TextMasker;
use super::text::ProfileTexts;
use crate::lang::mongo::shell;
use crate::model::event::{Engine, Sink};
use crate::read::input::{Cut, Sample};
use crate::read::logs::mask::Masker;
use crate::read::logs::mongodb::documents::{Piece, TextParser, TextWalk, is_of_shell, piece};
use crate::read::logs::segment::Segment;
use crate::read::logs::walk_cut::WalkCut;
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::time::ZoneTable;
use std::sync::Arc;

static META: FormatMeta = FormatMeta {
    name: "mongodb-profile-shell",
    engine: Engine::Mongodb,
    title: "MongoDB profiler documents (system.profile) as shell text",
    samples: &[
        "shop> db.system.profile.find()\n[\n  {\n    op: 'query',\n    ns: 'shop.orders',\n    command: { find: 'orders', filter: { status: 'new' }, '$db': 'shop' },\n    cursorid: Long('9007199254740993'),\n    docsExamined: 100000,\n    nreturned: 12,\n    millis: 120,\n    planSummary: 'COLLSCAN',\n    ts: ISODate('2026-11-23T09:00:01.250Z'),\n    client: '10.0.0.7'\n  }\n]\nType \"it\" for more\n",
        "{ \"op\" : \"query\", \"ns\" : \"shop.orders\", \"command\" : { \"find\" : \"orders\", \"filter\" : { \"total\" : { \"$gt\" : NumberLong(302) } }, \"$db\" : \"shop\" }, \"nreturned\" : 12, \"millis\" : 120, \"ts\" : ISODate(\"2026-11-23T09:00:01.250Z\") }\n",
    ],
    apart: None,
    sample_map: None,
};

/// Documents of the sample that are looked at.
const SAMPLE_DOCUMENTS: usize = 10;

/// Profiler documents as shell text.
pub struct ProfileShell;

impl LogFormat for ProfileShell {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        sniff_text(sample, |document| !is_json(document))
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(ShellReader { zones: Arc::clone(&options.zones) })
    }
}

/// How sure it is that a sample holds the profiler's documents, of which the first is written so.
pub(super) fn sniff_text(sample: &Sample, is_written_so: fn(&[u8]) -> bool) -> u8 {
    let mut rest = &sample.head[..];
    let (mut ejson, mut modern) = (Vec::new(), Vec::new());
    let (mut seen, mut good) = (0u8, 0u8);
    for _ in 0..SAMPLE_DOCUMENTS {
        let Some(piece) = piece(rest) else { break };
        let (Piece::Document(range) | Piece::Broken(range)) = piece;
        let document = rest.get(range.clone()).unwrap_or_default();
        ejson.clear();
        modern.clear();
        shell::to_ejson(document, &mut ejson);
        seen += 1;
        if document::read(&ejson, &mut modern).is_some() {
            if good == 0 && !is_written_so(document) {
                return 0;
            }
            good += 1;
        }
        rest = rest.get(range.end..).unwrap_or_default();
    }
    if good > 0 && good * 2 >= seen { 97 } else { 0 }
}

struct ShellReader {
    zones: Arc<ZoneTable>,
}

impl LogReader for ShellReader {
    fn notes(&self) -> Vec<String> {
        vec![
            "the shell leaves out what is nested deep and what follows the hundredth item of a list: commands that lack something so are kept apart as cut".to_owned(),
        ]
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
        TextParser::new(chunk, ProfileTexts::new(&self.zones, sink), is_of_shell).run(sink)
    }
}
