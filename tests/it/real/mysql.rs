//! One workload on MySQL 5.6, 8.0, 9.7 and MariaDB 10.11, with statements that try to forge records,
//! against what a search for lines counts once the two forged headers are taken away.

use querylens::model::event::Known;
use querylens::model::facts::Facts;
use querylens::pipeline::{Request, run};
use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

const LOGS: [&str; 6] = [
    "mysql56_slow.log.gz",
    "mysql80_slow.log.gz",
    "mysql97_slow_extra.log.gz",
    "mariadb_slow_raw.log.gz",
    "mysql97_slow_extra.adversarial.log.gz",
    "mariadb_slow_raw.adversarial.log.gz",
];

/// Values of `Query_time` that stand in literals and comments only.
const FORGED: [&str; 2] = ["99.000000", "77"];

/// Records, microseconds, rows sent, rows examined, rows sorted, full scans.
fn counted(path: &Path) -> BTreeMap<&'static str, u64> {
    let mut text = Vec::new();
    let file = std::fs::File::open(path).expect("a log");
    flate2::read::MultiGzDecoder::new(file).read_to_end(&mut text).expect("a gzip file");
    let mut counts = BTreeMap::new();
    let mut add = |name, amount: u64| *counts.entry(name).or_default() += amount;
    let text = String::from_utf8_lossy(&text);
    let lines = text.lines().filter_map(|line| line.strip_prefix("# "));
    for line in lines {
        let words: Vec<&str> = line.split_ascii_whitespace().collect();
        let value = |key: &str| {
            let at = words.iter().position(|word| *word == key)?;
            words.get(at + 1).copied()
        };
        let number = |key| value(key).map_or(0, |n| n.parse::<u64>().expect("a number"));
        match value("Query_time:") {
            Some(forged) if FORGED.contains(&forged) => {}
            Some(time) => {
                let (whole, fraction) = time.split_once('.').expect("decimals");
                let us = whole.parse::<u64>().expect("digits") * 1_000_000
                    + fraction.parse::<u64>().expect("six digits");
                add("records", 1);
                add("us", us);
                add("sent", number("Rows_sent:"));
                add("examined", number("Rows_examined:"));
                add("sorted", number("Sort_rows:"));
                let failed = value("Errno:").is_some_and(|code| code != "0");
                add("failed", u64::from(failed));
            }
            None => add("full scans", u64::from(value("Full_scan:") == Some("Yes"))),
        }
    }
    counts
}

fn told(facts: &Facts) -> BTreeMap<&'static str, u64> {
    let workload = &facts.servers[0].workload;
    let (_, attributes) = workload.attributes();
    let sum = |known| attributes.numbers(known).map_or(0, |n| n.sum as u64);
    let failed = workload.classes().iter().map(|class| class.troubles().errors).sum();
    BTreeMap::from([
        ("records", workload.overall().calls),
        ("us", workload.overall().total_us),
        ("sent", sum(Known::RowsSent)),
        ("examined", sum(Known::RowsExamined)),
        ("sorted", sum(Known::SortRows)),
        ("failed", failed),
        ("full scans", attributes.flags(Known::FullScan).map_or(0, |flags| flags.yes)),
    ])
}

#[test]
fn slow_logs_of_four_servers_give_every_true_record_and_no_forged_one() {
    let Some(folder) = super::folder("mysql", &LOGS) else { return };
    for name in LOGS {
        let path = folder.join(name);
        let facts = run(&Request::of_paths([path.clone()])).expect("a readable log");
        let mut truth = counted(&path);
        truth.entry("full scans").or_default();
        assert_eq!(told(&facts), truth, "{name}");
        let input = &facts.inputs[0];
        assert_eq!((input.skipped_bytes, input.records), (0, truth["records"]), "{name}");
        let suspicious = input.problems.iter().filter(|p| p.message.contains("header")).count();
        assert_eq!(suspicious, 2, "{name}: {:?}", input.problems);
        assert!(facts.servers[0].workload.classes().iter().all(|c| !c.truncated), "{name}");
    }
}

#[test]
fn the_general_log_holds_the_runs_of_the_slow_log() {
    let files = ["mariadb_general.log.gz", "mariadb_slow_raw.log.gz"];
    let Some(folder) = super::folder("mysql", &files) else { return };
    let calls = |name: &str| {
        let facts = run(&Request::of_paths([folder.join(name)])).expect("a readable log");
        let classes = facts.servers[0].workload.ranked();
        let calls: BTreeMap<String, u64> =
            classes.iter().map(|c| (c.fingerprint.to_string(), c.stats.calls)).collect();
        calls
    };
    let (general, slow) = (calls(files[0]), calls(files[1]));
    // Both logged the same period but for its last seconds; a statement class that only one knows
    // is rare.
    let common: u64 = slow.iter().map(|(text, n)| general.get(text).map_or(0, |m| *n.min(m))).sum();
    let all: u64 = slow.values().sum();
    assert!(common * 100 >= all * 90, "{common} of {all}");
}

#[test]
fn outputs_of_the_monitor_are_understood_with_their_deadlock() {
    const FILES: [&str; 4] = ["mysql57", "mysql80", "mysql97", "mariadb"];
    let files = FILES.map(|name| format!("{name}.innodb_status.txt"));
    let names: Vec<&str> = files.iter().map(String::as_str).collect();
    let Some(folder) = super::folder("mysql/snapshots", &names) else { return };
    for name in names {
        let facts = run(&Request::of_paths([folder.join(name)])).expect("readable");
        let (input, server) = (&facts.inputs[0], &facts.servers[0]);
        assert_eq!((input.format, input.skipped_bytes), (Some("innodb-status"), 0), "{name}");
        assert_eq!(server.workload.incidents().locks.cycles().len(), 1, "{name}");
        for counter in ["innodb_history_list_length", "innodb_checkpoint_age_bytes"] {
            assert!(server.catalog.counters.contains_key(counter), "{name}: {counter}");
        }
    }
}
