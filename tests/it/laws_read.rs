//! The laws of reading, held for generated logs: how a file is cut and by how many workers it is
//! read changes nothing, and no damage makes the program panic.

use crate::dump::dump;
use proptest::prelude::*;
use querylens::pipeline::{Request, run};
use std::path::{Path, PathBuf};

/// What one process writes next: its lines, which others may interleave.
#[derive(Clone, Debug)]
struct Step {
    pid: u8,
    kind: u8,
    /// Which of a few tables, so that classes repeat.
    table: u8,
    /// Seconds after the line before; some are longer than anything waits, some go back.
    gap_s: i32,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let gap = prop_oneof![12 => 0..3, 2 => 3000..4000, 1 => -9000..0];
    let step = (0_u8..4, 0_u8..16, 0_u8..3, gap);
    let step = step.prop_map(|(pid, kind, table, gap_s)| Step { pid, kind, table, gap_s });
    proptest::collection::vec(step, 1..60)
}

fn log(steps: &[Step]) -> String {
    let mut clock_s = 20_000_u32;
    let mut log = String::new();
    for Step { pid, kind, table, gap_s } in steps {
        clock_s = clock_s.saturating_add_signed(*gap_s);
        let (day, second) = (1 + clock_s / 86_400, clock_s % 86_400);
        let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
        let head =
            format!("2026-11-{day:02} {hour:02}:{minute:02}:{second:02}.000 UTC [{}] ", 10 + pid);
        let message = match kind {
            0 | 1 => format!("LOG:  statement: SELECT a FROM t{table}\n\tWHERE id = {second}"),
            2 => format!("LOG:  execute <unnamed>: SELECT b FROM t{table} WHERE id = $1"),
            3..=5 => format!("LOG:  duration: {second}.125 ms"),
            6 => format!("LOG:  duration: {second}.250 ms  statement: UPDATE t{table} SET a = 1"),
            7 => format!("LOG:  duration: 0.100 ms  bind <unnamed>: SELECT b FROM t{table}"),
            8 | 9 => format!("DETAIL:  parameters: $1 = '{second}'"),
            10 => format!("ERROR:  relation \"t{table}\" does not exist at character 15"),
            11 => format!("STATEMENT:  SELECT a\n\tFROM missing{table}"),
            12 => "LOG:  disconnection: session time: 0:00:01.000".to_owned(),
            13 => "LOG:  temporary file: path \"base/x\", size 14000".to_owned(),
            14 => format!("LOG:  duration: 1.000 ms  plan:\n\tQuery Text: SELECT a FROM t{table}"),
            _ => "HINT:  Look again.\ncp: cannot stat 'x'".to_owned(),
        };
        log.push_str(&head);
        log.push_str(&message);
        log.push('\n');
    }
    log
}

fn told(path: &Path, chunk_bytes: usize, threads: usize) -> String {
    let mut request = Request::of_paths([path]);
    request.read.policy.chunk_bytes = chunk_bytes;
    request.read.keep_literals = true;
    request.keep.literals = true;
    request.threads = threads;
    match run(&request) {
        Ok(facts) => dump(&facts),
        Err(error) => error.to_string(),
    }
}

/// The same log as a syslog daemon writes it: each line a part, those of two processes interleaved.
fn in_syslog(log: &str) -> String {
    let mut records: Vec<(&str, Vec<&str>)> = Vec::new();
    for line in log.lines() {
        let pid = line.split_once('[').and_then(|(_, rest)| rest.split_once(']'));
        match (pid, records.last_mut()) {
            (Some((pid, _)), _) if line.starts_with("2026") => records.push((pid, vec![line])),
            (_, Some((_, lines))) => lines.push(line),
            (_, None) => {}
        }
    }
    let mut out = String::new();
    let mut write = |number: usize, part: usize, pid: &str, line: &str| {
        let line = line.replace('\t', "#011");
        let head = format!("Nov 23 03:55:04 db1 postgres[{pid}]: [{number}-{part}] ");
        out.push_str(&format!("{head}{line}\n"));
    };
    for (number, pair) in records.chunks(2).enumerate() {
        let parts = pair.iter().map(|(_, lines)| lines.len()).max().unwrap_or(0);
        // Records of one process never overlap.
        let apart = pair.len() == 2 && pair[0].0 == pair[1].0;
        let order: Vec<(usize, usize)> = match apart {
            true => (0..pair.len()).flat_map(|r| (0..parts).map(move |p| (r, p))).collect(),
            false => (0..parts).flat_map(|p| (0..pair.len()).map(move |r| (r, p))).collect(),
        };
        for (record, part) in order {
            let (pid, lines) = &pair[record];
            if let Some(line) = lines.get(part) {
                write(2 * number + record, part + 1, pid, line);
            }
        }
    }
    out
}

fn fixture_logs() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs");
    let folder = |engine: &str| std::fs::read_dir(root.join(engine)).expect("fixtures").flatten();
    let mut logs = Vec::new();
    for case in ["postgres", "mysql", "mongodb"].into_iter().flat_map(folder) {
        for file in std::fs::read_dir(case.path()).expect("a case").flatten() {
            let extension = file.path().extension().map(|e| e.to_string_lossy().into_owned());
            if matches!(
                extension.as_deref(),
                Some(
                    "log"
                        | "csv"
                        | "json"
                        | "tsv"
                        | "sql"
                        | "vertical"
                        | "jsonl"
                        | "bson"
                        | "archive"
                )
            ) {
                logs.push(file.path());
            }
        }
    }
    logs.sort();
    logs
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_changes_nothing(steps in steps(), chunks in proptest::collection::vec(1_usize..700, 3)) {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("server.log");
        std::fs::write(&path, log(&steps)).expect("a written log");
        let whole = told(&path, 1 << 20, 1);
        for chunk_bytes in chunks {
            prop_assert_eq!(&told(&path, chunk_bytes, 2), &whole, "chunks of {}", chunk_bytes);
        }
    }

    #[test]
    fn a_cut_in_a_carrier_changes_nothing(
        steps in steps(),
        chunks in proptest::collection::vec(1_usize..60_000, 2),
    ) {
        // Longer than what may lie between two parts of a record.
        let log = in_syslog(&log(&steps).repeat(40));
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("messages.log");
        std::fs::write(&path, log).expect("a written log");
        let whole = told(&path, 1 << 20, 1);
        for chunk_bytes in chunks {
            prop_assert_eq!(&told(&path, chunk_bytes, 2), &whole, "chunks of {}", chunk_bytes);
        }
    }

    #[test]
    fn no_damage_makes_it_panic(
        at in any::<prop::sample::Index>(),
        damage in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0_u8..3), 1..40),
    ) {
        let logs = fixture_logs();
        let original = at.get(&logs);
        let mut bytes = std::fs::read(original).expect("a fixture");
        for (place, byte, kind) in damage {
            let place = place.index(bytes.len() + 1);
            match kind {
                0 if place < bytes.len() => bytes[place] = byte,
                1 => bytes.truncate(place.max(bytes.len() / 2)),
                _ => bytes.insert(place, byte),
            }
        }
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join(original.file_name().expect("a name"));
        std::fs::write(&path, bytes).expect("a written log");
        prop_assert_eq!(told(&path, 512, 2), told(&path, 1 << 20, 1));
    }
}
