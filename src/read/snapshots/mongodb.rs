//! What `querylens collect mongodb` prints: one JSON document for each command, of each member of a
//! replica set. Says which indexes collections have, how each member used them, and how large they are.
//!
//! Members may stand in one file or in several: the use of an index is kept by member, since a member
//! counts its own only.

use crate::model::catalog::{
    Catalog, IndexActivity, IndexDefinition, IndexKey, KeyPart, Origin, ServerState, Size,
    TableName, Told, add_state,
};
use crate::model::event::{Engine, Event, Kind, Sink, Span, SpanDetail, SpanRole, Who};
use crate::model::facts::InputKind;
use crate::model::workload::examples::Place;
use crate::read::input::{Cut, LineCut, Sample};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::mongodb::number;
use crate::read::plans::tree::{Ref, parse_json};
use crate::time::{StampParser, Timestamp, ZoneTable};
use memchr::memchr_iter;
use serde_json::value::RawValue;
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
                    sink.event(&Event {
                        offset,
                        line: line_in_source,
                        time: None,
                        utc_offset_s: 0,
                        who: Who::default(),
                        kind: Kind::Catalog(&catalog),
                    });
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
        let taken = member(root, "captured_at").and_then(|text| self.time(text));
        let said = Said {
            text,
            origin: Origin { taken, place },
            node: member(root, "host").unwrap_or_default(),
            table: member(root, "ns").map(table_name),
            reader: self,
        };
        let mut catalog = Catalog::default();
        match section {
            "buildInfo" => said.version(output, &mut catalog),
            "replSetGetStatus" => said.role(output, &mut catalog),
            "serverStatus" => said.status(output, &mut catalog),
            "indexes" => said.indexes(output, &mut catalog),
            "indexStats" => said.index_use(output, &mut catalog),
            "collStats" => said.sizes(output, &mut catalog),
            other => return Err(format!("an unknown part of a collection: {other}")),
        }
        Ok(catalog)
    }

    fn time(&self, text: &str) -> Option<Timestamp> {
        StampParser::new(&self.zones).parse(text.as_bytes()).map(|stamp| stamp.time)
    }
}

/// What stands beside an output.
struct Said<'d> {
    /// The whole line.
    text: &'d str,
    origin: Origin,
    node: &'d str,
    table: Option<TableName>,
    reader: &'d Reader,
}

impl Said<'_> {
    fn version(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let version = member(output, "version").map(Into::into);
        let state = ServerState { version, ..ServerState::default() };
        catalog.server = Some(Told::new(state, self.origin));
    }

    /// Of the member that answers: 1 is the primary, 2 a secondary.
    fn role(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let role = output.get("myState").and_then(number);
        for (state, name) in [(1.0, "is_primary"), (2.0, "is_secondary")] {
            let is_so = f64::from(u8::from(role == Some(state)));
            let name = format!("{}.{name}", self.node).into();
            add_state(&mut catalog.counters, name, Told::new(is_so, self.origin));
        }
    }

    fn status(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        const COUNTERS: [(&str, &[&str]); 4] = [
            ("connections", &["current", "available", "totalCreated", "active"]),
            ("opcounters", &["insert", "query", "update", "delete", "getmore", "command"]),
            ("globalLock", &["totalTime"]),
            ("asserts", &["regular", "warning", "user"]),
        ];
        for (group, names) in COUNTERS {
            let Some(group_of) = output.get(group) else { continue };
            for name in names {
                let Some(count) = group_of.get(name).and_then(number) else { continue };
                let name = format!("{}.{group}.{name}", self.node).into();
                add_state(&mut catalog.counters, name, Told::new(count, self.origin));
            }
        }
        self.cache(output, catalog);
        if let Some(uptime) = output.get("uptime").and_then(number) {
            let name = format!("{}.uptime", self.node).into();
            add_state(&mut catalog.counters, name, Told::new(uptime, self.origin));
        }
    }

    /// Of WiredTiger's cache, whose figures have sentences for names.
    fn cache(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        const FIGURES: [(&str, &str); 6] = [
            ("bytes currently in the cache", "used_bytes"),
            ("maximum bytes configured", "max_bytes"),
            ("tracked dirty bytes in the cache", "dirty_bytes"),
            ("pages evicted by application threads", "evicted_by_operations"),
            ("pages read into cache", "pages_read"),
            ("pages requested from the cache", "pages_requested"),
        ];
        let Some(cache) = output.get("wiredTiger").and_then(|engine| engine.get("cache")) else {
            return;
        };
        for (figure, name) in FIGURES {
            let Some(count) = cache.get(figure).and_then(number) else { continue };
            let name = format!("{}.cache.{name}", self.node).into();
            add_state(&mut catalog.counters, name, Told::new(count, self.origin));
        }
    }

    fn indexes(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let Some(table) = &self.table else { return };
        let table = catalog.table(table.clone());
        table.indexes_are_told = true;
        for index in output.children() {
            let Some(name) = member(index, "name") else { continue };
            table.index(name).definition =
                Some(Told::new(definition(index, self.text), self.origin));
        }
    }

    fn index_use(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let Some(table) = &self.table else { return };
        for index in output.children() {
            let (Some(name), Some(accesses)) = (member(index, "name"), index.get("accesses"))
            else {
                continue;
            };
            // A date is an object in Extended JSON.
            let since = accesses.get("since");
            let since = since.and_then(|since| since.text().or_else(|| member(since, "$date")));
            let activity = IndexActivity {
                scans: accesses.get("ops").and_then(number).map(|ops| ops as u64),
                since: since.and_then(|text| self.reader.time(text)),
                ..IndexActivity::default()
            };
            let node = member(index, "host").unwrap_or(self.node).into();
            let index = catalog.table(table.clone()).index(name);
            add_state(&mut index.activity, node, Told::new(activity, self.origin));
        }
    }

    /// A document for each shard: their sum.
    fn sizes(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let Some(table) = &self.table else { return };
        let sum = |name: &str| {
            let numbers = output.children().filter_map(|one| one.get(name).and_then(number));
            numbers.reduce(|a, b| a + b)
        };
        let bytes = |name: &str| sum(name).filter(|bytes| *bytes >= 0.0).map(|bytes| bytes as u64);
        let (data_bytes, index_bytes) = (bytes("storageSize"), bytes("totalIndexSize"));
        let size = Size {
            rows: sum("count"),
            data_bytes,
            index_bytes,
            total_bytes: data_bytes
                .zip(index_bytes)
                .map(|(data, index)| data.saturating_add(index)),
            pages: None,
        };
        let told = catalog.table(table.clone());
        told.size = Some(Told::new(size, self.origin));
        for one in output.children().filter_map(|one| one.get("indexSizes")) {
            for index in one.children() {
                let Some(bytes) = number(index) else { continue };
                let told_bytes = &mut told.index(index.key()).size_bytes;
                let before = told_bytes.take().map_or(0, |told| told.value);
                *told_bytes = Some(Told::new(before + bytes.max(0.0) as u64, self.origin));
            }
        }
    }
}

/// An index as `getIndexes` has it; its keys in their order.
fn definition(index: Ref<'_, '_>, text: &str) -> IndexDefinition {
    let flag = |name: &str| index.get(name).and_then(Ref::flag) == Some(true);
    let mut method = "btree";
    let mut keys = Vec::new();
    for key in index.get("key").into_iter().flat_map(Ref::children) {
        // A word in place of an order names the kind: text, hashed, 2dsphere.
        let order = number(key);
        if order.is_none()
            && let Some(kind) = key.text()
        {
            method = kind;
        }
        // The keys of a text index are among its weights.
        if key.key() == "_fts" || key.key() == "_ftsx" {
            continue;
        }
        let mut own = IndexKey::column(key.key());
        own.is_descending = order.is_some_and(|order| order < 0.0);
        keys.push(own);
    }
    for weight in index.get("weights").into_iter().flat_map(Ref::children) {
        keys.push(IndexKey { part: KeyPart::Column(weight.key().into()), ..IndexKey::column("") });
    }
    IndexDefinition {
        keys,
        method: method.into(),
        is_unique: flag("unique"),
        is_primary: member(index, "name") == Some("_id_"),
        is_visible: !flag("hidden"),
        is_sparse: flag("sparse"),
        // Constants of a condition that is in the catalog may be shown.
        predicate: index.get("partialFilterExpression").and_then(|it| raw(text, it)),
        expires_after_s: index
            .get("expireAfterSeconds")
            .and_then(number)
            .filter(|seconds| *seconds >= 0.0)
            .map(|seconds| seconds as u64),
        ..IndexDefinition::default()
    }
}

/// A value as it stands in the text.
fn raw(text: &str, value: Ref<'_, '_>) -> Option<Box<str>> {
    let rest = text.get(value.offset()..)?;
    let mut values = serde_json::Deserializer::from_str(rest).into_iter::<&RawValue>();
    Some(values.next()?.ok()?.get().into())
}

/// A namespace: the database, and the rest.
fn table_name(namespace: &str) -> TableName {
    match namespace.split_once('.') {
        Some((database, collection)) => TableName::new(Some(database), collection),
        None => TableName::new(None, namespace),
    }
}

fn member<'t>(value: Ref<'t, '_>, name: &str) -> Option<&'t str> {
    value.get(name)?.text()
}
