//! Files of snapshots: rows of one or several views, in any text that a client prints. They are read
//! like logs whose only record is the whole file.

use super::stamps;
use super::tabular::{ResultSet, bare_rows, result_sets};
use super::tell::tell_rows;
use super::views::{Read, Rows, ViewReader, ambiguous, generations, is_of_pooler, of_columns};
use super::whole::Whole;
use crate::model::event::{Engine, Sink, Span, SpanDetail, SpanRole};
use crate::model::facts::InputKind;
use crate::read::input::{Cut, Sample};
use crate::read::logs::segment::{NothingWaits, Reading, Segment};
use crate::read::logs::{ChunkText, FormatMeta, LogFormat, LogReader};
use crate::read::options::ReadOptions;
use crate::read::plans::file::text_of;
use crate::time::{Timestamp, ZoneTable};
use memchr::memchr_iter;
use std::collections::BTreeSet;
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

    fn sniff(&self, sample: &Sample, options: &ReadOptions) -> u8 {
        let text = String::from_utf8_lossy(&sample.head);
        let known = known_views(&text, options.forced_view);
        // What has a format of its own is none of these, unless it stands beside others.
        let has_own =
            |view: &ViewReader| is_of_pooler(view) || matches!(view.read, Read::InnodbStatus);
        if known.iter().all(|(_, view)| has_own(view)) { 0 } else { SCORE }
    }

    fn open(&self, sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
        open(sample, options)
    }
}

/// A reader of a file with known views.
pub(super) fn open(sample: &Sample, options: &ReadOptions) -> Box<dyn LogReader> {
    let text = String::from_utf8_lossy(&sample.head);
    let views = known_views(&text, options.forced_view);
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
    let (forced, zones) = (options.forced_view, Arc::clone(&options.zones));
    Box::new(SnapshotReader { engine, forced, names, taken, zones })
}

/// The name of the format whose files hold a view.
pub fn format_of_view(view: &ViewReader) -> &'static str {
    if is_of_pooler(view) { super::pooler::NAME } else { META.name }
}

/// The result sets of a text that are of known views, or all that are of the one that is forced.
pub(super) fn known_views(
    text: &str,
    forced: Option<&'static ViewReader>,
) -> Vec<(ResultSet, &'static ViewReader)> {
    views_of(text, forced).into_iter().filter_map(|(set, view)| Some((set, view?))).collect()
}

/// The result sets of a text with the view that each is of.
fn views_of(
    text: &str,
    forced: Option<&'static ViewReader>,
) -> Vec<(ResultSet, Option<&'static ViewReader>)> {
    let mut sets = result_sets(text);
    if sets.is_empty() && forced.is_some() {
        sets.extend(bare_rows(text));
    }
    let known = |mut set: ResultSet| {
        let view = match forced {
            Some(view) => view_as(view, &mut set),
            None if set.columns.is_empty() => {
                generations::of_rows(&set).and_then(|view| view_as(view, &mut set))
            }
            None => of_columns(set.columns.iter().map(|name| name.trim())),
        };
        (set, view)
    };
    sets.into_iter().map(known).collect()
}

/// A view, if a result set can be of it: without a header it gets that of the generation that has as
/// many columns, else at least half of what tells the view must be there.
fn view_as(view: &'static ViewReader, set: &mut ResultSet) -> Option<&'static ViewReader> {
    if set.columns.is_empty() {
        let count = set.rows.first().map_or(0, |row| row.cells.len());
        set.columns = generations::columns_of(view, count)?;
    }
    let has = |needed: &&&str| {
        set.columns.iter().any(|column| column.trim().eq_ignore_ascii_case(needed))
    };
    let found = view.needs.iter().filter(has).count();
    (found * 2 >= view.needs.len()).then_some(view)
}

struct SnapshotReader {
    engine: Engine,
    /// The view that the user says all tables are of.
    forced: Option<&'static ViewReader>,
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
        for (mut set, view) in views_of(&text, self.forced) {
            first_line += pass(&mut reading, behind, set.start);
            let between = text.get(behind..set.start).unwrap_or_default();
            taken = stamps::last_in(between).or(taken);
            let set_line = first_line;
            behind = set.end;
            let inside = text.as_bytes().get(set.start..set.end).unwrap_or_default();
            first_line += memchr_iter(b'\n', inside).count() as u32;
            let Some(view) = view else {
                let message = not_known(&set, self.forced);
                let size_bytes = set.end.saturating_sub(set.start);
                reading.skip(chunk.skipped(set.start, set_line, message), size_bytes, 1);
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
                let line = set.first_dropped.map_or(set_line, |line| line.saturating_sub(1));
                let message =
                    format!("{} rows of {} do not fit its columns", set.dropped, view.name);
                reading.skip(chunk.skipped(set.start, line, message), 0, set.dropped);
            }
            let doubtful = ambiguous::take_out(&mut set);
            if !doubtful.is_empty() {
                reading.remark(chunk.skipped(set.start, set_line, not_one(&doubtful, view)));
            }
            // Rows are numbered from 1 over the text, and told from 0 at the table's own place.
            for row in &mut set.rows {
                row.line = row.line.saturating_sub(1).saturating_sub(set_line);
            }
            let place = chunk.place(set.start, set_line);
            let rows = Rows::new(&set, &self.zones, place, taken);
            // Of one file, what a later view does not say of its time an earlier one may.
            taken = rows.iter().next().and_then(|row| row.time("captured_at")).or(taken);
            let left_out = tell_rows(view, &rows, place, &self.zones, sink);
            left_out.note(view.name, &mut reading, |loss| chunk.skipped(set.start, set_line, loss));
        }
        pass(&mut reading, behind, text.len());
        reading.lines = memchr_iter(b'\n', chunk.bytes).count() as u64;
        Segment { reading, carry: Box::new(NothingWaits) }
    }
}

/// Why rows are not read.
fn not_known(set: &ResultSet, forced: Option<&ViewReader>) -> String {
    let columns: Vec<_> = set.columns.iter().take(6).map(|name| &**name).collect();
    let cells = set.rows.first().map_or(0, |row| row.cells.len());
    match (forced, columns.is_empty()) {
        (Some(view), true) => format!(
            "rows of {cells} columns without a header: no generation of {} has as many",
            view.name
        ),
        (Some(view), false) => {
            format!("rows without the columns of {}: {}", view.name, columns.join(", "))
        }
        (None, true) => format!("rows of {cells} columns without a header: --as VIEW names it"),
        (None, false) => format!("rows of no known view: {}", columns.join(", ")),
    }
}

/// Why rows about tables are left out.
fn not_one(names: &BTreeSet<Box<str>>, view: &ViewReader) -> String {
    let first: Vec<&str> = names.iter().take(3).map(AsRef::as_ref).collect();
    let more = if names.len() > 3 { ", …" } else { "" };
    format!(
        "rows of {} for tables whose names fit more than one ({}{more}): without their schema it is \
         not known which is meant, so they are left out",
        view.name,
        first.join(", ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::event::{Event, Kind};

    /// The lines of statements, counted from 0.
    #[derive(Default)]
    struct Lines(Vec<u32>);

    impl Sink for Lines {
        fn event(&mut self, event: &Event<'_>) {
            if matches!(event.kind, Kind::Counters(_)) {
                self.0.push(event.line);
            }
        }
    }

    #[test]
    fn rows_and_losses_stand_on_their_lines() {
        let head = "queryid,query,calls,rows,total_exec_time\n";
        let row = |query: u8| format!("{query},select {query},1,1,1\n");
        let (first, second) = (row(1) + &row(2), row(3) + "4,cut\n" + &row(5));
        let text = format!("{head}{first}\n\n{head}{second}");
        let options = ReadOptions::default();
        let sample = Sample { head: text.clone().into(), whole: true, ..Sample::default() };
        let mut lines = Lines::default();
        let segment = SnapshotFile
            .open(&sample, &options)
            .parse(ChunkText::new(text.as_bytes(), 0, false), &mut lines);
        assert_eq!(lines.0, [1, 2, 6, 8]);
        let skipped = segment.reading.skipped.iter().map(|skipped| skipped.line_in_chunk);
        assert_eq!(skipped.collect::<Vec<_>>(), [7]);
    }
}
