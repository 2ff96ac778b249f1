//! The laws of slicing, held for every format's samples and every log among the fixtures: without
//! filters the slice is the text; the outcome does not depend on chunks and threads; every record
//! that is counted is told as a span; a slice reads as what it was cut from.

use crate::logs::{cases, request};
use querylens::error::Error;
use querylens::model::event::{Event, Sink, Span, SpanDetail, SpanRole};
use querylens::model::filter::SessionChoice;
use querylens::pipeline::slice::{SliceRequest, Sliced, slice};
use querylens::pipeline::{Request, run};
use querylens::progress::Silent;
use querylens::read::input::{InputPath, LineCut, Opened, ReadPolicy, Sample, open};
use querylens::read::logs::envelope::ENVELOPES;
use querylens::read::logs::{ChunkText, FORMATS};
use querylens::read::options::ReadOptions;
use querylens::read::recognise;
use querylens::time::{Timestamp, UserTime, ZoneTable, parse_user_time};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// One log, with the options that it needs.
#[derive(Clone)]
struct Log {
    path: PathBuf,
    request: Request,
}

impl Log {
    fn new(path: PathBuf) -> Log {
        Log { request: Request::of_paths([&path]), path }
    }

    /// Decompressed, as UTF-8; `None` for an archive, which is many.
    fn text(&self) -> Option<Vec<u8>> {
        let input = InputPath::named(&self.path);
        let Ok(Opened::Text(source)) = open(&input, &ReadPolicy::default()) else { return None };
        let mut chunks = source.chunks();
        let mut text = Vec::new();
        while let Some(chunk) = chunks.next(&mut LineCut).ok()? {
            text.extend_from_slice(&chunk);
        }
        Some(text)
    }

    fn to_slice(&self) -> SliceRequest {
        SliceRequest { request: self.request.clone(), ..SliceRequest::default() }
    }
}

/// Every log among the fixtures by itself, with the options of its case.
fn fixture_logs() -> Vec<Log> {
    let mut found = Vec::new();
    for case in cases() {
        let request = request(&case);
        for path in request.paths.clone() {
            let request = Request { paths: vec![path.clone()], ..request.clone() };
            found.push(Log { path, request });
        }
    }
    found
}

/// Every sample of a format and of a carrier, and what they lack.
fn sample_logs(folder: &TempDir) -> Vec<Log> {
    let formats = FORMATS.iter().map(|format| format.meta());
    let own = formats.flat_map(|meta| meta.samples.iter().map(|sample| (*sample, meta.sample_map)));
    let carried = ENVELOPES.iter().flat_map(|kind| kind.samples).map(|sample| (*sample, None));
    let csv = "pid,at,ms,sql,who,row\n\
               6601,2026-11-23T10:00:00Z,3.5,\"select 1,\n\"\"a\"\"\",app,1\n\
               6602,2026-11-23T10:00:01Z,1.5,insert into t values (1),bob,2\n\n\
               no record\n\
               6601,2026-11-23T10:00:02Z,9,select 1,app,3";
    let map = "time=at,duration_ms=ms,query=sql,user=who,session=pid";
    let write = |(number, (sample, map)): (usize, (&str, Option<&str>))| {
        let path = folder.path().join(format!("sample-{number}"));
        std::fs::write(&path, sample).expect("room for a sample");
        let mut log = Log::new(path);
        log.request.read.map = map.map(|map| map.parse().expect("a map"));
        log
    };
    own.chain(carried).chain([(csv, Some(map))]).enumerate().map(write).collect()
}

/// Larger logs, as a server wrote them.
fn real_logs() -> Vec<Log> {
    let bench = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bench");
    ["stderr.log", "csvlog.csv", "jsonlog.json"].map(|name| Log::new(bench.join(name))).to_vec()
}

fn cut(request: &SliceRequest) -> Result<Vec<u8>, Error> {
    let mut out = Vec::new();
    slice(request, &mut out, &Silent).map(|_| out)
}

fn shown(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn without_filters_the_slice_is_the_text() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = [fixture_logs(), sample_logs(&folder), real_logs()].concat();
    let mut sliced = 0;
    for log in logs {
        let Some(expected) = log.text() else { continue };
        let sizes = [1, 7, 64, 4096, 1 << 20];
        for chunk_bytes in sizes.into_iter().filter(|size| size * 100_000 > expected.len()) {
            let mut request = log.to_slice();
            request.request.read.policy.chunk_bytes = chunk_bytes;
            match cut(&request) {
                Ok(got) if got == expected => sliced += 1,
                Err(Error::NothingRecognised(_)) => {}
                got => {
                    let got = got.as_deref().map(shown);
                    panic!("{:?}, chunks of {chunk_bytes} bytes:\n{got:?}", log.path);
                }
            }
        }
    }
    assert!(sliced > 200, "only {sliced} slices were compared");
}

/// Counts the records that a reader tells as spans, and holds their order.
#[derive(Default)]
struct Counter {
    records: u64,
    end: usize,
    is_carried: bool,
}

impl Sink for Counter {
    fn event(&mut self, event: &Event<'_>) {
        panic!("an event, though spans were asked for: {event:?}");
    }

    fn wants_spans(&self) -> SpanDetail {
        SpanDetail::Statements
    }

    fn span(&mut self, span: &Span<'_>) {
        self.records += u64::from(matches!(span.role, SpanRole::Record { .. }));
        self.is_carried |= !span.parts.is_empty();
        if !self.is_carried {
            assert!(span.start >= self.end, "spans out of order: {span:?}");
            self.end = span.start + span.text.len();
        }
    }
}

/// Whether a text is read, and then whether each of its records is told as a span.
fn spans_are_records(name: &str, text: &[u8], options: &ReadOptions) -> bool {
    let head = text[..text.len().min(256 * 1024)].to_vec();
    let sample = Sample { head, whole: true, ..Sample::default() };
    let Ok(recognised) = recognise(&sample, options) else { return false };
    let reader = recognised.open(&sample, options);
    let mut counter = Counter::default();
    let segment = reader.parse(ChunkText::new(text, 0, false), &mut counter);
    assert_eq!(counter.records, segment.reading.records, "{name}: every record is a span");
    counter.records > 0
}

#[test]
fn every_reader_tells_its_records_as_spans() {
    let folder = tempfile::tempdir().expect("a folder");
    let is_told = |log: &Log| {
        let name = log.path.display().to_string();
        log.text().is_some_and(|text| spans_are_records(&name, &text, &log.request.read))
    };
    for log in sample_logs(&folder) {
        assert!(is_told(&log), "{:?}: no span", log.text().as_deref().map(shown));
    }
    let read = [fixture_logs(), real_logs()].concat().iter().filter(|log| is_told(log)).count();
    assert!(read > 40, "only {read} logs were read");
}

/// Filters of every kind, by the values that the fixtures have.
fn filtered(log: &Log) -> Vec<(String, SliceRequest)> {
    let Ok(facts) = run(&log.request) else { return Vec::new() };
    let mut requests = Vec::new();
    let mut with = |name: &str, change: &dyn Fn(&mut SliceRequest)| {
        let mut request = log.to_slice();
        change(&mut request);
        requests.push((format!("{:?} {name}", log.path), request));
    };
    if let Some((first, last)) = facts.inputs[0].first.zip(facts.inputs[0].last) {
        let middle = UserTime::Absolute(Timestamp(first.0 + (last.0 - first.0) / 2));
        with("since", &|r| r.request.since = Some(middle));
        with("until", &|r| r.request.until = Some(middle));
    }
    with("user", &|r| r.request.filter.users.push("app".to_owned()));
    with("pid", &|r| r.sessions.push(SessionChoice::Process(6601)));
    with("min-duration", &|r| r.request.filter.min_duration_us = Some(2000));
    let pattern = regex::bytes::Regex::new("(?i)insert|from t1").expect("a pattern");
    with("exclude", &|r| r.request.filter.exclude_query = Some(pattern.clone()));
    for class in facts.servers.iter().flat_map(|server| server.workload.ranked()).take(1) {
        let id = class.id;
        with(&format!("query-id {id}"), &|r| r.request.filter.query_ids.push(id));
    }
    requests
}

#[test]
fn how_a_source_is_cut_changes_no_slice() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = [fixture_logs(), sample_logs(&folder)].concat();
    let mut compared = 0;
    for (name, mut request) in logs.iter().flat_map(filtered) {
        // Masking decides nothing, so a few filters show that it follows.
        for mask in [false, true].into_iter().take(if name.ends_with("since") { 2 } else { 1 }) {
            request.mask = mask;
            let told = |chunk_bytes: usize, threads: usize| {
                let mut request = request.clone();
                request.request.read.policy.chunk_bytes = chunk_bytes;
                request.request.threads = threads;
                cut(&request).map(|bytes| shown(&bytes)).unwrap_or_else(|error| error.to_string())
            };
            let whole = told(1 << 20, 1);
            for (chunk_bytes, threads) in [(1, 1), (64, 2)] {
                let again = told(chunk_bytes, threads);
                assert_eq!(again, whole, "{name}, mask {mask}, chunks of {chunk_bytes} bytes");
            }
            compared += 1;
        }
    }
    assert!(compared > 250, "only {compared} slices were compared");
}

/// Runs and their total time, of each class that holds whole statements.
fn classes(request: &Request) -> Result<BTreeMap<String, (u64, u64)>, String> {
    let facts = run(request).map_err(|error| error.to_string())?;
    let mut classes: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for class in facts.servers.iter().flat_map(|server| server.workload.ranked()) {
        if class.stats.calls > 0 && !class.fingerprint.contains('…') {
            let sums = classes.entry(class.fingerprint.to_string()).or_default();
            *sums = (sums.0 + class.stats.calls, sums.1 + class.stats.total_us);
        }
    }
    Ok(classes)
}

#[test]
fn a_masked_slice_tells_the_same_of_the_workload() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut compared = 0;
    for log in [fixture_logs(), sample_logs(&folder), real_logs()].concat() {
        let mut request = log.to_slice();
        request.mask = true;
        let mut masked = Vec::new();
        let Ok(Sliced { carried, inputs, .. }) = slice(&request, &mut masked, &Silent) else {
            continue;
        };
        if inputs.len() > 1 {
            // An archive's files may be of several formats.
            continue;
        }
        let path = folder.path().join("masked.log");
        std::fs::write(&path, &masked).expect("room for a slice");
        let of_slice = Request { paths: vec![path], ..log.request.clone() };
        let (mut expected, mut got) = (classes(&log.request), classes(&of_slice));
        if carried > 0 {
            // Who wrote a line may have stood in what carried it, so durations find no statement.
            for classes in [&mut expected, &mut got].into_iter().flatten() {
                classes.values_mut().for_each(|sums| sums.1 = 0);
            }
        }
        assert_eq!(got, expected, "{:?}\n{}", log.path, shown(&masked));
        compared += 1;
    }
    assert!(compared > 60, "only {compared} logs were compared");
}

#[test]
fn a_slice_tells_what_the_same_filter_leaves_of_the_whole() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut compared = 0;
    let logs = [fixture_logs(), sample_logs(&folder)].concat();
    // One line that psql printed cannot be told from a log's own.
    for log in logs.iter().filter(|log| !log.path.ends_with("psql-output/out.log")) {
        for (name, request) in filtered(log) {
            let counts_runs = ["min-duration", "exclude", "query-id", "user"];
            let Ok(sliced) = cut(&request) else { continue };
            if !counts_runs.iter().any(|filter| name.contains(filter)) {
                continue;
            }
            let path = folder.path().join("slice.log");
            std::fs::write(&path, &sliced).expect("room for a slice");
            let of_slice = Request { paths: vec![path], ..log.request.clone() };
            let (got, expected) = (classes(&of_slice), classes(&request.request));
            assert_eq!(got, expected, "{name}\n{}", shown(&sliced));
            compared += 1;
        }
    }
    assert!(compared > 60, "only {compared} slices were compared");
}

/// Lines of several sessions; what each filter lets pass is told by their numbers.
const SESSIONS: &str = "\
2026-11-23 10:00:00.000 UTC [1] app@shop LOG:  statement: SELECT a FROM t
2026-11-23 10:00:00.100 UTC [2] app@shop ERROR:  relation \"x\" does not exist
2026-11-23 10:00:00.150 UTC [1] app@shop LOG:  temporary file: path \"base/x\", size 14000
2026-11-23 10:00:00.160 UTC [1] app@shop STATEMENT:  SELECT a FROM t
2026-11-23 10:00:00.200 UTC [2] app@shop STATEMENT:  SELECT b
\tFROM x
2026-11-23 10:00:00.300 UTC [1] app@shop LOG:  duration: 300.000 ms
2026-11-23 10:00:01.000 UTC [2] bob@shop LOG:  duration: 5.000 ms  statement: SELECT a FROM t
2026-11-23 10:00:01.100 UTC [2] bob@shop DETAIL:  parameters: $1 = '1'
cp: cannot stat 'x'
2026-11-23 10:00:01.200 UTC [3] bob@shop LOG:  duration: 9.000 ms
2026-11-23 10:00:01.300 UTC [4] bob@shop LOG:  statement: SELECT a FROM t
2026-11-23 10:00:01.400 UTC [4] bob@shop LOG:  statement: SELECT c FROM t
2026-11-23 10:00:01.500 UTC [4] bob@shop LOG:  duration: 7.000 ms
2026-11-23 10:00:02.000 UTC [1] app@shop LOG:  checkpoint starting: time
";

#[test]
fn what_belongs_together_passes_together() {
    use querylens::lang::sql::fingerprint::Fingerprinter;
    use querylens::lang::sql::lexer::Dialect;
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("server.log");
    std::fs::write(&path, SESSIONS).expect("room for a log");
    let id = |sql: &str| Fingerprinter::new(Dialect::Postgres).run(sql.as_bytes()).id("postgres");
    let time = |text: &str| parse_user_time(text, &ZoneTable::default()).ok();
    let session = |id: &str| SessionChoice::Id(id.into());
    type Change<'c> = &'c dyn Fn(&mut SliceRequest);
    let cases: &[(&str, Change<'_>, &[usize])] = &[
        ("all", &|_| {}, &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]),
        (
            "a class",
            &|r| r.request.filter.query_ids.push(id("select a from t")),
            &[0, 2, 3, 6, 7, 8, 9, 11],
        ),
        (
            "the class of an error",
            &|r| r.request.filter.query_ids.push(id("select b from x")),
            &[1, 4, 5],
        ),
        ("long runs", &|r| r.request.filter.min_duration_us = Some(6000), &[0, 6, 10, 12, 13]),
        (
            "long runs of a class",
            &|r| {
                r.request.filter.min_duration_us = Some(6000);
                r.request.filter.query_ids.push(id("select a from t"));
            },
            &[0, 6],
        ),
        (
            "not a text",
            &|r| r.request.filter.exclude_query = regex::bytes::Regex::new("SELECT a").ok(),
            &[1, 4, 5, 12, 13],
        ),
        ("a user", &|r| r.request.filter.users.push("bob".to_owned()), &[7, 8, 9, 10, 11, 12, 13]),
        ("a process", &|r| r.sessions.push(SessionChoice::Process(2)), &[1, 4, 5, 7, 8, 9]),
        (
            "two processes",
            &|r| r.sessions.extend([SessionChoice::Process(3), SessionChoice::Process(4)]),
            &[10, 11, 12, 13],
        ),
        ("a session from 10:00:01 on", &|r| r.sessions.push(session("6B040EA1.2")), &[7, 8, 9]),
        ("a session from 10:05:00 on", &|r| r.sessions.push(session("6b040fcc.2")), &[]),
        (
            "from a time on",
            &|r| r.request.since = time("2026-11-23 10:00:01.1 UTC"),
            &[10, 11, 12, 13, 14],
        ),
        (
            "lines of a record before",
            &|r| r.request.until = time("2026-11-23 10:00:01.1 UTC"),
            &[0, 1, 2, 3, 4, 5, 6, 7, 8, 9],
        ),
    ];
    let lines: Vec<&str> = SESSIONS.split_inclusive('\n').collect();
    // The same as a cloud exports it, the newest entry first.
    let entry = |at: usize| {
        let text = match at {
            4 => [lines[4], lines[5]].concat(),
            at => lines[at].to_owned(),
        };
        let time = format!("2026-11-23T10:00:0{}.{at:02}Z", at / 5);
        let log = "projects/shop-1/logs/cloudsql.googleapis.com%2Fpostgres.log";
        let entry = serde_json::json!({
            "textPayload": text.trim_end(), "timestamp": time, "logName": log, "insertId": at.to_string()
        });
        format!("{entry}\n")
    };
    let export = folder.path().join("export.json");
    let entries = |numbers: &[usize]| -> String {
        numbers.iter().rev().filter(|at| **at != 5).map(|at| entry(*at)).collect()
    };
    let all: Vec<usize> = (0..lines.len()).collect();
    std::fs::write(&export, entries(&all)).expect("room for a log");
    for (name, change, numbers) in cases {
        for chunk_bytes in [1, 100, 1000, 1 << 20] {
            let cut = |path: &Path| {
                let mut request = Log::new(path.to_owned()).to_slice();
                change(&mut request);
                request.request.read.policy.chunk_bytes = chunk_bytes;
                shown(&cut(&request).unwrap_or_default())
            };
            let expected: String = numbers.iter().map(|at| lines[*at]).collect();
            assert_eq!(cut(&path), expected, "{name}, {chunk_bytes}");
            assert_eq!(cut(&export), entries(numbers), "{name}, newest first, {chunk_bytes}");
        }
    }
}

#[test]
fn sources_are_merged_by_time() {
    let folder = tempfile::tempdir().expect("a folder");
    let line = |second: usize, pid: usize| {
        format!("2026-11-23 10:00:{second:02}.000 UTC [{pid}] LOG:  statement: SELECT {pid}\n")
    };
    let write = |name: &str, text: String| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).expect("room for a log");
        path
    };
    let a = write("a.log", [line(1, 1), line(5, 1), line(3, 1), line(9, 1)].concat());
    // Its first line continues nothing, its last has no end.
    let b = write("b.log", format!("\tcut here\n{}{}", line(2, 2), line(5, 2).trim_end()));
    let c = write("c.log", line(5, 3));
    let copy = write("copy.log", [line(1, 1), line(5, 1)].concat());
    let expected = [
        line(1, 1),
        format!("\tcut here\n{}", line(2, 2)),
        line(5, 1),
        line(3, 1),
        line(5, 2),
        line(5, 3),
        line(9, 1),
    ];
    for order in [[&a, &b, &c, &copy], [&copy, &c, &b, &a]] {
        for chunk_bytes in [1, 60, 1 << 20] {
            let mut request =
                SliceRequest { request: Request::of_paths(order), ..SliceRequest::default() };
            request.request.read.policy.chunk_bytes = chunk_bytes;
            let got = cut(&request).expect("a slice");
            assert_eq!(String::from_utf8_lossy(&got), expected.concat(), "chunks of {chunk_bytes}");
        }
    }
}

#[test]
fn files_of_plans_are_left_out_and_told_of() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let plans = root.join("fixtures/plans/postgres/frames.txt");
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("server.log");
    std::fs::write(&log, SESSIONS).expect("room for a log");
    let request = |paths: Vec<PathBuf>| SliceRequest {
        request: Request { paths, ..Request::default() },
        ..SliceRequest::default()
    };
    let alone = cut(&request(vec![plans.clone()])).expect_err("no record");
    assert!(alone.to_string().contains("querylens explain"), "{alone}");
    let mut beside = Vec::new();
    let sliced = slice(&request(vec![plans, log]), &mut beside, &Silent).expect("a log");
    assert_eq!(shown(&beside), SESSIONS);
    assert!(sliced.inputs.iter().any(|input| !input.problems.is_empty()), "nothing told");
}
