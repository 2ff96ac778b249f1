//! `setting-contradicted`: settings that the server's own counters contradict.
//!
//! One file per family of settings; each gives [`Case`]s, which become findings here. A case says a
//! range, never one value as the truth; where the counters were watched for less than a day, it only
//! says so.

mod autovacuum;
mod innodb;
mod logging;
mod mongodb;
mod mysql;
mod postgres;

use crate::judge::advice::rewrite;
use crate::judge::evidence::Evidence;
use crate::judge::evidence::observed::{ENOUGH_S, Observed};
use crate::judge::finding::{Confidence, Finding, Fix, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV012",
    name: "setting-contradicted",
    title: "The server's counters contradict a setting",
    target: "server",
    engines: &[Engine::Postgres, Engine::Mysql, Engine::Mariadb, Engine::Mongodb],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A setting that is known, from the server or its settings file, and counters of the server that say \
it does not fit: memory for sorts and files that were spilled, checkpoints that WAL forced, autovacuum \
that is off or too rare for a huge table, caches that are full and read much, a redo log that holds \
less than an hour, temporary tables on disk, caches of tables and threads that miss, connections near \
their limit, a query cache that hardly hits, eviction that operations have to do themselves.

## Why it matters

Each of these costs every statement a little, and no plan shows it.

## What to do

The finding gives a range and one step in it, with what takes it back. Take one step, watch the same \
counter for a day, then take the next. Memory is the last resort where an index, a shorter list of \
columns or fewer connections would do.

## When to ignore it

Counters of less than a day are named and not judged. After a single load or a restart with cold \
caches, look again a day later. Settings that trade durability for speed (sync_binlog, \
innodb_flush_log_at_trx_commit) are stated where they matter and never advised.
";

/// One contradiction.
struct Case {
    /// The setting.
    setting: &'static str,
    /// What tells several cases of one setting apart: a table; empty otherwise.
    of: String,
    title: String,
    /// What contradicts it, and the range.
    message: String,
    severity: Severity,
    /// What was read, and where.
    facts: Vec<(String, Option<Place>)>,
    fixes: Vec<Fix>,
    verify: &'static str,
    trade_offs: String,
    /// How long its counters were watched, in seconds; `None` where it needs none.
    observed_s: Option<f64>,
}

/// What counters of a time say, for a [`Case`].
fn counted(observed: &Observed<'_>, counter: &str, text: String) -> (String, Option<Place>) {
    (format!("{text} {}", observed.words()), observed.place(counter))
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    for server in servers(rule, evidence).filter(|server| server.apart.is_none()) {
        let cases = match server.engine {
            Engine::Postgres => {
                let mut cases = postgres::cases(evidence, server);
                cases.extend(autovacuum::cases(evidence, server));
                cases.extend(logging::cases(evidence, server));
                cases
            }
            Engine::Mongodb => mongodb::cases(server),
            _ => {
                let mut cases = innodb::cases(server);
                cases.extend(mysql::cases(server));
                cases
            }
        };
        let (young, old): (Vec<_>, Vec<_>) =
            cases.into_iter().partition(|case| case.observed_s.is_some_and(|s| s < ENOUGH_S));
        out.extend(old.into_iter().map(|case| finding(rule, evidence, server, case)));
        out.extend(insufficient(rule, evidence, server, young));
    }
}

/// One finding for all settings whose counters were watched for too short a time: no value is said.
fn insufficient(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    cases: Vec<Case>,
) -> Option<Finding> {
    let longest_s = cases.iter().filter_map(|case| case.observed_s).max_by(f64::total_cmp)?;
    let names: Vec<_> = cases.iter().map(|case| case.setting).collect();
    let handle = "insufficient-observation";
    let mut finding = rule.about_thing(evidence, server, "setting", handle, &names.join(", "));
    finding.severity = Severity::Info;
    finding.confidence = Confidence::Low;
    finding.title = format!(
        "Too little was observed to judge {}",
        words::counted(names.len() as u64, "setting")
    );
    finding.message = format!(
        "By the server's own counters {} may not fit, but these were watched for {} only: insufficient \
         observation, a day at least is wanted.",
        names.join(", "),
        words::duration_us(longest_s * 1e6)
    );
    let first = cases.into_iter().filter_map(|case| case.facts.into_iter().next());
    finding.evidence = first.map(|(fact, place)| fact_at(evidence, fact, place)).collect();
    finding.fixes = vec![rewrite::code(
        "Collect the same counters again after a day of ordinary work, and read both collections \
         together.",
        "No value is advised from less than a day: a cold cache or one job looks like this, too.",
    )];
    finding.verify = "The next report has a finding for each setting, or none.".to_owned();
    finding.trade_offs = "A day of waiting.".to_owned();
    Some(finding)
}

fn finding(rule: &Rule, evidence: &Evidence<'_>, server: &ServerFacts, case: Case) -> Finding {
    let handle = match case.of.as_str() {
        "" => case.setting.to_owned(),
        of => format!("{}/{of}", case.setting),
    };
    let mut finding = rule.about_thing(evidence, server, "setting", &handle, &handle);
    finding.severity = case.severity.min(rule.at_most);
    finding.confidence = Confidence::Medium;
    finding.title = case.title;
    finding.message = format!("By the server's own counters: {}", case.message);
    finding.evidence =
        case.facts.into_iter().map(|(fact, place)| fact_at(evidence, fact, place)).collect();
    finding.fixes = case.fixes;
    finding.verify = case.verify.to_owned();
    finding.trade_offs = case.trade_offs;
    finding
}
