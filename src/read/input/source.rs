//! One opened input: what it is, samples of it, and the windows that are mapped.
//!
//! Owns [`Source`], [`ReadPolicy`] and [`Sample`], and the only `unsafe` of the crate
//! (`PlainFile::window`). Plain UTF-8 files are read by offset, so that they can be sampled at
//! several places and mapped in windows; everything else is a [`TextStream`]. Opening is left to
//! `open`, cutting into chunks to `chunk`.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use super::archive::ArchiveKind;
use super::chunk::Chunks;
use super::decompress::Compression;
use super::error::{Fault, InputError};
use super::paths::InputPath;
use super::pool::BufferPool;
use super::stream::TextStream;
use super::text::Encoding;

const SAMPLE_HEAD_BYTES: usize = 256 * 1024;
const SAMPLE_PIECE_BYTES: usize = 64 * 1024;

/// How inputs are read. No choice here changes any text, only how it arrives.
#[derive(Clone, Copy, Debug)]
pub struct ReadPolicy {
    /// Usual size of a chunk; at least 1, at most `max_record_bytes`.
    pub chunk_bytes: usize,
    /// Whether files may be mapped at all.
    pub mmap: bool,
    /// A record longer than this is cut by force.
    pub max_record_bytes: usize,
    /// Only files that nobody wrote to for this long are mapped.
    pub quiet_for: Duration,
}

impl Default for ReadPolicy {
    fn default() -> ReadPolicy {
        ReadPolicy {
            chunk_bytes: 2 * 1024 * 1024,
            mmap: true,
            max_record_bytes: 16 * 1024 * 1024,
            quiet_for: Duration::from_secs(600),
        }
    }
}

/// Pieces of an input's text, for decisions that concern all of it.
#[derive(Clone, Debug, Default)]
pub struct Sample {
    /// The first 256 KiB, cut anywhere.
    pub head: Vec<u8>,
    /// Up to three pieces of 64 KiB from the middle and the end, whole lines only; none for
    /// compressed input, standard input and UTF-16, which cannot be entered in the middle.
    pub more: Vec<Vec<u8>>,
    /// `head` is the entire text.
    pub whole: bool,
    /// The path as shown: outputs that do not say what they are about are called by it.
    pub name: String,
}

/// One opened input.
pub struct Source {
    path: PathBuf,
    display: String,
    policy: ReadPolicy,
    compression: Compression,
    encoding: Encoding,
    archive: Option<ArchiveKind>,
    stored_bytes: Option<u64>,
    pub(super) body: Body,
}

/// The two ways to get at the text.
pub(super) enum Body {
    Plain(PlainFile),
    Stream(Box<TextStream>),
}

impl Source {
    /// A plain file, from behind its byte order mark on.
    pub(super) fn of_file(
        input: &InputPath,
        policy: &ReadPolicy,
        encoding: Encoding,
        mut plain: PlainFile,
    ) -> Source {
        plain.mapped = policy.mmap && plain.is_quiet_for(policy.quiet_for);
        Source {
            path: input.path.clone(),
            display: input.display.clone(),
            policy: *policy,
            compression: Compression::None,
            encoding,
            archive: None,
            stored_bytes: Some(plain.stored_bytes()),
            body: Body::Plain(plain),
        }
    }

    /// Text that comes as a stream, of so many stored bytes if that is known.
    pub(super) fn of_stream(
        input: &InputPath,
        policy: &ReadPolicy,
        stored_bytes: Option<u64>,
        stream: TextStream,
    ) -> Source {
        Source {
            path: input.path.clone(),
            display: input.display.clone(),
            policy: *policy,
            compression: stream.compression(),
            encoding: stream.encoding(),
            archive: None,
            stored_bytes,
            body: Body::Stream(Box::new(stream)),
        }
    }

    /// The text is a member of an archive.
    pub(super) fn in_archive(self, kind: ArchiveKind) -> Source {
        Source { archive: Some(kind), ..self }
    }

    /// The same under another shown name.
    pub(super) fn shown_as(self, input: &InputPath) -> Source {
        Source { display: input.display.clone(), ..self }
    }

    /// The path as shown.
    pub fn display(&self) -> &str {
        &self.display
    }

    /// How the file is packed, told from its content.
    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// How the text inside is encoded; chunks and samples are UTF-8 whatever it is.
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The archive that the input is a member of.
    pub fn archive(&self) -> Option<ArchiveKind> {
        self.archive
    }

    /// The size as stored (compressed, with byte order mark) when it was opened; `None` for
    /// standard input and where an archive does not say it.
    pub fn stored_bytes(&self) -> Option<u64> {
        self.stored_bytes
    }

    /// The length of the text where it is known without reading: plain UTF-8 files.
    pub fn text_bytes(&self) -> Option<u64> {
        match &self.body {
            Body::Plain(plain) => Some(plain.text_bytes),
            Body::Stream(_) => None,
        }
    }

    /// Text from the beginning and, where possible, from further places; consumes nothing.
    ///
    /// An input that is damaged after some text gives that text; one damaged before any text is an
    /// error.
    pub fn sample(&mut self) -> Result<Sample, InputError> {
        let (head, whole) = self.head(SAMPLE_HEAD_BYTES)?;
        let more = match &mut self.body {
            Body::Plain(plain) if !whole => plain.sample_lines(head.len() as u64),
            _ => Ok(Vec::new()),
        };
        let more =
            more.map_err(|source| self.error(Fault::Read { offset: head.len() as u64, source }))?;
        Ok(Sample { head, more, whole, name: self.display.clone() })
    }

    /// The first `wanted` bytes of the text, fewer only if there are no more, and whether they are
    /// all of it; consumes nothing.
    pub(super) fn head(&mut self, wanted: usize) -> Result<(Vec<u8>, bool), InputError> {
        match &mut self.body {
            Body::Plain(plain) => {
                let mut head =
                    vec![0; usize::try_from(plain.text_bytes).unwrap_or(wanted).min(wanted)];
                match plain.read_at(0, &mut head) {
                    Ok(count) => {
                        head.truncate(count);
                        let whole = count as u64 == plain.text_bytes;
                        Ok((head, whole))
                    }
                    Err(source) => Err(self.error(Fault::Read { offset: 0, source })),
                }
            }
            Body::Stream(stream) => {
                // One more byte tells whether the text ends there.
                let text = stream.look_ahead(wanted.saturating_add(1));
                let head = text[..text.len().min(wanted)].to_vec();
                let whole = head.len() == text.len();
                if !whole || !head.is_empty() {
                    return Ok((head, whole && !stream.has_failed()));
                }
                match stream.take_failure(0) {
                    Some(fault) => Err(self.error(fault)),
                    None => Ok((head, true)),
                }
            }
        }
    }

    /// The text in chunks, with buffers of their own.
    pub fn chunks(self) -> Chunks {
        let pool = BufferPool::new(self.policy.chunk_bytes);
        self.chunks_in(&pool)
    }

    /// The text in chunks, with buffers from a pool that several sources share.
    pub fn chunks_in(self, pool: &BufferPool) -> Chunks {
        Chunks::new(self, pool.clone())
    }

    pub(super) fn policy(&self) -> &ReadPolicy {
        &self.policy
    }

    pub(super) fn error(&self, fault: Fault) -> InputError {
        InputError { path: self.path.clone(), display: self.display.clone(), fault }
    }
}

/// A regular, uncompressed UTF-8 file, read by offset. Offsets are those of the text, behind a byte
/// order mark.
pub(super) struct PlainFile {
    file: File,
    text_start: u64,
    /// Length of the text when the file was opened.
    pub text_bytes: u64,
    modified: Option<SystemTime>,
    mapped: bool,
}

impl PlainFile {
    /// A file of this many bytes, the first of which are no text yet.
    pub fn new(
        file: File,
        stored_bytes: u64,
        mark_bytes: u64,
        modified: Option<SystemTime>,
    ) -> PlainFile {
        PlainFile {
            file,
            text_start: mark_bytes,
            text_bytes: stored_bytes.saturating_sub(mark_bytes),
            modified,
            mapped: false,
        }
    }

    /// Reads until `out` is full, the file ends, or the size at open is reached; returns the number
    /// of bytes.
    pub fn read_at(&mut self, offset: u64, out: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.text_bytes.saturating_sub(offset)).unwrap_or(usize::MAX);
        let wanted = left.min(out.len());
        self.file.seek(SeekFrom::Start(self.text_start + offset))?;
        let mut filled = 0;
        while filled < wanted {
            match self.file.read(&mut out[filled..wanted]) {
                Ok(0) => break,
                Ok(count) => filled += count,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        Ok(filled)
    }

    /// Maps `len` bytes of the text, which must lie within its length at open. `None`: read
    /// instead, because mapping is off, refused by the system, or not safe any more. Once refused,
    /// a file is never mapped again.
    #[expect(unsafe_code, reason = "mapping a file has no safe form")]
    pub fn window(&mut self, offset: u64, len: usize) -> Option<Window> {
        if !self.mapped || len == 0 {
            return None;
        }
        self.mapped = false;
        if !self.is_unchanged() {
            return None;
        }
        let mut options = memmap2::MmapOptions::new();
        options.offset(self.text_start + offset).len(len);
        // SAFETY: The map is read-only and the slice is only used while the map lives. What Rust
        // cannot check is that nobody changes the file meanwhile: written bytes would change under
        // a shared slice, and touching a page beyond a new, smaller end kills the process (SIGBUS).
        // So a file is mapped only when nobody wrote to it for `quiet_for` (ten minutes), and its
        // length and modification time are compared with those at open before each window of some
        // megabytes. What remains is a file that lay still that long and is truncated within the
        // milliseconds in which one window is in use; `--no-mmap` excludes that too. No content is
        // trusted: parsers accept any bytes, and nothing relies on a byte staying the same between
        // two looks.
        let map = unsafe { options.map(&self.file) }.ok()?;
        self.mapped = true;
        Some(Window(map))
    }

    /// The size of the file when it was opened, byte order mark included.
    pub fn stored_bytes(&self) -> u64 {
        self.text_start + self.text_bytes
    }

    /// Nobody has written to the file for `duration`. The clock decides only how the file is read.
    fn is_quiet_for(&self, duration: Duration) -> bool {
        let age =
            self.modified.and_then(|modified| SystemTime::now().duration_since(modified).ok());
        age.is_some_and(|age| age >= duration)
    }

    fn is_unchanged(&self) -> bool {
        self.file.metadata().is_ok_and(|now| {
            now.len() == self.stored_bytes() && now.modified().ok() == self.modified
        })
    }

    /// Three pieces of whole lines from the text behind its first `head_bytes`, as far as they do
    /// not overlap.
    fn sample_lines(&mut self, head_bytes: u64) -> io::Result<Vec<Vec<u8>>> {
        let rest = self.text_bytes.saturating_sub(head_bytes);
        let last = self.text_bytes.saturating_sub(SAMPLE_PIECE_BYTES as u64);
        let mut pieces = Vec::new();
        let mut free_from = head_bytes;
        for offset in [head_bytes + rest / 3, head_bytes + rest / 3 * 2, last] {
            if offset < free_from {
                continue;
            }
            let mut piece = vec![0; SAMPLE_PIECE_BYTES];
            let count = self.read_at(offset, &mut piece)?;
            piece.truncate(count);
            free_from = offset + count as u64;
            keep_whole_lines(&mut piece);
            if !piece.is_empty() {
                pieces.push(piece);
            }
        }
        Ok(pieces)
    }
}

/// Drops what stands before the first and after the last line end.
fn keep_whole_lines(piece: &mut Vec<u8>) {
    piece.truncate(memchr::memrchr(b'\n', piece).map_or(0, |at| at + 1));
    let first = memchr::memchr(b'\n', piece).map_or(0, |at| at + 1);
    piece.drain(..first);
}

/// A mapped stretch of a file.
#[derive(Debug)]
pub(super) struct Window(memmap2::Mmap);

impl Deref for Window {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

#[cfg(test)]
mod tests;
