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

/// Records that make a part.
const LEAST_RECORDS: usize = 10;

/// A log cut into files at record starts, so that each part is whole by itself.
fn cut_into_files(folder: &Path, log: &[u8], cuts: &[usize]) -> Vec<PathBuf> {
    let starts: Vec<usize> = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', log).map(|at| at + 1))
        .filter(|at| log[*at..].starts_with(b"2026-"))
        .collect();
    let mut chosen: Vec<usize> = cuts.iter().map(|cut| cut % starts.len()).collect();
    chosen.sort_unstable();
    // A part of a record or two may not be recognised by itself.
    let mut at = vec![0];
    let mut last = 0;
    for cut in chosen {
        if cut >= last + LEAST_RECORDS && cut + LEAST_RECORDS <= starts.len() {
            at.push(starts[cut]);
            last = cut;
        }
    }
    at.push(log.len());
    at.windows(2)
        .enumerate()
        .map(|(number, ends)| {
            let path = folder.join(format!("part-{number:03}.log"));
            std::fs::write(&path, &log[ends[0]..ends[1]]).expect("room for a part");
            path
        })
        .collect()
}

/// Names in bytes that are no UTF-8, and more of them than a class keeps.
#[test]
fn strange_names_are_the_same_in_every_chunk() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut log = Vec::new();
    for at in 0..400u32 {
        let head = format!("2026-11-20 08:{:02}:{:02}.000 UTC [{}] ", at / 60, at % 60, at % 3);
        log.extend_from_slice(head.as_bytes());
        log.extend_from_slice(b"jos\xe9@d\xfc ");
        log.extend_from_slice(&[0xe9; 60]);
        let rest = format!("{} LOG:  duration: 5.000 ms  statement: SELECT {at}\n", at % 100);
        log.extend_from_slice(rest.as_bytes());
    }
    let path = [folder.path().join("names.log")];
    std::fs::write(&path[0], &log).expect("room for a log");
    let expected = json(&read(&path, 1, 1 << 21).seal());
    for (threads, chunk_bytes) in [(1, 64), (2, 5000), (7, 700)] {
        let got = json(&read(&path, threads, chunk_bytes).seal());
        assert_eq!(got, expected, "{threads} threads, chunks of {chunk_bytes} bytes");
    }
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

/// More classes than a worker keeps to itself, with a cap that folds most of them and without.
#[test]
fn many_classes_are_the_same_whoever_hands_them_over() {
    use std::fmt::Write;
    let folder = tempfile::tempdir().expect("a folder");
    let mut log = String::new();
    for at in 0..18_000u32 {
        let _ = writeln!(
            log,
            "2026-11-20 08:{:02}:{:02}.000 UTC [7] u@d LOG:  duration: {at}.000 ms  statement: \
             SELECT c{:x}_ FROM t",
            at / 60 % 60,
            at % 60,
            at % 9000,
        );
    }
    let path = folder.path().join("many.log");
    std::fs::write(&path, log).expect("room for a log");
    for max_classes in [1_000_000, 1000] {
        let figures = |threads, chunk_bytes| {
            let mut request = Request { threads, ..Request::of_paths([&path]) };
            request.read.policy.chunk_bytes = chunk_bytes;
            request.keep.max_classes = max_classes;
            let facts = pipeline::run(&request).expect("a readable log");
            let workload = &facts.servers[0].workload;
            let classes = workload.ranked().into_iter();
            let classes: Vec<_> = classes.map(|c| (c.id, c.stats.clone())).collect();
            (classes, workload.folded().clone(), workload.overall().clone())
        };
        let expected = figures(1, 1 << 21);
        assert_eq!(expected.2.calls, 18_000);
        assert!(expected.0.len() <= max_classes);
        let got = figures(3, 50_000);
        assert!(got == expected, "at most {max_classes} classes");
    }
}

/// Plans of more classes than may keep theirs, and of more shapes: what is kept, and what is only
/// counted, is the same whatever the order.
#[test]
fn plans_of_many_classes_are_the_same_whoever_hands_them_over() {
    use std::fmt::Write;
    let folder = tempfile::tempdir().expect("a folder");
    let record = |at: u32| {
        let mut text = String::new();
        let _ = writeln!(
            text,
            "2026-11-20 08:{:02}:{:02}.000 UTC [7] u@d LOG:  duration: {at}.000 ms  plan:\n\
             \tQuery Text: SELECT c{:x}_ FROM t\n\
             \tSeq Scan on t{}  (cost=0.00..1.00 rows=1 width=4)",
            at / 60 % 60,
            at % 60,
            at % 300,
            at / 300,
        );
        if at.is_multiple_of(50) {
            text.push_str(
                "2026-11-20 08:00:00.000 UTC [7] u@d LOG:  duration: 1.000 ms  plan:\n\
                 \t{\"Query Text\": \"SELECT c1_ FROM t\", \"Plan\": {\n",
            );
        }
        text
    };
    let forwards: String = (0..3_600).map(record).collect();
    let backwards: String = (0..3_600).rev().map(record).collect();
    let figures = |log: &str, threads, chunk_bytes, max_planned| {
        let path = folder.path().join("plans.log");
        std::fs::write(&path, log).expect("room for a log");
        let mut request = Request { threads, ..Request::of_paths([&path]) };
        request.read.policy.chunk_bytes = chunk_bytes;
        request.keep.max_planned = max_planned;
        let facts = pipeline::run(&request).expect("a readable log");
        let workload = &facts.servers[0].workload;
        let mut kept: Vec<_> = workload
            .classes()
            .iter()
            .flat_map(|class| {
                class.plans().ranked().into_iter().map(move |shape| (class.id, shape))
            })
            .map(|(id, (key, shape))| (id, key, shape.count, shape.total_us, shape.min_us))
            .collect();
        kept.sort_unstable();
        let untold = workload.untold_plans();
        (kept, untold.folded, untold.unread, workload.plans())
    };
    for max_planned in [10_000, 40] {
        let (kept, folded, unread, all) = figures(&forwards, 1, 1 << 21, max_planned);
        let classes: std::collections::BTreeSet<_> = kept.iter().map(|(id, ..)| *id).collect();
        assert!((1..=max_planned).contains(&classes.len()), "{}", classes.len());
        let told: u64 = kept.iter().map(|(_, _, count, ..)| count).sum();
        assert_eq!((told + folded, unread, all.count), (3_600, 72, 3_672));
        for (log, threads, chunk_bytes) in [(&forwards, 3, 9_000), (&backwards, 2, 30_000)] {
            let got = figures(log, threads, chunk_bytes, max_planned);
            assert!(got == (kept.clone(), folded, unread, all), "at most {max_planned} classes");
        }
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
            .map(|c| (c.id, c.stats.calls, c.stats.total_us, c.parse, c.bind, c.troubles()))
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
