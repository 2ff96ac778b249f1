//! Archives built byte by byte: cuts and flips at every byte, members found again; every form and
//! every lie in `forms`.

pub(super) mod build;
mod forms;

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use super::super::chunk::LineCut;
use super::super::decompress::Compression;
use super::super::decompress::tests::{PACKERS, gzip};
use super::super::error::InputError;
use super::super::open::{Opened, Opener, open, open_reader};
use super::super::paths::InputPath;
use super::super::source::{ReadPolicy, Source};
use super::Member;
use build::{Tar, Zip, ZipMember, tar};

/// What is shown of a member: its name, its text, and what went wrong.
type Told = (String, String, Option<String>);

fn read(source: Result<Source, InputError>) -> (String, Option<String>) {
    let mut text = Vec::new();
    let mut chunks = match source {
        Ok(source) => source.chunks(),
        Err(error) => return (String::new(), Some(error.fault.to_string())),
    };
    let error = loop {
        match chunks.next(&mut LineCut) {
            Ok(Some(chunk)) => text.extend_from_slice(&chunk),
            Ok(None) => break chunks.problem(),
            Err(error) => break Some(error),
        }
    };
    (String::from_utf8_lossy(&text).into_owned(), error.map(|error| error.fault.to_string()))
}

fn policy() -> ReadPolicy {
    ReadPolicy { chunk_bytes: 4096, ..ReadPolicy::default() }
}

fn walk(opened: Result<Opened, InputError>) -> Vec<Told> {
    match opened {
        Ok(Opened::Archive(mut walk)) => std::iter::from_fn(|| walk.next_member())
            .map(|Member { path, source }| {
                let (text, error) = read(source);
                (path.display, text, error)
            })
            .collect(),
        Ok(Opened::Text(source)) => {
            let (text, error) = read(Ok(source));
            vec![("no archive".to_owned(), text, error)]
        }
        Err(error) => vec![(error.display.clone(), String::new(), Some(error.fault.to_string()))],
    }
}

fn as_stream(stored: &[u8]) -> Vec<Told> {
    let path = InputPath { display: "a".to_owned(), ..InputPath::stdin() };
    walk(open_reader(&path, Box::new(Cursor::new(stored.to_vec())), &policy()))
}

fn as_file(stored: &[u8]) -> Vec<Told> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    fs::write(&path, stored).unwrap();
    walk(open(&InputPath::named(&path), &policy()))
}

/// Whether this is what is told: `name: text`, or `name: ! start of the error`.
fn assert_told(what: &str, told: &[Told], expected: &[&str]) {
    let lines: Vec<String> = told
        .iter()
        .map(|(name, text, error)| match error {
            None => format!("{name}: {text}"),
            Some(error) => format!("{name}: {text}! {error}"),
        })
        .collect();
    let fits = lines.len() == expected.len()
        && lines.iter().zip(expected).all(|(line, expected)| {
            line == expected || (expected.contains("! ") && line.starts_with(expected))
        });
    assert!(fits, "{what}:\n{lines:#?}\nexpected {expected:#?}");
}

/// One archive of each kind, of some compression, and what its members hold.
fn archives() -> Vec<(&'static str, Vec<u8>)> {
    let text: String = (0..15).map(|line| format!("{line} some text\n")).collect();
    let inner = Tar::new().bytes("z.gz", &gzip(text.as_bytes())).end();
    let plain =
        Tar::new().gnu_name("long").file("x.log", &text).bytes("in.tar.gz", &gzip(&inner)).end();
    let members = || {
        vec![
            ZipMember::new("x", &text).deflated(),
            ZipMember::new("y", &text),
            ZipMember::new("w", &text).deflated().descriptor(true, false),
            ZipMember::bytes("in.tar", &inner),
        ]
    };
    let mut all = vec![
        ("tar", plain.clone()),
        ("zip", Zip::of(members()).finish()),
        ("zip64", Zip::of(members().into_iter().map(ZipMember::zip64).collect()).finish()),
        ("7z", fs::read(seven_zip()).unwrap()),
    ];
    all.extend(PACKERS.map(|(compression, pack)| match compression {
        Compression::Zstd => ("zstd", pack(&plain)),
        _ => ("packed", pack(&plain)),
    }));
    all
}

/// A real archive, since nothing here writes one.
fn seven_zip() -> PathBuf {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures/logs/postgres/archives/server.7z")
}

#[test]
fn a_cut_archive_gives_what_it_has_and_says_so() {
    for (kind, archive) in archives() {
        let whole = as_file(&archive);
        assert!(
            whole.iter().all(|(_, text, error)| error.is_none() && !text.is_empty()),
            "{whole:?}"
        );
        // Each byte where it may matter: a tar is mostly zeros, and cuts of packed data are tested
        // where they are unpacked.
        let step = if kind == "zip" { 1 } else { 7 };
        for len in (8..archive.len()).step_by(step) {
            for told in [as_file(&archive[..len]), as_stream(&archive[..len])] {
                let mut is_complete = true;
                for (name, text, _) in &whole {
                    let found = told.iter().find(|(found, ..)| found == name);
                    is_complete &= found.is_some_and(|(_, found, _)| found == text);
                    if let Some((_, found, error)) = found {
                        // What is left of a packed member may be too short to see its packing.
                        let is_stub = error.is_some() && found.len() < 10;
                        let is_start = text.starts_with(found.as_str());
                        assert!(is_start || is_stub, "{kind} at {len}: {name}");
                    }
                }
                let says_so = told.iter().any(|(_, _, error)| error.is_some());
                let is_seen = !told.iter().any(|(name, ..)| name == "no archive");
                assert!(says_so || is_complete || !is_seen, "{kind} at {len}: {told:?}");
            }
        }
    }
}

#[test]
fn flipped_bytes_never_panic_nor_change_a_text_in_silence() {
    for (kind, archive) in archives() {
        let whole = as_file(&archive);
        let step = archive.len() / 200 + 1;
        for at in (0..archive.len()).step_by(step) {
            let mut damaged = archive.clone();
            damaged[at] ^= 1 << (at % 8);
            for told in [as_file(&damaged), as_stream(&damaged)] {
                // A tar has no checksum over content, nor has what the zstd library writes.
                let says_so = ["tar", "zstd"].contains(&kind)
                    || told.iter().any(|(_, _, error)| error.is_some());
                for (name, text, _) in &told {
                    let known = whole.iter().find(|(known, ..)| known == name);
                    assert!(
                        says_so || known.is_none_or(|(_, known, _)| known == text),
                        "{kind} at {at}: {name}"
                    );
                }
            }
        }
    }
}

#[test]
fn members_are_found_again_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    for (kind, archive) in archives() {
        let path = folder.path().join("a");
        fs::write(&path, &archive).unwrap();
        let Ok(Opened::Archive(mut walk)) = open(&InputPath::named(&path), &policy()) else {
            panic!("{kind} is an archive");
        };
        let members: Vec<(InputPath, (String, Option<String>))> =
            std::iter::from_fn(|| walk.next_member())
                .map(|Member { path, source }| (path, read(source)))
                .collect();
        let mut opener = Opener::new(&policy());
        let orders = [members.iter().collect::<Vec<_>>(), members.iter().rev().collect()];
        for (path, content) in orders.iter().flatten() {
            assert_eq!(read(opener.open(path)), *content, "{kind}: {}", path.display);
        }
        // Only the beginning of a member was read when the next is wanted.
        for (path, _) in &members {
            assert!(!opener.open(path).unwrap().head(5).unwrap().0.is_empty());
        }
    }
}

#[test]
fn members_belong_to_the_folder_that_they_seem_to_stand_in() {
    let folder = tempfile::tempdir().unwrap();
    let logs = folder.path().join("logs");
    fs::create_dir(&logs).unwrap();
    let inner = tar(&[("top", "1"), ("d/below", "2")]);
    let archive = Tar::new().file("top", "1").file("d/below", "2").bytes("e/in.tar", &inner).end();
    fs::write(logs.join("a.tar"), archive).unwrap();
    for (arg, expected) in [
        (logs.join("a.tar"), [None, Some("a.tar/d"), Some("a.tar/e"), Some("a.tar/e/in.tar/d")]),
        (
            logs,
            [
                Some("logs"),
                Some("logs/a.tar/d"),
                Some("logs/a.tar/e"),
                Some("logs/a.tar/e/in.tar/d"),
            ],
        ),
    ] {
        let input = super::super::paths::discover(&[arg]).inputs.remove(0);
        let Ok(Opened::Archive(mut walk)) = open(&input, &policy()) else { panic!("an archive") };
        let folders: Vec<Option<String>> = std::iter::from_fn(|| walk.next_member())
            .map(|member| member.path.folder().map(str::to_owned))
            .collect();
        assert_eq!(folders, expected.map(|folder| folder.map(str::to_owned)));
    }
}
