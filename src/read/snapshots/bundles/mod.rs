//! Bundles: what other tools collect of a server in one file, in a form of their own. Each is taken
//! apart into rows of the server's views, so that the readers of views say what they mean.
//!
//! A bundle is one file here and one line in the table of formats. Its part is [`TakeApart`]; the
//! rest of reading is here.

pub mod pg_gather;
pub mod pgcluu;
pub mod pgmetrics;

use super::tabular::{ResultSet, Row};
use super::tell::tell_rows;
use super::views::{Rows, ViewReader, named};
use super::whole::{Whole, parse_whole};
use crate::model::event::{Engine, Sink};
use crate::read::input::Cut;
use crate::read::logs::segment::Segment;
use crate::read::logs::{ChunkText, LogReader};
use crate::read::plans::file::text_of;
use crate::time::{StampParser, Timestamp, ZoneTable};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows of a view that were made of a part of a bundle.
pub struct ViewRows {
    view: &'static ViewReader,
    set: ResultSet,
}

impl ViewRows {
    /// No rows yet of a view of PostgreSQL that [`super::views`] knows by this name; `None` if it
    /// knows none.
    pub fn of(view: &str, columns: &[&str]) -> Option<Self> {
        let columns = columns.iter().map(|column| (*column).into()).collect();
        let set = ResultSet { shape: "bundle", columns, ..ResultSet::default() };
        Some(ViewRows { view: named(Engine::Postgres, view)?, set })
    }

    /// Adds a row, with as many cells as there are columns; its line is counted from 0.
    pub fn push(&mut self, line: u32, cells: Vec<Option<Box<str>>>) {
        self.set.rows.push(Row { line, cells });
    }

    /// Whether they are rows of the view of a name.
    pub fn is_of(&self, view: &str) -> bool {
        self.view.name == view
    }

    /// Takes out the rows whose cells are not to be kept.
    pub fn retain(&mut self, mut keep: impl FnMut(&[Option<Box<str>>]) -> bool) {
        self.set.rows.retain(|row| keep(&row.cells));
    }

    /// The rows' cells.
    pub fn rows(&self) -> impl Iterator<Item = &[Option<Box<str>>]> {
        self.set.rows.iter().map(|row| &*row.cells)
    }
}

/// A part of a bundle that could not be read, or says too little.
pub struct Remark {
    /// Where it stands, in bytes of the text.
    pub start: usize,
    /// On which line, counted from 0.
    pub line: u32,
    /// What is missing, in words for people.
    pub message: String,
    /// Whether something of the bundle was lost by it, and not only looks odd.
    pub is_loss: bool,
}

/// What a bundle holds.
#[derive(Default)]
pub struct Bundle {
    /// When it was collected, as it is written there.
    pub taken: Option<Box<str>>,
    /// The host that it was collected on, where it says so.
    pub node: Option<Box<str>>,
    /// Rows of views, in the order of the text.
    pub views: Vec<ViewRows>,
    /// What is missing.
    pub remarks: Vec<Remark>,
}

impl Bundle {
    /// A catalog is of one database. Tables whose names are in several are left out: the
    /// first cells of tables and of indexes are their database, schema and table.
    fn leave_out_ambiguous(&mut self) {
        let mut databases: BTreeMap<(String, String), BTreeSet<String>> = BTreeMap::new();
        let owned = |cell: &Option<Box<str>>| cell.as_deref().unwrap_or_default().to_owned();
        for rows in self.views.iter().filter(|rows| rows.is_of("pg_stat_user_tables")) {
            for cells in rows.rows() {
                let [database, schema, name, ..] = cells else { continue };
                let of = databases.entry((owned(schema), owned(name))).or_default();
                of.insert(owned(database));
            }
        }
        databases.retain(|_, of| of.len() > 1);
        if databases.is_empty() {
            return;
        }
        for rows in &mut self.views {
            if rows.is_of("pg_stat_user_tables") || rows.is_of("pg_stat_user_indexes") {
                rows.retain(|cells| match cells {
                    [_, schema, name, ..] => !databases.contains_key(&(owned(schema), owned(name))),
                    _ => false,
                });
            }
        }
        self.remarks.push(Remark {
            start: 0,
            line: 0,
            message: format!(
                "{} tables have a name that several of the collected databases have: they are left \
                 out; collect one database at a time",
                databases.len()
            ),
            is_loss: false,
        });
    }
}

/// Takes the text of a bundle apart; tells what is whole of one that is cut. Never panics.
pub type TakeApart = fn(&str) -> Bundle;

/// Reads files of one kind of bundle.
pub struct BundleReader {
    take_apart: TakeApart,
    zones: Arc<ZoneTable>,
}

impl BundleReader {
    /// A reader of bundles of one kind.
    pub fn new(take_apart: TakeApart, zones: &Arc<ZoneTable>) -> Self {
        BundleReader { take_apart, zones: Arc::clone(zones) }
    }

    fn time(&self, text: &str) -> Option<Timestamp> {
        StampParser::new(&self.zones).parse(text.as_bytes()).map(|stamp| stamp.time)
    }
}

impl LogReader for BundleReader {
    fn notes(&self) -> Vec<String> {
        Vec::new()
    }

    fn cut(&self) -> Box<dyn Cut + Send> {
        Box::new(Whole)
    }

    fn cuts_anywhere(&self) -> bool {
        false
    }

    fn parse(&self, chunk: ChunkText<'_>, sink: &mut dyn Sink) -> Segment {
        parse_whole(&chunk, sink, |reading, sink| {
            let bundle = (self.take_apart)(&text_of(chunk.bytes));
            let taken = bundle.taken.as_deref().and_then(|text| self.time(text));
            let place = chunk.place(0, 0);
            for ViewRows { view, set } in
                bundle.views.iter().filter(|part| !part.set.rows.is_empty())
            {
                reading.records += 1;
                let mut rows = Rows::new(set, &self.zones, place, taken);
                rows.node = bundle.node.clone().unwrap_or_default();
                let left_out = tell_rows(view, &rows, place, &self.zones, sink);
                left_out.note(view.name, reading, |loss| {
                    let line = set.rows.first().map_or(0, |row| row.line);
                    chunk.skipped(0, line, loss)
                });
            }
            for remark in bundle.remarks {
                let skipped = chunk.skipped(remark.start, remark.line, remark.message);
                match remark.is_loss {
                    true => {
                        let size_bytes = chunk.bytes.len().saturating_sub(remark.start);
                        reading.skip(skipped, size_bytes, 1);
                    }
                    false => reading.remark(skipped),
                }
            }
        })
    }
}
