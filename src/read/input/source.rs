//! One opened input: what it is, samples of it, and the windows that are mapped.
//!
//! Owns [`Source`], [`ReadPolicy`] and [`Sample`], and the only `unsafe` of the crate
//! (`PlainFile::window`). Plain UTF-8 files are read by offset, so that they can be sampled at
//! several places and mapped in windows; everything else is a [`TextStream`]. Cutting into chunks
//! is left to `chunk`.

use std::fs::{self, File};
use std::io::{self, Read, Seek, SeekFrom};
use std::ops::Deref;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use super::chunk::Chunks;
use super::decompress::Compression;
use super::error::{Fault, InputError};
use super::paths::{InputPath, special_kind};
use super::pool::BufferPool;
use super::stored::Stored;
use super::stream::{DETECT_BYTES, TextStream};
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
}

/// One opened input.
pub struct Source {
    path: PathBuf,
    display: String,
    policy: ReadPolicy,
    compression: Compression,
    encoding: Encoding,
    stored_bytes: Option<u64>,
    pub(super) body: Body,
}

/// The two ways to get at the text.
pub(super) enum Body {
    Plain(PlainFile),
    Stream(Box<TextStream>),
}

impl Source {
    /// Opens an input and finds out, from its content, how it is packed and encoded.
    ///
    /// A file is read up to the size it has now: what is appended later is left for the next run.
    pub fn open(input: &InputPath, policy: &ReadPolicy) -> Result<Source, InputError> {
        if input.is_stdin() {
            return Source::from_reader(input, Box::new(io::stdin()), policy);
        }
        Source::open_file(input, policy).map_err(|fault| input.error(fault))
    }

    /// Reads from `reader` as from standard input.
    pub fn from_reader(
        input: &InputPath,
        reader: Box<dyn Read + Send>,
        policy: &ReadPolicy,
    ) -> Result<Source, InputError> {
        let stream = TextStream::new(Stored::new(reader, None))
            .map_err(|source| input.error(Fault::Read { offset: 0, source }))?;
        Ok(Source::of_stream(input, policy, None, stream))
    }

    fn open_file(input: &InputPath, policy: &ReadPolicy) -> Result<Source, Fault> {
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

        let mut plain = PlainFile {
            file,
            text_start: 0,
            text_bytes: stored_bytes,
            modified: metadata.modified().ok(),
            mapped: false,
        };
        let mut start = vec![0; DETECT_BYTES];
        let count =
            plain.read_at(0, &mut start).map_err(|source| Fault::Read { offset: 0, source })?;
        start.truncate(count);
        let (encoding, mark_bytes) = Encoding::detect(&start);
        let is_utf8 = matches!(encoding, Encoding::Utf8 | Encoding::Utf8Bom);
        if Compression::detect(&start) == Compression::None && is_utf8 {
            plain.text_start = mark_bytes as u64;
            plain.text_bytes = stored_bytes.saturating_sub(plain.text_start);
            plain.mapped = policy.mmap && plain.is_quiet_for(policy.quiet_for);
            return Ok(Source {
                path: input.path.clone(),
                display: input.display.clone(),
                policy: *policy,
                compression: Compression::None,
                encoding,
                stored_bytes: Some(stored_bytes),
                body: Body::Plain(plain),
            });
        }
        let mut file = plain.file;
        let stream = file
            .seek(SeekFrom::Start(0))
            .and_then(|_| TextStream::new(Stored::new(Box::new(file), Some(stored_bytes))))
            .map_err(|source| Fault::Read { offset: 0, source })?;
        Ok(Source::of_stream(input, policy, Some(stored_bytes), stream))
    }

    fn of_stream(
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
            stored_bytes,
            body: Body::Stream(Box::new(stream)),
        }
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

    /// The size as stored (compressed, with byte order mark) when it was opened; `None` for
    /// standard input.
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
        Ok(Sample { head, more, whole })
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
