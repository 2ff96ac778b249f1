//! gzip, zstd and bzip2, recognised by content and never by name.
//!
//! Owns [`Compression`] and [`Decoder`], a reader of decompressed bytes over [`Stored`]. Files of
//! several members (gzip), frames (zstd) or streams (bzip2) read as one text. What follows the last
//! member and is none is counted ([`Decoder::trailing`]), not an error; padding of zeros is
//! ignored, as gzip itself does. Damage is an error of the read that meets it; the bytes of earlier
//! reads are good.

use std::fmt;
use std::io::{self, Read};

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;

use super::stored::Stored;

/// How many stored bytes [`Compression::detect`] wants to see.
pub(super) const MAGIC_BYTES: usize = 10;

/// Largest single read from a decoder. A read that meets damage loses what it had decoded itself,
/// so reads are small.
const READ_BYTES: usize = 128 * 1024;

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
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Compression::None => "uncompressed",
            Compression::Gzip => "gzip",
            Compression::Zstd => "zstd",
            Compression::Bzip2 => "bzip2",
        })
    }
}

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
}

/// The decoder of the current member; each owns the stored bytes and gives them back at its end.
enum Member {
    Plain(Stored),
    Gzip(Box<GzDecoder<Stored>>),
    Zstd(Box<zstd::stream::read::Decoder<'static, Stored>>),
    Bzip2(Box<BzDecoder<Stored>>),
    /// A decoder could not be set up; its error was returned and nothing can be read any more.
    Lost,
}

impl Decoder {
    /// Looks at the first stored bytes and sets up the decoder they ask for.
    pub fn new(mut stored: Stored) -> io::Result<Decoder> {
        let compression = Compression::detect(stored.peek(MAGIC_BYTES)?);
        Ok(Decoder { compression, member: Member::start(compression, stored)?, trailing: None })
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
            Member::Lost => None,
        }
    }

    /// After the end of a member: starts the next one, or notes what follows the last. Returns
    /// false at the end.
    fn next_member(&mut self) -> io::Result<bool> {
        let mut stored = match std::mem::replace(&mut self.member, Member::Lost) {
            Member::Plain(stored) => stored,
            Member::Gzip(decoder) => decoder.into_inner(),
            Member::Zstd(decoder) => decoder.finish(),
            Member::Bzip2(decoder) => decoder.into_inner(),
            Member::Lost => return Ok(false),
        };
        let next = Compression::detect(stored.peek(MAGIC_BYTES)?);
        if next == self.compression && next != Compression::None {
            self.member = Member::start(next, stored)?;
            return Ok(true);
        }
        let stored_offset = stored.position();
        let (stored_bytes, all_zero) = stored.drain()?;
        if !all_zero {
            self.trailing = Some(Trailing { stored_offset, stored_bytes });
        }
        self.member = Member::Plain(stored);
        Ok(false)
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
        })
    }
}

impl Read for Decoder {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let capped = out.len().min(READ_BYTES);
        loop {
            let count = match &mut self.member {
                Member::Plain(stored) => return stored.read(out),
                Member::Gzip(decoder) => decoder.read(&mut out[..capped])?,
                Member::Zstd(decoder) => decoder.read(&mut out[..capped])?,
                Member::Bzip2(decoder) => decoder.read(&mut out[..capped])?,
                Member::Lost => return Ok(0),
            };
            if count > 0 || out.is_empty() {
                return Ok(count);
            }
            if !self.next_member()? {
                return Ok(0);
            }
        }
    }
}

#[cfg(test)]
pub(super) mod tests {
    use std::io::{Cursor, Write};

    use super::*;

    pub fn gzip(text: &[u8]) -> Vec<u8> {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    pub fn zstd_frame(text: &[u8]) -> Vec<u8> {
        zstd::stream::encode_all(text, 1).unwrap()
    }

    pub fn bzip2_stream(text: &[u8]) -> Vec<u8> {
        let mut encoder = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::fast());
        encoder.write_all(text).unwrap();
        encoder.finish().unwrap()
    }

    type Packer = fn(&[u8]) -> Vec<u8>;
    const PACKERS: [(Compression, Packer); 3] = [
        (Compression::Gzip, gzip),
        (Compression::Zstd, zstd_frame),
        (Compression::Bzip2, bzip2_stream),
    ];

    fn decode(stored: Vec<u8>) -> (Compression, Vec<u8>, io::Result<()>, Option<Trailing>) {
        let mut decoder = Decoder::new(Stored::new(Box::new(Cursor::new(stored)), None)).unwrap();
        let mut text = Vec::new();
        let end = decoder.read_to_end(&mut text).map(|_| ());
        (decoder.compression(), text, end, decoder.trailing())
    }

    #[test]
    fn members_read_as_one_text() {
        for (compression, pack) in PACKERS {
            let stored = [pack(b"first\n"), pack(b""), pack(b"second\n")].concat();
            let (found, text, end, trailing) = decode(stored);
            assert!(end.is_ok(), "{compression}");
            assert_eq!(
                (found, text.as_slice(), trailing),
                (compression, &b"first\nsecond\n"[..], None)
            );
        }
    }

    #[test]
    fn what_follows_is_counted_and_padding_is_not() {
        for (compression, pack) in PACKERS {
            let packed = pack(b"text\n");
            let stored_offset = packed.len() as u64;
            for (tail, expected) in [
                (&b"garbage"[..], Some(Trailing { stored_offset, stored_bytes: 7 })),
                (&[0x1f], Some(Trailing { stored_offset, stored_bytes: 1 })),
                (&[0; 700], None),
            ] {
                let (_, text, end, trailing) = decode([packed.as_slice(), tail].concat());
                assert!(end.is_ok(), "{compression}");
                assert_eq!(
                    (text.as_slice(), trailing),
                    (&b"text\n"[..], expected),
                    "{compression}"
                );
            }
        }
    }

    #[test]
    fn a_cut_is_an_early_end_at_every_byte() {
        for (compression, pack) in PACKERS {
            let packed = pack(b"some text that is cut\n");
            for len in MAGIC_BYTES..packed.len() {
                let (_, text, end, _) = decode(packed[..len].to_vec());
                let error = end.expect_err("the end is missing");
                assert_eq!(
                    error.kind(),
                    io::ErrorKind::UnexpectedEof,
                    "{compression} at {len}: {error}"
                );
                assert!(b"some text that is cut\n".starts_with(&text), "{compression} at {len}");
            }
        }
    }

    #[test]
    fn plain_bytes_stay() {
        for text in [&b""[..], b"B", b"BZh9 is how bzip2 begins", b"\x1f\x8b is not deflate"] {
            let (found, decoded, end, trailing) = decode(text.to_vec());
            assert!(end.is_ok());
            assert_eq!((found, decoded.as_slice(), trailing), (Compression::None, text, None));
        }
    }
}
