//! Opening inputs: a path becomes one text, or a walk over the texts of an archive.
//!
//! Owns [`open`] and [`Opener`]. What an input is shows in its content, never in its name: plain
//! files are read where they lie, compressed ones as a stream, and what is an archive, compressed or
//! not, is gone through. Members of an archive can be opened again in any order, but only in the
//! order of [`InputPath::place_order`] does that take a single pass.

use std::cmp::Ordering;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::archive::{ArchiveFault, Content, Detected, Walk, detect, members, members_of_file};
use super::decompress::Compression;
use super::error::{Fault, InputError};
use super::paths::{InputPath, special_kind};
use super::source::{PlainFile, ReadPolicy, Source};
use super::stored::Stored;
use super::stream::DETECT_BYTES;
use super::text::Encoding;

/// What an input is.
pub enum Opened {
    /// One text.
    Text(Source),
    /// An archive of texts.
    Archive(Walk),
}

/// Opens a path and finds out, from its content, what it is.
///
/// A file is read up to the size it has now: what is appended later is left for the next run.
pub fn open(input: &InputPath, policy: &ReadPolicy) -> Result<Opened, InputError> {
    if input.is_stdin() {
        return open_reader(input, Box::new(io::stdin()), policy);
    }
    open_file(input, policy).map_err(|fault| input.error(fault))
}

/// Reads from `reader` as from standard input.
pub fn open_reader(
    input: &InputPath,
    reader: Box<dyn Read + Send>,
    policy: &ReadPolicy,
) -> Result<Opened, InputError> {
    open_stored(input, policy, Stored::new(reader, None), None).map_err(|fault| input.error(fault))
}

fn open_file(input: &InputPath, policy: &ReadPolicy) -> Result<Opened, Fault> {
    // Asked before opening, since opening a named pipe waits for its writer.
    let kind =
        fs::metadata(&input.path).map_err(|error| open_fault(&input.path, error))?.file_type();
    if kind.is_dir() {
        return Err(Fault::IsFolder);
    }
    if !kind.is_file() {
        return Err(Fault::Special { kind: special_kind(kind) });
    }
    let file = File::open(&input.path).map_err(|error| open_fault(&input.path, error))?;
    let metadata = file.metadata().map_err(|source| Fault::Open { source })?;
    let stored_bytes = metadata.len();
    let mut start = Vec::new();
    (&file)
        .take(DETECT_BYTES as u64)
        .read_to_end(&mut start)
        .map_err(|source| Fault::Read { offset: 0, source })?;
    let kind = detect(&start);
    let (encoding, mark_bytes) = Encoding::detect(&start);
    let is_utf8 = matches!(encoding, Encoding::Utf8 | Encoding::Utf8Bom);
    let is_archive = matches!(kind, Detected::Archive(_) | Detected::NotRead(_));
    if Compression::detect(&start) == Compression::None && is_utf8 && !is_archive {
        let plain = PlainFile::new(file, stored_bytes, mark_bytes as u64, metadata.modified().ok());
        return Ok(Opened::Text(Source::of_file(input, policy, encoding, plain)));
    }
    let file = Arc::new(file);
    if let Detected::Archive(kind) = kind
        && let Some(members) = members_of_file(kind, &file, stored_bytes)
    {
        let members = members.map_err(|fault| Fault::Archive { fault })?;
        return Ok(Opened::Archive(Walk::new(input, policy, kind, members)));
    }
    open_stored(input, policy, Stored::of_file(file, 0..stored_bytes), Some(stored_bytes))
}

fn open_stored(
    input: &InputPath,
    policy: &ReadPolicy,
    stored: Stored,
    stored_bytes: Option<u64>,
) -> Result<Opened, Fault> {
    Ok(match Content::of(stored) {
        Content::Text(stream) => {
            Opened::Text(Source::of_stream(input, policy, stored_bytes, stream))
        }
        Content::Archive(kind, archive) => {
            let members = members(kind, archive).map_err(|fault| Fault::Archive { fault })?;
            Opened::Archive(Walk::new(input, policy, kind, members))
        }
        Content::NotRead(what) => {
            return Err(Fault::Archive { fault: ArchiveFault::NotRead { what } });
        }
    })
}

/// What a failed look at or opening of a path means.
pub(super) fn open_fault(path: &Path, error: io::Error) -> Fault {
    if error.kind() != io::ErrorKind::NotFound {
        return Fault::Open { source: error };
    }
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_symlink() => Fault::BrokenLink,
        _ => Fault::NotFound,
    }
}

/// Opens texts that were found before, one after the other.
pub struct Opener {
    policy: ReadPolicy,
    /// The archive of the last member that was opened, gone through up to there.
    walk: Option<Walk>,
}

impl Opener {
    /// Reads all of them in this way.
    pub fn new(policy: &ReadPolicy) -> Opener {
        Opener { policy: *policy, walk: None }
    }

    /// Opens a text. If the one before came from the same archive, that must have been read as far
    /// as it is wanted.
    pub fn open(&mut self, input: &InputPath) -> Result<Source, InputError> {
        let changed = || input.error(Fault::Archive { fault: ArchiveFault::Changed });
        let Some(place) = input.place else {
            return match open(input, &self.policy)? {
                Opened::Text(source) => Ok(source),
                Opened::Archive(_) => Err(changed()),
            };
        };
        let mut walk = match self.walk.take() {
            Some(walk) if walk.is_before(input, place) => walk,
            _ => match open(&InputPath { place: None, ..input.clone() }, &self.policy)? {
                Opened::Archive(walk) => walk,
                Opened::Text(_) => return Err(changed()),
            },
        };
        let found = walk.find(input, place);
        self.walk = Some(walk);
        found
    }
}

impl InputPath {
    /// An order in which [`Opener`] goes once through each archive.
    pub fn place_order(&self, other: &InputPath) -> Ordering {
        (&self.path, self.place).cmp(&(&other.path, other.place))
    }
}
