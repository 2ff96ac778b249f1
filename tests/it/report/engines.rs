//! Reports on several engines: each in its own words, with the attributes, the sampling and the
//! limits that its log shows.

use super::{fixture, json, options, rendered, reported};
use querylens::judge::finding::FixKind;
use querylens::model::event::Apart;
use querylens::report::{Report, ReportOptions};
use std::path::Path;

/// Words that only PostgreSQL has, and words that only MySQL and MariaDB have.
const POSTGRES_WORDS: [&str; 10] = [
    "log_min_duration",
    "pg_",
    "vacuum",
    "CONCURRENTLY",
    "BUFFERS",
    "ALTER SYSTEM",
    "PostgreSQL",
    "auto_explain",
    "work_mem",
    "log_lock_waits",
];
const MYSQL_WORDS: [&str; 6] =
    ["long_query_time", "InnoDB", "performance_schema", "SET GLOBAL", "MySQL", "MariaDB"];
/// Words that only MongoDB has, and words of SQL that it has others for.
const MONGODB_WORDS: [&str; 6] =
    ["slowms", "MongoDB", "$indexStats", "Documents examined", "runCommand", "system.profile"];
const SQL_WORDS: [&str; 7] =
    ["SQL", "```sql", "SELECT", " rows", "Rows ", "statement timeout", "EXPLAIN"];

#[test]
fn every_engine_is_told_in_its_own_words() {
    let told = |folder: &str| rendered(&reported(&fixture(folder), &options()), "md");
    for server in ["mixed/mysql", "mixed/mariadb", "mixed/percona"] {
        let text = told(server);
        for word in POSTGRES_WORDS {
            assert!(!text.contains(word), "{word} in a report on {server}");
        }
        for word in MONGODB_WORDS {
            assert!(!text.contains(word), "{word} in a report on {server}");
        }
        for word in ["long_query_time", "performance_schema", "SET GLOBAL", "pt-online-schema"] {
            assert!(text.contains(word), "{word} is not in a report on {server}");
        }
        assert!(text.contains("parameter group"), "managed services have no SET GLOBAL");
    }
    let postgres = told("mixed/pg");
    for word in MYSQL_WORDS.iter().chain(&MONGODB_WORDS) {
        assert!(!postgres.contains(word), "{word} in a report on PostgreSQL");
    }
    let mongodb = told("mixed/mongodb");
    for word in POSTGRES_WORDS.iter().chain(&MYSQL_WORDS).chain(&SQL_WORDS) {
        assert!(!mongodb.contains(word), "{word} in a report on MongoDB");
    }
    for word in MONGODB_WORDS {
        assert!(mongodb.contains(word), "{word} is not in a report on MongoDB");
    }
    // A report on all has each engine's part under its own heading.
    let mixed = told("mixed");
    let parts: Vec<&str> = mixed.split("\n## ").collect();
    for part in ["Monitoring Recommendations", "Maintenance Recommendations"] {
        let part = parts.iter().find(|p| p.starts_with(part)).expect("the section is there");
        let own: Vec<&str> = part.split("\n### ").collect();
        for (server, foreign) in [
            ("PostgreSQL (`mixed/pg`)", &MYSQL_WORDS[..]),
            ("MySQL (`mixed/mysql`, `mixed/percona`)", &POSTGRES_WORDS),
            ("MariaDB (`mixed/mariadb`)", &POSTGRES_WORDS),
            ("MongoDB (`mixed/mongodb`)", &POSTGRES_WORDS),
            ("MongoDB (`mixed/mongodb`)", &MYSQL_WORDS),
            ("MongoDB (`mixed/mongodb`)", &SQL_WORDS),
        ] {
            let own = own.iter().find(|p| p.starts_with(server)).expect("each engine has a part");
            let text = own.split_once('\n').map_or("", |(_, text)| text);
            for word in foreign {
                assert!(!text.contains(word), "{word} under {server}");
            }
        }
    }
}

#[test]
fn attributes_are_told_ranked_and_cut_by() {
    let by = |order: &str, top: &str, outliers: Option<&str>| {
        let options = ReportOptions {
            order_by: order.parse().expect("an order"),
            top: top.parse().expect("a top"),
            outliers: outliers.map(|text| text.parse().expect("outliers")),
            ..options()
        };
        reported(&fixture("mixed"), &options)
    };
    let verbs = |report: &Report| -> Vec<String> {
        let short = |text: &str| text.split(' ').take(2).collect::<Vec<_>>().join(" ");
        report.queries.iter().map(|q| short(&q.fingerprint)).collect()
    };
    // The sum of rows examined: 480,405 of products, 96,400 of posts, 91,000 of clicks, then 19,280
    // of comments; a share is one of these rows, not of the time.
    let whole = by("rows_examined", "95%", None);
    let ranked: Vec<_> = whole.queries.iter().map(|q| q.rows_examined).collect();
    assert_eq!(ranked, [480_405, 96_400, 91_000].map(Some));
    let text = rendered(&whole, "md");
    assert!(text.contains("#### By `rows_examined` (sum)"), "{text}");
    assert!(text.contains("| `rows_examined` sum |"), "the order has its column");
    let locked = by("lock_time:max", "1", Some("query_time:100ms:15"));
    assert_eq!(locked.queries[0].lock_ms, Some(1500.04), "five runs waited 300 ms");
    assert_eq!(locked.queries[0].errors, 5, "and failed");
    let outliers: Vec<_> = locked.queries.iter().filter(|q| q.outlier).map(|q| q.calls).collect();
    assert_eq!(
        outliers,
        [100, 20, 18, 48, 16, 20],
        "classes of ten runs are too few: {:?}",
        verbs(&locked)
    );
    assert!(rendered(&locked, "md").contains("| outlier | [`"));
    // By yes: full scans first, and nothing that no record says of comes before.
    let scans = by("full_scan", "2", None);
    assert_eq!(verbs(&scans), ["select author,", "select count(*)"]);

    // Sums are those of the runs, units are in words, and sampling stays an estimate.
    let json = json(&whole);
    let query = |start: &str| {
        let all = json["queries"].as_array().expect("queries").iter();
        let mut found =
            all.filter(|q| q["fingerprint"].as_str().is_some_and(|f| f.starts_with(start)));
        found.next().expect("the class is shown").clone()
    };
    let clicks = query("select count(*) from clicks");
    assert_eq!(
        clicks["estimated"],
        serde_json::json!({"calls": 1000, "total_ms": 34_141.5, "one_in": 100})
    );
    assert_eq!(
        clicks["attributes"]["full_scan"],
        serde_json::json!({"records": 10, "yes": 10, "share": 1.0})
    );
    let posts = query("select p.id");
    assert_eq!(posts["estimated"], serde_json::Value::Null);
    let examined = &posts["attributes"]["rows_examined"];
    assert_eq!((&examined["unit"], &examined["records"]), (&"count".into(), &100.into()));
    assert_eq!((&examined["sum"], &examined["min"]), (&96_400.into(), &150.into()));
    assert_eq!(posts["attributes"]["lock_time"]["unit"], "ms");
    let maria = json["logging"]["servers"].as_array().expect("servers").iter();
    let maria = maria.clone().find(|s| s["engine"] == "mariadb").expect("the server");
    assert_eq!(maria["min_rows_examined"], 150, "min_examined_row_limit shows");
    let pg = by("total", "all", None);
    let pg = pg.queries.iter().find(|q| q.server == "mixed/pg").expect("PostgreSQL's classes");
    assert!(pg.rows_sent.is_none() && pg.attributes.is_empty());
}

#[test]
fn operations_are_kept_apart_and_their_time_is_split() {
    let all = ReportOptions { top: "all".parse().expect("a top"), ..options() };
    let report = reported(&fixture("mixed/mongodb"), &all);
    // 48 reads of carts, 9 aggregations in two batches each, 16 updates and 4 reads that timed out:
    // the command around each update, hello and the oplog's reader are no more of them.
    let calls: Vec<_> = report.queries.iter().map(|q| (q.verb, q.calls)).collect();
    assert_eq!(calls, [("aggregate", 18), ("find", 48), ("find", 4), ("update", 16)]);
    assert_eq!(report.totals.queries, 86);
    let apart: Vec<_> = report.apart.iter().map(|kept| (kept.what, kept.count)).collect();
    assert_eq!(apart, [("write_twice", 16), ("hello", 12), ("oplog_read", 12)]);
    let json = json(&report);
    assert_eq!(
        json["apart"][1],
        serde_json::json!({"server": "mongodb", "what": "hello", "count": 12, "total_ms": 120_120.0})
    );

    let schema: serde_json::Value =
        serde_json::from_str(querylens::report::schema()).expect("the schema is JSON");
    let known = &schema["properties"]["apart"]["items"]["properties"]["what"]["enum"];
    assert_eq!(*known, serde_json::json!(Apart::ALL.map(Apart::name)), "every reason is published");

    let carts = &report.queries[1];
    assert_eq!((carts.rows_sent, carts.rows_examined), (Some(48 * 12), Some(4_044_408)));
    let spent = |query: &querylens::report::types::Query, what: &str| {
        query.spent.iter().find(|part| part.what == what).map(|part| (part.runs, part.share))
    };
    // What is not at work is the wait in queues here; later batches are part of all.
    let update = &report.queries[3];
    let (waiting, queues) = (spent(update, "waiting"), spent(update, "queue_wait"));
    assert_eq!((waiting, waiting.map(|(runs, _)| runs)), (queues, Some(16)));
    assert_eq!(spent(carts, "write_concern_wait"), None, "nobody waited for it");
    assert_eq!(spent(&report.queries[0], "getmore_time").map(|(runs, _)| runs), Some(9));
    let text = rendered(&report, "md");
    for expected in [
        "- examined: 0 index keys and 4,044,408 documents for 576 returned: 7,022 documents and 0 \
         keys for each one",
        "- plan summary: `COLLSCAN` 48",
        "- used disk: in 9 of the 18 calls (50 %)",
        "| hello and isMaster, which may wait for a change | 12 | 2.00 min |",
        "operations that only waited, however long, are not in the log",
        "db.getSiblingDB(\"shop\").runCommand({\n  explain: {\n    find: \"carts\",",
    ] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    let summary = rendered(&report, "summary");
    assert!(summary.contains("40 operations are kept apart, in no number"), "{summary}");
}

#[test]
fn a_profile_is_told_as_one() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("system.profile.json");
    let document = |n: u32, command: &str| {
        format!(
            r#"{{"op":"query","ns":"shop.carts","command":{command},"keysExamined":0,"docsExamined":900,"numYield":7,"nreturned":3,"responseLength":512,"protocol":"op_msg","millis":{},"planSummary":"COLLSCAN","ts":{{"$date":"2026-11-17T08:00:{n:02}.000Z"}},"client":"10.1.0.20","appName":"shop-api","allUsers":[{{"user":"shop","db":"admin"}}],"user":"shop@admin"}}"#,
            120 + n
        )
    };
    let whole = r#"{"find":"carts","filter":{"customer":5},"$db":"shop"}"#;
    let cut =
        r#"{"$truncated":"{ find: \"carts\", filter: { customer: 5, status: \"op","$db":"shop"}"#;
    let documents = [document(1, whole), document(2, whole), document(3, cut)];
    std::fs::write(&path, documents.join("\n") + "\n").expect("the folder is writable");
    let report = reported(&path, &options());
    assert_eq!((report.totals.queries, report.logging.servers[0].truncated), (3, 1));
    assert_eq!(report.queries[0].users[0].name, "shop");
    let explain = report.queries.iter().filter_map(|q| q.explain.as_ref().map(|e| &*e.command));
    assert_eq!(
        explain.collect::<Vec<_>>(),
        [
            r#"db.getSiblingDB("shop").runCommand({ explain: { find: "carts", filter: { customer: "?number" } }, verbosity: "queryPlanner" })"#
        ],
        "what is cut cannot be explained"
    );
    let text = rendered(&report, "md");
    for expected in ["capped collection", "The text of 1 run was cut by the server: these"] {
        assert!(text.contains(expected), "{expected} is not in {text}");
    }
    assert!(text.contains("### The profiler") && !text.contains("### Logging"), "{text}");
}

#[test]
fn what_the_server_only_counted_is_in_no_other_number() {
    let log = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/logs/mysql/slow-throttle");
    let report = reported(&log.join("slow.log"), &options());
    let (totals, suppressed) = (&report.totals, report.totals.suppressed);
    assert_eq!((totals.queries, suppressed.count), (1, 30));
    assert!((suppressed.total_ms - 1000.004).abs() < 1e-9 && totals.total_ms < 501.0);
    let text = rendered(&report, "md");
    assert!(text.contains("The server counted 30 runs more (1.00 s together)"), "{text}");
}

/// Every statement that a report tells people to run there, on a real server; what is meant for
/// MySQL, too, of which only one setting is MySQL's alone.
#[test]
#[ignore = "needs the client mariadb and a server that it reaches as an administrator, such as by ~/.my.cnf"]
fn advice_runs_on_mariadb() {
    let mut ran = 0;
    for server in ["mixed/mysql", "mixed/mariadb", "mixed/percona"] {
        let report = reported(&fixture(server), &options());
        for one in report.monitoring.iter().chain(&report.maintenance) {
            let Some(sql) = one.sql.as_ref().filter(|sql| !sql.contains("log_slow_extra")) else {
                continue;
            };
            let run = std::process::Command::new("mariadb")
                .args(["--batch", "-e", sql])
                .output()
                .expect("mariadb can be started");
            assert!(
                run.status.success(),
                "{}: {}",
                one.title,
                String::from_utf8_lossy(&run.stderr)
            );
            ran += 1;
        }
    }
    assert!(ran > 20, "{ran} statements");
}

/// Every script that a report tells people to run on MongoDB is one that its shell can read: each
/// stands in a function that is never called.
#[test]
#[ignore = "needs the shell mongosh in the path"]
fn advice_is_read_by_mongosh() {
    let report = reported(&fixture("mixed/mongodb"), &options());
    let advice = report.monitoring.iter().chain(&report.maintenance);
    let fixes = report.findings.iter().flat_map(|found| &found.finding.fixes);
    let fixes = fixes.filter(|fix| fix.kind == FixKind::Js).flat_map(|fix| [&fix.text, &fix.undo]);
    let scripts: Vec<&String> = advice
        .filter_map(|one| one.sql.as_ref())
        .chain(report.queries.iter().filter_map(|query| query.explain.as_ref().map(|e| &e.command)))
        .chain(fixes)
        .collect();
    assert!(scripts.len() > 20, "{} scripts", scripts.len());
    for script in scripts {
        let run = std::process::Command::new("mongosh")
            .args(["--nodb", "--quiet", "--eval", &format!("(function () {{\n{script}\n}});")])
            .output()
            .expect("mongosh can be started");
        let said = String::from_utf8_lossy(&run.stdout) + String::from_utf8_lossy(&run.stderr);
        assert!(run.status.success() && !said.contains("SyntaxError"), "{script}: {said}");
    }
}
