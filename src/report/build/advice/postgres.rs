//! What to watch, to log and to look after on PostgreSQL.

use super::{Advice, Ground, MAX_LOG_BYTES_PER_DAY, advice};
use crate::judge::words;
use crate::report::build::sql::postgres as sql;
use crate::report::phrases::{either, plural};
use crate::report::types::Report;

pub fn watch(ground: &Ground<'_>) -> Vec<Advice> {
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
    if ground.report.has_target("connections") {
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
    list
}

/// What the log should hold next time, and how large that makes it.
pub fn logging(ground: &Ground<'_>) -> Vec<Advice> {
    let mut list = Vec::new();
    let report = ground.report;
    let (records, bytes, record_bytes) = (ground.records, ground.bytes, ground.record_bytes());
    let days = ground.days();
    let per_day = |bytes: f64| days.map(|d| bytes / d);
    let managed = "On a managed service set these in its parameter group instead.";
    let size = |bytes: f64| words::bytes(bytes as u64);
    if records == 0 {
        return list;
    }
    let filtered = report.options.contains_key("min-duration");
    if ground.threshold_ms.is_some() && !filtered {
        let text = format!(
            "To see the calls below the threshold, lower `log_min_duration_statement` for one \
             representative hour. How much that writes is not in these files: run this twice, a \
             minute apart, and multiply the calls of that minute by about {} a record. Above 1 GB \
             a day, sample instead: `log_min_duration_sample` with `log_statement_sample_rate` \
             (PostgreSQL 13 and later).",
            size(record_bytes)
        );
        list.push(advice("Logging: the calls below the threshold", text, Some(sql::CALL_COUNT)));
    } else if ground.untimed > 0 {
        let volume = ground.untimed as f64 * record_bytes;
        let text = format!(
            "{} without a duration. `log_min_duration_statement` writes statement and duration in \
             one record, in place of `log_statement`: about {}, as much as now.{} {managed}",
            either(ground.untimed, "statement was logged", "statements were logged"),
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

pub fn maintenance(ground: &Ground<'_>) -> Vec<Advice> {
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
    if ground.report.has_target("indexes") {
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

/// Where plans come from.
pub const PLANS: &str = "No plan was logged. Run `EXPLAIN (ANALYZE, BUFFERS)` for the first classes \
                         above on a copy of the data: it executes the statement, so wrap changes in \
                         `BEGIN` and `ROLLBACK`.";
