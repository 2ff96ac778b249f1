//! Opening: mapped and buffered files, samples, and files that change meanwhile.

use std::fs;
use std::path::Path;

use super::super::decompress::tests::gzip;
use super::super::open::Opener;
use super::super::text::tests::utf16;
use super::*;

fn open(path: &Path) -> Result<Source, InputError> {
    Opener::new(&ReadPolicy::default()).open(&InputPath::named(path))
}

#[test]
fn packing_and_encoding_are_told_from_content() {
    let folder = tempfile::tempdir().unwrap();
    let little = [&b"\xff\xfe"[..], &utf16("line\n", false)].concat();
    for (name, stored, compression, encoding) in [
        ("a.gz", b"line\n".to_vec(), Compression::None, Encoding::Utf8),
        ("b.log", gzip(b"line\n"), Compression::Gzip, Encoding::Utf8),
        ("c", b"\xef\xbb\xbfline\n".to_vec(), Compression::None, Encoding::Utf8Bom),
        ("d", gzip(b"\xef\xbb\xbfline\n"), Compression::Gzip, Encoding::Utf8Bom),
        ("e", little.clone(), Compression::None, Encoding::Utf16Le),
        ("f", gzip(&little), Compression::Gzip, Encoding::Utf16Le),
        ("g", utf16("line\n", true), Compression::None, Encoding::Utf16Be),
    ] {
        let path = folder.path().join(name);
        fs::write(&path, &stored).unwrap();
        let mut source = open(&path).unwrap();
        let sample = source.sample().unwrap();
        assert_eq!((source.compression(), source.encoding()), (compression, encoding), "{name}");
        assert_eq!(source.stored_bytes(), Some(stored.len() as u64), "{name}");
        assert_eq!((sample.head.as_slice(), sample.whole), (&b"line\n"[..], true), "{name}");
    }
}

#[test]
fn samples_come_from_several_places_in_whole_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let text: String = (0..200_000).map(|line| format!("{line:09}\n")).collect();
    fs::write(&path, &text).unwrap();
    let sample = open(&path).unwrap().sample().unwrap();
    assert!(!sample.whole && sample.head == text.as_bytes()[..SAMPLE_HEAD_BYTES]);
    let firsts: Vec<&[u8]> = sample.more.iter().map(|piece| &piece[..10]).collect();
    assert_eq!(firsts, [&b"000084143\n"[..], b"000142072\n", b"000193447\n"]);
    assert!(sample.more.iter().all(|piece| piece.len() % 10 == 0 && piece.len() > 65_000));

    fs::write(&path, gzip(text.as_bytes())).unwrap();
    let mut packed = open(&path).unwrap();
    let first = packed.sample().unwrap();
    assert!(!first.whole && first.more.is_empty());
    assert_eq!(first.head, sample.head);
    assert_eq!(packed.sample().unwrap().head, sample.head, "a sample consumes nothing");
}

#[test]
fn what_cannot_be_opened_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let in_folder = |name: &str| folder.path().join(name);
    fs::write(in_folder("broken.gz"), b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03\xff\xff\xff")
        .unwrap();
    let text = |name: &str| match open(&in_folder(name)).and_then(|mut source| source.sample()) {
        Ok(_) => panic!("{name} opened"),
        Err(error) => error.to_string(),
    };
    assert!(text("absent").starts_with("absent: no such file or folder; check"));
    assert!(text("").contains("is a folder where a file is needed"));
    assert!(
        text("broken.gz").contains("the gzip data is corrupt after 0 bytes"),
        "{}",
        text("broken.gz")
    );
}
