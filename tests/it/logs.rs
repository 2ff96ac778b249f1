//! Walks `fixtures/logs/<engine>/<case>`: what is read from the files of a case is dumped in full
//! and compared with its `expect.txt`, for every cutting into chunks and number of threads.
//!
//! A case may hold `options.txt` (`literals keep`, `tz NAME`, `again NAME`
//! names a file twice) and `about.txt` (what it is for).
//! `UPDATE_EXPECT=1` rewrites the expectations; read each of them before it is committed.

use crate::dump::dump;
use querylens::pipeline::{Request, run};
use querylens::time::ZoneTable;
use std::path::{Path, PathBuf};
use std::sync::Arc;

fn folders(path: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(path).expect("a folder of fixtures");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    paths.retain(|path| path.is_dir());
    paths
}

/// The folder of every case.
pub fn cases() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs");
    folders(&root).iter().flat_map(|engine| folders(engine)).collect()
}

/// The inputs of a case with its options.
pub fn request(case: &Path) -> Request {
    let entries = std::fs::read_dir(case).expect("a case");
    let mut inputs: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    inputs.retain(|path| path.extension().is_none_or(|extension| extension != "txt"));
    inputs.sort();
    let mut request = Request::of_paths(inputs);
    let options = std::fs::read_to_string(case.join("options.txt")).unwrap_or_default();
    for option in options.lines() {
        match option.split_once(' ') {
            Some(("literals", "keep")) => {
                request.keep.literals = true;
                request.read.keep_literals = true;
            }
            Some(("again", name)) => request.paths.push(case.join(name)),
            Some(("map", columns)) => {
                request.read.map = Some(columns.parse().expect("a map"));
            }
            Some(("tz", zone)) => {
                request.read.zones = Arc::new(ZoneTable::new(Some(zone)).expect("a zone"));
            }
            _ => panic!("{}: unknown option {option:?}", case.display()),
        }
    }
    request
}

fn told(request: &Request) -> String {
    match run(request) {
        Ok(facts) => dump(&facts),
        Err(error) => format!("error: {error}\n"),
    }
}

#[test]
fn every_case_reads_as_expected_however_it_is_cut() {
    let mut wrong = Vec::new();
    for case in cases() {
        let expected_path = case.join("expect.txt");
        let mut request = request(&case);
        request.threads = 1;
        let got = told(&request);
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expected_path, &got).expect("a writable fixture");
        }
        let expected = std::fs::read_to_string(&expected_path).unwrap_or_default();
        if got != expected {
            wrong.push(format!("{}:\n--- expected\n{expected}--- got\n{got}", case.display()));
            continue;
        }
        for chunk_bytes in [1, 7, 64, 4096] {
            for threads in [1, 2, 3] {
                request.read.policy.chunk_bytes = chunk_bytes;
                request.threads = threads;
                let again = told(&request);
                if again != expected {
                    let how = format!("chunks of {chunk_bytes} bytes, {threads} threads");
                    wrong.push(format!("{}, {how}:\n{expected}--- got\n{again}", case.display()));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
