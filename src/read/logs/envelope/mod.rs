//! Carriers: log lines inside the lines of something else (syslog, a journal, a container runtime, a
//! cloud's export). A carrier is one file and one line in [`ENVELOPES`]; it knows no log format and
//! no engine.
//!
//! ```text
//! source ─ Splitter ─▶ entries ─ unwrap ─▶ text + marks ─ any LogReader ─▶ events
//!                         │
//!                         └─ other programs' lines, what is not understood: counted
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `unwrap` | entries to one text: parts of a record brought together, marks that say where each came from |
//! | `reader` | the decorator that makes any reader read what is inside |
//! | `spans` | which entries hold a record, for those who want its bytes |
//! | `cut` | where a chunk of carried text may end |
//! | `fits` | whose lines are ours |
//! | `stamp` | the clocks of carriers, also those that show no year |
//! | `head`, `parts`, `programs` | what logging daemons write: heads of lines, parts of messages, many programs |
//! | `json` | carriers whose entries are JSON objects |
//! | all others | one carrier each |
//!
//! What an entry means depends on its own bytes and on what was decided once for the file, never on
//! entries before it. Parts of one record may be interleaved with others; a part belongs to its
//! record only if at most [`HORIZON_BYTES`] of source lie between it and the part before. So any way
//! to cut the source gives the same records.
//!
//! What is inside may be a carrier itself (CloudNativePG's objects in a container runtime's lines):
//! then one decorator reads what the other took out, and marks lead through both.

mod cloudwatch;
mod container;
mod cut;
mod fits;
mod head;
mod journal;
mod json;
mod logplex;
mod parts;
mod programs;
mod psql;
mod reader;
mod spans;
mod stamp;
mod syslog;
mod unwrap;

pub use fits::Fits;
pub use reader::Enveloped;
pub(super) use stamp::{YearlessDay, fraction, yearless_day};
pub use unwrap::{HORIZON_BYTES, Order, Unwrapped, unwrap};

use super::text::Outer;
use crate::read::input::Sample;
use crate::read::options::ReadOptions;

/// A kind of carrier.
pub struct EnvelopeKind {
    /// Its name, for programs.
    pub name: &'static str,
    /// Decides whether a file is of this kind, and what its entries must agree on. Sure or nothing:
    /// a carrier is believed before any log format is.
    pub detect: fn(&Sample, &ReadOptions, Fits<'_>) -> Option<Box<dyn Envelope>>,
    /// Short genuine pieces, with PostgreSQL records inside: recognised by this kind and no other.
    pub samples: &'static [&'static str],
}

/// Every carrier, the most particular first.
pub static ENVELOPES: &[&EnvelopeKind] = &[
    &json::cloudnativepg::KIND,
    &json::azure::KIND,
    &json::cloud_logging::KIND,
    &json::cloudwatch::KIND,
    &json::journal::KIND,
    &json::docker::KIND,
    &json::shipped::KIND,
    &container::KIND,
    &logplex::KIND,
    &journal::KIND,
    &syslog::KIND,
    &psql::KIND,
    &cloudwatch::KIND,
];

/// A carrier of one source; shared by all workers.
pub trait Envelope: Send + Sync {
    /// What it is called in reports, behind "inside".
    fn title(&self) -> String;

    /// What was decided about the file, in words for the report's appendix.
    fn notes(&self) -> Vec<String>;

    /// Something that splits a text into entries.
    fn splitter(&self) -> Box<dyn Splitter + '_>;

    /// Where the first entry begins in a text that was entered anywhere: above 0, `None` if none is
    /// sure to begin in it. By default behind a line end.
    fn resync(&self, text: &[u8]) -> Option<usize> {
        memchr::memchr(b'\n', text).map(|at| at + 1)
    }

    /// Where the first entry begins behind byte `from` of a text that begins at one itself.
    fn entry_behind(&self, text: &[u8], from: usize) -> Option<usize> {
        self.resync(text.get(from..)?).map(|at| from + at)
    }

    /// Whether a text that was entered at the start of any line soon shows where entries begin.
    fn begins_anywhere(&self) -> bool {
        true
    }

    /// Whether any entry may be a later part of a record ([`Piece::Next`], [`Piece::Part`]).
    fn has_parts(&self) -> bool {
        false
    }

    /// How a [`Piece::Next`] joins the part before it, whose text had so many bytes.
    fn joint(&self, _before_bytes: usize, _part: &[u8]) -> Joint {
        Joint::NewLine
    }

    /// The last entry was written first. Such a carrier has no parts.
    fn newest_first(&self) -> bool {
        false
    }
}

/// Splits a text into entries; one per worker. It may remember to be faster, but what an entry means
/// must not depend on what was remembered.
pub trait Splitter {
    /// Takes the next entry of `rest`, which begins at one and is not empty. What the entry carries
    /// is appended to `text`, a line end behind it or not.
    fn entry(&mut self, rest: &[u8], text: &mut Vec<u8>) -> Entry;
}

/// An entry of a carrier.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entry {
    /// Its size in the source, line end included; at least 1.
    pub bytes: usize,
    /// Its line ends.
    pub lines: u32,
    /// What it is.
    pub content: Content,
}

/// What an entry is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Content {
    /// Text for the reader inside; it was appended.
    Payload {
        /// How it belongs to other entries.
        piece: Piece,
        /// What the carrier says about it.
        outer: Outer,
    },
    /// Another program's, or the carrier's own: known, and not ours.
    Foreign,
    /// Not understood, and why (without literals).
    Unknown(&'static str),
    /// Nothing but blanks.
    Blank,
}

/// How the text of an entry belongs to that of others. `from` is a key of who wrote it, whose
/// records do not overlap; `record` is one of the record, where the carrier numbers them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Piece {
    /// Whole lines; the reader inside knows which of them belong together.
    Alone,
    /// A record, or its first part.
    First {
        /// Who wrote it.
        from: u64,
        /// The record.
        record: u64,
    },
    /// A later part of the last record of the same writer, if that has the same number.
    Next {
        /// Who wrote it.
        from: u64,
        /// The record.
        record: u64,
    },
    /// A part that says only whether more will come; what comes next from the same writer goes on
    /// in the same line.
    Part {
        /// Who wrote it.
        from: u64,
        /// Nothing more comes.
        is_last: bool,
    },
}

/// How two parts of a record join.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Joint {
    /// The line was too long for one entry.
    SameLine,
    /// The record had a line end there.
    NewLine,
}

/// The line that begins a text, without its line end, and how many bytes it takes with it.
pub(super) fn first_line(rest: &[u8]) -> (&[u8], usize) {
    match memchr::memchr(b'\n', rest) {
        Some(at) => (rest[..at].strip_suffix(b"\r").unwrap_or(&rest[..at]), at + 1),
        None => (rest, rest.len()),
    }
}

/// The text of a sample's pieces, taken out of a carrier.
pub(crate) fn unwrap_sample(envelope: &dyn Envelope, sample: &Sample) -> Sample {
    let inner = |text: &Vec<u8>| unwrap(envelope, text, Order::Whole).text;
    Sample {
        head: inner(&sample.head),
        more: sample.more.iter().map(inner).collect(),
        whole: sample.whole,
        name: sample.name.clone(),
    }
}
