//! Plan readers: from the text of a plan to a [`Plan`]. A reader is one file and one line in
//! [`PLAN_READERS`]; recognition, help and the shared tests iterate the table.
//!
//! A reader first finds its documents in a text ([`PlanReader::find`]), so that a file may hold
//! several plans of several kinds between other lines, and then reads one. Log readers hand over
//! the documents they meet with [`read_document`].

mod builder;
pub mod captured;
pub(in crate::read) mod clean;
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
use memchr::memmem;

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

/// What tells where documents of a form begin and end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Bounds {
    /// Brackets, tags or keys, which only this form has: nothing else is looked for within.
    Marked,
    /// The look of lines: looked for between documents of the other kind.
    Lines,
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
    /// What tells where its documents are.
    pub bounds: Bounds,
    /// Each document holds one of these, so that texts with none of them need no closer look; empty
    /// if there is nothing that all have.
    pub words: &'static [&'static str],
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
    // Its lines look like PostgreSQL's to the next reader, and never the other way round.
    &mysql::TreeText,
    &postgres::PostgresText,
    &mysql::json::MYSQL,
    &mysql::json::MARIADB,
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
    let content = document.len() - document.trim_start().len();
    let mut first: Option<Located> = None;
    for reader in readers {
        let Some(located) = find_from(*reader, document, 0) else { continue };
        if first.is_none_or(|first| located.found.start < first.found.start) {
            first = Some(located);
        }
        if located.found.start <= content {
            // Nothing can stand before it, and the table's order decides between equals.
            break;
        }
    }
    let Some(Located { reader, found }) = first else {
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
    let marked = locate_by(Bounds::Marked, text, 0, text.len());
    let mut all = Vec::new();
    let mut behind = 0;
    for located in marked {
        all.extend(locate_by(Bounds::Lines, text, behind, located.found.start));
        all.push(located);
        behind = line_start(text, located.found.end);
    }
    all.extend(locate_by(Bounds::Lines, text, behind, text.len()));
    all
}

/// The documents of some readers in a part of a text.
fn locate_by(bounds: Bounds, text: &str, start: usize, end: usize) -> Vec<Located> {
    let Some(part) = text.get(..end).filter(|_| start < end) else { return Vec::new() };
    let readers = PLAN_READERS.iter().filter(|reader| reader.meta().bounds == bounds);
    let first =
        |reader: &&'static dyn PlanReader| Some((*reader, find_from(*reader, part, start)?));
    let mut next: Vec<_> = readers.filter_map(first).collect();
    let mut all: Vec<Located> = Vec::new();
    // `min_by_key` gives the first of equals, and the table's order decides between those.
    while let Some((_, first)) = next.iter().min_by_key(|(_, located)| located.found.start) {
        let behind = first.found.end;
        all.push(*first);
        next.retain_mut(|(reader, located)| {
            if located.found.start >= behind {
                return true;
            }
            let again = find_from(*reader, part, line_start(part, behind));
            *located = again.unwrap_or(*located);
            again.is_some()
        });
    }
    all
}

/// A reader's first document at or behind a place.
fn find_from(reader: &'static dyn PlanReader, text: &str, at: usize) -> Option<Located> {
    let rest = text.get(at..)?;
    let words = reader.meta().words;
    let has = |word: &&str| memmem::find(rest.as_bytes(), word.as_bytes()).is_some();
    if !words.is_empty() && !words.iter().any(has) {
        return None;
    }
    let found = reader.find(rest)?;
    let found = Found { start: at + found.start, end: at + found.end.max(found.start + 1) };
    Some(Located { reader, found })
}

/// The first line start at or behind a place.
fn line_start(text: &str, at: usize) -> usize {
    match at == 0 || text.as_bytes().get(at - 1) == Some(&b'\n') {
        true => at,
        false => memchr::memchr(b'\n', text.as_bytes().get(at..).unwrap_or_default())
            .map_or(text.len(), |end| at + end + 1),
    }
}
