//! Snapshots under `fixtures/snapshots/`: each file is an input of its own, and what its server's
//! catalog says must be as `<file>.expect` shows it. `UPDATE_EXPECT=1` writes these.

use querylens::model::facts::{Facts, ServerFacts};
use querylens::pipeline::{self, Request};
use std::fmt::Write;
use std::path::{Path, PathBuf};

fn files(folder: &Path, out: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("fixtures") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_none_or(|ext| ext != "expect") {
            out.push(path);
        }
    }
}

/// What was read, one fact on a line.
fn outline(facts: &Facts) -> String {
    let mut out = String::new();
    for input in &facts.inputs {
        let format = input.format.unwrap_or("-");
        let _ = writeln!(
            out,
            "input {} records {} events {} skipped {}",
            format, input.records, input.events, input.skipped_bytes
        );
        for problem in &input.problems {
            let _ = writeln!(out, "  line {:?}: {}", problem.line, problem.message);
        }
    }
    facts.servers.iter().for_each(|server| outline_server(server, facts, &mut out));
    out
}

fn outline_server(server: &ServerFacts, facts: &Facts, out: &mut String) {
    let _ = writeln!(out, "server {:?} apart {:?}", server.engine, server.apart);
    for cycle in server.workload.incidents().locks.cycles() {
        let line = facts.source(cycle.example.1).line;
        let _ = writeln!(out, "deadlock {} times, line {line}, at {:?}", cycle.count, cycle.first);
        for part in &cycle.parts {
            let _ = writeln!(out, "  {} {:?} {:?}", part.mode, part.table, part.index);
        }
    }
    let catalog = &server.catalog;
    for (name, series) in &catalog.counters {
        let states = if series.first.origin == series.last.origin { "" } else { " (of several)" };
        let _ = writeln!(out, "{name} = {}{states}", series.last.value);
    }
    for (name, series) in &catalog.pools {
        let user = name.user.as_deref().unwrap_or("*");
        let _ = writeln!(out, "pool {}/{user} {:?}", name.database, series.last.value);
    }
    for (name, told) in &catalog.settings {
        let _ = writeln!(out, "setting {name} = {} {:?}", told.value.value, told.value.source);
    }
}

#[test]
fn snapshots_say_what_their_outlines_show() {
    let folder = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/snapshots"));
    let mut all = Vec::new();
    files(folder, &mut all);
    all.sort();
    assert!(all.len() > 5, "fixtures are missing");
    for path in all {
        let facts = pipeline::run(&Request::of_paths([&path])).expect("readable");
        let told = outline(&facts);
        assert!(!told.contains("s3cret"), "{}: a literal", path.display());
        let mut expect = path.clone().into_os_string();
        expect.push(".expect");
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&expect, &told).expect("written");
        }
        let expected = std::fs::read_to_string(&expect).unwrap_or_default();
        assert_eq!(told, expected, "{}", path.display());
    }
}
