//! The report as a whole: the published schema, the order of the sections, the limits of a
//! document, and that nothing from a log breaks out of it.
//!
//! `UPDATE_EXPECT=1 cargo test --test it report` writes the expected files anew; read the difference.

mod at_once;
mod engines;

use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag};
use querylens::judge::config::JudgeOptions;
use querylens::judge::evidence::Evidence;
use querylens::judge::judge;
use querylens::pipeline::{self, Request};
use querylens::read::logs::postgres::prefix::PrefixFormat;
use querylens::report::{self, RenderOptions, Report, ReportOptions};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// The largest Markdown document, as documented.
const MAX_MARKDOWN_BYTES: usize = 400_000;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/report").join(name)
}

fn options() -> ReportOptions {
    ReportOptions {
        context: "checkout".to_owned(),
        date: "2026-11-23".to_owned(),
        ..ReportOptions::default()
    }
}

fn reported(path: &Path, options: &ReportOptions) -> Report {
    reported_as(Request::of_paths([path]), options)
}

fn reported_as(mut request: Request, options: &ReportOptions) -> Report {
    request.keep.group_by = options.group_by.key().cloned();
    let facts = pipeline::run(&request).expect("the log is readable");
    let judging = JudgeOptions::default();
    let evidence = Evidence::new(&facts, &judging);
    report::build(&evidence, judge(&evidence), options)
}

/// A report on a log that is written for the test, with the prefix of [`line`].
fn reported_text(log: &str, options: &ReportOptions) -> Report {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("made.log");
    std::fs::write(&path, log).expect("the temporary folder is writable");
    let mut request = Request::of_paths([path]);
    // Stated: names that are made to mislead would mislead the guess.
    request.read.log_line_prefix = PrefixFormat::parse("%m [%p] %u@%d ").ok();
    reported_as(request, options)
}

fn rendered(report: &Report, renderer: &str) -> String {
    let renderer = report::renderer(renderer).expect("the renderer is in the table");
    (renderer.render)(report, &RenderOptions::default())
}

fn json(report: &Report) -> serde_json::Value {
    serde_json::from_str(&rendered(report, "json")).expect("the report is JSON")
}

#[test]
fn reports_look_as_expected() {
    for (input, renderer, expected) in [
        ("shop.log", "md", "shop.expect.md"),
        ("shop.log", "summary", "shop.expect.txt"),
        ("mixed", "md", "mixed.expect.md"),
        ("mixed", "summary", "mixed.expect.txt"),
    ] {
        let report = reported(&fixture(input), &options());
        let (text, path) = (rendered(&report, renderer), fixture(expected));
        if std::env::var_os("UPDATE_EXPECT").is_some() {
            std::fs::write(&path, &text).expect("the fixture folder is writable");
        }
        let wanted = std::fs::read_to_string(&path).unwrap_or_default();
        let differs = text.lines().zip(wanted.lines()).find(|(now, then)| now != then);
        assert_eq!(differs, None, "{expected}");
        assert_eq!(text.len(), wanted.len(), "{expected}");
    }
}

#[test]
fn json_keeps_the_published_schema() {
    let schema = serde_json::from_str(report::schema()).expect("the schema is JSON");
    let validator = jsonschema::validator_for(&schema).expect("the schema is one");
    let by_tag = ReportOptions {
        group_by: "tag:route".parse().expect("a group"),
        order_by: "p95".parse().expect("an order"),
        top: "all".parse().expect("a top"),
        ..options()
    };
    let by_attribute = ReportOptions {
        group_by: "errno".parse().expect("a group"),
        order_by: "rows_examined:p95".parse().expect("an order"),
        outliers: "lock_time:100ms:1".parse().ok(),
        top: "1".parse().expect("a top"),
        ..options()
    };
    for (log, options) in [
        ("shop.log", options()),
        ("shop.log", by_tag),
        ("mixed", options()),
        ("mixed", by_attribute),
    ] {
        let report = json(&reported(&fixture(log), &options));
        let errors: Vec<_> =
            validator.iter_errors(&report).map(|e| format!("{}: {e}", e.instance_path())).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        undeclared(&schema, &schema, &report, "$");
    }
}

/// Every key of the report stands in the schema, so that the schema documents all of it.
fn undeclared(
    root: &serde_json::Value,
    schema: &serde_json::Value,
    value: &serde_json::Value,
    path: &str,
) {
    let name = schema["$ref"].as_str().and_then(|r| r.strip_prefix("#/$defs/"));
    let schema = name.map_or(schema, |name| &root["$defs"][name]);
    if let Some(either) = schema["anyOf"].as_array() {
        if !value.is_null() {
            undeclared(root, &either[0], value, path);
        }
    } else if let Some(members) = value.as_object() {
        for (key, value) in members {
            let declared = schema["properties"].get(key);
            let schema = declared.or(schema.get("additionalProperties"));
            let path = format!("{path}.{key}");
            let Some(schema) = schema else { panic!("{path} is not in the schema") };
            undeclared(root, schema, value, &path);
        }
    } else if let Some(items) = value.as_array() {
        items.iter().for_each(|item| undeclared(root, &schema["items"], item, path));
    }
}

#[test]
fn numbers_agree_with_one_another() {
    let by_mean = ReportOptions {
        order_by: "mean".parse().expect("an order"),
        top: "2".parse().expect("a top"),
        ..options()
    };
    let all = ReportOptions { top: "all".parse().expect("a top"), ..options() };
    let whole = reported(&fixture("shop.log"), &all);
    let calls: u64 = whole.queries.iter().map(|q| q.calls).sum();
    let total: f64 = whole.queries.iter().map(|q| q.total_ms).sum();
    assert_eq!(whole.totals.queries, calls);
    assert!((whole.totals.total_ms - total).abs() < 1e-6);
    assert_eq!((whole.queries.len(), whole.totals.queries_omitted), (whole.totals.classes, 0));
    for query in &whole.queries {
        let in_buckets: u64 = query.histogram.iter().map(|b| b.count).sum();
        let in_slots: u64 = query.timeline.iter().map(|s| s.calls).sum();
        assert_eq!((in_buckets, in_slots), (query.timed, query.calls), "{}", query.id);
    }
    let last = whole.queries.last().expect("there are classes");
    assert!((last.cumulative_share - 1.0).abs() < 1e-5);
    let few = reported(&fixture("shop.log"), &by_mean);
    assert_eq!((few.queries.len(), few.totals.queries_omitted), (2, few.totals.classes - 2));
    assert!(few.queries[0].times.mean_ms > few.queries[1].times.mean_ms);
    assert!(few.queries.iter().all(|q| q.timed >= 5), "one slow run is no ranking by mean");
    for ranking in &few.rankings {
        let shown: u64 = ranking.rows.iter().filter_map(|at| few.query(*at)).map(|q| q.calls).sum();
        assert_eq!(shown + ranking.rest.calls, few.totals.queries, "by {}", ranking.by);
    }
}

#[test]
fn every_section_is_there_in_order() {
    const SECTIONS: [&str; 30] = [
        "# Database Optimization Report: checkout",
        "## Executive Summary",
        "## Findings",
        "## Baseline Metrics",
        "### Slow Queries",
        "#### By total time",
        "#### By mean time (five calls or more)",
        "#### By calls",
        "### Time Distribution",
        "### Index Analysis",
        "### Connection Pool Metrics",
        "### Locks, Temporary Files, Errors, Checkpoints, Vacuum",
        "## Recommended Optimizations",
        "### 1. Indexes",
        "### 2. Queries",
        "### 3. Schema",
        "### 4. Connection pool",
        "### 5. Caching",
        "## Results Summary",
        "## Query-Specific Improvements",
        "## Index Impact",
        "## Query Details",
        "## Monitoring Recommendations",
        "## Trade-offs and Considerations",
        "## Next Steps",
        "## Maintenance Recommendations",
        "### Inputs",
        "### What was guessed",
        "### What was not understood",
        "### Settings",
    ];
    let text = rendered(&reported(&fixture("shop.log"), &options()), "md");
    let mut rest = text.as_str();
    for section in SECTIONS {
        let heading = format!("{section}\n\n");
        let at = rest.find(&heading).unwrap_or_else(|| panic!("{section} is missing or misplaced"));
        rest = &rest[at + heading.len()..];
        let first = rest.lines().next().unwrap_or_default();
        assert!(!first.is_empty(), "{section} says nothing");
    }
    let indexes = ReportOptions { targets: "indexes".parse().expect("a target"), ..options() };
    let text = rendered(&reported(&fixture("shop.log"), &indexes), "md");
    assert!(text.contains("### Index Analysis") && !text.contains("### Slow Queries"));
}

#[test]
fn links_lead_somewhere() {
    let text = rendered(&reported(&fixture("shop.log"), &options()), "md");
    for link in text.split("](#").skip(1) {
        let (target, _) = link.split_once(')').expect("a whole link");
        let anchor = format!("<a id=\"{target}\"></a>");
        assert_eq!(text.matches(&anchor).count(), 1, "#{target}");
    }
}

#[test]
fn secrets_of_the_log_stay_there() {
    let report = reported(&fixture("shop.log"), &options());
    for renderer in report::RENDERERS {
        let text = (renderer.render)(&report, &RenderOptions::default());
        assert!(!text.contains("example.com"), "{} shows a literal", renderer.name);
    }
}

/// A log line of a run, as a server with a usual prefix writes it.
fn line(log: &mut String, n: usize, user: &str, ms: f64, sql: &str) {
    let (minute, second) = (n / 60 % 60, n % 60);
    writeln!(
        log,
        "2026-11-17 08:{minute:02}:{second:02}.000 UTC [{}] {user}@shop LOG:  duration: {ms:.3} ms  statement: {sql}",
        700 + n % 7
    )
    .expect("a String takes everything");
}

#[test]
fn five_thousand_classes_fit_in_a_document() {
    let mut log = String::new();
    for n in 0..5000 {
        let wide = "wide_column, ".repeat(60);
        line(&mut log, n, "web", 1.0 + n as f64, &format!("SELECT {wide} * FROM t{n} OFFSET 5000"));
    }
    let all = ReportOptions {
        top: "all".parse().expect("a top"),
        group_by: "tables".parse().expect("a group"),
        ..options()
    };
    let report = reported_text(&log, &all);
    assert_eq!(report.queries.len(), 5000, "JSON has no limit but --top");
    let text = rendered(&report, "md");
    assert!(text.len() < MAX_MARKDOWN_BYTES, "{} bytes", text.len());
    assert!(text.contains("4,900 other classes"));
    assert!(rendered(&report, "summary").lines().count() <= 25);
}

#[test]
fn a_threshold_is_said_wherever_it_matters() {
    let mut log = String::new();
    for n in 0..40 {
        line(&mut log, n, "web", 250.0 + n as f64, "SELECT 1 FROM orders WHERE id = 7");
    }
    let report = reported_text(&log, &options());
    assert_eq!(report.logging.threshold_ms, Some(250.0));
    let text = rendered(&report, "md");
    for words in ["mean of logged runs", "share of logged time", "shorter than 250 ms"] {
        assert!(text.contains(words), "{words}");
    }
    assert!(rendered(&report, "summary").contains("runs from 250 ms on"));
    let below = reported(&fixture("shop.log"), &options());
    assert_eq!(below.logging.threshold_ms, None);
}

/// Headings, tables, rows, links and HTML of a document, without texts.
fn structure(markdown: &str) -> Vec<String> {
    Parser::new_ext(markdown, Options::ENABLE_TABLES)
        .filter_map(|event| match event {
            Event::Start(Tag::Link { .. }) => Some("link".to_owned()),
            Event::Start(Tag::CodeBlock(_)) => Some("block".to_owned()),
            Event::Start(tag) => Some(format!("{tag:?}")),
            Event::Html(_) | Event::InlineHtml(_) => Some("html".to_owned()),
            _ => None,
        })
        .collect()
}

/// A report on a log in which strangers chose a user name, a table and a column. What could pass for
/// a part of the prefix stays out of the user name: how that is read is not the report's matter.
fn with_data(data: &str) -> String {
    let quoted = data.replace('"', "\"\"");
    let user: String = data.chars().filter(|c| !c.is_control() && !"@:[]()".contains(*c)).collect();
    let mut log = String::new();
    for n in 0..25 {
        let sql = format!("SELECT * FROM \"{quoted}\" WHERE \"a{quoted}\" = 1 OFFSET 5000");
        line(&mut log, n, &format!("u{user}"), 400.0 + n as f64, &sql);
    }
    rendered(&reported_text(&log, &options()), "md")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..Default::default() })]

    #[test]
    fn hostile_names_change_no_structure(
        data in "[a-z][`|*_<>\\[\\]()#&!~:/\\\\\u{1b}\u{202e}=+'{}$-]{1,12}[a-z]",
    ) {
        let text = with_data(&data);
        let (plain, hostile) = (structure(&with_data("harmless")), structure(&text));
        let differs = hostile.iter().zip(&plain).position(|(hostile, plain)| hostile != plain);
        let around = differs.map(|at| (&hostile[at.saturating_sub(6)..=at], &plain[at]));
        prop_assert_eq!(around, None, "{:?}", data);
        prop_assert_eq!(hostile.len(), plain.len(), "{:?}", data);
        let sent = text.contains(['\u{1b}', '\u{202e}']);
        prop_assert!(!sent, "a control character is sent for {:?}", data);
    }
}

/// Every statement that the report tells people to run, on a real server.
#[test]
#[ignore = "needs psql and a superuser's PGHOST, PGPORT and PGUSER of a server with pg_stat_statements"]
fn advice_runs_on_a_server() {
    let mut quiet = String::new();
    line(&mut quiet, 0, "web", 5.0, "SELECT 1");
    let logs = [
        reported(&fixture("shop.log"), &options()),
        reported_text(&quiet, &options()),
        reported_text(&quiet.replace("duration: 5.000 ms  ", ""), &options()),
    ];
    let advice = logs.iter().flat_map(|r| r.monitoring.iter().chain(&r.maintenance));
    for one in advice {
        let Some(sql) = &one.sql else { continue };
        let run = std::process::Command::new("psql")
            .args(["-X", "-v", "ON_ERROR_STOP=1", "-c"])
            .args(sql.split_inclusive(";\n").flat_map(|s| [s, "-c"]))
            .arg("SELECT 1")
            .output()
            .expect("psql can be started");
        assert!(run.status.success(), "{}: {}", one.title, String::from_utf8_lossy(&run.stderr));
    }
}
