//! Files of snapshots: rows of one or several views, in any text that a client prints. They are read
//! like logs whose only record is the whole file.

use super::stamps;
use super::tabular::{ResultSet, result_sets};
use super::tell::tell_rows;
use super::views::{Read, Rows, ViewReader, is_of_pooler, of_columns};
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::model::facts::InputKind;
use crate::read::input::{Cut, Sample};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::file::text_of;
use crate::time::{Timestamp, ZoneTable};
use memchr::memchr_iter;
use std::sync::Arc;

/// The score of a file with a known view: more than that of a log in CSV, which is told by columns,
/// too.
const SCORE: u8 = 88;

/// What the scripts of `querylens collect` print above each view.
const MANIFEST: &str = "--@querylens";

/// Files of snapshots.
pub struct SnapshotFile;

static META: FormatMeta = FormatMeta {
    name: "snapshot",
    engine: Engine::Postgres,
    title: "Snapshots of a server's views, as any client prints them",
    samples: &[
        "schemaname,relname,seq_scan,seq_tup_read,idx_scan,n_live_tup\npublic,orders,12,480000,7,40000\n",
        "Variable_name\tValue\nThreads_connected\t12\nUptime\t86400\n",
    ],
    apart: None,
    sample_map: None,
};

impl LogFormat for SnapshotFile {
    fn meta(&self) -> &'static FormatMeta {
        &META
    }

    fn kind(&self) -> InputKind {
        InputKind::Catalog
    }

    fn sniff(&self, sample: &Sample, _: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        // What has a format of its own is none of these, unless it stands beside others.
        let has_own =
            |view: &ViewReader| is_of_pooler(view) || matches!(view.read, Read::InnodbStatus);
        if known_views(&text).iter().all(|(_, view)| has_own(view)) { 0 } else { SCORE }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        open(sample, options)
    }
}

/// A reader of a file with known views.
pub(super) fn open(sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
    let text = String::from_utf8_lossy(&sample.head);
    let views = known_views(&text);
    let mut names: Vec<&'static str> = Vec::new();
    for (_, view) in &views {
        if !names.contains(&view.name) {
            names.push(view.name);
        }
    }
    let engine = match views.first().map_or(Engine::Postgres, |(_, view)| view.engine) {
        Engine::Mysql if text.contains("-MariaDB") => Engine::Mariadb,
        engine => engine,
    };
    let taken = stamps::of_name(&sample.name, &options.zones);
    Box::new(SnapshotReader { engine, names, taken, zones: Arc::clone(&options.zones) })
}

/// The result sets of a text that are of known views.
pub(super) fn known_views(text: &str) -> Vec<(ResultSet, &'static ViewReader)> {
    let known = |set: ResultSet| {
        let view = of_columns(set.columns.iter().map(|name| name.trim()))?;
        Some((set, view))
    };
    result_sets(text).into_iter().filter_map(known).collect()
}

struct SnapshotReader {
    engine: Engine,
    names: Vec<&'static str>,
    /// When its name says that it was taken.
    taken: Option<Timestamp>,
    zones: Arc<ZoneTable>,
}

impl LogReader for SnapshotReader {
    fn notes(&self) -> Vec<String> {
        vec![format!("rows of {}", self.names.join(", "))]
    }

    fn engine(&self) -> Option<Engine> {
        Some(self.engine)
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(Whole)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        let text = text_of(chunk.bytes);
        let mut reading = Reading::default();
        let mut taken = self.taken;
        let (mut behind, mut first_line) = (0, 0u32);
        let pass = |reading: &mut Reading, from: usize, to: usize| {
            let between = text.get(from..to).unwrap_or_default();
            let lines = memchr_iter(b'\n', between.as_bytes()).count() as u32;
            let is_known = |line: &str| {
                line.trim().is_empty() || line.starts_with(MANIFEST) || stamps::is_one(line)
            };
            if !between.lines().all(is_known) {
                reading.leave_to_others(between.len(), lines);
            }
            lines
        };
        for set in result_sets(&text) {
            first_line += pass(&mut reading, behind, set.start);
            let between = text.get(behind..set.start).unwrap_or_default();
            taken = stamps::last_in(between).or(taken);
            let (offset, line) = chunk.place(set.start, first_line);
            behind = set.end;
            let inside = text.as_bytes().get(set.start..set.end).unwrap_or_default();
            first_line += memchr_iter(b'\n', inside).count() as u32;
            let Some(view) = of_columns(set.columns.iter().map(|name| name.trim())) else {
                let columns: Vec<_> = set.columns.iter().take(6).map(|name| &**name).collect();
                let message = format!("rows of no known view: {}", columns.join(", "));
                let size_bytes = set.end.saturating_sub(set.start);
                reading.skip(chunk.skipped(set.start, line, message), size_bytes, 1);
                continue;
            };
            reading.records += 1;
            if sink.wants_spans() != SpanDetail::Nothing {
                let bytes = chunk.bytes.get(set.start..set.end).unwrap_or_default();
                let role = SpanRole::Record { lines_apart: false };
                sink.span(&Span::at(bytes, set.start, role));
                continue;
            }
            if set.dropped > 0 {
                let line = line.saturating_add(set.first_dropped.unwrap_or(0));
                let message =
                    format!("{} rows of {} do not fit its columns", set.dropped, view.name);
                reading.skip(chunk.skipped(set.start, line, message), 0, set.dropped);
            }
            let rows = Rows::new(&set, &self.zones, (offset, line), taken);
            // Of one file, what a later view does not say of its time an earlier one may.
            taken = rows.iter().next().and_then(|row| row.time("captured_at")).or(taken);
            tell_rows(view, &rows, (offset, line), &self.zones, sink);
        }
        pass(&mut reading, behind, text.len());
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

/// Rows need the header above them, so a file is read as one.
pub(super) struct Whole;

impl Cut for Whole {
    fn cut(&mut self, _: &[u8], _: usize, _: bool) -> Option<usize> {
        None
    }
}
