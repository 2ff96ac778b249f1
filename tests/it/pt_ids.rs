//! `--id-style pt`: the ids of pt-query-digest beside ours, in `fingerprint` and in reports.

use assert_cmd::Command;

/// What pt-query-digest 3.2.1 says of `select id, name from orders_? where id = ?`.
const PT: &str = "1864B53FED89D39833623B112614110C";

/// Two classes of ours that are one to that tool, which drops digits in names.
const LOG: &str = "\
/usr/sbin/mysqld, Version: 8.0.46 (MySQL Community Server - GPL). started with:
Tcp port: 3306  Unix socket: /run/mysqld/mysqld.sock
Time                 Id Command    Argument
# Time: 2026-11-23T03:05:15.848371Z
# User@Host: app[app] @ localhost []  Id:     8
# Query_time: 0.600205  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1
SET timestamp=1795403115;
select id, name from orders_1 where id = 5;
# Time: 2026-11-23T03:05:16.848371Z
# User@Host: app[app] @ localhost []  Id:     8
# Query_time: 0.700205  Lock_time: 0.000000 Rows_sent: 1  Rows_examined: 1
SET timestamp=1795403116;
select id, name from orders_2 where id = 7;
";

fn querylens(args: &[&str], folder: &std::path::Path, input: &str) -> String {
    let mut command = Command::cargo_bin("querylens").expect("the binary");
    let done = command.args(args).current_dir(folder).write_stdin(input).assert().success();
    String::from_utf8_lossy(&done.get_output().stdout).into_owned()
}

#[test]
fn both_ids_are_in_json_and_the_one_asked_for_in_markdown() {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("slow.log"), LOG).expect("room");
    let sql = "select id, name from orders_1 where id = 5";
    let args = ["fingerprint", "--dialect", "mysql", "--id-style", "pt"];
    let printed = querylens(&args, folder.path(), sql);
    let (pt, text) = printed.trim_end().split_once('\t').expect("an id and a text");
    assert_eq!(text, "select id, name from orders_? where id = ?");
    assert_eq!(pt, PT);

    let report = |style: &str, format: &str| {
        querylens(
            &["analyze", "slow.log", "--id-style", style, "--format", format],
            folder.path(),
            "",
        )
    };
    let ids = |style: &str| {
        let json: serde_json::Value = serde_json::from_str(&report(style, "json")).expect("JSON");
        let queries = json["queries"].as_array().expect("classes").clone();
        queries.iter().map(|q| (q["id"].clone(), q["pt_id"].clone())).collect::<Vec<_>>()
    };
    let (own, with_pt) = (ids("own"), ids("pt"));
    assert_eq!(own.len(), 2);
    for ((own, none), (same, shown)) in own.iter().zip(&with_pt) {
        assert_eq!((own, none.is_null(), shown.as_str()), (same, true, Some(PT)));
    }
    let (own, with_pt) = (report("own", "md"), report("pt", "md"));
    assert!(!own.contains(PT) && with_pt.contains(&format!("`{PT}`")));
    assert!(with_pt.contains("querylens id: `"));
}

#[test]
fn other_dialects_have_no_such_ids() {
    let mut command = Command::cargo_bin("querylens").expect("the binary");
    let failed = command.args(["fingerprint", "--id-style", "pt"]).write_stdin("select 1").assert();
    failed.failure().code(2);
}
