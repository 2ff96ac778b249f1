//! Archives built byte by byte: every form, hostile ones, cuts and flips at every byte.

mod build;

use std::fs;
use std::io::Cursor;
use std::path::PathBuf;

use super::super::chunk::LineCut;
use super::super::decompress::Compression;
use super::super::decompress::tests::{PACKERS, gzip, lz4_frame, xz_stream, zstd_frame};
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

#[test]
fn every_form_of_tar_is_read() {
    let long = "d/".repeat(120) + "x.log";
    let shown_long = format!("a/{long}: long");
    let of = |tar: Tar| tar.end();
    for (what, archive, expected) in [
        (
            "plain",
            tar(&[("x.log", "one"), ("d/y.log", "two")]),
            &["a/x.log: one", "a/d/y.log: two"][..],
        ),
        ("no ustar magic", of(Tar::new().old("x.log", "one")), &["a/x.log: one"]),
        ("prefix", of(Tar::new().prefixed("some/dir", "x.log", "one")), &["a/some/dir/x.log: one"]),
        ("gnu name", of(Tar::new().gnu_name(&long).file("cut", "long")), &[&shown_long]),
        ("pax name", of(Tar::new().pax(&[("path", &long)]).file("cut", "long")), &[&shown_long]),
        ("pax size", of(Tar::new().pax(&[("size", "3")]).sized("x", "one", 0)), &["a/x: one"]),
        (
            "pax size is not that of the long name behind it",
            of(Tar::new().pax(&[("size", "3")]).gnu_name("y").sized("x", "one", 0)),
            &["a/y: one"],
        ),
        (
            "pax for all",
            of(Tar::new().special("pax", b'g', "11 path=no\n").file("x", "one")),
            &["a/x: one"],
        ),
        ("binary size", of(Tar::new().binary_size("x", "one")), &["a/x: one"]),
        (
            "what has no content",
            of(Tar::new()
                .special("d/", b'5', "")
                .special("old/", b'0', "")
                .special("link", b'2', "")
                .hard_link("hard", 700)
                .special("device", b'3', "")
                .special("label", b'V', "")
                .file("x", "one")),
            &["a/x: one"],
        ),
        (
            "a name is not kept for the next member",
            of(Tar::new().gnu_name("of the link").special("link", b'2', "").file("x", "one")),
            &["a/x: one"],
        ),
        (
            "lost content",
            of(Tar::new()
                .sparse("s", "map")
                .special("c", b'M', "rest")
                .pax(&[("GNU.sparse.major", "1"), ("GNU.sparse.name", "real"), ("path", "p")])
                .file("p", "map")
                .file("x", "one")),
            &[
                "a/s: ! is stored as a sparse",
                "a/c: ! is continued",
                "a/real: ! is stored as a sparse",
                "a/x: one",
            ],
        ),
        ("unknown type", of(Tar::new().special("x", b'Z', "one")), &["a/x: one"]),
        ("empty member", tar(&[("e", ""), ("x", "one")]), &["a/e: ", "a/x: one"]),
        (
            "appended",
            [tar(&[("x", "one")]), tar(&[("x", "two")])].concat(),
            &["a/x: one", "a/x: two"],
        ),
        (
            "no member",
            of(Tar::new().special("d/", b'5', "")),
            &["a: ! is a tar archive that holds no file"],
        ),
        (
            "no end",
            Tar::new().file("x", "one").0,
            &["a/x: one", "a: ! the tar archive is cut short"],
        ),
        (
            "junk behind",
            [tar(&[("x", "one")]), vec![b'?'; 512]].concat(),
            &["a/x: one", "a: ! something that is no tar data follows"],
        ),
        (
            "damage",
            [Tar::new().file("x", "one").0, vec![b'?'; 512]].concat(),
            &[
                "a/x: one",
                "a: ! the tar archive is damaged (the checksum of a header does not fit)",
            ],
        ),
        (
            "macOS",
            of(Tar::new().file("._x", "\0\u{5}\u{16}\u{7}\0\u{2}\0\0Mac OS X").file("x", "one")),
            &["a/x: one"],
        ),
        (
            "names are only shown",
            tar(&[
                ("../../etc/x", "1"),
                ("/abs", "2"),
                ("././y", "3"),
                ("\x1b[2J\nz", "4"),
                (".", "5"),
            ]),
            &["a/../../etc/x: 1", "a/abs: 2", "a/y: 3", "a/\\u{1b}[2J\\nz: 4", "a/(no name): 5"],
        ),
    ] {
        assert_told(what, &as_stream(&archive), expected);
        assert_told(what, &as_file(&archive), expected);
        assert_told(what, &as_file(&gzip(&archive)), expected);
    }
}

#[test]
fn every_form_of_zip_is_read() {
    let text = "line of text\n".repeat(50);
    let shown = format!("a/x: {text}");
    let deflated = || ZipMember::new("x", &text).deflated();
    let zip = |members: Vec<ZipMember>| Zip::of(members).finish();
    let plain = || ZipMember::new("y", "two");
    for (what, archive, expected) in [
        ("stored and deflated", zip(vec![deflated(), plain()]), &[&shown, "a/y: two"][..]),
        (
            "zstd",
            zip(vec![ZipMember::new("x", &text).packed(93, zstd_frame), plain()]),
            &[&shown, "a/y: two"],
        ),
        ("xz", zip(vec![ZipMember::new("x", &text).packed(95, xz_stream)]), &[&shown]),
        (
            "descriptor",
            zip(vec![deflated().descriptor(true, false), plain()]),
            &[&shown, "a/y: two"],
        ),
        (
            "bare descriptor",
            zip(vec![deflated().descriptor(false, false), plain()]),
            &[&shown, "a/y: two"],
        ),
        (
            "wide descriptor",
            zip(vec![deflated().descriptor(true, true), plain()]),
            &[&shown, "a/y: two"],
        ),
        (
            "nothing with a wide descriptor",
            zip(vec![ZipMember::new("e", "").deflated().descriptor(false, true), plain()]),
            &["a/e: ", "a/y: two"],
        ),
        ("64 bits", zip(vec![deflated().zip64(), plain()]), &[&shown, "a/y: two"]),
        ("folder", zip(vec![ZipMember::new("d/", ""), plain()]), &["a/y: two"]),
        ("split mark", [b"PK\x07\x08".to_vec(), zip(vec![plain()])].concat(), &["a/y: two"]),
        (
            "encrypted",
            zip(vec![deflated().encrypted(), ZipMember::new("z", &text).method(99), plain()]),
            &["a/x: ! is encrypted", "a/z: ! is encrypted", "a/y: two"],
        ),
        (
            "encrypted with a descriptor",
            zip(vec![deflated().encrypted().descriptor_beside_sizes(), plain()]),
            &["a/x: ! is encrypted", "a/y: two"],
        ),
        (
            "unknown method",
            zip(vec![deflated().method(9), plain()]),
            &["a/x: ! is packed by zip method 9, which is not read", "a/y: two"],
        ),
        (
            "checksum",
            zip(vec![ZipMember::new("x", "one").crc(7), plain()]),
            &["a/x: one! the zip archive is damaged (a checksum does not fit)", "a/y: two"],
        ),
        ("no member", zip(vec![]), &["a: ! is a zip archive that holds no file"]),
        (
            "names are only shown",
            zip(vec![ZipMember::new("../../etc/x", "1"), ZipMember::new("/abs", "2")]),
            &["a/../../etc/x: 1", "a/abs: 2"],
        ),
    ] {
        assert_told(what, &as_file(&archive), expected);
        assert_told(what, &as_stream(&archive), expected);
        assert_told(what, &as_stream(&lz4_frame(&archive)), expected);
    }
}

#[test]
fn only_the_table_of_contents_knows_it() {
    let plain = || ZipMember::new("y", "two");
    let unknown_end = || Zip::of(vec![ZipMember::new("x", "one").descriptor(true, false), plain()]);
    let link = || Zip::of(vec![ZipMember::new("l", "target").unix_mode(0o120_777), plain()]);
    let moved = [b"PK\x03\x04, as it seems".to_vec(), Zip::of(vec![plain()]).finish()].concat();
    let nowhere = Zip::of(vec![plain(), ZipMember::new("x", "one").offset(9)]).finish();
    let upon = Zip::of(vec![plain(), plain().offset(0), plain().offset(0), plain().offset(0)]);
    let upon = upon.claiming_bytes(1000);
    for (what, archive, file, stream) in [
        (
            "stored with a descriptor",
            unknown_end().finish(),
            &["a/x: one", "a/y: two"][..],
            &["a: ! is a zip archive whose members cannot be told apart"][..],
        ),
        ("link", link().finish(), &["a/y: two"], &["a/l: target", "a/y: two"]),
        ("something in front", moved, &["a/y: two"], &["a: ! the zip archive is cut short"]),
        (
            "an offset that leads nowhere",
            nowhere,
            &[
                "a/y: two",
                "a/x: ! the zip archive is damaged (its table of contents leads to no member)",
            ],
            &["a/y: two", "a/x: one"],
        ),
        (
            "members upon one another",
            upon,
            &["a: ! the zip archive is damaged (its members lie upon one another)"],
            &["a/y: two", "a/y: two", "a/y: two", "a/y: two"],
        ),
        (
            "a comment, and more behind",
            [Zip::of(vec![plain()]).comment("PK says hello").finish(), b"junk".to_vec()].concat(),
            &["a/y: two"],
            &["a/y: two"],
        ),
        (
            "the size is a lie",
            Zip::of(vec![ZipMember::new("x", "one").deflated().size(u32::MAX - 1), plain()])
                .finish(),
            &["a/x: one! the zip archive is damaged (a size does not fit)", "a/y: two"],
            &["a/x: one! the zip archive is damaged (a size does not fit)", "a/y: two"],
        ),
    ] {
        assert_told(what, &as_file(&archive), file);
        assert_told(what, &as_stream(&archive), stream);
    }
}

#[test]
fn members_are_unpacked_and_archives_entered_once() {
    let text = "line of text\n".repeat(20);
    let inner = tar(&[("x.log", "one")]);
    let zip = |name: &str, content: &[u8]| Zip::of(vec![ZipMember::bytes(name, content)]).finish();
    for (compression, pack) in PACKERS {
        let packed = pack(text.as_bytes());
        let archive = Tar::new().bytes("x", &packed).bytes("in.tar", &pack(&inner)).end();
        let shown = format!("a/x: {text}");
        let expected = [shown.as_str(), "a/in.tar/x.log: one"];
        assert_told(&compression.to_string(), &as_file(&pack(&archive)), &expected);
        assert_told(
            &compression.to_string(),
            &as_file(&zip("a.tar", &archive)),
            &[
                format!("a/a.tar/x: {text}").as_str(),
                "a/a.tar/in.tar: ! is an archive in an archive in an archive",
            ],
        );
    }
    let deep = tar(&[("y", "two")]);
    let deep = Tar::new()
        .bytes("deep.zip", &zip("b.tar", &deep))
        .bytes("in.zip", &zip("z", b"three"))
        .end();
    assert_told(
        "deep",
        &as_file(&deep),
        &["a/deep.zip/b.tar: ! is an archive in an archive in an archive", "a/in.zip/z: three"],
    );
    for (what, content) in
        [("a 7z archive", &b"7z\xbc\xaf\x27\x1c\0\x04"[..]), ("a RAR archive", b"Rar!\x1a\x07\0")]
    {
        let told = as_file(&Tar::new().bytes("x", content).file("y", "two").end());
        assert_told(what, &told, &[&format!("a/x: ! is {what}, which is"), "a/y: two"]);
    }
    assert_told("rar", &as_file(b"Rar!\x1a\x07\0"), &["a: ! is a RAR archive, which is not read"]);
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
fn large_members_are_read_whole_in_every_packing() {
    let text = |seed: u32| -> String {
        (0..6_000)
            .map(|line| format!("{:x}\n", (line * seed).wrapping_mul(2_654_435_761)))
            .collect()
    };
    let texts = [text(3), text(5), text(7)];
    let names = ["x", "y", "z"];
    let files: Vec<(&str, &str)> =
        names.iter().zip(&texts).map(|(name, text)| (*name, text.as_str())).collect();
    let plain = tar(&files);
    let mut archives = vec![("tar".to_owned(), plain.clone())];
    archives.extend(PACKERS.map(|(compression, pack)| (compression.to_string(), pack(&plain))));
    let members = |member: (&str, &str)| ZipMember::new(member.0, member.1).deflated();
    archives
        .push(("zip".to_owned(), Zip::of(files.iter().copied().map(members).collect()).finish()));
    for (kind, archive) in archives {
        for told in [as_file(&archive), as_stream(&archive)] {
            let found: Vec<(&str, bool)> =
                told.iter().map(|(_, text, error)| (text.as_str(), error.is_some())).collect();
            assert!(found == texts.each_ref().map(|text| (text.as_str(), false)), "{kind}");
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
