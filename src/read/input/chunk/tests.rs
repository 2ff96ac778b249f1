//! Cutting: whole texts from chunks of any size, damage, and content hashes.

use std::fs;
use std::io::Cursor;
use std::time::Duration;

use proptest::prelude::*;

use super::super::decompress::tests::{PACKERS, gzip};
use super::super::open::{Opened, Opener, open_reader};
use super::super::paths::InputPath;
use super::super::source::ReadPolicy;
use super::super::text::tests::utf16;
use super::*;

/// Chunks are read on one thread and parsed on others.
const _: () = {
    const fn may_change_threads<T: Send>() {}
    may_change_threads::<Chunks>();
    may_change_threads::<Chunk>();
};

fn policy(chunk_bytes: usize, mmap: bool) -> ReadPolicy {
    ReadPolicy { chunk_bytes, mmap, max_record_bytes: 1 << 20, quiet_for: Duration::ZERO }
}

fn source_of(stored: Vec<u8>, policy: &ReadPolicy) -> Result<Source, InputError> {
    match open_reader(&InputPath::stdin(), Box::new(Cursor::new(stored)), policy)? {
        Opened::Text(source) => Ok(source),
        Opened::Archive(_) => panic!("no archive"),
    }
}

fn of_bytes(stored: &[u8], policy: &ReadPolicy) -> Chunks {
    source_of(stored.to_vec(), policy).unwrap().chunks()
}

fn of_file(path: &std::path::Path, policy: &ReadPolicy) -> Chunks {
    Opener::new(policy).open(&InputPath::named(path)).unwrap().chunks()
}

/// All text, checking what every caller relies on; and the error at the end.
fn collect(chunks: &mut Chunks, cut: &mut dyn Cut) -> (Vec<u8>, Option<InputError>) {
    let mut text = Vec::new();
    let mut was_last = false;
    loop {
        match chunks.next(cut) {
            Ok(Some(chunk)) => {
                assert!(!chunk.is_empty() && !was_last);
                assert_eq!(chunk.offset(), text.len() as u64);
                text.extend_from_slice(&chunk);
                assert!(chunk.is_last() || chunk.is_forced() || text.ends_with(b"\n"));
                was_last = chunk.is_last();
            }
            Ok(None) => {
                assert!(was_last || text.is_empty());
                return (text, None);
            }
            Err(error) => {
                assert!(matches!(chunks.next(cut), Ok(None)), "nothing follows an error");
                return (text, Some(error));
            }
        }
    }
}

/// Cuts after line ends, and fails if it is shown anything else than promised.
#[derive(Default)]
struct Strict {
    shown: Vec<u8>,
}

impl Cut for Strict {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        assert_eq!(&buf[..scanned], self.shown);
        assert!(scanned < buf.len() || eof, "every call shows something new");
        let cut = memchr::memrchr(b'\n', &buf[scanned..]).map(|at| scanned + at + 1);
        self.shown = buf[cut.unwrap_or(0)..].to_vec();
        cut
    }

    fn forced(&mut self) {
        self.shown.clear();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn the_text_does_not_depend_on_chunk_size_or_packing(
        lines in prop::collection::vec("[a-zé😀]{0,12}", 0..40),
        chunk_bytes in 1usize..200,
        ends_in_line_end: bool,
    ) {
        let mut text = lines.join("\n");
        if ends_in_line_end {
            text.push('\n');
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.log");
        fs::write(&path, &text).unwrap();
        let (first, second) = text.as_bytes().split_at(text.len() / 2);
        let plain = policy(chunk_bytes, false);
        let with_mark = [b"\xfe\xff".to_vec(), utf16(&text, true)].concat();
        let mut hashes = Vec::new();
        let packed = PACKERS.map(|(compression, pack)| {
            let stored = [pack(first), pack(second)].concat();
            (compression.to_string(), of_bytes(&stored, &plain))
        });
        let others = [
            ("buffered", of_file(&path, &plain)),
            ("mapped", of_file(&path, &policy(chunk_bytes, true))),
            ("stream", of_bytes(text.as_bytes(), &plain)),
            ("bom", of_bytes(&[b"\xef\xbb\xbf", text.as_bytes()].concat(), &plain)),
            ("utf-16le", of_bytes(&[b"\xff\xfe".to_vec(), utf16(&text, false)].concat(), &plain)),
            ("utf-16be", of_bytes(&gzip(&with_mark), &plain)),
        ];
        let others = others.map(|(name, chunks)| (name.to_owned(), chunks));
        for (name, mut chunks) in others.into_iter().chain(packed) {
            let (found, error) = collect(&mut chunks, &mut Strict::default());
            prop_assert!(error.is_none(), "{}: {:?}", name, error);
            prop_assert_eq!(std::str::from_utf8(&found).unwrap(), &text, "{}", name);
            prop_assert!(chunks.problem().is_none());
            hashes.push(chunks.content_hash());
        }
        hashes.dedup();
        prop_assert_eq!(hashes.len(), 1);
    }

    #[test]
    fn damaged_packing_never_panics(
        which in 0usize..PACKERS.len(),
        at in 0usize..400,
        value: u8,
        cut_short: bool,
        chunk_bytes in 1usize..99,
    ) {
        let text: String = (0..300).map(|line| format!("line {}\n", line * 7919 % 1000)).collect();
        let mut stored = PACKERS[which].1(text.as_bytes());
        let at = at % stored.len();
        if cut_short { stored.truncate(at) } else { stored[at] = value }
        if let Ok(source) = source_of(stored, &policy(chunk_bytes, false)) {
            collect(&mut source.chunks(), &mut LineCut);
        }
    }
}

#[test]
fn a_cut_file_gives_what_it_has_and_then_the_error() {
    let text: String =
        (0..60_000).map(|line| format!("{:x} line\n", line * 2_654_435_761_u64)).collect();
    for (compression, pack) in PACKERS {
        let mut stored = pack(text.as_bytes());
        stored.truncate(stored.len() / 2);
        let (found, error) = collect(&mut of_bytes(&stored, &policy(5000, false)), &mut LineCut);
        assert!(text.as_bytes().starts_with(&found));
        assert!(found.len() * 3 > text.len(), "{compression}: {} of {}", found.len(), text.len());
        let error = error.expect("the end is missing");
        assert_eq!(error.offset(), Some(found.len() as u64));
        assert!(
            error.to_string().contains(&format!("the {compression} data is cut short after")),
            "{error}"
        );
    }
}

#[test]
fn bytes_after_the_packed_data_are_a_problem_only() {
    let mut chunks = of_bytes(&[gzip(b"a\n"), b"junk".to_vec()].concat(), &policy(9, false));
    let (text, error) = collect(&mut chunks, &mut LineCut);
    assert!(text == b"a\n" && error.is_none());
    let problem = chunks.problem().unwrap().to_string();
    assert!(problem.starts_with("<stdin>: 4 bytes after the end of the gzip data"), "{problem}");
}

#[test]
fn too_long_records_are_cut_at_the_same_places_for_any_chunk_size() {
    let long = "é".repeat(150);
    let text = format!("a\nb\n{long}\nc\n{}\n", "xyz".repeat(70));
    for mmap in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        fs::write(&path, &text).unwrap();
        for chunk_bytes in [1, 2, 7, 50, 99, 1000] {
            let limit = ReadPolicy { max_record_bytes: 99, ..policy(chunk_bytes, mmap) };
            let mut chunks = of_file(&path, &limit);
            let mut cut = Strict::default();
            let mut forced = Vec::new();
            while let Some(chunk) = chunks.next(&mut cut).unwrap() {
                assert!(chunk.len() <= 99);
                assert!(std::str::from_utf8(&chunk).is_ok());
                if chunk.is_forced() {
                    forced.push(chunk.offset() + chunk.len() as u64);
                }
            }
            // 4 + 98, 98 more, 98 more; then the record at 307 has 210 letters.
            assert_eq!(forced, [102, 200, 298, 406, 505], "{chunk_bytes} {mmap}");
        }
    }
}

#[test]
fn a_file_that_changes_is_read_without_crashing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let text: String = (0..40_000).map(|line| format!("{line:09}\n")).collect();
    for mmap in [false, true] {
        let (now, shorter) = (200_000, 123_450);
        // Truncated between open and the first chunk, and again under a chunk in use's feet.
        for truncate_after_chunks in [0, 2] {
            fs::write(&path, &text).unwrap();
            let mut chunks = of_file(&path, &policy(now / 5, mmap));
            let mut found = Vec::new();
            for _ in 0..truncate_after_chunks {
                found.extend_from_slice(&chunks.next(&mut LineCut).unwrap().unwrap());
            }
            let file = fs::OpenOptions::new().write(true).open(&path).unwrap();
            file.set_len(shorter).unwrap();
            let error = loop {
                match chunks.next(&mut LineCut) {
                    Ok(Some(chunk)) => found.extend_from_slice(&chunk),
                    Ok(None) => panic!("the end is missing"),
                    Err(error) => break error,
                }
            };
            assert_eq!(found, text.as_bytes()[..shorter as usize]);
            assert!(
                error
                    .to_string()
                    .contains("became shorter while it was read: it ended at byte 123450")
            );
            assert_eq!(error.offset(), Some(shorter));
        }

        fs::write(&path, &text).unwrap();
        let mut chunks = of_file(&path, &policy(now, mmap));
        fs::write(&path, text.repeat(2)).unwrap();
        let (found, error) = collect(&mut chunks, &mut LineCut);
        assert!(found == text.as_bytes() && error.is_none(), "what was there at open is read");
    }
}

#[test]
fn samples_do_not_consume() {
    let text = "line\n".repeat(100_000);
    for stored in [text.clone().into_bytes(), gzip(text.as_bytes()), utf16(&text, true)] {
        let mut source = source_of(stored, &policy(70_000, false)).unwrap();
        assert_eq!(source.sample().unwrap().head, text.as_bytes()[..256 * 1024]);
        let (found, error) = collect(&mut source.chunks(), &mut LineCut);
        assert!(found == text.as_bytes() && error.is_none());
    }
}
