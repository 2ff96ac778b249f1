//! What to watch, what to do next, what to do again and again, and what to weigh. Thresholds and
//! volumes are drawn from the report's own numbers.

use super::sql;
use crate::judge::finding::Confidence;
use crate::judge::words;
use crate::report::phrases::{class, either, ms, plural, saved, width};
use crate::report::types::{Advice, Query, Report};

/// Classes that get an alert of their own.
const ALERTS: usize = 3;
/// Findings that are steps of their own.
const STEPS: usize = 5;
/// Above this, full logging is not advised without sampling.
const MAX_LOG_BYTES_PER_DAY: f64 = 1e9;

fn advice(title: &str, text: impl Into<String>, sql: Option<&str>) -> Advice {
    Advice { title: title.to_owned(), text: text.into(), sql: sql.map(str::to_owned) }
}

pub fn monitoring(report: &Report) -> Vec<Advice> {
    let mut list = vec![
        advice(
            "Heaviest statements",
            "Needs the extension `pg_stat_statements`: name it in `shared_preload_libraries` (which \
             takes a restart), then run `CREATE EXTENSION pg_stat_statements;` in the database. Its \
             counters run since the last reset; export them before any reset.",
            Some(sql::TOP_STATEMENTS),
        ),
        advice(
            "Long transactions",
            "Every row keeps vacuum from cleaning up behind it; `idle in transaction` also holds a \
             connection for nothing.",
            Some(sql::LONG_TRANSACTIONS),
        ),
        advice("Who waits for whom", "Rows only while someone waits.", Some(sql::BLOCKED)),
    ];
    if report.has_target("connections") {
        list.push(advice(
            "Connections by state",
            "Alert when all states together pass 85 % of `max_connections`.",
            Some(sql::CONNECTIONS),
        ));
    }
    list.push(advice(
        "Temporary files and deadlocks",
        "Counters since the reset that the row names; watch how fast they grow.",
        Some(sql::DATABASES),
    ));
    list.extend(alerts(report));
    list.extend(logging(report));
    list
}

/// Alerts with thresholds from this log.
fn alerts(report: &Report) -> Vec<Advice> {
    let mut heavy: Vec<(&Query, f64)> =
        report.queries.iter().filter_map(|q| Some((q, q.times.p95_ms?))).collect();
    heavy.sort_by(|a, b| b.0.share.total_cmp(&a.0.share));
    let mut list: Vec<Advice> = heavy
        .into_iter()
        .take(ALERTS)
        .map(|(query, p95)| {
            let text = format!(
                "Alert when the p95 of {} passes {}: twice the {} of this period.",
                class(query),
                ms(2.0 * p95),
                ms(p95),
            );
            advice("Alert: a heavy class slows down", text, None)
        })
        .collect();
    let errors = &report.incidents.errors.messages.occurred;
    if let Some(most) = errors.timeline.iter().map(|t| t.count).max() {
        let text = format!(
            "Alert when more than {} are logged within {}: twice the most of this period.",
            plural(most.saturating_mul(2), "error"),
            width(report.load.timeline_width_s),
        );
        list.push(advice("Alert: errors", text, None));
    }
    list
}

/// What the log should hold next time, and how large that makes it.
fn logging(report: &Report) -> Vec<Advice> {
    let mut list = Vec::new();
    let counted = || report.inputs.iter().filter(|i| i.duplicate_of.is_none());
    let records: u64 = counted().map(|i| i.records).sum();
    let bytes: u64 = counted().map(|i| i.bytes).sum();
    let record_bytes = bytes as f64 / records.max(1) as f64;
    let days = report.period.seconds.map(|s| s / 86_400.0).filter(|d| *d > 0.0);
    let per_day = |bytes: f64| days.map(|d| bytes / d);
    let managed = "On a managed service set these in its parameter group instead.";
    let size = |bytes: f64| words::bytes(bytes as u64);
    if records == 0 {
        return list;
    }
    let filtered = report.options.contains_key("min-duration");
    if report.logging.threshold_ms.is_some() && !filtered {
        let text = format!(
            "To see the calls below the threshold, lower `log_min_duration_statement` for one \
             representative hour. How much that writes is not in these files: run this twice, a \
             minute apart, and multiply the calls of that minute by about {} a record. Above 1 GB \
             a day, sample instead: `log_min_duration_sample` with `log_statement_sample_rate` \
             (PostgreSQL 13 and later).",
            size(record_bytes)
        );
        list.push(advice("Logging: the calls below the threshold", text, Some(sql::CALL_COUNT)));
    } else if report.logging.untimed > 0 {
        let volume = report.logging.untimed as f64 * record_bytes;
        let text = format!(
            "{} without a duration. `log_min_duration_statement` writes statement and duration in \
             one record, in place of `log_statement`: about {}, as much as now.{} {managed}",
            either(report.logging.untimed, "statement was logged", "statements were logged"),
            per_day(volume).map_or(size(volume), |v| format!("{} a day", size(v))),
            sampling(per_day(volume)),
        );
        let sql = "ALTER SYSTEM SET log_min_duration_statement = 0;\n\
                   ALTER SYSTEM SET log_statement = 'none';\n\
                   SELECT pg_reload_conf();\n\
                   -- undo: ALTER SYSTEM RESET log_min_duration_statement;\n\
                   --       ALTER SYSTEM RESET log_statement; SELECT pg_reload_conf();";
        list.push(advice("Logging: durations", text, Some(sql)));
    } else if let Some(volume) = per_day(bytes as f64) {
        let text = format!(
            "At the rate of this period the log makes {} a day ({} of {} each).{}",
            size(volume),
            plural(records, "record"),
            size(record_bytes),
            sampling(Some(volume)),
        );
        list.push(advice("Logging: volume", text, None));
    }
    list.extend(silent_lines(report, record_bytes, days, managed));
    list
}

fn sampling(per_day: Option<f64>) -> &'static str {
    match per_day {
        Some(bytes) if bytes > MAX_LOG_BYTES_PER_DAY => {
            " That is above 1 GB a day: sample with `log_min_duration_sample` and \
             `log_statement_sample_rate` (PostgreSQL 13 and later)."
        }
        _ => "",
    }
}

/// Settings whose lines this log does not hold.
fn silent_lines(
    report: &Report,
    record_bytes: f64,
    days: Option<f64>,
    managed: &str,
) -> Option<Advice> {
    let incidents = &report.incidents;
    let mut lines = Vec::new();
    let mut why = Vec::new();
    if incidents.lock_waits.occurred.count == 0 {
        lines.push("ALTER SYSTEM SET log_lock_waits = on;");
        why.push("lock waits above a second");
    }
    if incidents.temp_files.occurred.count == 0 {
        lines.push("ALTER SYSTEM SET log_temp_files = '10MB';");
        why.push("temporary files from 10 MB on");
    }
    if incidents.autovacuum.occurred.count == 0 {
        lines.push("ALTER SYSTEM SET log_autovacuum_min_duration = '10s';");
        why.push("automatic vacuums above 10 s");
    }
    if incidents.checkpoints.occurred.count == 0 {
        lines.push("ALTER SYSTEM SET log_checkpoints = on;");
        why.push("checkpoints");
    }
    let mut volume = "They write a few records an hour on a healthy server.".to_owned();
    if report.connections.disconnected.is_none() && report.has_target("connections") {
        lines.push("ALTER SYSTEM SET log_connections = on;");
        lines.push("ALTER SYSTEM SET log_disconnections = on;");
        why.push("connections and how long they last (for new sessions)");
        if let (Some(sessions), Some(days)) = (report.totals.sessions, days) {
            volume += &format!(
                " Connection lines add three records a session: about {} a day at the {} of this \
                 log, more if there are sessions it does not show.",
                words::bytes((3.0 * sessions as f64 * record_bytes / days) as u64),
                plural(sessions, "session"),
            );
        }
    }
    if lines.is_empty() {
        return None;
    }
    let undo = lines.iter().filter_map(|line| line.split(' ').nth(3));
    let undo: Vec<_> = undo.map(|name| format!("-- undo: ALTER SYSTEM RESET {name};")).collect();
    let sql = format!("{}\nSELECT pg_reload_conf();\n{}", lines.join("\n"), undo.join("\n"));
    let text = format!("This log has no lines about {}. {volume} {managed}", why.join(", "));
    Some(advice("Logging: what is missing", text, Some(&sql)))
}

pub fn next_steps(report: &Report) -> Vec<Advice> {
    let mut list: Vec<Advice> = report
        .findings
        .iter()
        .take(STEPS)
        .map(|found| {
            let finding = &found.finding;
            let how = match finding.fixes.first() {
                _ if finding.confidence == Confidence::Low => "a candidate: confirm it first",
                Some(fix) if fix.complete => "its fix can be used as it stands, after a test",
                Some(_) => "its fix has placeholders to fill in first",
                None => "it needs a decision, not a statement",
            };
            let saved = saved(found).map_or(String::new(), |s| format!("; {s}"));
            advice(
                &format!("F{}: {}", found.number, finding.title.trim_end_matches('.')),
                format!(
                    "{} of the load, {} confidence{saved}; {how}.",
                    words::percent(finding.impact.share),
                    finding.confidence.word()
                ),
                None,
            )
        })
        .collect();
    if let Some(hour) = quiet_hour(report) {
        list.push(advice("Choose the hour", hour, None));
    }
    if report.plans.is_empty() && report.totals.total_ms > 0.0 {
        list.push(advice(
            "Collect plans",
            "No plan was logged. Run `EXPLAIN (ANALYZE, BUFFERS)` for the first classes above on a \
             copy of the data: it executes the statement, so wrap changes in `BEGIN` and \
             `ROLLBACK`.",
            None,
        ));
    }
    list.push(advice(
        "Measure again",
        "Collect the same hours again after each change and compare calls, total and p95 by query \
         id: the ids stay the same.",
        None,
    ));
    list
}

/// The least busy hour, where the log shows every hour of a day.
fn quiet_hour(report: &Report) -> Option<String> {
    report.period.seconds.filter(|s| *s >= 86_400.0)?;
    let hours = report.load.hours.iter();
    let quiet =
        hours.min_by(|a, b| a.total_ms.total_cmp(&b.total_ms).then(a.calls.cmp(&b.calls)))?;
    Some(format!(
        "The least busy hour of this log begins at {} {}: {} of the load.",
        quiet.label,
        report.zone,
        words::percent(quiet.share_of_time)
    ))
}

pub fn maintenance(report: &Report) -> Vec<Advice> {
    let mut list = vec![
        advice(
            "Weekly",
            "Analyze the log of the same days again; look at new classes and at those whose share \
             grew. Then the tables with the most dead rows: a `last_autovacuum` that stands still \
             while `n_dead_tup` grows needs a look at long transactions first.",
            Some(sql::DEAD_ROWS),
        ),
        advice("Weekly: distance to wraparound", "Alert above 1 billion.", Some(sql::WRAPAROUND)),
    ];
    if report.has_target("indexes") {
        list.push(advice(
            "Monthly: how indexes are used",
            "Few scans are a question, not a verdict: the counters must cover a month end and every \
             replica, and an index that holds a constraint or a replica identity stays.",
            Some(sql::INDEX_USE),
        ));
        list.push(advice(
            "Monthly: indexes that failed to build",
            "Drop and build them again.",
            Some(sql::INVALID_INDEXES),
        ));
    }
    list.push(advice(
        "Quarterly",
        "Read the settings that differ from the defaults against the load of this report, and \
         install the minor release of the server.",
        Some(sql::SETTINGS),
    ));
    list
}

pub fn trade_offs(report: &Report) -> Vec<String> {
    let mut list = vec![
        "Savings of several findings on one class overlap: none saves more than the class's total \
         time, and they must not be added up."
            .to_owned(),
        "Everything here follows from what was logged. A change is proven by the same measurement \
         afterwards, not by this report."
            .to_owned(),
    ];
    if !report.environment_stated {
        list.push(format!(
            "No environment was stated, so {} was assumed: say `--environment prod` for statements \
             that avoid locks on a live system.",
            report.environment
        ));
    }
    if report.logging.threshold_ms.is_some() {
        list.push(
            "The log was probably cut by a threshold: a fast statement that runs very often may \
             cost more than any class shown."
                .to_owned(),
        );
    }
    list
}
