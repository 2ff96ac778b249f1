//! Rows of a view with their cells by the name of the column.

use crate::model::catalog::Origin;
use crate::model::workload::examples::Place;
use crate::read::snapshots::tabular::{ResultSet, Row};
use crate::time::{StampParser, Timestamp, ZoneTable};
use std::collections::BTreeMap;

/// The rows of a result set.
pub struct Rows<'s> {
    set: &'s ResultSet,
    /// Names in lower case.
    places: BTreeMap<String, usize>,
    zones: &'s ZoneTable,
    offset: u64,
    first_line: u32,
    /// When the snapshot was taken, where something beside the rows says it.
    taken: Option<Timestamp>,
    /// The node that it was taken on, where something says it.
    pub node: Box<str>,
}

impl<'s> Rows<'s> {
    /// Of a result set that begins at an offset of its source, whose text begins at a line of its
    /// chunk.
    pub fn new(
        set: &'s ResultSet,
        zones: &'s ZoneTable,
        (offset, first_line): (u64, u32),
        taken: Option<Timestamp>,
    ) -> Self {
        let names = set.columns.iter().map(|name| name.trim().to_ascii_lowercase());
        let places = names.enumerate().map(|(at, name)| (name, at)).rev().collect();
        let taken = set.title.as_deref().and_then(|title| time_of(title, zones)).or(taken);
        Rows { set, places, zones, offset, first_line, taken, node: "".into() }
    }

    /// The rows one by one.
    pub fn iter(&self) -> impl Iterator<Item = View<'_>> {
        self.set.rows.iter().map(|row| View { rows: self, row })
    }

    /// When the snapshot was taken, where something beside the rows says it.
    pub fn taken(&self) -> Option<Timestamp> {
        self.taken
    }

    /// Whether there is a column of this name.
    pub fn has(&self, column: &str) -> bool {
        self.places.contains_key(column)
    }
}

/// The time in a title: psql writes one above what it shows again and again (`… (every 1s)`).
fn time_of(title: &str, zones: &ZoneTable) -> Option<Timestamp> {
    let line = title.lines().last()?.trim();
    let (time, _) = line.rsplit_once(" (every ")?;
    let of_c = iso_of_c(time);
    let time = of_c.as_deref().unwrap_or(time.trim());
    StampParser::new(zones).parse(time.as_bytes()).map(|stamp| stamp.time)
}

/// `Tue Nov 24 01:52:44 2026`, as C writes times, in the order of ISO 8601.
fn iso_of_c(text: &str) -> Option<String> {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let words: Vec<&str> = text.split_whitespace().collect();
    let [_, month, day, clock, year] = words.as_slice() else { return None };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    Some(format!("{year}-{month:02}-{day:0>2} {clock}"))
}

/// A row whose cells are asked for by name.
#[derive(Clone, Copy)]
pub struct View<'r> {
    rows: &'r Rows<'r>,
    row: &'r Row,
}

impl<'r> View<'r> {
    /// A cell that is there and neither NULL nor empty.
    pub fn text(&self, column: &str) -> Option<&'r str> {
        let at = *self.rows.places.get(column)?;
        let text = self.row.cells.get(at)?.as_deref()?.trim();
        (!text.is_empty()).then_some(text)
    }

    /// A number; clients of some countries group digits, so only plain ones count.
    pub fn number(&self, column: &str) -> Option<f64> {
        self.text(column)?.parse().ok().filter(|number: &f64| number.is_finite())
    }

    /// A count.
    pub fn count(&self, column: &str) -> Option<u64> {
        let text = self.text(column)?;
        let of_float = |number: f64| (0.0..1e19).contains(&number).then_some(number as u64);
        text.parse().ok().or_else(|| text.parse().ok().and_then(of_float))
    }

    /// Yes or no, in the words of any client.
    pub fn flag(&self, column: &str) -> Option<bool> {
        match self.text(column)?.to_ascii_lowercase().as_str() {
            "t" | "true" | "yes" | "y" | "1" | "on" => Some(true),
            "f" | "false" | "no" | "n" | "0" | "off" => Some(false),
            _ => None,
        }
    }

    /// A time; without a zone it is that of the server's log, or UTC.
    pub fn time(&self, column: &str) -> Option<Timestamp> {
        let text = self.text(column)?;
        StampParser::new(self.rows.zones).parse(text.as_bytes()).map(|stamp| stamp.time)
    }

    /// Its line in its chunk.
    pub fn line(&self) -> u32 {
        self.rows.first_line.saturating_add(self.row.line)
    }

    /// Where the row stands, and when it was true.
    pub fn origin(&self) -> Origin {
        let taken = self.time("captured_at").or(self.rows.taken);
        let place = Place { source: 0, offset: self.rows.offset, line_in_chunk: self.line() };
        Origin { taken, place }
    }

    /// The node that tells it.
    pub fn node(&self) -> Box<str> {
        self.text("host").map_or_else(|| self.rows.node.clone(), Into::into)
    }
}
