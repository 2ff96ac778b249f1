//! gzip, zstd, bzip2, xz, lzma and lz4, recognised by content and never by name.
//!
//! Owns [`Compression`] and [`Decoder`], a reader of decompressed bytes over [`Stored`] that can
//! look ahead. Files of several members (gzip), frames (zstd, lz4) or streams (bzip2, xz) read as
//! one text. What follows the last member and is none is counted ([`Decoder::trailing`]), not an
//! error; padding of zeros is ignored, as gzip itself does. Damage is an error of the read that
//! meets it; the bytes of earlier reads are good. What a format allows but is not read here (a
//! dictionary, a window beyond [`WINDOW_LIMIT_KIB`]) is an error of the kind `Unsupported`.

use std::fmt;
use std::io::{self, BufRead, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lz4_flex::frame::FrameDecoder;
use lzma_rust2::{LzmaReader, XzReader};

use super::lookahead::Lookahead;
use super::stored::Stored;

/// How many stored bytes [`Compression::detect`] wants to see.
pub(super) const MAGIC_BYTES: usize = 14;

/// Largest single read from a decoder. A read that meets damage loses what it had decoded itself,
/// so reads are small.
const READ_BYTES: usize = 128 * 1024;

/// How much is decoded at a time for [`BufRead`], in bytes.
const PIECE_BYTES: usize = 32 * 1024;

/// What an xz or lzma file may ask for its window, in KiB: twice what `xz -9` writes, and what
/// zstd allows. Memory grows with the text up to there.
pub(super) const WINDOW_LIMIT_KIB: u32 = 129 * 1024;

const LARGE_WINDOW: &str = "a window of more than 128 MiB";

/// How the bytes of an input are packed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    /// Not packed in any way known here.
    None,
    /// gzip of one or many members.
    Gzip,
    /// zstd of one or many frames.
    Zstd,
    /// bzip2 of one or many streams.
    Bzip2,
    /// xz of one or many streams.
    Xz,
    /// The older format of the xz tools, with the extension `.lzma`.
    Lzma,
    /// lz4 of one or many frames; one legacy frame.
    Lz4,
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::None => "uncompressed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
            Compression::Xz => "xz",
            Compression::Lzma => "lzma",
            Compression::Lz4 => "lz4",
        })
    }
}

const LZ4_LEGACY_MAGIC: [u8; 4] = [0x02, 0x21, 0x4c, 0x18];

impl Compression {
    /// Reads the magic number; `start` is the beginning of the stored bytes.
    pub(super) fn detect(start: &[u8]) -> Compression {
        match *start {
            [0x1f, 0x8b, 8, ..] => Compression::Gzip,
            // The second form is a skippable frame, with which parallel compressors begin.
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Compression::Zstd,
            [b'B', b'Z', b'h', b'1'..=b'9', ref block @ ..]
                if block.starts_with(b"\x31\x41\x59\x26\x53\x59")
                    || block.starts_with(b"\x17\x72\x45\x38\x50\x90") =>
            {
                Compression::Bzip2
            }
            [0xfd, b'7', b'z', b'X', b'Z', 0, ..] => Compression::Xz,
            // No magic number, but usual properties, a window of whole 64 KiB, a length that is
            // unknown or below 1 TiB, and the zero with which the data begins.
            [0x5d, 0, 0, _, _, ref length @ ..]
                if length.get(8) == Some(&0)
                    && (length.starts_with(&[0xff; 8]) || length[5..8] == [0; 3]) =>
            {
                Compression::Lzma
            }
            [0x04, 0x22, 0x4d, 0x18, ..] => Compression::Lz4,
            _ if start.starts_with(&LZ4_LEGACY_MAGIC) => Compression::Lz4,
            _ => Compression::None,
        }
    }
}

/// Bytes after the last member that do not belong to the compressed data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Trailing {
    pub stored_offset: u64,
    pub stored_bytes: u64,
}

/// Reads the decompressed bytes of an input.
pub(super) struct Decoder {
    compression: Compression,
    member: Member,
    trailing: Option<Trailing>,
    ahead: Lookahead,
    /// Met behind what is ahead, and told once that is consumed.
    failure: Option<io::Error>,
}

/// The decoder of the current member; each owns the stored bytes and gives them back at its end.
enum Member {
    Plain(Stored),
    Gzip(Box<GzDecoder<Stored>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Stored>>),
    Bzip2(Box<BzDecoder<Stored>>),
    Xz(Box<XzReader<Stored>>),
    Lzma(Box<LzmaReader<Stored>>),
    Lz4(Box<FrameDecoder<Watched>>),
    /// A decoder could not be set up; its error was returned and nothing can be read any more.
    Lost,
}

/// Stored bytes below an lz4 frame, whose decoder takes a missing end for an end.
struct Watched {
    stored: Stored,
    is_legacy: bool,
    /// More was asked for than there is.
    is_exhausted: bool,
}

impl Read for Watched {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let count = self.stored.read(out)?;
        self.is_exhausted |= count == 0 && !out.is_empty();
        Ok(count)
    }
}

impl Decoder {
    /// Looks at the first stored bytes and sets up the decoder they ask for.
    pub fn new(mut stored: Stored) -> Decoder {
        let compression = Compression::detect(stored.peek(MAGIC_BYTES));
        match Member::start(compression, stored) {
            Ok(member) => Decoder::of(compression, member, None),
            Err(error) => Decoder::of(compression, Member::Lost, Some(error)),
        }
    }

    /// Gives stored bytes as they are.
    pub fn plain(stored: Stored) -> Decoder {
        Decoder::of(Compression::None, Member::Plain(stored), None)
    }

    fn of(compression: Compression, member: Member, failure: Option<io::Error>) -> Decoder {
        let ahead = Lookahead::new(PIECE_BYTES);
        Decoder { compression, member, trailing: None, ahead, failure }
    }

    pub fn compression(&self) -> Compression {
        self.compression
    }

    /// What followed the compressed data; known once the reader has reported its end.
    pub fn trailing(&self) -> Option<Trailing> {
        self.trailing
    }

    /// The stored bytes below, `None` after a decoder could not be set up.
    pub fn stored(&self) -> Option<&Stored> {
        match &self.member {
            Member::Plain(stored) => Some(stored),
            Member::Gzip(decoder) => Some(decoder.get_ref()),
            Member::Zstd(decoder) => Some(decoder.get_ref()),
            Member::Bzip2(decoder) => Some(decoder.get_ref()),
            Member::Xz(decoder) => Some(decoder.inner()),
            Member::Lzma(decoder) => Some(decoder.inner()),
            Member::Lz4(decoder) => Some(&decoder.get_ref().stored),
            Member::Lost => None,
        }
    }

    /// The bytes that come next, without consuming them: `wanted` of them, fewer only before the
    /// end or a failure.
    pub fn peek(&mut self, wanted: usize) -> &[u8] {
        while self.ahead.rest().len() < wanted && self.failure.is_none() {
            if self.decode_ahead(wanted) == 0 {
                break;
            }
        }
        self.ahead.first(wanted)
    }

    /// Passes over `count` bytes; returns how many there were, fewer only at the end. What is not
    /// packed and lies in a file is not read for that.
    pub fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 {
            if self.ahead.is_empty()
                && let Member::Plain(stored) = &mut self.member
            {
                return Ok(count - left + stored.skip(left)?);
            }
            let there = self.fill_buf()?.len();
            if there == 0 {
                break;
            }
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(there);
            self.consume(step);
            left -= step as u64;
        }
        Ok(count - left)
    }

    /// Decodes more, with room for `wanted` bytes; 0 at the end and before a failure.
    fn decode_ahead(&mut self, wanted: usize) -> usize {
        let mut ahead = std::mem::replace(&mut self.ahead, Lookahead::new(0));
        let result = ahead.fill(wanted, |room| self.decode(room));
        self.ahead = ahead;
        result.unwrap_or_else(|error| {
            self.failure = Some(error);
            0
        })
    }

    fn decode(&mut self, out: &mut [u8]) -> io::Result<usize> {
        // The xz decoder takes nothing that was read for the end of a block.
        if out.is_empty() {
            return Ok(0);
        }
        let capped = out.len().min(READ_BYTES);
        loop {
            let count = match &mut self.member {
                Member::Plain(stored) => return stored.read(out),
                Member::Gzip(decoder) => decoder.read(&mut out[..capped])?,
                Member::Zstd(decoder) => decoder.read(&mut out[..capped]).map_err(unsupported)?,
                Member::Bzip2(decoder) => decoder.read(&mut out[..capped])?,
                Member::Xz(decoder) => decoder.read(&mut out[..capped]).map_err(unsupported)?,
                Member::Lzma(decoder) => decoder.read(&mut out[..capped])?,
                Member::Lz4(decoder) => {
                    let count = decoder.read(&mut out[..capped]).map_err(unsupported)?;
                    let below = decoder.get_ref();
                    if count == 0 && below.is_exhausted && !below.is_legacy {
                        return Err(io::ErrorKind::UnexpectedEof.into());
                    }
                    count
                }
                Member::Lost => return Ok(0),
            };
            if count > 0 {
                return Ok(count);
            }
            if !self.next_member()? {
                return Ok(0);
            }
        }
    }

    /// After the end of a member: starts the next one, or notes what follows the last. Returns
    /// false at the end.
    fn next_member(&mut self) -> io::Result<bool> {
        let mut read_too_far = Vec::new();
        let mut stored = match std::mem::replace(&mut self.member, Member::Lost) {
            Member::Plain(stored) => stored,
            Member::Gzip(decoder) => decoder.into_inner(),
            Member::Zstd(decoder) => decoder.finish(),
            Member::Bzip2(decoder) => decoder.into_inner(),
            Member::Xz(decoder) => decoder.into_inner(),
            Member::Lzma(decoder) => {
                let (stored, unused) = decoder.into_parts();
                read_too_far = unused;
                stored
            }
            Member::Lz4(decoder) => decoder.into_inner().stored,
            Member::Lost => return Ok(false),
        };
        let padding = stored.skip_zeros()?;
        let next = Compression::detect(stored.peek(MAGIC_BYTES));
        if next == self.compression && next != Compression::Lzma {
            self.member = Member::start(next, stored)?;
            return Ok(true);
        }
        let mut stored_offset = stored.position();
        let mut stored_bytes = stored.drain()?;
        if read_too_far.iter().any(|&byte| byte != 0) {
            stored_offset -= padding + read_too_far.len() as u64;
            stored_bytes += padding + read_too_far.len() as u64;
        }
        if stored_bytes > 0 {
            self.trailing = Some(Trailing { stored_offset, stored_bytes });
        }
        self.member = Member::Plain(stored);
        Ok(false)
    }
}

/// Tells the errors apart by which decoders say that the data may be good but is not for them.
fn unsupported(error: io::Error) -> io::Error {
    use lz4_flex::frame::Error as Lz4Error;
    let asks_for = match error.get_ref() {
        Some(inner) => match inner.downcast_ref::<Lz4Error>() {
            Some(Lz4Error::DictionaryNotSupported) => Some("a dictionary"),
            Some(_) => None,
            // zstd has only words for it.
            None => match inner.to_string().as_str() {
                "Dictionary mismatch" => Some("a dictionary"),
                "Frame requires too much memory for decoding" => Some(LARGE_WINDOW),
                _ => None,
            },
        },
        None => None,
    };
    match asks_for {
        None if error.kind() == io::ErrorKind::OutOfMemory => {
            io::Error::new(io::ErrorKind::Unsupported, LARGE_WINDOW)
        }
        None => error,
        Some(what) => io::Error::new(io::ErrorKind::Unsupported, what),
    }
}

impl Member {
    fn start(compression: Compression, stored: Stored) -> io::Result<Member> {
        Ok(match compression {
            Compression::None => Member::Plain(stored),
            Compression::Gzip => Member::Gzip(Box::new(GzDecoder::new(stored))),
            Compression::Zstd => {
                let decoder = zstd::stream::read::Decoder::with_buffer(stored)?;
                Member::Zstd(Box::new(decoder.single_frame()))
            }
            Compression::Bzip2 => Member::Bzip2(Box::new(BzDecoder::new(stored))),
            Compression::Xz => {
                Member::Xz(Box::new(XzReader::new_mem_limit(stored, false, WINDOW_LIMIT_KIB)))
            }
            Compression::Lzma => Member::Lzma(Box::new(
                LzmaReader::new_mem_limit(stored, WINDOW_LIMIT_KIB, None).map_err(unsupported)?,
            )),
            Compression::Lz4 => {
                let mut stored = stored;
                let is_legacy = stored.peek(MAGIC_BYTES).starts_with(&LZ4_LEGACY_MAGIC);
                let watched = Watched { stored, is_legacy, is_exhausted: false };
                Member::Lz4(Box::new(FrameDecoder::new(watched)))
            }
        })
    }
}

impl Read for Decoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if !self.ahead.is_empty() {
            return Ok(self.ahead.take(out));
        }
        match self.failure.take() {
            Some(error) => Err(error),
            None => self.decode(out),
        }
    }
}

impl BufRead for Decoder {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.is_empty() {
            if self.failure.is_none() {
                self.decode_ahead(0);
            }
            if let Some(error) = self.failure.take() {
                return Err(error);
            }
        }
        Ok(self.ahead.rest())
    }

    fn consume(&mut self, count: usize) {
        self.ahead.consume(count);
    }
}

#[cfg(test)]
pub(super) mod tests;
