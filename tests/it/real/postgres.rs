//! One real session that a PostgreSQL 15 server logged three ways.

use querylens::model::facts::Facts;
use querylens::pipeline::{Request, run};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;

const CARRIERS: [&str; 3] = ["session.stderr.log.gz", "session.csv.gz", "session.json.gz"];

fn session() -> Option<PathBuf> {
    super::folder("postgres/15", &CARRIERS)
}

fn read(path: PathBuf) -> Facts {
    run(&Request::of_paths([path])).expect("a readable session")
}

/// Calls, runs with a duration, their microseconds, errors, cancelled, parse and bind steps.
type Figures = [u64; 9];

/// The figures of every class that ran, by fingerprint.
fn classes(facts: &Facts) -> BTreeMap<String, Figures> {
    let classes = facts.servers.iter().flat_map(|server| server.workload.ranked());
    classes
        .map(|class| {
            let (stats, parse, bind) = (&class.stats, class.parse, class.bind);
            let figures = [
                stats.calls,
                stats.timed,
                stats.total_us,
                class.troubles().errors,
                class.troubles().cancelled,
                parse.count,
                parse.total_us,
                bind.count,
                bind.total_us,
            ];
            (class.fingerprint.to_string(), figures)
        })
        .collect()
}

/// What happened, by name.
fn happened(facts: &Facts) -> BTreeMap<&'static str, u64> {
    let workload = &facts.servers[0].workload;
    let (all, plans) = (workload.incidents(), workload.plans());
    BTreeMap::from([
        ("queries", workload.overall().calls),
        ("query us", workload.overall().total_us),
        ("parse steps", workload.parse().count),
        ("parse us", workload.parse().total_us),
        ("bind steps", workload.bind().count),
        ("bind us", workload.bind().total_us),
        ("plans", plans.count),
        ("plan us", plans.total_us),
        ("orphans", workload.orphans().count),
        ("errors", all.messages.errors.count),
        ("deadlocks", all.locks.deadlocks.count),
        ("still waiting", all.locks.waiting.count),
        ("acquired", all.locks.acquired.count),
        ("temp files", all.temp_files.count),
        ("temp bytes", all.temp_files.sum),
        ("received", all.connections.received.count),
        ("authenticated", all.connections.authenticated.count),
        ("authorized", all.connections.authorized.count),
        ("refused", all.connections.refused.count),
        ("disconnected", all.connections.disconnected.count),
        ("autovacuums", all.maintenance.vacuums.count),
        ("aggressive", all.maintenance.aggressive),
        ("to prevent wraparound", all.maintenance.to_prevent_wraparound),
        ("autoanalyzes", all.maintenance.analyzes.count),
        ("tuples removed", all.maintenance.tables().iter().map(|t| t.tuples_removed).sum()),
        ("checkpoints", all.checkpoints.done.count),
        ("checkpoint buffers", all.checkpoints.buffers.sum),
    ])
}

/// Microseconds of `12.345 ms`.
fn microseconds(milliseconds: &str) -> u64 {
    let (whole, fraction) = milliseconds.split_once('.').expect("decimals");
    assert_eq!(fraction.len(), 3, "{milliseconds}");
    whole.parse::<u64>().expect("digits") * 1000 + fraction.parse::<u64>().expect("digits")
}

/// Counts the JSON file with a strict parser and nothing of the reader under test.
fn counted(path: PathBuf) -> BTreeMap<&'static str, u64> {
    let file = std::fs::File::open(path).expect("the JSON file");
    let mut counts = BTreeMap::from([("orphans", 0)]);
    for line in BufReader::new(flate2::read::MultiGzDecoder::new(file)).lines() {
        let record: Value = serde_json::from_str(&line.expect("text")).expect("JSON");
        let text = |key: &str| record.get(key).and_then(Value::as_str).unwrap_or_default();
        let message = text("message");
        let mut add = |name, amount| *counts.entry(name).or_default() += amount;
        if matches!(text("error_severity"), "ERROR" | "FATAL" | "PANIC") {
            add("errors", 1);
        }
        // The session's refusals have one reason only.
        let refused = text("error_severity") == "FATAL" && message.starts_with("role \"");
        add("refused", u64::from(refused));
        for (name, start) in [
            ("deadlocks", "deadlock detected"),
            ("temp files", "temporary file: path"),
            ("received", "connection received: "),
            ("authenticated", "connection authenticated: "),
            ("authorized", "connection authorized: "),
            ("disconnected", "disconnection: "),
            ("autoanalyzes", "automatic analyze of table"),
            ("checkpoints", "checkpoint complete: "),
        ] {
            add(name, u64::from(message.starts_with(start)));
        }
        for (name, inside) in [("still waiting", " still waiting for "), ("acquired", " acquired ")]
        {
            add(name, u64::from(message.starts_with("process ") && message.contains(inside)));
        }
        let vacuum = message.starts_with("automatic ") && message.contains("vacuum ");
        let wraparound = vacuum && message.contains(" to prevent wraparound ");
        add("autovacuums", u64::from(vacuum));
        add("aggressive", u64::from(vacuum && message.starts_with("automatic aggressive ")));
        add("to prevent wraparound", u64::from(wraparound));
        for (name, start, from, to) in [
            ("temp bytes", "temporary file: path", ", size ", ""),
            ("tuples removed", "automatic", "tuples: ", " removed"),
            ("checkpoint buffers", "checkpoint complete", "wrote ", " buffers"),
        ] {
            let rest = message.strip_prefix(start).and_then(|rest| rest.split_once(from));
            let number = rest.and_then(|(_, rest)| match to {
                "" => Some(rest),
                to => rest.split_once(to).map(|(number, _)| number),
            });
            add(name, number.map_or(0, |number| number.parse().expect("a number")));
        }
        let Some(timed) = message.strip_prefix("duration: ") else {
            continue;
        };
        let (duration, step) = timed.split_once(" ms  ").expect("a step");
        let (count, total) = match step.split([' ', ':']).next() {
            Some("statement" | "execute") => ("queries", "query us"),
            Some("parse") => ("parse steps", "parse us"),
            Some("bind") => ("bind steps", "bind us"),
            Some("plan") => ("plans", "plan us"),
            other => panic!("unknown step {other:?}"),
        };
        add(count, 1);
        add(total, microseconds(duration));
    }
    counts
}

#[test]
fn three_carriers_of_one_session_tell_the_same() {
    let Some(folder) = session() else { return };
    let all = CARRIERS.map(|name| read(folder.join(name)));
    let truth = counted(folder.join(CARRIERS[2]));
    for (name, facts) in CARRIERS.iter().zip(&all) {
        assert_eq!(happened(facts), truth, "{name}");
        assert_eq!(facts.inputs[0].skipped_bytes, 0, "{name}");
        assert_eq!(classes(facts), classes(&all[0]), "{name}");
    }
    // Messages are the same in all; the SQLSTATE stands in two of them only.
    let messages = |facts: &Facts| {
        let mut counts: BTreeMap<String, u64> = BTreeMap::new();
        for group in facts.servers[0].workload.incidents().messages.groups() {
            *counts.entry(format!("{} {}", group.level.word(), group.message)).or_default() +=
                group.count;
        }
        counts
    };
    assert_eq!(messages(&all[0]), messages(&all[1]));
    assert_eq!(messages(&all[1]), messages(&all[2]));
}
