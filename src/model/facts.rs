//! The whole that was read: inputs, servers and their workloads. Rules judge it, reports tell it.

use super::catalog::Catalog;
use super::event::Engine;
use super::workload::examples::Place;
use super::workload::{Keep, Workload};
use crate::time::Timestamp;
use serde::Serialize;

/// Places of what was not understood that are kept per input.
pub const MAX_PROBLEMS: usize = 5;

/// Something about an input that the reader of a report should know.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Problem {
    /// Byte offset in the decompressed input, when it has one place.
    pub offset: Option<u64>,
    /// Line, when it has one place.
    pub line: Option<u64>,
    /// What is wrong, without literals.
    pub message: String,
}

/// What kind of file an input is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum InputKind {
    /// A server's log.
    Log,
    /// Execution plans.
    Plan,
    /// Snapshots of a server's views and settings.
    Catalog,
    /// Statements that make a schema.
    Ddl,
    /// Not recognised.
    Unknown,
}

/// First line numbers by offset: what turns a place into a line.
#[derive(Clone, Debug, Default)]
pub struct LineIndex {
    /// Start offset of each chunk, and the lines before it; sorted by offset.
    starts: Vec<(u64, u64)>,
}

impl LineIndex {
    /// Notes that a chunk at an offset comes after so many lines. Offsets must rise.
    pub fn push(&mut self, offset: u64, lines_before: u64) {
        self.starts.push((offset, lines_before));
    }

    /// The 1-based line of a record, from its offset and its line within its chunk.
    pub fn line(&self, offset: u64, line_in_chunk: u32) -> u64 {
        let chunk = self.starts.partition_point(|(start, _)| *start <= offset);
        let before = chunk.checked_sub(1).map_or(0, |at| self.starts[at].1);
        before + u64::from(line_in_chunk) + 1
    }
}

/// One input and how it was read.
#[derive(Clone, Debug)]
pub struct InputFacts {
    /// The path as shown: from the argument's last component on.
    pub path: String,
    /// What kind of file it is.
    pub kind: InputKind,
    /// The format it was taken for.
    pub format: Option<&'static str>,
    /// The engine that wrote it.
    pub engine: Option<Engine>,
    /// The label of the server it belongs to.
    pub server: Option<String>,
    /// Decompressed size in bytes.
    pub bytes: u64,
    /// Complete log records.
    pub records: u64,
    /// Events that counted.
    pub events: u64,
    /// Records that were recognised as records but not understood.
    pub skipped_records: u64,
    /// Bytes that were not understood.
    pub skipped_bytes: u64,
    /// First time in it.
    pub first: Option<Timestamp>,
    /// Last time in it.
    pub last: Option<Timestamp>,
    /// Seconds east of UTC of the clock that wrote the first time.
    pub first_utc_offset_s: i32,
    /// Seconds east of UTC of the clock that wrote the last time.
    pub utc_offset_s: i32,
    /// The input that this one is a copy or another view of; then its own numbers are zero.
    pub duplicate_of: Option<String>,
    /// What was wrong with it, the first places of each.
    pub problems: Vec<Problem>,
    /// What was guessed about it, for the appendix.
    pub notes: Vec<String>,
    /// Line numbers by offset.
    pub lines: LineIndex,
    /// A hash of the decompressed content, for inputs that were read.
    pub content: Option<u128>,
}

impl InputFacts {
    /// An input of which only the path is known yet.
    pub fn new(path: &str) -> Self {
        InputFacts {
            path: path.to_owned(),
            kind: InputKind::Unknown,
            format: None,
            engine: None,
            server: None,
            bytes: 0,
            records: 0,
            events: 0,
            skipped_records: 0,
            skipped_bytes: 0,
            first: None,
            last: None,
            first_utc_offset_s: 0,
            utc_offset_s: 0,
            duplicate_of: None,
            problems: Vec::new(),
            notes: Vec::new(),
            lines: LineIndex::default(),
            content: None,
        }
    }
}

/// One server and its workload.
#[derive(Debug)]
pub struct ServerFacts {
    /// Its label: given, or the folder its files stand in.
    pub label: String,
    /// Its engine.
    pub engine: Engine,
    /// What it is, if it is no server but something before one, such as a connection pooler: its
    /// numbers are of the same work as a server's, and never added to them.
    pub apart: Option<&'static str>,
    /// What ran on it.
    pub workload: Workload,
    /// What its catalog says.
    pub catalog: Catalog,
    /// No run was logged: calls and times are what the server itself counted.
    pub is_counted: bool,
}

/// A place as people read it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize)]
pub struct Source {
    /// The shown path of the input.
    pub path: String,
    /// The 1-based line in the decompressed input.
    pub line: u64,
}

/// Everything that was read.
#[derive(Debug)]
pub struct Facts {
    /// The inputs, by shown path.
    pub inputs: Vec<InputFacts>,
    /// The servers, by label.
    pub servers: Vec<ServerFacts>,
    /// What was kept, and how.
    pub keep: Keep,
}

impl Facts {
    /// Number of query classes over all servers.
    pub fn classes(&self) -> usize {
        self.servers.iter().map(|s| s.workload.ranked().len()).sum()
    }

    /// Where a record stands, for people.
    pub fn source(&self, place: Place) -> Source {
        match self.inputs.get(place.source as usize) {
            Some(input) => Source {
                path: input.path.clone(),
                line: input.lines.line(place.offset, place.line_in_chunk),
            },
            None => Source { path: String::new(), line: 0 },
        }
    }
}
