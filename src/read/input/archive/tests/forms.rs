//! What is told of every form of archive, and of every lie in one.

use super::super::super::decompress::tests::{PACKERS, gzip, lz4_frame, xz_stream, zstd_frame};
use super::build::{Tar, Zip, ZipMember, tar};
use super::{as_file, as_stream, assert_told};

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
fn what_follows_a_packed_tar_is_told() {
    for (compression, pack) in PACKERS {
        let archive = pack(&tar(&[("x", "one")]));
        for (tail, expected) in [
            (vec![0; 99], &["a/x: one"][..]),
            (pack(&tar(&[("y", "two")])), &["a/x: one", "a/y: two"]),
            (b"junk".to_vec(), &["a/x: one", "a: ! something that is no tar data follows"]),
        ] {
            let told = as_file(&[archive.clone(), tail].concat());
            assert_told(&compression.to_string(), &told, expected);
        }
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
