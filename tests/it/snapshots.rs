//! Snapshots under `fixtures/snapshots/`: each file is an input of its own, and what its server's
//! catalog says must be as `<file>.expect` shows it. `UPDATE_EXPECT=1` writes these.

use querylens::model::catalog::{Column, Doer, IndexDefinition, Table, Wait, WaitProfile};
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
        let told = input.notes.iter().filter(|note| note.contains(" of statements that others "));
        told.for_each(|note| writeln!(out, "  note: {note}").expect("a text"));
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
    if let Some(cpu) = &catalog.cpu {
        let (mean, max) = (cpu.mean_share(), cpu.max_share());
        let _ = writeln!(
            out,
            "cpu {} samples, {mean:.4} busy, {max:.4} at {:?}",
            cpu.samples, cpu.max_at
        );
    }
    for (name, series) in &catalog.pools {
        let user = name.user.as_deref().unwrap_or("*");
        let _ = writeln!(out, "pool {}/{user} {:?}", name.database, series.last.value);
    }
    for (view, profile) in &catalog.waits {
        let WaitProfile { samples, first, last, .. } = profile;
        let _ = writeln!(out, "waits of {view}: {samples} samples, {first:?} to {last:?}");
        for (wait, samples) in profile.seen() {
            let Wait { doer, event_type, event, state, blocked_by } = wait;
            let doer = match doer {
                Some(Doer::Class(class)) => profile.statement(*class).map(str::to_owned),
                other => other.map(|doer| doer.to_string()),
            };
            let _ = writeln!(
                out,
                "  {samples} × {doer:?} {event_type:?} {event:?} {state:?} by {blocked_by:?}"
            );
        }
    }
    for (name, told) in &catalog.application.libraries {
        let line = facts.source(told.origin.place).line;
        let _ = writeln!(
            out,
            "library {name} {:?} {:?} line {line}",
            told.value.version, told.value.engine
        );
    }
    for (name, told) in &catalog.application.pool_settings {
        let line = facts.source(told.origin.place).line;
        let _ = writeln!(out, "pool setting {name} = {} line {line}", told.value);
    }
    for (name, told) in &catalog.settings {
        let _ = writeln!(out, "setting {name} = {} {:?}", told.value.value, told.value.source);
    }
    catalog.tables.iter().for_each(|(name, table)| outline_table(&name.shown(), table, out));
    for (name, told) in &catalog.sequences {
        let _ = writeln!(out, "sequence {} {:?}", name.shown(), told.value);
    }
    for class in server.workload.ranked() {
        let sum = class.counters().sum();
        if sum.calls > 0 {
            let (id, calls, us) = (&class.fingerprint, sum.calls, sum.total_us);
            let _ = writeln!(out, "counted {calls} calls, {us} us: {id}");
        }
    }
}

fn outline_table(name: &str, table: &Table, out: &mut String) {
    let size = table.size.as_ref().map(|told| &told.value);
    let _ = writeln!(out, "table {name} {size:?}");
    for column in table.columns() {
        let Column { name, type_name, is_not_null, default, identity, .. } = column;
        let null = if *is_not_null { " not null" } else { "" };
        let _ = writeln!(out, "  {name} {type_name}{null} {default:?} {identity:?}");
    }
    for (name, told) in &table.constraints {
        let _ = writeln!(out, "  constraint {name} {:?} {:?}", told.value.kind, told.value.columns);
    }
    for (name, index) in &table.indexes {
        let size = index.size_bytes.as_ref().map(|told| told.value);
        let _ = writeln!(out, "  index {name} of {size:?} bytes");
        if let Some(told) = &index.definition {
            let IndexDefinition { keys, method, predicate, .. } = &told.value;
            let keys: Vec<_> = keys.iter().map(|key| (&key.part, key.is_descending)).collect();
            let _ = writeln!(out, "    {method} {keys:?} {predicate:?}");
        }
        for (node, series) in &index.activity {
            let _ = writeln!(out, "    on {node:?}: {:?}", series.last.value);
        }
    }
    for (column, told) in &table.column_stats {
        let _ = writeln!(out, "  statistics of {column}: {:?}", told.value);
    }
    for (node, series) in &table.activity {
        let _ = writeln!(out, "  used on {node:?}: {:?}", series.last.value);
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
        let told = match pipeline::run(&Request::of_paths([&path])) {
            Ok(facts) => outline(&facts),
            Err(error) => format!("{error}\n"),
        };
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
