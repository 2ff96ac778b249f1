//! Throughput of whole runs and of the fingerprint, in bytes per second.
//!
//! The logs are made here, from the demo fixtures repeated to a fixed size, so that anyone can run
//! them: `cargo bench`. Absolute figures belong to one machine; compare runs on the same one.

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use querylens::judge::config::JudgeOptions;
use querylens::judge::evidence::Evidence;
use querylens::lang::sql::fingerprint::Fingerprinter;
use querylens::lang::sql::lexer::Dialect;
use querylens::pipeline::{self, Request};
use std::hint::black_box;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Size of each log, decompressed.
const LOG_BYTES: usize = 32 << 20;

/// A fixture repeated to the size of the benchmark.
fn repeated(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bench").join(name);
    let piece = std::fs::read(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut log = Vec::with_capacity(LOG_BYTES + piece.len());
    while log.len() < LOG_BYTES {
        log.extend_from_slice(&piece);
    }
    log
}

/// The records of the demo's log that hold a plan of auto_explain, repeated to the size of the
/// benchmark.
fn plans() -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/postgresql-1.log");
    let log = std::fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let mut records: Vec<String> = Vec::new();
    for line in log.split_inclusive('\n') {
        match records.last_mut().filter(|_| line.starts_with('\t')) {
            Some(record) => record.push_str(line),
            None => records.push(line.to_owned()),
        }
    }
    records.retain(|record| record.contains(" plan:\n"));
    let piece = records.concat();
    piece.repeat(LOG_BYTES / piece.len().max(1)).into_bytes()
}

/// A stderr log as a syslog daemon writes it: each line a numbered part of a message.
fn in_syslog(log: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(log.len() * 3 / 2);
    let (mut pid, mut number, mut part) = (String::new(), 0_u32, 0_u32);
    for line in log.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        let process = line.split(|b| *b == b'[' || *b == b']').nth(1).unwrap_or_default();
        if line.starts_with(b"20") {
            (pid, number, part) = (String::from_utf8_lossy(process).into_owned(), number + 1, 0);
        }
        part += 1;
        let head = format!("Nov 23 03:55:04 db1 postgres[{pid}]: [{number}-{part}] ");
        let (tab, text) = match line.strip_prefix(b"\t") {
            Some(text) => ("#011", text),
            None => ("", line),
        };
        [head.as_bytes(), tab.as_bytes(), text, b"\n"]
            .iter()
            .for_each(|p| out.extend_from_slice(p));
    }
    out
}

/// The same as Cloud Logging exports it: each line with its prefix, and those that continue it, an
/// object among members that nobody asks for.
fn in_cloud_sql(log: &[u8]) -> Vec<u8> {
    let log = String::from_utf8_lossy(log);
    let mut out = String::with_capacity(log.len() * 3);
    let mut write = |text: &str| {
        let text = serde_json::Value::from(text);
        out.push_str("{\"textPayload\":");
        out.push_str(&text.to_string());
        out.push_str(",\"insertId\":\"s=5fcb1a6c0d3b4fd5a8e0a1b2c3d4e5f6;i=2f00;b=a1\",\"resource\":{\"type\":\"cloudsql_database\",\"labels\":{\"database_id\":\"shop-prod:shop-db\",\"project_id\":\"shop-prod\",\"region\":\"europe-west1\"}},\"timestamp\":\"2026-11-23T02:56:06.003311Z\",\"severity\":\"INFO\",\"labels\":{\"LOG_BUCKET_NUM\":\"36\"},\"logName\":\"projects/shop-prod/logs/cloudsql.googleapis.com%2Fpostgres.log\",\"receiveTimestamp\":\"2026-11-23T02:56:07.1Z\"}\n");
    };
    let mut start = 0;
    for (at, _) in log.match_indices("\n20") {
        write(&log[start..at]);
        start = at + 1;
    }
    write(log[start..].trim_end());
    out.into_bytes()
}

/// Analyses a file on one thread, rules included.
fn analyse(path: &Path) -> usize {
    let request = Request { threads: 1, ..Request::of_paths([path]) };
    let facts = pipeline::run(&request).expect("the benchmark's own log is readable");
    let options = JudgeOptions::default();
    querylens::judge::judge(&Evidence::new(&facts, &options)).len() + facts.classes()
}

fn whole_runs(c: &mut Criterion) {
    let folder = tempfile::tempdir().expect("a folder for the logs");
    let mut group = c.benchmark_group("analyze");
    group.sample_size(10);
    let stderr = repeated("stderr.log");
    let mut inputs: Vec<(&str, PathBuf, usize)> = Vec::new();
    for (name, log) in [
        ("stderr", stderr.clone()),
        ("syslog", in_syslog(&stderr)),
        ("cloudsql", in_cloud_sql(&stderr)),
        ("csvlog", repeated("csvlog.csv")),
        ("jsonlog", repeated("jsonlog.json")),
        ("mysql-slow", repeated("mysql-slow.log")),
        ("mariadb-slow", repeated("mariadb-slow.log")),
        ("mysql-general", repeated("mysql-general.log")),
        ("mongodb-json", repeated("mongodb-json.log")),
        ("mongodb-member", repeated("mongodb-member.log")),
        ("auto-explain", plans()),
    ] {
        let path = folder.path().join(format!("{name}.log"));
        std::fs::write(&path, &log).expect("room for the logs");
        inputs.push((name, path, log.len()));
    }
    let packed = folder.path().join("stderr.log.gz");
    let file = std::fs::File::create(&packed).expect("room for the logs");
    let mut gz = flate2::write::GzEncoder::new(file, flate2::Compression::default());
    gz.write_all(&stderr).and_then(|()| gz.finish().map(drop)).expect("room for the logs");
    inputs.push(("gz", packed, stderr.len()));
    for (name, path, bytes) in &inputs {
        group.throughput(Throughput::Bytes(*bytes as u64));
        group.bench_function(*name, |b| b.iter(|| analyse(black_box(path))));
    }
    group.finish();
}

fn fingerprint(c: &mut Criterion) {
    let mut group = c.benchmark_group("fingerprint");
    for (name, dialect, log, mark) in [
        ("postgres", Dialect::Postgres, "stderr.log", "statement: "),
        ("mysql", Dialect::Mysql, "mysql-general.log", " Query\t"),
    ] {
        let log = repeated(log);
        let statements: Vec<&[u8]> = log
            .split(|b| *b == b'\n')
            .filter_map(|line| {
                let at = memchr::memmem::find(line, mark.as_bytes())?;
                Some(&line[at + mark.len()..])
            })
            .take(20_000)
            .collect();
        let bytes: usize = statements.iter().map(|s| s.len()).sum();
        group.throughput(Throughput::Bytes(bytes as u64));
        let mut printer = Fingerprinter::new(dialect);
        group.bench_function(name, |b| {
            b.iter(|| {
                statements.iter().fold(0, |sum, sql| sum ^ printer.run(black_box(sql)).text.len())
            });
        });
    }
    group.finish();
}

criterion_group!(benches, whole_runs, fingerprint);
criterion_main!(benches);
