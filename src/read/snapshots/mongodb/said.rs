//! What outputs of MongoDB's commands say of the catalog, whoever printed them.

use super::index::definition;
use crate::model::catalog::{
    Catalog, IndexActivity, Origin, ServerState, Size, TableName, Told, add_state,
};
use crate::model::workload::examples::Place;
use crate::read::plans::mongodb::number;
use crate::read::plans::tree::Ref;
use crate::time::{StampParser, Timestamp, ZoneTable};
use std::collections::BTreeMap;

/// What stands beside an output.
pub(super) struct Said<'d> {
    /// The Extended JSON that it stands in.
    pub text: &'d str,
    /// Where it stands, and when it was printed.
    pub origin: Origin,
    /// The member that says it; empty if that is unknown.
    pub node: &'d str,
    /// The collection that it is about.
    pub table: Option<TableName>,
    /// Factors of the sizes in it: 1 for bytes.
    pub scale: f64,
    /// The zones that times without an offset are read in.
    pub zones: &'d ZoneTable,
}

impl<'d> Said<'d> {
    /// An output of which nothing else is known yet.
    pub fn of(text: &'d str, zones: &'d ZoneTable, place: Place) -> Self {
        let origin = Origin { taken: None, place };
        Said { text, origin, node: "", table: None, scale: 1.0, zones }
    }

    /// The same text and place, with nothing else known.
    pub fn again(&self) -> Said<'d> {
        Said { origin: self.origin, ..Said::of(self.text, self.zones, self.origin.place) }
    }

    /// A time as a document has it.
    pub fn time(&self, text: &str) -> Option<Timestamp> {
        StampParser::new(self.zones).parse(text.as_bytes()).map(|stamp| stamp.time)
    }

    /// A date, which is an object in Extended JSON; a number of milliseconds in its canonical form.
    pub fn date(&self, value: Ref<'_, '_>) -> Option<Timestamp> {
        let value = value.get("$date").unwrap_or(value);
        match value.text().and_then(|text| self.time(text)) {
            Some(time) => Some(time),
            None => Some(Timestamp((number(value)? as i64).checked_mul(1_000)?)),
        }
    }

    /// `buildInfo`.
    pub fn version(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let version = member(output, "version").map(Into::into);
        let state = ServerState { version, ..ServerState::default() };
        catalog.server = Some(Told::new(state, self.origin));
    }

    /// Of the member that answers: 1 is the primary, 2 a secondary.
    pub fn role(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        let role = output.get("myState").and_then(number);
        for (state, name) in [(1.0, "is_primary"), (2.0, "is_secondary")] {
            let is_so = f64::from(u8::from(role == Some(state)));
            let name = format!("{}.{name}", self.node).into();
            add_state(&mut catalog.counters, name, Told::new(is_so, self.origin));
        }
    }

    /// `serverStatus`.
    pub fn status(&self, output: Ref<'_, '_>, catalog: &mut Catalog) {
        const COUNTERS: [(&[&str], &[&str]); 8] = [
            (&["connections"], &["current", "available", "totalCreated", "active"]),
            (&["opcounters"], &["insert", "query", "update", "delete", "getmore", "command"]),
            (&["globalLock"], &["totalTime"]),
            (&["asserts"], &["regular", "warning", "user"]),
            (&["metrics", "queryExecutor"], &["scanned", "scannedObjects"]),
            (&["metrics", "operation"], &["scanAndOrder", "writeConflicts"]),
            (&["metrics", "document"], &["returned", "inserted", "updated", "deleted"]),
            (
                &["wiredTiger", "cache"],
                &[
                    "maximum bytes configured",
                    "bytes currently in the cache",
                    "tracked dirty bytes in the cache",
                    "pages read into cache",
                    "pages requested from the cache",
                    "pages evicted by application threads",
                ],
            ),
        ];
        for (group, names) in COUNTERS {
            let inside = group.iter().try_fold(output, |value, name| value.get(name));
            let Some(inside) = inside else { continue };
            let group = group.join(".");
            for name in names {
                let Some(count) = inside.get(name).and_then(number) else { continue };
                let name = format!("{}.{group}.{name}", self.node).into();
                add_state(&mut catalog.counters, name, Told::new(count, self.origin));
            }
        }
        self.cache(output, catalog);
        if member(output, "version").is_some() {
            self.version(output, catalog);
        }
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

    /// `getIndexes`. Whether these are all of the collection's is the caller's to say.
    pub fn indexes<'v>(
        &self,
        output: impl Iterator<Item = Ref<'v, 'v>>,
        are_all: bool,
        catalog: &mut Catalog,
    ) {
        let Some(table) = &self.table else { return };
        let table = catalog.table(table.clone());
        table.indexes_are_told |= are_all;
        for index in output {
            let Some(name) = member(index, "name") else { continue };
            // A definition that lacks something would make others look the same.
            if let Some(definition) = definition(index, self.text) {
                table.index(name).definition = Some(Told::new(definition, self.origin));
            }
        }
    }

    /// `$indexStats`: an item for each index of each member.
    pub fn index_use<'v>(&self, output: impl Iterator<Item = Ref<'v, 'v>>, catalog: &mut Catalog) {
        for index in output {
            let (Some(name), Some(accesses)) = (member(index, "name"), index.get("accesses"))
            else {
                continue;
            };
            let activity = IndexActivity {
                scans: accesses.get("ops").and_then(number).map(|ops| ops as u64),
                since: accesses.get("since").and_then(|since| self.date(since)),
                ..IndexActivity::default()
            };
            self.used(name, member(index, "host"), activity, catalog);
        }
    }

    /// How one member used an index.
    pub fn used(
        &self,
        name: &str,
        host: Option<&str>,
        activity: IndexActivity,
        catalog: &mut Catalog,
    ) {
        let Some(table) = &self.table else { return };
        let node = host.unwrap_or(self.node).into();
        let index = catalog.table(table.clone()).index(name);
        add_state(&mut index.activity, node, Told::new(activity, self.origin));
    }

    /// `collStats` and `$collStats`, a document for each shard: their sum.
    pub fn sizes<'v>(&self, output: impl Iterator<Item = Ref<'v, 'v>>, catalog: &mut Catalog) {
        let Some(table) = &self.table else { return };
        // The stage has sizes one level deeper than the command.
        let documents = output.map(|one| one.get("storageStats").unwrap_or(one));
        let documents: Vec<_> = documents.collect();
        let scale_of = |one: Ref<'_, '_>| {
            let told = one.get("scaleFactor").and_then(number).filter(|scale| *scale >= 1.0);
            told.unwrap_or(self.scale)
        };
        let rows = documents.iter().filter_map(|one| one.get("count").and_then(number));
        let bytes = |name: &str| {
            let sizes = documents.iter().filter_map(|one| {
                one.get(name).and_then(number).map(|size| size.max(0.0) * scale_of(*one))
            });
            sizes.reduce(|a, b| a + b).map(|bytes| bytes as u64)
        };
        let (data_bytes, index_bytes) = (bytes("storageSize"), bytes("totalIndexSize"));
        let size = Size {
            rows: rows.reduce(|a, b| a + b),
            data_bytes,
            index_bytes,
            total_bytes: data_bytes
                .zip(index_bytes)
                .map(|(data, index)| data.saturating_add(index)),
            pages: None,
        };
        let told = catalog.table(table.clone());
        told.size = Some(Told::new(size, self.origin));
        let mut sizes: BTreeMap<&str, u64> = BTreeMap::new();
        for one in documents {
            for index in one.get("indexSizes").into_iter().flat_map(Ref::children) {
                let Some(size) = number(index) else { continue };
                let bytes = (size.max(0.0) * scale_of(one)) as u64;
                let sum = sizes.entry(index.key()).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
        for (name, bytes) in sizes {
            told.index(name).size_bytes = Some(Told::new(bytes, self.origin));
        }
    }
}

/// A namespace: the database, and the rest.
pub(super) fn table_name(namespace: &str) -> TableName {
    match namespace.split_once('.') {
        Some((database, collection)) => TableName::new(Some(database), collection),
        None => TableName::new(None, namespace),
    }
}

/// A member that is a text.
pub(super) fn member<'t>(value: Ref<'t, '_>, name: &str) -> Option<&'t str> {
    value.get(name)?.text()
}
