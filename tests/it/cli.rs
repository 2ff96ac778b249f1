//! The command line as its users meet it: exit codes, what goes to which stream, what becomes of
//! outputs when something is wrong, and that the numbers do not depend on how a file was read.

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Output, Stdio};
use tempfile::TempDir;

/// A log with two classes, a finding (deep-offset) and an error.
const LOG: &str = "\
2026-11-20 10:00:00.100 UTC [101] app@shop web LOG:  duration: 812.500 ms  statement: SELECT id, total FROM orders ORDER BY id LIMIT 20 OFFSET 400000
2026-11-20 10:00:01.200 UTC [102] app@shop web LOG:  duration: 0.250 ms  statement: SELECT name FROM customers WHERE id = 7
2026-11-20 10:00:02.300 UTC [101] app@shop web ERROR:  relation \"nope\" does not exist at character 15
2026-11-20 10:00:02.300 UTC [101] app@shop web STATEMENT:  SELECT * FROM nope
2026-11-20 10:00:03.400 UTC [102] app@shop web LOG:  duration: 0.350 ms  statement: SELECT name FROM customers WHERE id = 8
";

/// The binary, started in a folder, so that no configuration file of this repository is met.
fn querylens(folder: &TempDir, args: &[&str]) -> Command {
    let mut command = Command::cargo_bin("querylens").expect("the binary is built");
    command.current_dir(folder).args(args).env_remove("SOURCE_DATE_EPOCH");
    command
}

fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, content) in files {
        fs::write(folder.path().join(name), content).expect("room for a file");
    }
    folder
}

fn run(folder: &TempDir, args: &[&str]) -> Output {
    querylens(folder, args).output().expect("the binary runs")
}

fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).expect("UTF-8 on stdout")
}

fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).expect("UTF-8 on stderr")
}

/// Runs and demands an exit code.
fn expect(folder: &TempDir, args: &[&str], code: i32) -> Output {
    let output = run(folder, args);
    assert_eq!(
        output.status.code(),
        Some(code),
        "{args:?}\n{}{}",
        stdout(&output),
        stderr(&output)
    );
    output
}

/// The JSON report of a run that must succeed.
fn json(folder: &TempDir, args: &[&str]) -> Value {
    let args = [&["analyze", "--format", "json"], args].concat();
    serde_json::from_slice(&expect(folder, &args, 0).stdout).expect("JSON on stdout")
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gz.write_all(text).and_then(|()| gz.finish()).expect("memory")
}

fn zstd(text: &[u8]) -> Vec<u8> {
    zstd::encode_all(text, 3).expect("memory")
}

fn bzip2(text: &[u8]) -> Vec<u8> {
    let mut bz = bzip2::write::BzEncoder::new(Vec::new(), bzip2::Compression::default());
    bz.write_all(text).and_then(|()| bz.finish()).expect("memory")
}

#[test]
fn a_gate_trips_only_when_asked() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    expect(&folder, &["analyze", "a.log"], 0);
    for (gate, code) in [("info", 1), ("deep-offset", 1), ("QRY004", 1), ("missing-where", 0)] {
        let output = expect(&folder, &["analyze", "a.log", "--fail-on", gate], code);
        assert!(!output.stdout.is_empty(), "a tripped gate keeps the report");
    }
    let output = expect(&folder, &["analyze", "a.log", "--fail-on", "deep-ofset"], 2);
    assert!(stderr(&output).contains("deep-ofset"));
}

#[test]
fn usage_and_unreadable_inputs_are_2() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    let cases: &[(&[&str], &str)] = &[
        (&["analyze"], "PATH"),
        (&["analyze", "a.log", "--no-such-option"], "--no-such-option"),
        (&["analyze", "missing.log"], "missing.log"),
        (&["analyze", "missing.log", "b/other.log"], "other.log"),
        (&["analyze", "a.log", "-o", "report.docx"], ".json"),
        (&["analyze", "a.log", "--format", "yaml"], "summary"),
        (&["analyze", "a.log", "--threshold", "5 days"], "days"),
        (&["analyze", "a.log", "--top", "0"], "95%:20"),
        (&["analyze", "a.log", "--order-by", "rows sent"], "rows_examined"),
        (&["analyze", "a.log", "--order-by", "totl"], "neither total, calls, mean, p95 or max"),
        (&["analyze", "a.log", "--group-by", "tag:"], "full_scan"),
        (&["analyze", "a.log", "--outliers", "query_time:1x"], "query_time:1s:10"),
        (&["analyze", "a.log", "--target", "colours"], "connections"),
        (&["analyze", "a.log", "--since", "yesterday-ish"], "yesterday-ish"),
        (&["analyze", "a.log", "--tz", "Mars/Olympus"], "Mars/Olympus"),
        (&["analyze", "a.log", "--date", "soon"], "YYYY-MM-DD"),
        (&["analyze", "a.log", "--exclude-query", "("], "--exclude-query"),
        (&["analyze", "a.log", "--log-line-prefix", "%m %y "], "%y"),
        (&["analyze", "a.log", "--config", "missing.toml"], "missing.toml"),
        (&["analyze", "a.log", "--server", "nothing"], "NAME=GLOB"),
        (&["rules", "nonsense"], "nonsense"),
        (&["frobnicate"], "frobnicate"),
    ];
    for (args, told) in cases {
        let output = expect(&folder, args, 2);
        assert!(output.stdout.is_empty(), "{args:?}: results on stdout");
        let text = stderr(&output);
        assert!(text.contains(told), "{args:?} does not say {told}:\n{text}");
    }
}

#[test]
fn attributes_are_known_by_the_inputs() {
    let folder = folder_with(&[]);
    let mixed = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report/mixed");
    let mixed = mixed.to_string_lossy();
    let wrong: &[(&[&str], &[&str])] = &[
        (&["--order-by", "rows_examind"], &["rows_examined", "full_scan (yes or no)"]),
        (&["--order-by", "errno"], &["group by it"]),
        (&["--order-by", "full_scan:max"], &[":mean"]),
        (&["--group-by", "rows_sent"], &["--order-by rows_sent"]),
        (&["--group-by", "nobody"], &["neither fingerprint", "errno (a word)"]),
        (&["--outliers", "errno:5"], &["ATTRIBUTE:VALUE"]),
        (&["--outliers", "pages_read:5"], &["pages_read", "query_time", "lock_time"]),
    ];
    for (args, told) in wrong {
        let output = expect(&folder, &[&["analyze", &*mixed], *args].concat(), 2);
        assert!(output.stdout.is_empty(), "{args:?}");
        let text = stderr(&output);
        assert!(told.iter().all(|told| text.contains(told)), "{args:?}: {text}");
    }
    let report = json(
        &folder,
        &[&*mixed, "--group-by", "errno", "--order-by", "Rows_examined", "--top", "all"],
    );
    let groups: Vec<_> = report["groups"]["items"].as_array().expect("groups").iter().collect();
    let failed = groups.iter().find(|group| group["name"] == "1213").expect("the deadlocks");
    assert_eq!(failed["calls"], 5);
    assert_eq!(report["options"]["order-by"], "rows_examined");
    // Five deadlocks of MySQL, four operations of MongoDB.
    assert_eq!(report["totals"]["failed"], 9);
}

#[test]
fn an_unknown_format_names_the_valid_ones() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    let output = expect(&folder, &["analyze", "a.log", "--as", "oracle"], 2);
    for format in querylens::read::logs::FORMATS {
        let name = format.meta().name;
        assert!(stderr(&output).contains(name), "{name} is not named");
        assert!(stdout(&expect(&folder, &["analyze", "--help"], 0)).contains(name));
    }
}

#[test]
fn nothing_recognised_or_left_is_3_and_writes_nothing() {
    let folder = folder_with(&[
        ("a.log", LOG.as_bytes()),
        ("runs.log", LOG.lines().next().unwrap_or_default().as_bytes()),
        ("empty.log", b""),
        ("prose.txt", b"Dear diary,\ntoday nothing happened at all.\n"),
        ("noise.bin", &[0xff, 0x00, 0x13, 0x37, 0x80].repeat(500)),
    ]);
    fs::create_dir(folder.path().join("hollow")).expect("a folder");
    let cases: &[(&[&str], &str)] = &[
        (&["empty.log"], "empty"),
        (&["prose.txt"], "diary"),
        (&["noise.bin"], "noise.bin"),
        (&["prose.txt", "empty.log"], "prose.txt"),
        (&["hollow"], "no file"),
        (&["a.log", "--as", "postgres-csvlog"], "a.log:1: no csvlog"),
        (&["a.log", "--db", "elsewhere"], "--db"),
        (&["a.log", "--since", "2027-01-01"], "--since"),
        (&["runs.log", "--min-duration", "1h"], "--min-duration"),
        (&["a.log", "--query-id", "0000000000000001"], "--query-id"),
    ];
    for (args, told) in cases {
        let args = [&["analyze", "-o", "out.json", "-o", "out.md"], *args].concat();
        let output = expect(&folder, &args, 3);
        assert!(stderr(&output).contains(told), "{args:?}: {}", stderr(&output));
        assert!(output.stdout.is_empty(), "{args:?}");
        for name in ["out.json", "out.md"] {
            assert!(!folder.path().join(name).exists(), "{args:?} wrote {name}");
        }
    }
}

#[test]
fn a_bad_path_beside_a_good_one_is_a_problem_and_no_failure() {
    let broken = [&gzip(LOG.as_bytes())[..60], b""].concat();
    let folder = folder_with(&[
        ("a.log", LOG.as_bytes()),
        ("prose.txt", b"Dear diary\n"),
        ("broken.gz", &broken),
    ]);
    for bad in ["missing.log", "prose.txt", "broken.gz"] {
        let output = expect(&folder, &["analyze", "--format", "json", bad, "a.log"], 0);
        assert!(stderr(&output).contains(bad), "{}", stderr(&output));
        let report: Value = serde_json::from_slice(&output.stdout).expect("JSON on stdout");
        let inputs = report["inputs"].as_array().expect("inputs");
        let entry = inputs.iter().find(|input| input["path"] == bad);
        let entry = entry.unwrap_or_else(|| panic!("{bad} is not among {inputs:?}"));
        assert_ne!(entry["problems"].as_array().map(Vec::len), Some(0), "{bad}");
        assert_eq!(report["totals"]["queries"], 3, "{bad}");

        let strict = ["analyze", "--strict", "-o", "out.json", bad, "a.log"];
        expect(&folder, &strict, 4);
        let written = folder.path().join("out.json");
        assert!(written.exists(), "a partial report is still a report");
        fs::remove_file(written).expect("the report");
    }
    expect(&folder, &["analyze", "--strict", "a.log"], 0);
}

#[test]
fn outputs_are_whole_or_absent() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    let output = expect(&folder, &["analyze", "a.log", "-o", "nowhere/report.md"], 2);
    assert!(stderr(&output).contains("nowhere"));
    assert!(!folder.path().join("nowhere").exists());

    let output = expect(&folder, &["analyze", "a.log", "-o", "r.md", "-o", "r.json"], 0);
    assert!(output.stdout.is_empty(), "with -o alone nothing goes to stdout");
    for name in ["r.md", "r.json"] {
        assert!(stderr(&output).contains(name), "{}", stderr(&output));
    }
    let names = fs::read_dir(&folder).expect("the folder").count();
    assert_eq!(names, 3, "something was left behind");

    let quiet = ["analyze", "a.log", "-q", "-o", "r.md", "--format", "summary"];
    let output = expect(&folder, &quiet, 0);
    assert!(output.stderr.is_empty() && !output.stdout.is_empty());
}

#[test]
fn a_closed_stdout_ends_quietly() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    let all: [&[&str]; 7] = [
        &["analyze", "a.log"],
        &["analyze", "a.log", "--format", "md"],
        &["slice", "a.log"],
        &["rules"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ];
    for args in all {
        let binary = assert_cmd::cargo::cargo_bin("querylens");
        let (reader, writer) = std::io::pipe().expect("a pipe");
        drop(reader);
        let child = std::process::Command::new(binary)
            .args(args)
            .current_dir(&folder)
            .stdout(writer)
            .stderr(Stdio::piped())
            .spawn()
            .expect("the binary runs");
        let output = child.wait_with_output().expect("the binary ends");
        assert_eq!(output.status.code(), Some(0), "{args:?}: {}", stderr(&output));
        assert_eq!(stderr(&output), "", "{args:?}");
    }
}

#[test]
fn every_carrier_gives_the_same_numbers() {
    let carriers: [(&str, Vec<u8>); 6] = [
        ("plain", LOG.as_bytes().to_vec()),
        ("gzip.txt", gzip(LOG.as_bytes())),
        ("zstd", zstd(LOG.as_bytes())),
        ("bzip2.log", bzip2(LOG.as_bytes())),
        ("mark.log", [b"\xef\xbb\xbf", LOG.as_bytes()].concat()),
        ("members.gz", {
            let (head, tail) = LOG.split_at(LOG.len() / 2);
            [gzip(head.as_bytes()), gzip(tail.as_bytes())].concat()
        }),
    ];
    for (name, content) in &carriers {
        let folder = folder_with(&[(name, content)]);
        let report = json(&folder, &[name]);
        let totals = &report["totals"];
        assert_eq!(totals["queries"], 3, "{name}");
        assert_eq!(totals["classes"], 2, "{name}");
        assert_eq!(totals["errors"], 1, "{name}");
        assert_eq!(totals["total_ms"], 813.1, "{name}");
        assert_eq!(report["inputs"][0]["bytes"], LOG.len(), "{name}");

        let piped = querylens(&folder, &["analyze", "-", "--format", "json"])
            .write_stdin(content.clone())
            .output()
            .expect("the binary runs");
        let piped: Value = serde_json::from_slice(&piped.stdout).expect("JSON on stdout");
        assert_eq!(&piped["totals"], totals, "{name} on standard input");
    }
}

#[test]
fn filters_leave_out_of_the_totals_what_they_leave_out() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    let all = json(&folder, &["a.log", "--top", "all"]);
    let deep = all["queries"][0]["id"].as_str().expect("an id");
    let cases: &[(&[&str], u64, f64)] = &[
        (&["--query-id", deep], 1, 812.5),
        (&["--exclude-query", "offset"], 2, 0.6),
        (&["--min-duration", "300us"], 2, 812.85),
        (&["--until", "2026-11-20 10:00:01"], 1, 812.5),
        (&["--since", "-3s", "--user", "app", "--app", "web"], 2, 0.6),
    ];
    for (filter, calls, total_ms) in cases {
        let report = json(&folder, &[&["a.log"], *filter].concat());
        assert_eq!(report["totals"]["queries"], *calls, "{filter:?}");
        assert_eq!(report["totals"]["total_ms"], *total_ms, "{filter:?}");
        assert_ne!(report["options"], all["options"], "{filter:?} is recorded");
    }
}

#[test]
fn copies_count_once() {
    let half = LOG.find("2026-11-20 10:00:02").expect("a third record");
    let folder = folder_with(&[
        ("a.log", LOG.as_bytes()),
        ("a.log.1.gz", &gzip(LOG.as_bytes())),
        ("start.log", &LOG.as_bytes()[..half]),
    ]);
    let alone = json(&folder, &["a.log"]);
    let together = json(&folder, &["a.log", "start.log", "./a.log", "a.log.1.gz"]);
    assert_eq!(together["totals"], alone["totals"]);
    let inputs = together["inputs"].as_array().expect("inputs");
    let copies = inputs.iter().filter(|i| !i["duplicate_of"].is_null());
    assert_eq!((inputs.len(), copies.count()), (4, 3), "{inputs:#?}");

    // What cannot be looked at first is told afterwards.
    let piped = querylens(&folder, &["analyze", "-", "a.log"])
        .write_stdin(gzip(LOG.as_bytes()))
        .output()
        .expect("the binary runs");
    let told = stderr(&piped);
    assert!(told.contains("<stdin>: the same content as a.log"), "{told}");
}

#[test]
fn statements_on_stdin_have_the_ids_of_analyze() {
    let folder = folder_with(&[("a.log", LOG.as_bytes())]);
    let lines = |args: &[&str], input: &[u8]| -> Vec<String> {
        let args = [&["fingerprint"], args].concat();
        let output = querylens(&folder, &args).write_stdin(input).output().expect("it runs");
        assert!(output.status.success() && output.stderr.is_empty());
        stdout(&output).lines().map(str::to_owned).collect()
    };
    let text = |line: &String| line.split_once('\t').map(|(_, text)| text.to_owned());

    let one = lines(&[], b"SELECT name FROM customers WHERE id = 12\n");
    let report = json(&folder, &["a.log", "--top", "all"]);
    let queries = report["queries"].as_array().expect("queries");
    let known: Vec<String> = queries
        .iter()
        .map(|q| {
            format!(
                "{}\t{}",
                q["id"].as_str().unwrap_or(""),
                q["fingerprint"].as_str().unwrap_or("")
            )
        })
        .collect();
    assert!(known.contains(&one[0]), "{} is not in {known:#?}", one[0]);

    // One line per statement, also where it is empty or holds a `;`; a final end adds none.
    let three = lines(&[], b"select 1; select 2\n\nselect 3");
    assert_eq!(three.len(), 3);
    assert_eq!(text(&three[0]).as_deref(), Some("select ?; select ?"));
    assert_eq!(text(&three[1]).as_deref(), Some(""));
    assert_eq!(lines(&[], b"select 1; select 2\n\nselect 3\n"), three);
    let nul = lines(&["-0"], b"select 1;\nselect 2\0\0select 3\0");
    assert_eq!(nul, three);
    assert_eq!(lines(&["-0"], b"select 1; select 2\0\0select 3"), three);
    assert_eq!(lines(&[], b""), Vec::<String>::new());
    assert_eq!(lines(&["-0"], b"\0").len(), 1, "one empty statement");

    let mysql = lines(&["--dialect", "mysql"], b"select \"x\" from `t`\n");
    assert_ne!(mysql, lines(&[], b"select \"x\" from `t`\n"));
}

#[test]
fn rules_are_listed_and_explained() {
    let folder = folder_with(&[]);
    let catalogue = stdout(&expect(&folder, &["rules"], 0));
    for rule in querylens::judge::rules::RULES {
        assert!(catalogue.contains(rule.code) && catalogue.contains(rule.name));
        for name in [rule.name, rule.code] {
            let page = stdout(&expect(&folder, &["rules", name], 0));
            for heading in ["What it finds", "When to ignore it"] {
                assert!(page.contains(heading), "{name} lacks {heading}:\n{page}");
            }
        }
    }
    let near = stderr(&expect(&folder, &["rules", "deep-ofset"], 2));
    assert!(near.contains("did you mean deep-offset"), "{near}");
}

#[test]
fn the_command_line_explains_itself() {
    let folder = folder_with(&[]);
    let help = stdout(&expect(&folder, &["--help"], 0));
    assert!(help.contains("Exit codes") && help.contains("130"), "{help}");
    for command in ["analyze", "fingerprint", "rules", "slice", "completions", "man"] {
        assert!(help.contains(command), "{command} is not in the help");
        expect(&folder, &[command, "--help"], 0);
    }
    let version = stdout(&expect(&folder, &["--version"], 0));
    assert_eq!(version.trim(), concat!("querylens ", env!("CARGO_PKG_VERSION")));
    let bash = stdout(&expect(&folder, &["completions", "bash"], 0));
    assert!(bash.contains("_querylens()") && bash.contains("--fail-on"));
    let man = stdout(&expect(&folder, &["man"], 0));
    assert!(man.contains(".TH querylens"), "{man}");
}

#[test]
fn literals_are_shown_only_when_asked() {
    let secret = LOG.replace("id = 7", "email = 'hunter2@example.com'");
    let folder = folder_with(&[("a.log", secret.as_bytes())]);
    for format in ["md", "json", "summary"] {
        for (literals, shown) in [("hide", false), ("keep", format != "summary")] {
            let args = ["analyze", "a.log", "--top", "all", "--format", format];
            let args = [&args[..], &["--literals", literals]].concat();
            let text = stdout(&expect(&folder, &args, 0));
            assert_eq!(text.contains("hunter2"), shown, "{format} {literals}\n{text}");
        }
    }
}

#[test]
fn the_configuration_file_is_obeyed_and_checked() {
    let folder = folder_with(&[
        ("a.log", LOG.as_bytes()),
        ("querylens.toml", b"[rules]\ndisable = [\"deep-offset\"]\n"),
        ("far.toml", b"[thresholds]\ndeep_offset = 500000\n"),
        ("typo.toml", b"[thresholds]\ndeep_ofset = 5\n"),
        ("stranger.toml", b"[rules]\ndisable = [\"no-such-rule\"]\n"),
        ("percent.toml", b"[thresholds]\nmin_share = 5\n"),
        ("nan.toml", b"[thresholds]\nvariance_ratio = nan\n"),
    ]);
    let gate = ["analyze", "a.log", "--fail-on", "deep-offset"];
    expect(&folder, &gate, 0);
    expect(&folder, &[&gate[..], &["--config", "far.toml"]].concat(), 0);
    let options = &json(&folder, &["a.log", "--config", "far.toml"])["options"];
    assert_eq!(options["deep_offset"], "500000", "the report says what was changed");
    for (file, told) in [
        ("typo.toml", "deep_ofset"),
        ("stranger.toml", "no-such-rule"),
        ("percent.toml", "min_share"),
        ("nan.toml", "variance_ratio"),
    ] {
        let output = expect(&folder, &[&gate[..], &["--config", file]].concat(), 2);
        let text = stderr(&output);
        assert!(text.contains(told) && text.contains(file), "{text}");
    }
    fs::remove_file(folder.path().join("querylens.toml")).expect("the file");
    expect(&folder, &gate, 1);
}

/// The logs among the fixtures, by folder.
fn fixture_logs() -> Vec<PathBuf> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    ["demo", "bench", "report", "rules/deep-offset", "rules/high-variance"]
        .iter()
        .map(|name| fixtures.join(name))
        .filter(|folder| folder.is_dir())
        .collect()
}

#[test]
fn threads_and_chunks_change_nothing() {
    let folder = folder_with(&[]);
    let logs = fixture_logs();
    assert!(logs.len() >= 4, "{logs:?}");
    for path in logs {
        let path = path.to_string_lossy().into_owned();
        let report = |threads: &str, chunk: &str| {
            let args = ["analyze", &path, "--format", "json", "--top", "all"];
            let how = ["--threads", threads, "--chunk-bytes", chunk];
            stdout(&expect(&folder, &[&args[..], &how].concat(), 0))
        };
        let first = report("1", "1000");
        for (threads, chunk) in [("3", "1000"), ("1", "100000"), ("3", "100000")] {
            let other = report(threads, chunk);
            assert!(
                first == other,
                "{path}: {threads} threads, chunks of {chunk}: {}",
                difference(&first, &other)
            );
        }
    }
}

/// The first line that differs.
fn difference(a: &str, b: &str) -> String {
    let pairs = a.lines().zip(b.lines()).enumerate();
    let mut differing = pairs.filter(|(_, (a, b))| a != b);
    differing.next().map_or_else(
        || "one is longer".to_owned(),
        |(at, (a, b))| format!("line {}: {a} / {b}", at + 1),
    )
}

#[test]
fn a_period_across_a_clock_change_names_both_clocks() {
    let log = "\
2026-03-29 01:59:59.900 CET [1] LOG:  duration: 1 ms  statement: select 1
2026-03-29 03:00:00.100 CEST [1] LOG:  duration: 1 ms  statement: select 1
";
    let folder = folder_with(&[("a.log", log.as_bytes())]);
    let markdown = stdout(&run(&folder, &["analyze", "a.log", "--format", "md"]));
    let period = "2026-03-29 01:59:59 +01:00 to 2026-03-29 03:00:00 +02:00 (200 ms)";
    assert!(markdown.contains(period), "{markdown}");
}

#[test]
fn a_slice_is_written_whole_or_not_at_all() {
    let folder = folder_with(&[
        ("a.log", LOG.as_bytes()),
        ("b.gz", &gzip(LOG.replace("10:00:0", "10:00:1").as_bytes())),
        ("prose.txt", b"Dear diary,\ntoday nothing happened at all.\n"),
    ]);
    let lines: Vec<&str> = LOG.split_inclusive('\n').collect();

    let output = expect(&folder, &["slice", "a.log"], 0);
    assert_eq!((stdout(&output).as_str(), stderr(&output).as_str()), (LOG, ""));
    let output = expect(&folder, &["slice", "a.log", "-o", "-", "--pid", "102"], 0);
    assert_eq!(stdout(&output), [lines[1], lines[4]].concat());
    let piped = querylens(&folder, &["slice", "-", "--query-id", "0000000000000001"])
        .write_stdin(LOG)
        .output()
        .expect("the binary runs");
    assert_eq!(piped.status.code(), Some(3), "{}", stderr(&piped));

    let both = ["slice", "b.gz", "a.log", "--since", "-12s", "-o", "out.log"];
    let output = expect(&folder, &both, 0);
    assert!(output.stdout.is_empty());
    assert!(stderr(&output).contains("wrote out.log (6 of 8 records, "), "{}", stderr(&output));
    let written = fs::read_to_string(folder.path().join("out.log")).expect("a slice");
    assert_eq!(written, lines[2..].concat() + &LOG.replace("10:00:0", "10:00:1"));

    // What is there stays where nothing passes; what is partly good is said, and fails if asked to.
    for (args, code) in [
        (&["slice", "a.log", "-o", "out.log", "--user", "nobody"][..], 3),
        (&["slice", "prose.txt", "-o", "out.log"], 3),
        (&["slice", "missing.log", "-o", "out.log"], 2),
        (&["slice", "a.log", "-o", "nowhere/out.log"], 2),
        (&["slice", "a.log", "--pid", "x"], 2),
        (&["slice", "a.log", "--session", "x"], 3),
        (&["slice", "a.log", "prose.txt", "-q", "--strict", "-o", "strict.log"], 4),
    ] {
        let output = expect(&folder, args, code);
        assert!(output.stdout.is_empty(), "{args:?}");
    }
    assert_eq!(fs::read_to_string(folder.path().join("out.log")).expect("a slice"), written);
    assert_eq!(fs::read(folder.path().join("strict.log")).expect("a slice"), LOG.as_bytes());
    assert_eq!(fs::read_dir(&folder).expect("the folder").count(), 5, "something was left behind");
}
