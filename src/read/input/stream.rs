//! Stored bytes → decompressed bytes → UTF-8 text, as one stream.
//!
//! Owns [`TextStream`], which serves everything that is not mapped or read by offset: standard
//! input, compressed files and UTF-16. It can look ahead without consuming (for samples), and it
//! keeps a failure back until all text before it was read.

use std::io::{self, Read};

use super::decompress::{Compression, Decoder};
use super::error::Fault;
use super::stored::Stored;
use super::text::{Encoding, Utf16Decoder};

/// How much decompressed text is looked at to find the encoding, in bytes.
pub(super) const DETECT_BYTES: usize = 4096;

/// Size of the pieces in which text is decoded ahead or transcoded, in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// A stream of UTF-8 text over stored bytes.
pub(super) struct TextStream {
    decoder: Decoder,
    encoding: Encoding,
    utf16: Option<Utf16Decoder>,
    /// Text that was decoded but not read yet is `ahead[ahead_at..]`.
    ahead: Vec<u8>,
    ahead_at: usize,
    piece: Vec<u8>,
    ended: bool,
    failure: Option<io::Error>,
}

impl TextStream {
    /// Detects the encoding from the content.
    pub fn new(decoder: Decoder) -> TextStream {
        let mut stream = TextStream {
            decoder,
            encoding: Encoding::Utf8,
            utf16: None,
            ahead: Vec::new(),
            ahead_at: 0,
            piece: Vec::new(),
            ended: false,
            failure: None,
        };
        stream.look_ahead(DETECT_BYTES);
        let (encoding, mark_bytes) = Encoding::detect(&stream.ahead);
        stream.encoding = encoding;
        stream.ahead_at = mark_bytes;
        if matches!(encoding, Encoding::Utf16Le | Encoding::Utf16Be) {
            let mut utf16 = Utf16Decoder::new(encoding == Encoding::Utf16Be);
            let start = std::mem::take(&mut stream.ahead);
            utf16.push(&start[mark_bytes..], &mut stream.ahead);
            if stream.ended {
                utf16.finish(&mut stream.ahead);
            }
            stream.ahead_at = 0;
            stream.utf16 = Some(utf16);
        }
        stream
    }

    pub fn compression(&self) -> Compression {
        self.decoder.compression()
    }

    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// The text that comes next, without consuming it: `wanted` bytes or more, fewer only before
    /// the end.
    pub fn look_ahead(&mut self, wanted: usize) -> &[u8] {
        while self.ahead.len() - self.ahead_at < wanted && !self.ended {
            self.decode_piece();
        }
        &self.ahead[self.ahead_at..]
    }

    /// Reads text into `out` until it is full or the stream ends; returns the number of bytes.
    pub fn fill(&mut self, out: &mut [u8]) -> usize {
        let mut filled = 0;
        while filled < out.len() {
            let count = self.read_some(&mut out[filled..]);
            if count == 0 {
                break;
            }
            filled += count;
        }
        filled
    }

    /// Reads some text; 0 at the end, which may be a failure, and for an empty `out`.
    pub fn read_some(&mut self, out: &mut [u8]) -> usize {
        if self.ahead_at == self.ahead.len() && !self.ended && self.utf16.is_none() {
            self.ahead = Vec::new();
            self.ahead_at = 0;
            return self.decode(out);
        }
        while self.ahead_at == self.ahead.len() && !self.ended {
            self.ahead.clear();
            self.ahead_at = 0;
            self.decode_piece();
        }
        let rest = &self.ahead[self.ahead_at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.ahead_at += count;
        count
    }

    /// True when all text was read: nothing is left but, perhaps, [`TextStream::take_failure`].
    pub fn is_at_end(&self) -> bool {
        self.ended && self.ahead_at == self.ahead.len()
    }

    /// The end was met, and it is none.
    pub fn has_failed(&self) -> bool {
        self.failure.is_some()
            || (self.ended
                && self.decoder.stored().is_some_and(|stored| stored.missing_from().is_some()))
    }

    /// What ended the stream, if it was not its proper end; `offset` is the length of the text up
    /// to there.
    pub fn take_failure(&mut self, offset: u64) -> Option<Fault> {
        let shrunk_from = self.decoder.stored().and_then(Stored::missing_from);
        let failure = self.failure.take();
        if let Some(stored_bytes) = shrunk_from {
            return self.ended.then_some(Fault::Shrank { offset, stored_bytes });
        }
        Some(Fault::of_reading(failure?, self.compression(), offset))
    }

    /// What is wrong but stopped nothing; known at the end of the stream.
    pub fn problem(&self) -> Option<Fault> {
        let trailing = self.decoder.trailing()?;
        Some(Fault::Trailing {
            compression: self.compression(),
            stored_offset: trailing.stored_offset,
            stored_bytes: trailing.stored_bytes,
        })
    }

    /// How many stored bytes were consumed so far.
    pub fn stored_position(&self) -> u64 {
        self.decoder.stored().map_or(0, Stored::position)
    }

    /// Decodes one piece and appends its text to `ahead`; nothing may be added at the end.
    fn decode_piece(&mut self) {
        let mut piece = std::mem::take(&mut self.piece);
        piece.resize(PIECE_BYTES, 0);
        let count = self.decode(&mut piece);
        match &mut self.utf16 {
            Some(utf16) => {
                utf16.push(&piece[..count], &mut self.ahead);
                if self.ended {
                    utf16.finish(&mut self.ahead);
                }
            }
            None => self.ahead.extend_from_slice(&piece[..count]),
        }
        self.piece = piece;
    }

    /// Decompressed bytes, not transcoded; 0 sets `ended`, and `failure` if the end is none.
    fn decode(&mut self, out: &mut [u8]) -> usize {
        loop {
            match self.decoder.read(out) {
                Ok(count) => {
                    self.ended = count == 0 && !out.is_empty();
                    return count;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.ended = true;
                    self.failure = Some(error);
                    return 0;
                }
            }
        }
    }
}
