//! `temp-files`: sorts and hashes that do not fit in memory and go through temporary files.

use super::MAX_FINDINGS;
use crate::judge::advice::memory::{
    MAX_WORK_MEM_MB, MEMORY_PER_FILE, for_role, power_of_two_mb, trial,
};
use crate::judge::advice::{rewrite, setting, verify};
use crate::judge::evidence::{ClassEvidence, Evidence};
use crate::judge::finding::{Confidence, Finding, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::class::Files;
use std::cmp::Reverse;

/// A hash writes two files a batch: from so many files a run on, the run is sized as a whole.
const FILES_OF_HASH: u64 = 8;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV001",
    name: "temp-files",
    title: "Sorts or hashes spill to temporary files",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::High,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A query class that wrote 100 MB or more to temporary files (`temp_bytes`); where the log does not \
say which statement wrote them, a server that did.

## Why it matters

A sort or hash that does not fit in `work_mem` goes through the disk: written once, read once or \
more. It is slower, and it competes with all other reads and writes.

## What to do

First sort less: fewer columns, fewer rows, an index that has the order already, a sum that is \
kept. Then memory, for the role or the one query that needs it, never for the whole server: \
`work_mem` counts per node, per process and per session. The advice stays under 1 GB and says how \
much memory the server must have for it. Above that, memory is the wrong fix.

## When to ignore it

A nightly export that nobody waits for may spill. CREATE INDEX and other maintenance, which sorts \
with `maintenance_work_mem` and writes such files by design, is left alone.
";

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let least = evidence.options.thresholds.temp_bytes;
    for server in servers(rule, evidence) {
        let mut classes: Vec<_> = server
            .workload
            .classes()
            .iter()
            .map(|class| (class.troubles().temp_files, class))
            .filter(|(files, class)| {
                files.total_bytes >= least && !uses_maintenance_memory(&class.fingerprint)
            })
            .collect();
        classes.sort_by_key(|(files, class)| (Reverse(files.total_bytes), class.id));
        for (files, class) in classes.into_iter().take(MAX_FINDINGS) {
            out.push(of_class(rule, evidence, &evidence.class(server, class), &files));
        }
        let known = server.workload.classes().iter().map(|c| c.troubles().temp_files.total_bytes);
        let known: u64 = known.fold(0, u64::saturating_add);
        let all = &server.workload.incidents().temp_files;
        if all.sum.saturating_sub(known) >= least {
            out.push(of_server(rule, evidence, server, all.sum.saturating_sub(known)));
        }
    }
}

/// Statements that sort with `maintenance_work_mem`, and write files by design where a table is large.
fn uses_maintenance_memory(fingerprint: &str) -> bool {
    ["create index ", "create unique index ", "reindex ", "alter table ", "cluster ", "vacuum "]
        .iter()
        .any(|start| fingerprint.starts_with(start))
}

/// By bytes a day, since a log may cover an hour or a month.
fn severity(bytes: u64, period_s: f64) -> Severity {
    match bytes as f64 / (period_s / 86_400.0).max(1.0) {
        daily if daily >= 100e9 => Severity::High,
        daily if daily >= 1e9 => Severity::Medium,
        _ => Severity::Low,
    }
}

fn of_class(
    rule: &Rule,
    evidence: &Evidence<'_>,
    class: &ClassEvidence<'_>,
    files: &Files,
) -> Finding {
    let wanted_mb = wanted_mb(files, class.class.stats.calls);
    let fits = wanted_mb <= MAX_WORK_MEM_MB;
    let mut finding = rule.about(evidence, class);
    finding.severity = severity(files.total_bytes, evidence.period_s(class.server));
    finding.confidence = Confidence::High;
    finding.title = format!("{} of temporary files by one class", words::bytes(files.total_bytes));
    finding.message = format!(
        "{} of together {} are logged for it, the largest of {}. {}",
        words::counted(files.count, "temporary file"),
        words::bytes(files.total_bytes),
        words::bytes(files.max_bytes),
        match fits {
            true => "Sort or hash less first; memory for this query alone is the second choice.",
            false =>
                "Memory is the wrong fix at this size: it would take more than 1 GB for one node of \
                 one process. Sort or hash less.",
        }
    );
    finding.evidence.push(fact_at(
        evidence,
        format!("the largest file: {}", words::bytes(files.max_bytes)),
        files.largest.place(),
    ));
    if let Some(plan) = class.class.plans().slowest() {
        finding.evidence.push(fact_at(evidence, "a plan of it is logged", Some(plan.place)));
    }
    finding.fixes.push(rewrite::code(
        "Sort or hash less: select only the columns that are needed, filter before joining, give \
         ORDER BY or GROUP BY an index that has the order, keep the sum in a table that is \
         refreshed, or read in batches.",
        "The plan of the class shows which node spills: Sort Method: external merge, or Batches \
         above 1.",
    ));
    if fits {
        finding.fixes.push(trial(wanted_mb));
        finding.fixes.push(for_role(Some(class), class.only_user(), wanted_mb));
    }
    finding.verify = verify::explain(
        class,
        "no `external merge` and no `Batches` above 1; the next log has no temporary file of it",
    );
    finding.trade_offs = match fits {
        true => format!(
            "{wanted_mb} MB is an estimate: {}; each sort or hash of each process of each run may \
             take it.",
            match is_of_hash(files, class.class.stats.calls) {
                true =>
                    "the files of a run together, which look like the batches of a hash".to_owned(),
                false => format!(
                    "{MEMORY_PER_FILE} times the largest file, since a sort in memory took 1.1 to \
                     3.4 times its file in trials on PostgreSQL 15"
                ),
            }
        ),
        false => "An index or a kept sum costs writes; a batch gives up one consistent answer."
            .to_owned(),
    };
    finding
}

/// Whether a logged run wrote so many files that they must be the batches of a hash.
fn is_of_hash(files: &Files, runs: u64) -> bool {
    runs > 0 && files.count / runs >= FILES_OF_HASH
}

/// The memory that the largest file, or all files of a hash, need in place of the disk, in megabytes:
/// a power of two.
fn wanted_mb(files: &Files, runs: u64) -> u64 {
    let sort_bytes = files.max_bytes.saturating_mul(MEMORY_PER_FILE);
    let bytes = match is_of_hash(files, runs) {
        true => sort_bytes.max(files.total_bytes / runs),
        false => sort_bytes,
    };
    power_of_two_mb(bytes)
}

fn of_server(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    unknown_bytes: u64,
) -> Finding {
    let all = &server.workload.incidents().temp_files;
    let mut finding = rule.about_server(evidence, server);
    finding.severity = severity(unknown_bytes, evidence.period_s(server));
    finding.title =
        format!("{} of temporary files of unknown statements", words::bytes(unknown_bytes));
    finding.message = format!(
        "{} of together {} are logged, {} of that without the statement that wrote it.",
        words::counted(all.count, "temporary file"),
        words::bytes(all.sum),
        words::bytes(unknown_bytes)
    );
    finding.evidence.push(fact_at(
        evidence,
        format!("the largest file: {}", words::bytes(all.max)),
        all.largest.place(),
    ));
    finding.fixes.push(setting::of_server(
        &[("log_min_error_statement", "error"), ("log_temp_files", "1MB")],
        "The statement is logged beside each file, in a STATEMENT line: one record per file of 1 MB \
         or more. Memory for the whole server is no fix: work_mem counts per node, process and \
         session.",
    ));
    finding.verify =
        "The next log has STATEMENT lines beside its temporary files, and a finding per \
                      class."
            .to_owned();
    finding.trade_offs = format!(
        "{} in this log would have had a STATEMENT line more.",
        words::counted(all.count, "record")
    );
    finding
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_sized_from_the_largest_file_and_bounded() {
        let files = |count, max_bytes: u64| {
            let total_bytes = max_bytes.saturating_mul(count);
            Files { count, max_bytes, total_bytes, ..Files::default() }
        };
        for (bytes, mb) in [(1, 8), (4 << 20, 16), (100 << 20, 512), (341 << 20, 1024)] {
            assert_eq!(wanted_mb(&files(3, bytes), 1), mb);
        }
        // 62 files of a third of a megabyte in one run: a hash of 32 batches took 15 MB in a trial.
        assert_eq!(wanted_mb(&files(62, 335_000), 1), 32);
        assert_eq!(wanted_mb(&files(62, 335_000), 62), 8, "one file a run");
        assert_eq!(wanted_mb(&files(62, 335_000), 0), 8, "no finished run is logged");
        assert!(wanted_mb(&files(1, 400 << 20), 1) > MAX_WORK_MEM_MB, "memory is the wrong fix");
        assert!(wanted_mb(&files(1, u64::MAX), 1) > MAX_WORK_MEM_MB);
    }
}
