//! Law 5: a secret planted anywhere in a log is in no output, unless the user asks for literals.

mod mongodb;
mod mysql;

use assert_cmd::Command;
use std::path::Path;

/// Each secret is unlike anything else in a report.
const WORD: &str = "hunter2secret";
const NUMBER: &str = "4929123456789012";

/// A record that holds secrets: severity, message, and what belongs to it.
#[derive(Default)]
struct Record {
    severity: &'static str,
    message: String,
    detail: String,
    context: String,
    statement: String,
}

fn records() -> Vec<Record> {
    let log = |message: String| Record { severity: "LOG", message, ..Record::default() };
    let mut records = Vec::new();
    for sql in [
        format!("SELECT * FROM users WHERE email = '{WORD}' AND card = {NUMBER}"),
        format!("SELECT $${WORD}$$, $q${WORD}$q$, E'\\'{WORD}', U&'{WORD}', B'1', x'{NUMBER}'"),
        format!("SELECT 1 /* {WORD} */ -- {WORD}"),
        format!("UPDATE t SET a = '{WORD}', b = -{NUMBER}.5 WHERE id IN ({NUMBER}, 2)"),
        format!("ALTER ROLE bob PASSWORD '{WORD}'"),
        format!("SELECT '{WORD} and no end"),
        format!("no SQL at all, '{WORD}"),
        format!("COPY t FROM '/home/{WORD}/x.csv'"),
        format!("SET app.token = '{WORD}'"),
    ] {
        let detail = format!("parameters: $1 = '{WORD}', $2 = '{NUMBER}'");
        let message = format!("duration: 250.000 ms  execute <unnamed>: {sql}");
        records.push(Record { detail, ..log(message) });
    }
    for (message, detail) in [
        (format!("invalid input syntax for type integer: \"{WORD}\""), String::new()),
        (
            "duplicate key value violates unique constraint \"users_email_key\"".to_owned(),
            format!("Key (email)=({WORD}) already exists."),
        ),
        (
            format!("value {NUMBER} is out of range"),
            format!("Failing row contains ({WORD}, {NUMBER})."),
        ),
        (format!("syntax error at or near \"{WORD}\" at character 8"), String::new()),
        (format!("could not open file \"/home/{WORD}/x\": No such file"), String::new()),
        (
            format!("password authentication failed for '{WORD}' from {WORD}@10.1.2.3"),
            String::new(),
        ),
        (
            "deadlock detected".to_owned(),
            format!("Process 77: UPDATE t SET a = $${WORD}$$\nProcess 78: SELECT '{WORD}'"),
        ),
    ] {
        records.push(Record {
            severity: "ERROR",
            message,
            detail,
            context: format!("COPY t, line 1, column a: \"{WORD}\""),
            statement: format!("INSERT INTO t VALUES ('{WORD}', {NUMBER})"),
        });
    }
    records.push(log(format!(
        "duration: 250.000 ms  plan:\n{{\"Query Text\": \"SELECT * FROM users WHERE email = '{WORD}'\",\n\"Plan\": {{\"Node Type\": \"Seq Scan\", \"Filter\": \"(email = '{WORD}'::text)\", \"Output\": [\"'{WORD}'\"]}}}}"
    )));
    records.push(log(format!(
        "duration: 251.000 ms  plan:\nQuery Text: SELECT * FROM users WHERE email = '{WORD}'\nSeq Scan on users  (cost=0.00..1.00 rows=1 width=4)\n  Filter: ((email = '{WORD}'::text) AND (card = {NUMBER}))"
    )));
    records.push(log(format!("bind p: SELECT $${WORD}$$")));
    records.push(log(format!("AUDIT: SESSION,1,1,READ,SELECT,,,select E'{WORD} {WORD}',{NUMBER}")));
    records
}

fn stamp(second: usize) -> String {
    format!("2026-11-23 10:00:{second:02}.000 UTC")
}

fn stderr_log() -> String {
    let mut log = String::new();
    for (second, record) in records().iter().enumerate() {
        let head = format!("{} [77] app@shop web 10.0.0.9 ", stamp(second));
        for (word, text) in [
            (record.severity, &record.message),
            ("DETAIL", &record.detail),
            ("CONTEXT", &record.context),
            ("STATEMENT", &record.statement),
        ] {
            if !text.is_empty() {
                log += &format!("{head}{word}:  {}\n", text.replace('\n', "\n\t"));
            }
        }
    }
    log += &format!("a foreign line that says {WORD} {NUMBER}\n");
    log
}

fn csvlog() -> String {
    let quoted = |text: &String| match text.as_str() {
        "" => String::new(),
        text => format!("\"{}\"", text.replace('"', "\"\"")),
    };
    let lines = records();
    let lines = lines.iter().enumerate().map(|(second, record)| {
        let stamp = stamp(second);
        let (message, detail) = (quoted(&record.message), quoted(&record.detail));
        let (context, statement) = (quoted(&record.context), quoted(&record.statement));
        format!(
            "{stamp},\"app\",\"shop\",77,\"10.0.0.9:5\",6b03ab08.4d,{second},\"SELECT\",{stamp},3/4,0,{},00000,{message},{detail},,{statement},,{context},{statement},,,\"web\",\"client backend\",,0\n",
            record.severity
        )
    });
    lines.chain([format!("damage \"{WORD}\" of {NUMBER}\n")]).collect()
}

fn jsonlog() -> String {
    let lines = records();
    let lines = lines.iter().enumerate().map(|(second, record)| {
        let mut object = serde_json::json!({
            "timestamp": stamp(second), "user": "app", "dbname": "shop", "pid": 77,
            "error_severity": record.severity, "message": record.message,
            "hint": format!("Look at \"{WORD}\"."), "surprise": {"nested": WORD}, "figure": NUMBER,
        });
        for (key, text) in [
            ("detail", &record.detail),
            ("context", &record.context),
            ("statement", &record.statement),
            ("internal_query", &record.statement),
        ] {
            if !text.is_empty() {
                object[key] = text.as_str().into();
            }
        }
        format!("{object}\n")
    });
    lines.chain([format!("{{\"damage\": \"{WORD} {NUMBER}\n")]).collect()
}

/// What syslog makes of the stderr log; other programs have secrets, too.
fn syslog() -> String {
    let log = stderr_log();
    let mut out = String::new();
    let (mut number, mut part) = (0, 1);
    for line in log.lines() {
        let text = line.replace('\t', "#011");
        match line.starts_with('\t') {
            true => part += 1,
            false => (number, part) = (number + 1, 1),
        }
        out += &format!("Nov 23 10:00:00 db1 postgres[77]: [{number}-{part}] {text}\n");
        out += &format!("Nov 23 10:00:00 db1 sshd[5]: Accepted {WORD} {NUMBER}\n");
    }
    out
}

fn outputs(folder: &Path, extra: &[&str]) -> Vec<(String, String)> {
    let outcome = Command::cargo_bin("querylens")
        .expect("the binary")
        .args([
            "analyze", "logs", "-o", "r.md", "-o", "r.json", "--format", "summary", "--top", "all",
        ])
        .args(extra)
        .current_dir(folder)
        .assert()
        .success();
    let said = outcome.get_output();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let file = |name: &str| std::fs::read_to_string(folder.join(name)).expect("it was written");
    vec![
        ("summary".to_owned(), text(&said.stdout)),
        ("standard error".to_owned(), text(&said.stderr)),
        ("markdown".to_owned(), file("r.md")),
        ("json".to_owned(), file("r.json")),
    ]
}

fn holds_no_secret(name: &str, text: &str) {
    for secret in [WORD, NUMBER] {
        let at = text.find(secret);
        let around = at.map(|at| {
            &text[text.floor_char_boundary(at.saturating_sub(200))
                ..text.ceil_char_boundary((at + 60).min(text.len()))]
        });
        assert_eq!(around, None, "{secret} is in the {name}");
    }
}

#[test]
fn planted_secrets_are_in_no_output() {
    let folder = tempfile::tempdir().expect("a folder");
    let logs = folder.path().join("logs");
    std::fs::create_dir(&logs).expect("a folder for the logs");
    std::fs::write(logs.join("a.log"), stderr_log()).expect("room");
    for (name, log, _) in mysql::logs().into_iter().chain(mongodb::logs()) {
        std::fs::write(logs.join(name), log).expect("room");
    }
    std::fs::write(logs.join("b.txt"), format!("what is {WORD}@example.org? '{WORD}' {NUMBER}\n"))
        .expect("room");
    for extra in [&[][..], &["--id-style", "pt"]] {
        for (name, text) in outputs(folder.path(), extra) {
            holds_no_secret(&name, &text);
        }
    }
    let kept = outputs(folder.path(), &["--literals", "keep"]);
    assert!(
        kept.iter().any(|(name, text)| name == "markdown" && text.contains(WORD)),
        "they were asked for"
    );
}

#[test]
fn planted_secrets_are_in_no_masked_slice() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, log) in [
        ("stderr.log", stderr_log()),
        ("csvlog.csv", csvlog()),
        ("jsonlog.json", jsonlog()),
        ("messages", syslog()),
    ] {
        std::fs::write(folder.path().join(name), log).expect("room");
        let slice = |literals: &str| {
            let mut command = Command::cargo_bin("querylens").expect("the binary");
            let args = ["slice", name, "--literals", literals];
            let outcome = command.args(args).current_dir(folder.path()).assert().success();
            let said = outcome.get_output();
            let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
            (text(&said.stdout), text(&said.stderr))
        };
        let (masked, told) = slice("hide");
        holds_no_secret(name, &masked);
        holds_no_secret("standard error", &told);
        assert!(told.contains("left out"), "{name}: {told}");
        // Every record is there, and what was no secret.
        for kept in ["execute <unnamed>: SELECT", "deadlock detected", "Seq Scan", "AUDIT: SESSION"]
        {
            assert!(masked.contains(kept), "{name} without {kept}:\n{masked}");
        }
        assert!(slice("keep").0.contains(WORD), "they were asked for");
    }
}

#[test]
fn planted_secrets_are_in_no_masked_slice_of_mysql_and_mongodb_logs() {
    let folder = tempfile::tempdir().expect("a folder");
    for (name, log, kept) in mysql::logs().into_iter().chain(mongodb::logs()) {
        std::fs::write(folder.path().join(name), log).expect("room");
        let mut command = Command::cargo_bin("querylens").expect("the binary");
        let args = ["slice", name, "--literals", "hide"];
        let outcome = command.args(args).current_dir(folder.path()).assert().success();
        let masked = String::from_utf8_lossy(&outcome.get_output().stdout).into_owned();
        holds_no_secret(name, &masked);
        for kept in kept {
            assert!(masked.contains(kept), "{name} without {kept}:\n{masked}");
        }
    }
}
