//! Archives and packed logs as a user meets them: by path and by pipe, the numbers are those of the
//! files in them, and what cannot be read is told.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;

fn fixtures(case: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs/postgres").join(case)
}

fn analyze(args: &[&str], stdin: Option<&Path>) -> Output {
    let mut command = Command::cargo_bin("querylens").expect("the binary is built");
    command.args(["analyze", "--date", "2026-11-23"]).args(args);
    if let Some(path) = stdin {
        command.pipe_stdin(path).expect("a fixture");
    }
    command.output().expect("the binary runs")
}

fn json(args: &[&str], stdin: Option<&Path>) -> Value {
    let output = analyze(&[&["--format", "json", "--top", "all"], args].concat(), stdin);
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{args:?}: {told}"))
}

fn path(path: &Path) -> &str {
    path.to_str().expect("a plain path")
}

#[test]
fn every_packing_gives_the_numbers_of_the_log_in_it() {
    let folder = fixtures("archives");
    let plain = json(&[path(&folder.join("server.log"))], None);
    let mut packed = 0;
    for entry in fs::read_dir(&folder).expect("fixtures") {
        let file = entry.expect("an entry").path();
        if file.extension().is_some_and(|extension| extension == "txt") {
            continue;
        }
        packed += 1;
        let report = json(&[path(&file)], None);
        assert_eq!(report["totals"], plain["totals"], "{}", file.display());
        assert_eq!(report["inputs"][0]["bytes"], plain["inputs"][0]["bytes"]);
        // 7z keeps its table of contents at the end, and so does what is stored in a zip that was
        // written to a pipe.
        let piped = analyze(&["-", "--format", "json", "--top", "all"], Some(&file));
        if file.extension().is_some_and(|extension| extension == "7z") {
            let told = String::from_utf8_lossy(&piped.stderr);
            assert_eq!(piped.status.code(), Some(2));
            assert!(told.contains("<stdin>: is a 7z archive, which is read only where"), "{told}");
        } else {
            let piped: Value = serde_json::from_slice(&piped.stdout).expect("a report");
            assert_eq!(piped["totals"], plain["totals"], "{} piped", file.display());
        }
    }
    assert!(packed > 20);
}

#[test]
fn an_archive_that_passes_by_once_counts_the_same() {
    let folder = fixtures("archives-members");
    for name in ["bundle.tar.gz", "same.tar.gz"] {
        let file = folder.join(name);
        let (named, piped) = (json(&[path(&file)], None), json(&["-"], Some(&file)));
        assert_eq!(named["totals"], piped["totals"], "{name}");
        let count = |report: &Value| report["inputs"].as_array().map(Vec::len);
        assert_eq!(count(&named), count(&piped), "{name}");
        for threads in ["1", "3"] {
            let again = json(&["-", "--threads", threads, "--chunk-bytes", "64"], Some(&file));
            assert_eq!(again, piped, "{name} with {threads} threads");
        }
        // Beside itself all of it is a copy; only its first member is told too late.
        let both = json(&["-", path(&file)], Some(&file));
        let copies = both["inputs"].as_array().expect("inputs").iter();
        let told = copies.filter(|input| {
            let is_piped = input["path"].as_str().is_some_and(|path| path.starts_with("<stdin>/"));
            let is_copy = !input["duplicate_of"].is_null();
            is_piped && (is_copy || input["problems"].to_string().contains("counted twice"))
        });
        assert_eq!(told.count(), count(&named).expect("inputs"), "{name}");
    }
}

#[test]
fn times_before_the_last_record_need_ends_that_are_known() {
    let bundle = fixtures("archives-members").join("bundle.tar.gz");
    let named = json(&[path(&bundle), "--since=-2s"], None);
    assert_eq!(named["totals"]["errors"], 2, "small members are seen to their ends");
    let piped = analyze(&["-", "--since=-2s"], Some(&bundle));
    assert_eq!(piped.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&piped.stderr).contains("relative to the last record"));
    let absolute = json(&["-", "--since", "2026-11-25 10:00:07"], Some(&bundle));
    assert_eq!(absolute["totals"]["errors"], 2);
}

#[test]
fn what_cannot_be_read_is_partial_input() {
    let folder = fixtures("archives-damage");
    for stdin in [None, Some("cut.tar.gz"), Some("mixed.zip"), Some("holds7z.tar.gz")] {
        let stdin = stdin.map(|name| folder.join(name));
        let paths: &[&str] = if stdin.is_some() { &["-", path(&folder)] } else { &[path(&folder)] };
        let output = analyze(&[paths, &["--strict"]].concat(), stdin.as_deref());
        assert_eq!(output.status.code(), Some(4));
        let told = String::from_utf8_lossy(&output.stderr);
        for part in
            ["cut.tar.gz: the gzip data around", "big.log: is packed by zip method 9", "x.rar: "]
        {
            assert!(told.contains(part), "{part} in {told}");
        }
    }
}
