//! Plan readers: from the text of a plan to a [`Plan`]. A reader is one file and one line in
//! [`PLAN_READERS`]; recognition, help and the shared tests iterate the table.
//!
//! A reader first finds its documents in a text ([`PlanReader::find`]), so that a file may hold
//! several plans of several kinds between other lines, and then reads one. Log readers hand over
//! the documents they meet with [`read_document`].

mod builder;
pub mod captured;
mod clean;
pub mod file;
pub mod mongodb;
pub mod mysql;
pub mod postgres;
pub mod sqlite;
pub mod tree;

pub use crate::model::plan::PlanError;
pub use builder::{Builder, MAX_DEPTH};

use crate::model::event::Engine;
use crate::model::plan::Plan;

/// What becomes of literals.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Literals {
    /// They are replaced before anything enters the model.
    Hide,
    /// The user asked to keep them.
    Keep,
}

impl From<bool> for Literals {
    /// From whether they are to be kept.
    fn from(keep: bool) -> Self {
        if keep { Literals::Keep } else { Literals::Hide }
    }
}

/// What a plan reader is called and what it reads.
#[derive(Debug)]
pub struct PlanMeta {
    /// The name on the command line and in reports.
    pub name: &'static str,
    /// The engine that prints it.
    pub engine: Engine,
    /// One line for people.
    pub title: &'static str,
    /// Short genuine documents: found by this reader and by no other.
    pub samples: &'static [&'static str],
}

/// A document in a text: `text[start..end]`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Where it begins.
    pub start: usize,
    /// Where it ends: behind its last line, or at the end of the text where it is cut.
    pub end: usize,
}

/// Reads plans of one form.
pub trait PlanReader: Sync {
    /// What it is called.
    fn meta(&self) -> &'static PlanMeta;

    /// The first document of this form in a text, which begins at a line start. In linear time;
    /// `None` if there is none. Never finds what is not surely a plan of this form.
    fn find(&self, text: &str) -> Option<Found>;

    /// Reads a document: its plans, at least one. Never panics, whatever the document is.
    fn read(&self, document: &str, literals: Literals) -> Result<Vec<Plan>, PlanError>;
}

/// Every plan reader; where two find a document at the same place, the first has it.
pub static PLAN_READERS: &[&dyn PlanReader] = &[
    &postgres::PostgresJson,
    &postgres::PostgresXml,
    &postgres::PostgresYaml,
    &postgres::PostgresText,
    &mysql::json::MYSQL,
    &mysql::json::MARIADB,
    &mysql::TreeText,
    &mysql::Table,
    &mongodb::MongodbExplain,
    &sqlite::SqliteEqp,
];

/// Reads a document whose engine is known, such as one that stands in a log.
pub fn read_document(
    document: &str,
    engine: Engine,
    literals: Literals,
) -> Result<Vec<Plan>, PlanError> {
    let readers = PLAN_READERS.iter().filter(|r| r.meta().engine.family() == engine.family());
    let first = readers
        .filter_map(|reader| Some((reader, reader.find(document)?)))
        .min_by_key(|(_, found)| found.start);
    let Some((reader, found)) = first else {
        return Err(PlanError::at(0, "no plan of a known form"));
    };
    let text = document.get(found.start..found.end).unwrap_or_default();
    reader
        .read(text, literals)
        .map_err(|error| PlanError { offset: found.start + error.offset, message: error.message })
}

/// A document of a text, and who reads it.
#[derive(Clone, Copy)]
pub struct Located {
    /// Its reader.
    pub reader: &'static dyn PlanReader,
    /// Where it stands.
    pub found: Found,
}

/// All documents in a text, in their order. Linear: each reader looks at each part of it once.
pub fn locate(text: &str) -> Vec<Located> {
    let find_from = |reader: &'static dyn PlanReader, at: usize| {
        let found = reader.find(text.get(at..)?)?;
        let found = Found { start: at + found.start, end: at + found.end.max(found.start + 1) };
        Some(Located { reader, found })
    };
    let mut next: Vec<_> = PLAN_READERS.iter().map(|reader| find_from(*reader, 0)).collect();
    let mut all: Vec<Located> = Vec::new();
    loop {
        let behind = all.last().map_or(0, |last| last.found.end);
        for (place, reader) in next.iter_mut().zip(PLAN_READERS) {
            if place.is_some_and(|located| located.found.start < behind) {
                *place = find_from(*reader, line_start(text, behind));
            }
        }
        // `min_by_key` gives the first of equals, and the table's order decides between those.
        let first = next.iter().flatten().min_by_key(|located| located.found.start);
        match first {
            Some(located) => all.push(*located),
            None => return all,
        }
    }
}

/// The first line start at or behind a place.
fn line_start(text: &str, at: usize) -> usize {
    match at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n') {
        true => at,
        false => memchr::memchr(b'\n', text.as_bytes().get(at..).unwrap_or_default())
            .map_or(text.len(), |end| at + end + 1),
    }
}
