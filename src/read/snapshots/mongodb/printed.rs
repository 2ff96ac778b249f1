//! Outputs of MongoDB's commands as shells and tools print them: `getIndexes`, `$indexStats`,
//! `collStats`, `serverStatus`; mongodump's `metadata.json`; getMongoData. As Extended JSON of any
//! kind, mongosh's or the legacy shell's text, several in one file, between prompts.
//!
//! Which command it was the shape tells, and which collection: the output itself, the command above
//! it, or the name of the file. What a shell left out is told as missing.

use super::said::{Said, table_name};
use super::{bundle, shapes};
use crate::lang::mongo::shell::{self, End, Transcribed};
use crate::model::catalog::{Catalog, Origin, TableName};
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::{Cut, Sample};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::tree::{Ref, parse_json};
use crate::read::snapshots::whole::{Whole, tell_catalog};
use crate::time::ZoneTable;
use memchr::{memchr, memchr_iter, memmem};
use regex::Regex;
use std::sync::{Arc, LazyLock};

/// The score of a file with an output of which the shape is known.
const SCORE: u8 = 90;
/// One of these stands in every output that is read.
const WORDS: [&str; 6] = ["key", "indexSizes", "storageStats", "uptime", "myState", "gitVersion"];

/// Outputs of commands.
pub struct MongodbOutput;

static META: FormatMeta = FormatMeta {
    name: "mongodb-output",
    engine: Engine::Mongodb,
    title: "getIndexes, $indexStats, collStats, serverStatus, metadata.json, getMongoData",
    samples: &[
        "shop> db.orders.getIndexes()\n[\n  { v: 2, key: { _id: 1 }, name: '_id_' },\n  { v: 2, key: { customer: 1, placed: -1 }, name: 'customer_1_placed_-1' }\n]\n",
        "{\"options\":{},\"indexes\":[{\"v\":{\"$numberInt\":\"2\"},\"key\":{\"_id\":{\"$numberInt\":\"1\"}},\"name\":\"_id_\"}],\"uuid\":\"0d7f4f1c\",\"collectionName\":\"orders\",\"type\":\"collection\"}\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for MongodbOutput {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        if !WORDS.iter().any(|word| memmem::find(&sample.head, word.as_bytes()).is_some()) {
            return 0;
        }
        let is_known = |piece: Piece<'_>| match piece {
            Piece::Line { .. } => false,
            Piece::Document { ejson, .. } => parse_json(&ejson).is_ok_and(|(tree, _)| {
                let root = unwrapped(tree.root());
                shapes::of(root).is_some() || bundle::is_one(root)
            }),
        };
        if Pieces::of(&sample.head).any(is_known) { SCORE } else { 0 }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(Reader { zones: Arc::clone(&options.zones), file: of_file(&sample.name) })
    }
}

/// What the name of a file says of a collection.
fn of_file(path: &str) -> Option<TableName> {
    const WORDS: [&str; 8] = [
        "indexes",
        "getindexes",
        "indexstats",
        "index_stats",
        "collstats",
        "stats",
        "index",
        "metadata",
    ];
    const ENDINGS: [&str; 6] = [".gz", ".zst", ".json", ".txt", ".js", ".out"];
    let mut parts = path.rsplit(['/', '\\']);
    let mut name = parts.next()?;
    let folder = parts.next();
    for ending in ENDINGS {
        name = name.strip_suffix(ending).unwrap_or(name);
    }
    if let Some(collection) = name.strip_suffix(".metadata") {
        return Some(TableName::new(folder, &percent_decoded(collection)));
    }
    let (stem, word) = name.rsplit_once(['.', '-'])?;
    let is_known = WORDS.contains(&word.to_ascii_lowercase().as_str()) && !stem.is_empty();
    is_known.then(|| table_name(stem))
}

/// mongodump writes what no file may be called as `%2F`.
fn percent_decoded(name: &str) -> String {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).filter(|_| *first == b'%');
        let byte = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        out.push(byte.unwrap_or(*first));
        rest = if byte.is_some() { behind.get(2..).unwrap_or_default() } else { behind };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// What a cursor's answer holds, without the answer around it.
fn unwrapped<'t, 'a>(root: Ref<'t, 'a>) -> Ref<'t, 'a> {
    let batch = root.get("cursor").and_then(|cursor| cursor.get("firstBatch"));
    batch.unwrap_or(root)
}

/// A part of a text outside of which no document stands.
enum Piece<'t> {
    /// A line of something else.
    Line { text: &'t [u8] },
    /// A document or an array, as Extended JSON.
    Document { start: usize, ejson: String, read: Transcribed },
}

/// The documents of a text and the lines between them.
struct Pieces<'t> {
    text: &'t [u8],
    at: usize,
}

impl<'t> Pieces<'t> {
    fn of(text: &'t [u8]) -> Self {
        Pieces { text, at: 0 }
    }
}

impl<'t> Iterator for Pieces<'t> {
    type Item = Piece<'t>;

    fn next(&mut self) -> Option<Piece<'t>> {
        let rest = self.text.get(self.at..).filter(|rest| !rest.is_empty())?;
        let end = memchr(b'\n', rest).map_or(rest.len(), |end| end + 1);
        let line = rest.get(..end)?;
        let blanks = line.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
        let is_open = |at: usize| matches!(line.get(at), Some(b'{' | b'['));
        // Where commands come from a file, the answer stands behind the prompt.
        let prompt = memmem::find(line, b"> ").map(|at| at + 2).filter(|at| is_open(*at));
        let Some(open) = is_open(blanks).then_some(blanks).or(prompt) else {
            self.at += end;
            return Some(Piece::Line { text: line });
        };
        let start = self.at + open;
        let mut ejson = Vec::new();
        let read = shell::to_ejson(self.text.get(start..)?, &mut ejson);
        self.at = start + read.consumed.max(1);
        let ejson = String::from_utf8_lossy(&ejson).into_owned();
        Some(Piece::Document { start, ejson, read })
    }
}

struct Reader {
    zones: Arc<ZoneTable>,
    file: Option<TableName>,
}

impl LogReader for Reader {
    fn notes(&self) -> Vec<String> {
        let note = |table: &TableName| {
            format!("outputs that name no collection are taken for those of {}", table.shown())
        };
        self.file.iter().map(note).collect()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(Whole)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let mut reading = Reading::default();
        let mut asked = Asked::default();
        let (mut counted, mut line) = (0, 0u32);
        for piece in Pieces::of(chunk.bytes) {
            let (start, ejson, read) = match piece {
                Piece::Line { text } => {
                    asked.note(&String::from_utf8_lossy(text));
                    if !text.trim_ascii().is_empty() {
                        reading.leave_to_others(text.len(), 1);
                    }
                    continue;
                }
                Piece::Document { start, ejson, read } => (start, ejson, read),
            };
            let between = chunk.bytes.get(counted..start).unwrap_or_default();
            line = line.saturating_add(memchr_iter(b'\n', between).count() as u32);
            counted = start;
            let bytes = chunk.bytes.get(start..start + read.consumed).unwrap_or_default();
            if sink.wants_spans() != SpanDetail::Nothing {
                reading.records += 1;
                sink.span(&Span::at(bytes, start, SpanRole::Record { lines_apart: false }));
                continue;
            }
            let (offset, line_in_source) = chunk.place(start, line);
            let place = Place { source: 0, offset, line_in_chunk: line_in_source };
            match self.document(&ejson, read, place, &mut asked) {
                Ok(None) => {
                    let lines = memchr_iter(b'\n', bytes).count() as u32;
                    reading.leave_to_others(bytes.len(), lines);
                }
                Ok(Some(catalog)) => {
                    reading.records += 1;
                    if let Some(message) = missing(read) {
                        reading.skip(chunk.skipped(start, line, message), 0, 1);
                    }
                    tell_catalog(&catalog, (offset, line_in_source), sink);
                }
                Err(message) => {
                    reading.skip(chunk.skipped(start, line, message), bytes.len(), 1);
                }
            }
        }
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

impl Reader {
    /// What one document says; nothing if it is of no known command.
    fn document(
        &self,
        ejson: &str,
        read: Transcribed,
        place: Place,
        asked: &mut Asked,
    ) -> Result<Option<Catalog>, String> {
        let Ok((tree, _)) = parse_json(ejson) else { return Ok(None) };
        let root = unwrapped(tree.root());
        let is_whole = !read.elided && read.end == End::Closed;
        let origin = Origin { taken: asked.taken, place };
        let mut said = Said { origin, ..Said::of(ejson, &self.zones, place) };
        if bundle::is_one(root) {
            return Ok(Some(bundle::tell(&mut said, root, is_whole)));
        }
        let Some(shape) = shapes::of(root) else { return Ok(None) };
        let mut table = shapes::named(root, shape);
        if let (Some(own), Some(file)) = (&mut table, &self.file)
            && own.schema.is_none()
            && own.name == file.name
        {
            // The folder of a dump is the database.
            own.schema.clone_from(&file.schema);
        }
        if let Some(table) = &table {
            asked.table = Some(table.clone());
        }
        said.table = table.or_else(|| asked.table.clone()).or_else(|| self.file.clone());
        if said.table.is_none() && shape.is_of_collection() {
            return Err(
                "no collection is named, in it, in a command above it or by the file: call \
                        the file DATABASE.COLLECTION.indexes.json"
                    .to_owned(),
            );
        }
        let mut catalog = Catalog::default();
        shapes::tell(&mut said, root, shape, is_whole, &mut catalog);
        asked.taken = said.origin.taken;
        Ok(Some(catalog))
    }
}

/// What a document lacks.
fn missing(read: Transcribed) -> Option<&'static str> {
    match (read.elided, read.end) {
        (_, End::Cut) => Some("the output is cut: what is there is read"),
        (_, End::Broken) => Some("the output is damaged: what stands before is read"),
        (true, End::Closed) => Some(
            "the shell left out parts of this output: print it by \
             EJSON.stringify(…, {relaxed: true})",
        ),
        (false, End::Closed) => None,
    }
}

/// What the lines of a transcript say about the next output.
#[derive(Default)]
struct Asked {
    database: Option<Box<str>>,
    table: Option<TableName>,
    /// When the output before says that it was printed.
    taken: Option<crate::time::Timestamp>,
}

/// `rs0 [direct: primary] shop> `, `use shop`, `switched to db shop`.
static DATABASE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^(?:use |switched to db )([\w-]{1,63})|^(?:[^>\n]{0,200}[ \]])?([\w-]{1,63})> ")
        .ok()
});
/// `db.orders.getIndexes()`, with the database or the collection called by a method.
static COMMAND: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let pattern = r#"\bdb(?:\.getSiblingDB\(["']([^"']{1,63})["']\))?\.(?:getCollection\(["']([^"']{1,200})["']\)|([\w$.]{1,200}?))\.(?:getIndexes|getIndices|getIndexKeys|aggregate|stats)\("#;
    Regex::new(pattern).ok()
});

impl Asked {
    fn note(&mut self, line: &str) {
        let line = line.trim();
        let group =
            |found: &regex::Captures<'_>, at: usize| found.get(at).map(|one| one.as_str().into());
        if let Some(found) = DATABASE.as_ref().and_then(|form| form.captures(line)) {
            self.database = group(&found, 1).or_else(|| group(&found, 2));
        }
        if let Some(found) = COMMAND.as_ref().and_then(|form| form.captures(line)) {
            let database: Option<Box<str>> = group(&found, 1).or_else(|| self.database.clone());
            let name: Option<Box<str>> = group(&found, 2).or_else(|| group(&found, 3));
            self.table = name.map(|name| TableName::new(database.as_deref(), &name));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn collections_are_named_by_files_and_commands() {
        let shown = |table: Option<TableName>| table.map(|table| table.shown());
        for (path, expected) in [
            ("dump/shop/orders.metadata.json", Some("shop.orders")),
            ("dump/shop/a%2Fb.metadata.json.gz", Some("shop.a/b")),
            ("shop.orders.indexstats.json", Some("shop.orders")),
            ("x/orders-indexes.txt", Some("orders")),
            ("indexes.json", None),
            ("orders.json", None),
        ] {
            assert_eq!(shown(of_file(path)).as_deref(), expected, "{path}");
        }
        let mut asked = Asked::default();
        for (line, expected) in [
            ("rs0 [direct: primary] shop> db.orders.getIndexes()", "shop.orders"),
            (
                "> db.getSiblingDB('app').getCollection(\"a.b\").aggregate([{$indexStats:{}}])",
                "app.a.b",
            ),
            ("use other", "app.a.b"),
            ("rs0:PRIMARY> db.c.stats()", "other.c"),
            ("the db.c. is not asked", "other.c"),
        ] {
            asked.note(line);
            assert_eq!(shown(asked.table.clone()).as_deref(), Some(expected), "{line}");
        }
    }
}
