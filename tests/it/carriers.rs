//! One session in every JSON carrier: what carries a log changes nothing of what it says.
//!
//! The session is `fixtures/bench`, and one statement longer than container runtimes let lines be.
//! Each carrier gets it in its product's shape, with entries of others between.

use crate::dump::dump;
use querylens::model::facts::Facts;
use querylens::pipeline::{Request, run};
use serde_json::{Value, json};
use std::path::Path;

/// How much of the session is taken, in lines.
const LINES: usize = 500;
/// Container runtimes cut lines here.
const RUNTIME_LINE_BYTES: usize = 16 * 1024;

fn fixture(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/bench").join(name);
    let text = std::fs::read_to_string(path).expect("a fixture");
    let lines: Vec<&str> = text.lines().take(LINES).collect();
    lines.join("\n") + "\n"
}

fn long_statement() -> String {
    let numbers: Vec<String> = (0..9000).map(|number| number.to_string()).collect();
    format!("SELECT '{{\"a\":\"}}\"}}', id FROM orders\n\tWHERE id IN ({})", numbers.join(", "))
}

/// The session as a stderr log.
fn stderr_log() -> String {
    let statement = long_statement();
    let head = "2026-11-23 03:59:59.900 CET [9710] shop_web@shop web prepared 127.0.0.1 ";
    fixture("stderr.log") + &format!("{head}LOG:  duration: 77.125 ms  statement: {statement}\n")
}

/// Its entries: a line with a prefix and those that continue it.
fn entries(log: &str) -> Vec<String> {
    let mut entries: Vec<String> = Vec::new();
    for line in log.lines() {
        match entries.last_mut() {
            Some(entry) if !line.starts_with("2026") => *entry = format!("{entry}\n{line}"),
            _ => entries.push(line.to_owned()),
        }
    }
    entries
}

/// When the entry of a number was written: any order that rises will do.
fn stamp(number: usize) -> String {
    format!("2026-11-23T02:{:02}:{:02}.{:06}Z", 10 + number / 3600, number / 60 % 60, number)
}

fn lines(values: impl IntoIterator<Item = Value>) -> String {
    values.into_iter().map(|value| format!("{value}\n")).collect()
}

/// With the entry of somebody else before every tenth.
fn among(others: &Value, values: Vec<Value>) -> Vec<Value> {
    let with = |(number, value)| match number % 10 {
        3 => vec![others.clone(), value],
        _ => vec![value],
    };
    values.into_iter().enumerate().flat_map(with).collect()
}

fn cloud_sql(payload: fn(String) -> Value) -> Vec<Value> {
    let name = |log: &str| format!("projects/shop/logs/cloudsql.googleapis.com%2F{log}");
    let wrap = |(number, text): (usize, String)| {
        let mut entry = json!({
            "insertId": format!("s=5f;i={number}"), "logName": name("postgres.log"),
            "receiveTimestamp": stamp(number + 3), "severity": "INFO", "timestamp": stamp(number),
            "labels": {"LOG_BUCKET_NUM": "36", "x": ["{", "}"]},
            "resource": {"labels": {"database_id": "shop:db"}, "type": "cloudsql_database"},
        });
        entry
            .as_object_mut()
            .expect("an object")
            .append(&mut payload(text).as_object().expect("an object").clone());
        entry
    };
    let others = json!({"insertId": "x", "logName": name("postgres-upgrade.log"), "textPayload": "Upgrade done", "timestamp": stamp(0)});
    let audit = json!({"insertId": "y", "logName": "projects/shop/logs/cloudaudit", "protoPayload": {"a": 1}});
    let entries = entries(&stderr_log()).into_iter().enumerate().map(wrap).collect();
    among(&audit, among(&others, entries))
}

fn reversed(mut values: Vec<Value>) -> Vec<Value> {
    values.reverse();
    values
}

fn pretty(values: Vec<Value>) -> String {
    serde_json::to_string_pretty(&values).expect("JSON") + "\n"
}

/// DETAIL stands beside the message, not behind it.
fn azure(wrap: fn(&str, &str, usize) -> Value) -> Vec<Value> {
    let mut parts: Vec<(String, String)> = Vec::new();
    for entry in entries(&stderr_log()) {
        match (entry.split_once("DETAIL:  "), parts.last_mut()) {
            (Some((_, detail)), Some(last)) => last.1 = detail.to_owned(),
            _ => parts.push((entry, String::new())),
        }
    }
    let parts = parts.iter().enumerate();
    let values = parts.map(|(number, (message, detail))| wrap(message, detail, number)).collect();
    among(
        &json!({"category": "PostgreSQLFlexSessions", "time": stamp(0), "properties": {"message": "x"}}),
        values,
    )
}

fn flexible_server(message: &str, detail: &str, number: usize) -> Value {
    let mut value = json!({
        "properties": {"timestamp": "2026-11-23 02:10:00.000 UTC", "processId": 7, "errorLevel": level(message),
            "sqlerrcode": "00000", "backend_type": "client backend", "message": message},
        "time": stamp(number), "resourceId": "/SUBSCRIPTIONS/0", "category": "PostgreSQLLogs", "operationName": "LogEvent",
    });
    if !detail.is_empty() {
        value["properties"]["detail"] = json!(detail);
    }
    value
}

fn single_server(message: &str, detail: &str, number: usize) -> Value {
    let level = level(message);
    let (prefix, text) = message.split_once(&format!("{level}:  ")).expect("a level");
    json!({
        "LogicalServerName": "shop", "time": stamp(number), "category": "PostgreSQLLogs", "operationName": "LogEvent",
        "properties": {"prefix": prefix, "message": text, "detail": detail, "errorLevel": level, "domain": "postgres-11"},
    })
}

fn log_analytics(message: &str, detail: &str, number: usize) -> Value {
    json!({
        "TimeGenerated": stamp(number), "Category": "PostgreSQLLogs", "errorLevel_s": level(message),
        "Message": message, "detail_s": detail, "TableName": "PrimaryResult",
    })
}

fn level(message: &str) -> &str {
    let before = message.split_once(":  ").expect("a level").0;
    before.rsplit(' ').next().expect("a word")
}

/// One entry for each line.
fn by_line(wrap: fn(&str, usize) -> Value) -> Vec<Value> {
    stderr_log().lines().enumerate().map(|(number, line)| wrap(line, number)).collect()
}

fn docker() -> String {
    let mut values = Vec::new();
    for (number, line) in stderr_log().lines().enumerate() {
        let line = format!("{line}\n");
        for part in line.as_bytes().chunks(RUNTIME_LINE_BYTES) {
            let part = std::str::from_utf8(part).expect("ASCII");
            values.push(json!({"log": part, "stream": "stderr", "time": stamp(number)}));
        }
    }
    // Between two parts, too.
    lines(among(&json!({"log": "out\n", "stream": "stdout", "time": stamp(0)}), values))
}

fn shipped() -> Vec<Value> {
    let of = |container: &str, line: &str, number: usize| {
        json!({"@timestamp": stamp(number), "message": line, "stream": "stderr",
            "kubernetes": {"pod_name": "db-0", "labels": {"a": "b"}, "container_name": container}})
    };
    let values =
        stderr_log().lines().enumerate().map(|(n, line)| of("postgres", line, n)).collect();
    among(&of("exporter", "level=info msg=x", 0), values)
}

fn journal() -> String {
    let wrap = |line: &str, number: usize| {
        let message = match number % 7 {
            0 => json!(line.as_bytes()),
            _ => json!(line),
        };
        json!({"__REALTIME_TIMESTAMP": format!("{}", 1_795_402_504_000_000 + number), "_PID": "1",
            "SYSLOG_IDENTIFIER": "postgres", "MESSAGE": message})
    };
    let cron = json!({"__REALTIME_TIMESTAMP": "1795402504000000", "SYSLOG_IDENTIFIER": "cron", "MESSAGE": "job"});
    lines(among(&cron, by_line(wrap)))
}

fn cloudwatch() -> String {
    let wrap = |line: &str, number: usize| json!({"timestamp": 1_795_402_504_000_usize + number, "message": line, "ingestionTime": 1});
    json!({"events": by_line(wrap), "nextForwardToken": "f/1", "nextBackwardToken": "b/1"})
        .to_string()
}

/// The session as jsonlog, and what CloudNativePG makes of it.
fn jsonlog() -> (String, Vec<String>) {
    let record = json!({
        "timestamp": "2026-11-23 03:59:59.900 CET", "user": "shop_web", "dbname": "shop", "pid": 9710,
        "error_severity": "LOG", "message": format!("duration: 77.125 ms  statement: {}", long_statement()),
    });
    let log = fixture("jsonlog.json") + &format!("{record}\n");
    let column = |name: &str| match name {
        "timestamp" => "log_time".to_owned(),
        "user" => "user_name".to_owned(),
        "dbname" => "database_name".to_owned(),
        "pid" => "process_id".to_owned(),
        "remote_host" => "connection_from".to_owned(),
        "state_code" => "sql_state_code".to_owned(),
        "statement" => "query".to_owned(),
        name => name.to_owned(),
    };
    let wrap = |(number, line): (usize, &str)| {
        let record: Value = serde_json::from_str(line).expect("JSON");
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let columns = record.as_object().expect("an object").iter();
        let columns: serde_json::Map<String, Value> =
            columns.map(|(name, value)| (column(name), json!(text(value)))).collect();
        json!({"level": "info", "ts": stamp(number), "logger": "postgres", "msg": "record", "logging_pod": "shop-1", "record": columns})
    };
    let values = log.lines().enumerate().map(wrap).collect();
    let archive = json!({"level": "info", "ts": stamp(0), "logger": "wal-archive", "msg": "Archived WAL file"});
    let lines = among(&archive, values).iter().map(Value::to_string).collect();
    (log, lines)
}

/// Lines as a container runtime hands them on.
fn cut_lines(lines: &[String]) -> String {
    let cut = |line: &String| {
        let parts: Vec<_> = line.as_bytes().chunks(RUNTIME_LINE_BYTES).collect();
        String::from_utf8(parts.join(&b'\n')).expect("ASCII") + "\n"
    };
    lines.iter().map(cut).collect()
}

/// Lines as containerd writes them into a container's log file.
fn in_cri(lines: &[String]) -> String {
    let wrap = |(number, line): (usize, &String)| {
        let parts = line.as_bytes().chunks(RUNTIME_LINE_BYTES);
        let last = parts.len() - 1;
        let part = |(at, part): (usize, &[u8])| {
            let tag = if at == last { "F" } else { "P" };
            format!("{} stdout {tag} {}\n", stamp(number), String::from_utf8_lossy(part))
        };
        parts.enumerate().map(part).collect::<String>()
    };
    lines.iter().enumerate().map(wrap).collect()
}

/// Lines as Docker writes them, each an object in an object.
fn in_docker(lines: &[String]) -> String {
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        let line = format!("{line}\n");
        for part in line.as_bytes().chunks(RUNTIME_LINE_BYTES) {
            let part = String::from_utf8_lossy(part);
            out += &json!({"log": part, "stream": "stdout", "time": stamp(number)}).to_string();
            out.push('\n');
        }
    }
    out
}

/// Lines as GKE's agent hands them to Cloud Logging, the newest first.
fn in_gke(lines: &[String]) -> String {
    let wrap = |(number, line): (usize, &String)| {
        let object: Value = serde_json::from_str(line).expect("JSON");
        json!({"insertId": "x", "jsonPayload": object, "logName": "projects/shop/logs/stdout", "timestamp": stamp(number),
            "resource": {"type": "k8s_container", "labels": {"container_name": "postgres", "pod_name": "shop-1"}}})
    };
    pretty(reversed(lines.iter().enumerate().map(wrap).collect()))
}

/// What a log says, without where.
fn meaning(facts: &Facts) -> String {
    let told = dump(facts);
    let server = told.find("server ").unwrap_or_default();
    let place = |line: &str| match line.split_once("server.log:") {
        Some((before, place)) => {
            let number = place.bytes().take_while(u8::is_ascii_digit).count();
            format!("{before}{}\n", &place[number..])
        }
        None => format!("{line}\n"),
    };
    told[server..].lines().map(place).collect()
}

fn read(log: &str, chunk_bytes: usize, threads: usize) -> Facts {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("server.log");
    std::fs::write(&path, log).expect("a written log");
    let mut request = Request::of_paths([&path]);
    request.read.policy.chunk_bytes = chunk_bytes;
    request.threads = threads;
    run(&request).expect("a log that is recognised")
}

#[test]
fn a_session_means_the_same_in_every_carrier() {
    let text = |text| json!({ "textPayload": text });
    let structured = |text| json!({"jsonPayload": {"message": text}});
    let (jsonlog, in_cnpg) = jsonlog();
    let mut newest_first = in_cnpg.clone();
    newest_first.reverse();
    let records = azure(flexible_server);
    let batches = records.chunks(50).map(|records| json!({ "records": records }));
    let mut wrong = Vec::new();
    for (plain, carried) in [
        (
            stderr_log(),
            vec![
                ("Cloud SQL, lines", lines(cloud_sql(text))),
                ("Cloud SQL, newest first", pretty(reversed(cloud_sql(text)))),
                ("Cloud SQL, one line", json!(reversed(cloud_sql(text))).to_string()),
                ("Cloud SQL, structured", lines(cloud_sql(structured))),
                ("Azure, flexible server", lines(azure(flexible_server))),
                ("Azure, batches", lines(batches)),
                ("Azure, single server", lines(azure(single_server))),
                ("Azure, Log Analytics", pretty(azure(log_analytics))),
                ("Docker", docker()),
                ("a shipper", lines(shipped())),
                ("a journal", journal()),
                ("CloudWatch", cloudwatch()),
            ],
        ),
        (
            jsonlog,
            vec![
                ("CloudNativePG", in_cnpg.join("\n")),
                ("CloudNativePG, newest first", newest_first.join("\n")),
                ("CloudNativePG, cut", cut_lines(&in_cnpg)),
                ("CloudNativePG in CRI", in_cri(&in_cnpg)),
                ("CloudNativePG in Docker", in_docker(&in_cnpg)),
                ("CloudNativePG in GKE", in_gke(&in_cnpg)),
            ],
        ),
    ] {
        let expected = meaning(&read(&plain, 1 << 20, 1));
        for (name, log) in carried {
            let facts = read(&log, 1 << 20, 1);
            let input = &facts.inputs[0];
            if meaning(&facts) != expected || input.skipped_bytes > 0 || !input.problems.is_empty()
            {
                wrong.push(format!("{name}:\n{}", dump(&facts)));
                continue;
            }
            for (chunk_bytes, threads) in [(3000, 2), (70_000, 1)] {
                if dump(&read(&log, chunk_bytes, threads)) != dump(&facts) {
                    wrong.push(format!("{name}: chunks of {chunk_bytes} bytes say something else"));
                }
            }
        }
        assert!(expected.contains("(?)") && expected.contains("class"), "{expected}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
