//! Every rule on its own logs: the hit raises it with exactly the expected text, the near miss does
//! not, and the table of rules is in order.
//!
//! `UPDATE_EXPECT=1 cargo test --test it rules` writes the expected files anew; read the difference.

use querylens::judge::config::{Environment, JudgeOptions};
use querylens::judge::evidence::Evidence;
use querylens::judge::finding::{Confidence, Fact, Finding, Fix, FixKind, ImpactLabel};
use querylens::judge::judge;
use querylens::judge::rules::{RULES, Rule};
use querylens::model::event::Engine;
use querylens::pipeline::{self, Request};
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

const HEADINGS: [&str; 4] =
    ["## What it finds", "## Why it matters", "## What to do", "## When to ignore it"];

/// What `hit.expect` holds.
#[derive(Serialize)]
struct Expected<'a> {
    /// Other rules that the same log raises.
    also: BTreeSet<&'a str>,
    findings: Vec<&'a Finding>,
}

fn folder(rule: &Rule) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules").join(rule.name)
}

/// The findings of one log, and all logged milliseconds. A file of its name ending in `.map` says what
/// its columns are.
fn judged(path: &Path, options: &JudgeOptions) -> (Vec<Finding>, f64) {
    let mut request = Request::of_paths([path]);
    let map = std::fs::read_to_string(path.with_extension("map")).ok();
    request.read.map = map.map(|map| map.trim().parse().expect("a map"));
    let facts = pipeline::run(&request).expect("the fixture is readable");
    let evidence = Evidence::new(&facts, options);
    (judge(&evidence), evidence.total_us as f64 / 1e3)
}

/// The file of a rule whose name begins so: a log, a plan in one of its forms, a schema dump; or a
/// folder, where it takes several.
fn input(rule: &Rule, stem: &str) -> PathBuf {
    let entries = std::fs::read_dir(folder(rule)).into_iter().flatten().flatten();
    let mut files: Vec<_> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| {
        path.file_stem().is_some_and(|known| known == stem)
            && path.extension().is_none_or(|extension| extension != "expect" && extension != "map")
    });
    assert_eq!(files.len(), 1, "{}: one file or folder {stem}.*", rule.name);
    files.remove(0)
}

/// The pairs of inputs of a rule: what their names begin with. One for each family of engines that it
/// knows, and others that are there for more forms.
fn pairs(rule: &Rule) -> BTreeSet<String> {
    let prefix = |engine: &Engine| match engine.family() {
        "mysql" => "mysql-",
        "mongodb" => "mongodb-",
        "sqlite" => "sqlite-",
        _ => "",
    };
    let entries = std::fs::read_dir(folder(rule)).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let others = names.filter_map(|name| Some(name.split_once("hit.")?.0.to_owned()));
    rule.engines.iter().map(|engine| prefix(engine).to_owned()).chain(others).collect()
}

#[test]
fn every_rule_finds_its_hits_and_spares_its_near_misses() {
    let update = std::env::var_os("UPDATE_EXPECT").is_some();
    let options = JudgeOptions::default();
    let mut wrong = Vec::new();
    for (rule, pair) in
        RULES.iter().flat_map(|rule| pairs(rule).into_iter().map(move |p| (rule, p)))
    {
        let (found, total_ms) = judged(&input(rule, &format!("{pair}hit")), &options);
        let (own, others): (Vec<_>, Vec<_>) = found.iter().partition(|f| f.rule == rule.name);
        assert!(!own.is_empty(), "{pair}{}: the hit raises nothing; found {found:#?}", rule.name);
        for finding in &own {
            check(rule, finding, total_ms);
        }
        let also = others.iter().map(|f| f.rule).collect();
        let text = serde_json::to_string_pretty(&Expected { also, findings: own })
            .expect("a finding is plain data")
            + "\n";
        let expect = folder(rule).join(format!("{pair}hit.expect"));
        if update {
            std::fs::write(&expect, &text).expect("the fixture folder is writable");
        } else if std::fs::read_to_string(&expect).ok().as_deref() != Some(&*text) {
            wrong.push(format!("{} differs; it would be:\n{text}", expect.display()));
        }

        let (spared, _) = judged(&input(rule, &format!("{pair}near-miss")), &options);
        if let Some(finding) = spared.iter().find(|f| f.rule == rule.name) {
            wrong.push(format!("{pair}{}: the near miss raises {finding:#?}", rule.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What holds for every finding of every rule.
fn check(rule: &Rule, finding: &Finding, total_ms: f64) {
    let name = rule.name;
    assert!(finding.severity <= rule.at_most, "{name}: more severe than the rule may be");
    assert!(finding.key.starts_with(&format!("{name}/")), "{name}: key {}", finding.key);
    let lines = [&finding.title, &finding.message, &finding.verify, &finding.trade_offs];
    for text in lines {
        assert!(!text.is_empty() && !text.contains(['\n', '\t']), "{name}: not one line: {text:?}");
        assert!(!text.contains("  "), "{name}: two blanks in a row: {text:?}");
    }
    // Where a plan alone is judged, no log gives its numbers a scope. What a catalog says is of it.
    let is_scoped =
        |word: &&str| finding.message.contains(*word) && (*word != "plan" || total_ms == 0.0);
    let of_catalog = ["By the schema", "By the server's", "server's statistics"];
    let is_of_catalog = ["IDX", "SCH", "SRV012"].iter().any(|family| rule.code.starts_with(family));
    assert!(
        ["logged", "plan"].iter().any(is_scoped)
            || (is_of_catalog && of_catalog.iter().any(|words| finding.message.contains(words))),
        "{name}: the scope of its numbers is missing"
    );
    assert!(!finding.fixes.is_empty(), "{name}: nothing to do");
    assert!(finding.evidence.iter().any(|fact| fact.source.is_some()), "{name}: no source");

    guards(rule, finding);
    let impact = &finding.impact;
    let class_ms = impact.share * total_ms;
    assert!((0.0..=1.0).contains(&impact.share), "{name}: share {}", impact.share);
    match impact.saved_ms_high {
        None => assert_eq!(impact.label, ImpactLabel::Unknown, "{name}: a label without numbers"),
        Some(high) => {
            assert!(high <= class_ms * (1.0 + 1e-9), "{name}: promises more than the class takes");
            assert!(impact.saved_ms_low.is_some_and(|low| low <= high), "{name}: low above high");
        }
    }
    for fix in &finding.fixes {
        let has = |mark| fix.text.contains(mark);
        let parameter = has("$1") || has(":p1");
        let masked = has("\"?") || has("PATTERN");
        let open = has("{1}")
            || (parameter && matches!(fix.kind, FixKind::Rewrite))
            || (masked && matches!(fix.kind, FixKind::Js));
        assert_eq!(fix.complete, !open, "{name}: completeness of {:?}", fix.text);
    }
}

/// What keeps advice about servers from doing harm, whatever rule gives it.
fn guards(rule: &Rule, finding: &Finding) {
    let name = rule.name;
    if name == "lock-waits" {
        assert!(finding.confidence <= Confidence::Medium, "{name}: a holder is never proof");
    }
    let notes = |fix: &Fix, words: &str| fix.note.contains(words);
    if finding.verify.contains("ANALYZE, BUFFERS") {
        assert!(finding.verify.contains("executes"), "{name}: EXPLAIN ANALYZE executes");
    }
    for fix in &finding.fixes {
        if rule.code.starts_with("PLN") && fix.text.contains("CREATE INDEX CONCURRENTLY ") {
            let asks_first = fix.text.starts_with("-- First: ") || fix.text.starts_with("SELECT ");
            assert!(asks_first, "{name}: an index without a look at those that exist");
        }
        for line in fix.text.lines() {
            let sets = |setting: &str| line.contains(&format!("SET {setting} = "));
            if sets("work_mem") || line.contains("SET LOCAL work_mem") {
                assert!(
                    line.starts_with("ALTER ROLE ") || line.starts_with("SET LOCAL "),
                    "{line}"
                );
                let mb = line.split('\'').nth(1).and_then(|value| value.strip_suffix("MB"));
                let mb: u64 = mb.and_then(|mb| mb.parse().ok()).expect("megabytes");
                assert!(mb <= 1024, "{name}: more than 1 GB of work_mem");
            }
            if sets("statement_timeout") {
                let listed = |fact: &Fact| fact.fact.contains("would have ended");
                assert!(finding.evidence.iter().any(listed), "{name}: whom would it end?");
            }
            if line.starts_with("ALTER SYSTEM ") {
                assert!(notes(fix, "parameter group"), "{name}: managed services");
                assert!(!fix.undo.is_empty(), "{name}: no way back");
            }
            let of_pools = line.replace("innodb_buffer_pool_size", "");
            let sizes = ["max_connections = ", "pool_size", "CONNECTION LIMIT"];
            assert!(
                !sizes.iter().any(|size| of_pools.contains(size)),
                "{name}: a pool's size: {line}"
            );
        }
    }
}

/// The index fix of `function-on-column` for a log in the folder of that rule's hit.
fn index_fix(log: &str, environment: Option<Environment>) -> (String, bool) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("hit.log");
    std::fs::write(&path, log).expect("a temporary file");
    let options = JudgeOptions {
        environment: environment.unwrap_or_default(),
        environment_stated: environment.is_some(),
        ..JudgeOptions::default()
    };
    let (found, _) = judged(&path, &options);
    let finding = found
        .iter()
        .find(|f| f.rule == "function-on-column" && f.title.contains("customers.email"))
        .expect("the log is a hit");
    (finding.fixes[0].text.clone(), finding.fixes[0].complete)
}

#[test]
fn index_ddl_fits_the_environment_and_one_database() {
    let log = std::fs::read_to_string(
        Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules/function-on-column/hit.log"),
    )
    .expect("the fixture is readable");
    for (environment, concurrently) in [
        (None, true),
        (Some(Environment::Prod), true),
        (Some(Environment::Staging), true),
        (Some(Environment::Dev), false),
    ] {
        let (text, complete) = index_fix(&log, environment);
        assert!(complete && text.starts_with("-- First: the indexes that are there."), "{text}");
        assert_eq!(text.contains("CREATE INDEX CONCURRENTLY"), concurrently, "{environment:?}");
        assert!(text.contains("customers_email_lower_idx ON customers (lower(email));"), "{text}");
    }
    // The same statement in two databases is about two tables: no DDL, but the question.
    let (text, complete) = index_fix(&log.replace("[4201] app@shop", "[4201] app@stage"), None);
    assert!(!complete && text.contains("pg_index") && !text.contains("CREATE"), "{text}");
}

#[test]
fn short_sessions_of_a_poolers_clients_are_no_churn() {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let path = folder.path().join("pooler.log");
    let log: String = (0..600)
        .map(|at| {
            let client = format!("C-0x55d0c0ff{at:04x}: shop/app@10.0.0.7:{}", 30_000 + at);
            let time = format!("2026-11-23 10:{:02}:{:02}", at / 60, at % 60);
            format!(
                "{time}.000 UTC [44] LOG {client} login attempt: db=shop user=app tls=no\n\
                 {time}.200 UTC [44] LOG {client} closing because: client close request (age=0s)\n"
            )
        })
        .collect();
    std::fs::write(&path, log).expect("a temporary file");
    let facts = pipeline::run(&Request::of_paths([&path])).expect("the log is readable");
    let connections = &facts.servers[0].workload.incidents().connections;
    assert_eq!((connections.authorized.count, connections.disconnected.count), (600, 600));
    let options = JudgeOptions::default();
    let found = judge(&Evidence::new(&facts, &options));
    assert!(found.iter().all(|finding| finding.rule != "connection-churn"), "{found:#?}");
}

#[test]
fn the_table_of_rules_is_in_order() {
    let mut codes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for rule in RULES {
        assert!(codes.insert(rule.code), "{} twice", rule.code);
        assert!(names.insert(rule.name), "{} twice", rule.name);
        let kebab = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        assert!(rule.name.chars().all(kebab), "{} is not kebab-case", rule.name);
        let (family, number) = rule.code.split_at(3);
        assert!(family.chars().all(|c| c.is_ascii_uppercase()), "{}", rule.code);
        assert!(number.len() == 3 && number.parse::<u16>().is_ok(), "{}", rule.code);
        assert!(!rule.engines.is_empty(), "{} knows no engine", rule.name);

        let headings: Vec<_> = rule.docs.lines().filter(|line| line.starts_with('#')).collect();
        assert_eq!(headings, HEADINGS, "{}", rule.name);
        for pair in pairs(rule) {
            for stem in ["hit", "near-miss"] {
                assert!(input(rule, &format!("{pair}{stem}")).exists());
            }
            let file = folder(rule).join(format!("{pair}hit.expect"));
            assert!(file.is_file(), "{} is missing", file.display());
        }
    }
    assert!(RULES.is_sorted_by_key(|rule| rule.code));
}
