//! Decoding: every packer, several members, what follows, cuts at every byte.

use std::io::{Cursor, Write};

use lz4_flex::frame::{BlockMode, BlockSize, FrameEncoder, FrameInfo};
use lzma_rust2::{CheckType, LzmaOptions, LzmaWriter, XzOptions, XzWriter};

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

pub fn xz_stream(text: &[u8]) -> Vec<u8> {
    xz_with(CheckType::Crc64, text)
}

fn xz_with(check: CheckType, text: &[u8]) -> Vec<u8> {
    let mut options = XzOptions::with_preset(1);
    options.set_check_sum_type(check);
    let mut encoder = XzWriter::new(Vec::new(), options).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn lzma(text: &[u8]) -> Vec<u8> {
    let options = LzmaOptions::with_preset(1);
    let mut encoder =
        LzmaWriter::new_use_header(Vec::new(), &options, Some(text.len() as u64)).unwrap();
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub fn lz4_frame(text: &[u8]) -> Vec<u8> {
    lz4_with(FrameInfo::new().content_checksum(true).block_size(BlockSize::Max64KB), text)
}

fn lz4_with(info: FrameInfo, text: &[u8]) -> Vec<u8> {
    let mut encoder = FrameEncoder::with_frame_info(info, Vec::new());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

pub type Packer = fn(&[u8]) -> Vec<u8>;

/// Every packer whose members may follow one another.
pub const PACKERS: [(Compression, Packer); 5] = [
    (Compression::Gzip, gzip),
    (Compression::Zstd, zstd_frame),
    (Compression::Bzip2, bzip2_stream),
    (Compression::Xz, xz_stream),
    (Compression::Lz4, lz4_frame),
];

fn decode(stored: Vec<u8>) -> (Compression, Vec<u8>, io::Result<()>, Option<Trailing>) {
    let mut decoder = Decoder::new(Stored::new(Box::new(Cursor::new(stored)), None));
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
            assert_eq!((text.as_slice(), trailing), (&b"text\n"[..], expected), "{compression}");
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

fn kind_of_error(stored: Vec<u8>) -> io::ErrorKind {
    decode(stored).2.expect_err("not to be read").kind()
}

#[test]
fn every_form_of_xz_and_lz4_is_read() {
    let text = "2026-11-20 10:00:00 UTC line\n".repeat(9000);
    let text = text.as_bytes();
    let frame = |info: FrameInfo| lz4_with(info.block_size(BlockSize::Max64KB), text);
    for (name, compression, stored) in [
        ("no check", Compression::Xz, xz_with(CheckType::None, text)),
        ("crc32", Compression::Xz, xz_with(CheckType::Crc32, text)),
        ("sha256", Compression::Xz, xz_with(CheckType::Sha256, text)),
        ("lzma", Compression::Lzma, lzma(text)),
        ("padded lzma", Compression::Lzma, [lzma(text), vec![0; 9]].concat()),
        ("bare", Compression::Lz4, frame(FrameInfo::new())),
        ("linked", Compression::Lz4, frame(FrameInfo::new().block_mode(BlockMode::Linked))),
        ("block checksums", Compression::Lz4, frame(FrameInfo::new().block_checksums(true))),
        ("sized", Compression::Lz4, frame(FrameInfo::new().content_size(Some(text.len() as u64)))),
        ("legacy", Compression::Lz4, legacy_lz4(text)),
        ("padded xz", Compression::Xz, {
            let (first, second) = text.split_at(1000);
            [xz_stream(first), vec![0; 8], xz_stream(second)].concat()
        }),
    ] {
        let (found, decoded, end, trailing) = decode(stored);
        assert!(end.is_ok(), "{name}: {end:?}");
        assert_eq!((found, trailing), (compression, None), "{name}");
        assert!(decoded == text, "{name}");
    }
    let (.., trailing) = decode([lzma(b"text\n"), b"more".to_vec()].concat());
    let stored_offset = lzma(b"text\n").len() as u64;
    assert_eq!(trailing, Some(Trailing { stored_offset, stored_bytes: 4 }));
}

/// The form from before the frames: blocks with their length in front, and no end mark.
fn legacy_lz4(text: &[u8]) -> Vec<u8> {
    let block = lz4_flex::block::compress(text);
    [&LZ4_LEGACY_MAGIC[..], &(block.len() as u32).to_le_bytes(), &block].concat()
}

#[test]
fn what_is_good_but_not_read_is_told_from_damage() {
    // An integrity check that has a number, but no meaning yet.
    let mut unknown_check = xz_stream(b"text\n");
    unknown_check[7] = 2;
    let mut crc = flate2::Crc::new();
    crc.update(&unknown_check[6..8]);
    unknown_check[8..12].copy_from_slice(&crc.sum().to_le_bytes());
    assert_eq!(kind_of_error(unknown_check), io::ErrorKind::Unsupported);

    // A window of 256 MiB, in the header of the first block.
    let mut large_window = xz_stream(b"text\n");
    large_window[16] = 32;
    let header_end = 12 + 4 * usize::from(large_window[12]);
    let mut crc = flate2::Crc::new();
    crc.update(&large_window[12..header_end]);
    large_window[header_end..header_end + 4].copy_from_slice(&crc.sum().to_le_bytes());
    assert_eq!(kind_of_error(large_window), io::ErrorKind::Unsupported);

    // Made with a dictionary; the last byte is a checksum of the five before it.
    let with_dictionary = |checksum: u8| {
        let mut frame = vec![0x04, 0x22, 0x4d, 0x18, 0x61, 0x40, 7, 0, 0, 0, checksum];
        frame.extend([0; 8]);
        kind_of_error(frame)
    };
    assert!((0..=255).any(|checksum| with_dictionary(checksum) == io::ErrorKind::Unsupported));

    // zstd: a window of 256 MiB; a dictionary with the number 7.
    for header in [&[0, 0x90][..], &[1, 0x38, 7]] {
        let frame = [b"\x28\xb5\x2f\xfd", header, &[1, 0, 0]].concat();
        assert_eq!(kind_of_error(frame), io::ErrorKind::Unsupported);
    }

    let mut damaged = xz_stream(b"some text, and not too little of it\n");
    let at = damaged.len() / 2;
    damaged[at] ^= 0x55;
    assert_eq!(kind_of_error(damaged), io::ErrorKind::InvalidData);
}

#[test]
fn looking_ahead_and_skipping_change_nothing() {
    let text: Vec<u8> = (0..200_000u32).flat_map(|n| n.to_le_bytes()).collect();
    let packed = PACKERS.map(|(compression, pack)| (compression, pack(&text)));
    for (name, stored) in packed.into_iter().chain([(Compression::None, text.clone())]) {
        let mut decoder = Decoder::new(Stored::new(Box::new(Cursor::new(stored)), None));
        assert_eq!(decoder.peek(70_000), &text[..70_000], "{name}");
        assert_eq!(decoder.skip(10).unwrap(), 10);
        let mut piece = [0; 100];
        decoder.read_exact(&mut piece).unwrap();
        assert_eq!(piece, text[10..110], "{name}");
        assert_eq!(decoder.skip(600_000).unwrap(), 600_000);
        assert_eq!(decoder.peek(3), &text[600_110..600_113], "{name}");
        // A reader may ask for nothing at any time.
        let (mut rest, mut piece) = (Vec::new(), [0; 999]);
        while let count @ 1.. = decoder.read(&mut piece).unwrap() {
            rest.extend_from_slice(&piece[..count]);
            assert_eq!(decoder.read(&mut []).unwrap(), 0, "{name}");
        }
        assert!(rest == text[600_110..], "{name}");
        assert_eq!((decoder.skip(5).unwrap(), decoder.peek(1)), (0, &[][..]));
    }
}
