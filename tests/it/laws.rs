//! The law of merging: the JSON report does not depend on threads, chunk sizes, the order of files
//! or on whether parts were read apart and merged.

use proptest::prelude::*;
use querylens::judge::config::JudgeOptions;
use querylens::judge::evidence::Evidence;
use querylens::judge::judge;
use querylens::model::facts::Facts;
use querylens::model::parts::Parts;
use querylens::pipeline::{self, Request};
use querylens::progress::Silent;
use querylens::report::{self, RenderOptions, ReportOptions};
use std::path::{Path, PathBuf};

fn fixture(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures").join(path)
}

/// The JSON report, every class shown.
fn json(facts: &Facts) -> String {
    let judging = JudgeOptions::default();
    let evidence = Evidence::new(facts, &judging);
    let options = ReportOptions {
        top: report::options::Top::All,
        date: "2026-01-01".to_owned(),
        ..ReportOptions::default()
    };
    let report = report::build(&evidence, judge(&evidence), &options);
    let renderer = report::renderer("json").expect("there is a JSON renderer");
    (renderer.render)(&report, &RenderOptions::default())
}

fn read(paths: &[PathBuf], threads: usize, chunk_bytes: usize) -> Parts {
    let mut request = Request { threads, ..Request::of_paths(paths) };
    request.read.policy.chunk_bytes = chunk_bytes;
    pipeline::read_parts(&request, &Silent).expect("fixtures are readable")
}

/// A log cut into files at record starts, so that each part is whole by itself.
fn cut_into_files(folder: &Path, log: &[u8], cuts: &[usize]) -> Vec<PathBuf> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', log).map(|at| at + 1))
        .filter(|at| log[*at..].starts_with(b"2026-"))
        .collect();
    let mut at: Vec<usize> = cuts.iter().map(|cut| starts[cut % starts.len()]).collect();
    at.extend([0, log.len()]);
    at.sort_unstable();
    at.dedup();
    at.windows(2)
        .enumerate()
        .map(|(number, ends)| {
            let path = folder.join(format!("part-{number:03}.log"));
            std::fs::write(&path, &log[ends[0]..ends[1]]).expect("room for a part");
            path
        })
        .collect()
}

#[test]
fn threads_and_chunks_change_nothing() {
    let demo = [fixture("demo")];
    let expected = json(&read(&demo, 1, 1 << 21).seal());
    assert!(expected.contains("\"calls\""));
    for (threads, chunk_bytes) in [(1, 4096), (2, 1 << 21), (2, 10_007), (7, 4096), (7, 300_000)] {
        let got = json(&read(&demo, threads, chunk_bytes).seal());
        assert_eq!(got, expected, "{threads} threads, chunks of {chunk_bytes} bytes");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn parts_merge_in_any_order(
        cuts in prop::collection::vec(any::<usize>(), 0..5),
        seed in any::<u64>(),
        threads in 1usize..4,
        chunk_bytes in prop::sample::select(vec![500usize, 7_001, 100_000]),
    ) {
        let folder = tempfile::tempdir().expect("a folder");
        let log = std::fs::read(fixture("bench/stderr.log")).expect("the fixture");
        let mut files = cut_into_files(folder.path(), &log, &cuts);
        let together = json(&read(&files, 1, 1 << 21).seal());

        // Another order on the command line.
        let rotation = seed as usize % files.len();
        files.rotate_left(rotation);
        prop_assert_eq!(&json(&read(&files, threads, chunk_bytes).seal()), &together);

        // Read one by one and merged from the left, then from the right.
        let parts = || files.iter().map(|file| read(std::slice::from_ref(file), threads, chunk_bytes));
        let left = parts().reduce(|a, b| a.merge(b).expect("they do not overlap"));
        let right = parts().rev().reduce(|a, b| b.merge(a).expect("they do not overlap"));
        prop_assert_eq!(&json(&left.expect("a part").seal()), &together);
        prop_assert_eq!(&json(&right.expect("a part").seal()), &together);
    }
}

#[test]
fn parts_that_overlap_are_refused() {
    let log = [fixture("bench/stderr.log")];
    assert!(read(&log, 1, 1 << 20).merge(read(&log, 1, 1 << 20)).is_err());
}

/// One session logged in three formats gives the same classes, calls and totals, and counts once
/// when all three are read together.
#[test]
fn three_formats_tell_the_same() {
    let classes = |paths: &[PathBuf]| {
        let facts = read(paths, 2, 100_000).seal();
        let mut classes: Vec<_> = facts.servers[0]
            .workload
            .ranked()
            .into_iter()
            .map(|c| (c.id, c.stats.calls, c.stats.total_us, c.parse, c.bind, c.errors))
            .collect();
        classes.sort_unstable_by_key(|class| class.0);
        (classes, facts.servers[0].workload.overall().calls)
    };
    let [stderr, csv, jsonlog] =
        ["stderr.log", "csvlog.csv", "jsonlog.json"].map(|f| fixture("bench").join(f));
    let expected = classes(std::slice::from_ref(&stderr));
    assert!(expected.0.len() > 10);
    assert_eq!(classes(std::slice::from_ref(&csv)), expected);
    assert_eq!(classes(std::slice::from_ref(&jsonlog)), expected);
    assert_eq!(classes(&[stderr, csv, jsonlog]), expected, "three views of one workload");
}
