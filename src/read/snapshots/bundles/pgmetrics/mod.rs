//! The JSON that `pgmetrics --format=json` writes: one object with a member for each of the server's
//! views. Schema versions 1.x; members are found by name, so that a version that adds some is read.
//!
//! Its times are seconds since 1970, its unknown sizes -1, and members that are zero may be left
//! out. Texts of statements are cut at a number of characters, 500 unless told otherwise.

mod lists;
mod walk;

use super::{Bundle, BundleReader, Remark, ViewRows};
use crate::model::event::Engine;
use crate::model::facts::InputKind;
use crate::read::input::Sample;
use crate::read::logs::{FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::snapshots::tabular::{LineNumbers, Object, text_of};
use lists::{As, INDEXES, List, STATEMENTS, UNITS, cell};
use serde::de::DeserializeSeed;
use serde_json::value::RawValue;
use walk::Root;

/// The score of a file that begins like one.
const SCORE: u8 = 96;
/// Characters at which it cuts statements by default.
const CUT_AT: usize = 500;

/// Files of pgmetrics.
pub struct Pgmetrics;

static META: FormatMeta = FormatMeta {
    name: "pgmetrics",
    engine: Engine::Postgres,
    title: "pgmetrics --format=json",
    samples: &[
        "{\n  \"meta\": {\n    \"version\": \"1.19\",\n    \"at\": 1763888400,\n    \"collected_dbs\": [\"shop\"],\n    \"local\": true\n  },\n  \"start_time\": 1763000000,\n  \"system_identifier\": \"7412345678901234567\"\n}\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for Pgmetrics {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let head = String::from_utf8_lossy(&sample.head);
        let begins = head.trim_start_matches('\u{feff}').trim_start();
        let inside = begins.strip_prefix('{').map(str::trim_start).unwrap_or_default();
        let is_one = inside.starts_with("\"meta\"")
            && ["\"collected_dbs\"", "\"system_identifier\""]
                .iter()
                .all(|name| head.contains(name));
        if is_one { SCORE } else { 0 }
    }

    fn open(&self, _: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        Box::new(BundleReader::new(take_apart, &options.zones))
    }
}

/// What was read of a document so far.
struct Document<'t> {
    text: &'t str,
    numbers: LineNumbers<'t>,
    bundle: Bundle,
    /// The version of the server, its identity, its role, its start: as `querylens-meta` has them.
    version: Option<Box<str>>,
    identity: Option<Box<str>>,
    is_replica: Option<Box<str>>,
    started: Option<Box<str>>,
    databases: Vec<Box<str>>,
}

fn take_apart(text: &str) -> Bundle {
    let mut document = Document {
        text,
        numbers: LineNumbers::new(text),
        bundle: Bundle::default(),
        version: None,
        identity: None,
        is_replica: None,
        started: None,
        databases: Vec::new(),
    };
    let body = text.trim_start_matches('\u{feff}');
    let mut values = serde_json::Deserializer::from_str(body);
    // What was read before a fault stays.
    if let Err(error) = (Root { document: &mut document }).deserialize(&mut values) {
        let line = u32::try_from(error.line().saturating_sub(1)).unwrap_or(u32::MAX);
        let start = text.lines().take(line as usize).map(|line| line.len() + 1).sum::<usize>();
        let what = if error.is_eof() { "the file is cut" } else { "no JSON" };
        document.bundle.remarks.push(Remark {
            start: start.min(text.len()),
            line,
            message: format!("{what}: what stands before is read"),
            is_loss: true,
        });
    }
    document.finish()
}

impl<'t> Document<'t> {
    /// The line of a value, counted from 0.
    fn line_of(&mut self, value: &RawValue) -> u32 {
        // Values are borrowed from the text.
        let start = (value.get().as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize);
        self.numbers.of(start.min(self.text.len())).saturating_sub(1)
    }

    fn add(&mut self, list: &List, rows: &mut ViewRows, value: &'t RawValue) {
        let line = self.line_of(value);
        let Ok(Object(members)) = serde_json::from_str::<Object<'_>>(value.get()) else { return };
        let cells = list.columns.iter().map(|(name, _, how)| {
            let (_, value) = members.iter().find(|(member, _)| member == name)?;
            cell(value, *how)
        });
        let mut cells: Vec<_> = cells.collect();
        if list.member == STATEMENTS
            && let [_, Some(query), is_cut, ..] = &mut *cells
        {
            *is_cut = (query.chars().count() == CUT_AT).then(|| "t".into());
        }
        // Whether an index is a constraint's is not said, but the server names a primary key so.
        if list.member == INDEXES
            && let [_, _, Some(table), Some(name), is_primary, ..] = &mut *cells
            && name.strip_suffix("_pkey") == Some(table)
        {
            *is_primary = Some("t".into());
        }
        rows.push(line, cells);
    }

    fn add_settings(&mut self, value: &'t RawValue) {
        let columns = ["name", "setting", "unit", "source"];
        let Some(mut rows) = ViewRows::of("pg_settings", &columns) else { return };
        let line = self.line_of(value);
        let settings = serde_json::from_str::<Object<'_>>(value.get());
        for (name, about) in settings.map(|Object(members)| members).unwrap_or_default() {
            let Ok(Object(about)) = serde_json::from_str::<Object<'_>>(about.get()) else {
                continue;
            };
            let member = |wanted: &str| {
                let found = about.iter().find(|(name, _)| name == wanted);
                found.and_then(|(_, value)| text_of(value))
            };
            let setting = member("setting");
            if name == "server_version" {
                self.version = setting.clone();
            }
            let unit = UNITS.iter().find(|(known, _)| *known == name);
            let unit = unit.map(|(_, unit)| (*unit).into());
            rows.push(line, vec![Some(name.into()), setting, unit, member("source")]);
        }
        self.bundle.views.push(rows);
    }

    /// `meta`: when and of which databases it was collected.
    fn add_meta(&mut self, value: &RawValue) {
        let Ok(Object(members)) = serde_json::from_str::<Object<'_>>(value.get()) else { return };
        for (name, value) in members {
            match name.as_str() {
                "at" => self.bundle.taken = cell(value, As::Time),
                "collected_dbs" => {
                    self.databases = serde_json::from_str(value.get()).unwrap_or_default();
                }
                _ => {}
            }
        }
    }

    fn finish(mut self) -> Bundle {
        settle_toplevel(&mut self.bundle.views);
        self.bundle.leave_out_ambiguous();
        let columns =
            ["server_version", "system_identifier", "in_recovery", "started", "stats_reset"];
        if let Some(mut state) = ViewRows::of("querylens-meta", &columns) {
            let since = self.stats_since();
            let cells = vec![self.version, self.identity, self.is_replica, self.started, since];
            state.push(0, cells);
            self.bundle.views.push(state);
        }
        self.bundle
    }

    /// Since when all statistics of the collected databases count: the latest reset.
    fn stats_since(&self) -> Option<Box<str>> {
        let mut latest: Option<&str> = None;
        let databases = self.bundle.views.iter().filter(|rows| rows.is_of("pg_stat_database"));
        for cells in databases.flat_map(ViewRows::rows) {
            let [Some(name), since, ..] = cells else { continue };
            if self.databases.contains(name) {
                // Times are all written alike, so that texts compare like times.
                latest = latest.max(Some(since.as_deref()?));
            }
        }
        latest.map(Into::into)
    }
}

/// A flag that is false is left out: where one statement says that it is at the top, all others that
/// do not are nested.
fn settle_toplevel(views: &mut [ViewRows]) {
    for rows in views.iter_mut().filter(|rows| rows.is_of("pg_stat_statements")) {
        let is_told = rows.rows().any(|cells| matches!(cells, [Some(_), ..]));
        rows.retain(|cells| !is_told || matches!(cells, [Some(_), ..]));
    }
}

#[cfg(test)]
mod tests {
    use super::{CUT_AT, take_apart};

    /// The cells of a view's rows.
    fn cells(text: &str, view: &str) -> Vec<Vec<Option<String>>> {
        let bundle = take_apart(text);
        let of_view = bundle.views.iter().filter(|rows| rows.is_of(view));
        let owned = |cells: &[Option<Box<str>>]| {
            cells.iter().map(|cell| cell.as_deref().map(str::to_owned)).collect()
        };
        of_view.flat_map(|rows| rows.rows().map(owned).collect::<Vec<_>>()).collect()
    }

    #[test]
    fn what_is_left_out_or_cut_is_known_for_it() {
        let long = "x".repeat(CUT_AT);
        let statement =
            |more: &str| format!(r#"{{"query":"{long}","calls":1,"total_time":2{more}}}"#);
        let list = |one: &str, two: &str| format!(r#"{{"statements":[{one},{two}]}}"#);
        let top = statement(r#","toplevel":true"#);
        let nested = list(&top, &statement(""));
        assert_eq!(cells(&nested, "pg_stat_statements").len(), 1);
        let unknown = cells(&list(&statement(""), &statement("")), "pg_stat_statements");
        assert_eq!(unknown.len(), 2);
        assert_eq!(unknown[0][2].as_deref(), Some("t"), "500 characters are a cut text");
    }

    #[test]
    fn names_of_several_databases_are_no_ones() {
        let text = r#"{"meta":{"at":1,"collected_dbs":["a","b"]},
            "tables":[{"db_name":"a","schema_name":"s","name":"t","seq_scan":1},
                {"db_name":"b","schema_name":"s","name":"t","seq_scan":2},
                {"db_name":"b","schema_name":"s","name":"own","size":-1,"last_vacuum":0}],
            "indexes":[{"db_name":"a","schema_name":"s","table_name":"t","name":"i"}]}"#;
        let tables = cells(text, "pg_stat_user_tables");
        assert_eq!(tables.len(), 1);
        assert_eq!(tables[0][2].as_deref(), Some("own"));
        assert!(tables[0][3..].iter().all(Option::is_none), "unknown sizes and times are none");
        assert!(cells(text, "pg_stat_user_indexes").is_empty());
        assert!(take_apart(text).remarks.iter().any(|remark| !remark.is_loss));
    }

    #[test]
    fn any_cut_gives_what_is_whole() {
        let text = include_str!("../../../../../fixtures/snapshots/bundles/pgmetrics-1.19.json");
        let mut before = 0;
        for end in (0..text.len()).step_by(97) {
            let bundle = take_apart(text.get(..end).unwrap_or_default());
            let rows: usize = bundle.views.iter().map(|rows| rows.rows().count()).sum();
            assert!(rows >= before && !bundle.remarks.is_empty(), "at {end}");
            before = rows;
        }
        assert!(take_apart(text).remarks.is_empty());
    }
}
