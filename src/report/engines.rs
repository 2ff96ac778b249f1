//! What the engines call the things that a report tells people to set, to collect and to look at,
//! so that nobody reads another engine's words.

use super::types::Report;
use crate::lang::Language;
use crate::model::event::Engine;

/// Formats of the documents of MongoDB's profiler begin so.
const PROFILES: [&str; 2] = ["mongodb-profile", "mongodb-archive"];

/// The engines of a report, each once, in a fixed order.
pub fn kinds(report: &Report) -> Vec<Engine> {
    let mut kinds: Vec<Engine> = report.servers.iter().map(|server| server.engine).collect();
    kinds.sort();
    kinds.dedup();
    kinds
}

/// Whether any server is of an engine.
pub fn has(report: &Report, engine: Engine) -> bool {
    report.servers.iter().any(|server| server.engine == engine)
}

/// The engine of a server.
pub fn of(report: &Report, label: &str) -> Engine {
    let server = report.servers.iter().find(|server| server.label == label);
    server.map_or(Engine::Postgres, |server| server.engine)
}

/// The servers of an engine as a heading names them: ``MariaDB (`db1`, `db2`)``, finished Markdown.
pub fn heading(report: &Report, engine: Engine) -> String {
    let servers = report.servers.iter().filter(|server| server.engine == engine);
    let labels: Vec<_> = servers
        .map(|server| super::escape::code(&super::escape::clipped(&server.label, 60)))
        .collect();
    match labels.is_empty() {
        true => engine.title().to_owned(),
        false => format!("{} ({})", engine.title(), labels.join(", ")),
    }
}

/// What each engine of the report calls something: of one engine alone, of several each with its
/// name: `for PostgreSQL …; for MySQL and MariaDB …`.
pub fn each(report: &Report, of: fn(Engine) -> &'static str) -> String {
    joined(report, of, "for ", " ", "; ")
}

/// The same for whole sentences: `PostgreSQL: … MySQL and MariaDB: …`.
pub fn sentences(report: &Report, of: fn(Engine) -> &'static str) -> String {
    joined(report, of, "", ": ", " ")
}

fn joined(
    report: &Report,
    of: fn(Engine) -> &'static str,
    before: &str,
    after: &str,
    between: &str,
) -> String {
    let kinds = kinds(report);
    let mut texts: Vec<(Vec<&str>, &str)> = Vec::new();
    for engine in kinds {
        let text = of(engine);
        match texts.iter_mut().find(|(_, known)| *known == text) {
            Some((engines, _)) => engines.push(engine.title()),
            None => texts.push((vec![engine.title()], text)),
        }
    }
    match texts.as_slice() {
        [] => of(Engine::Postgres).to_owned(),
        [(_, only)] => (*only).to_owned(),
        several => {
            let list = several
                .iter()
                .map(|(engines, text)| format!("{before}{}{after}{text}", engines.join(" and ")));
            list.collect::<Vec<_>>().join(between)
        }
    }
}

/// What the fence around its statements says they are.
pub fn language(engine: Engine) -> &'static str {
    match engine.language() {
        Language::Sql(_) => "sql",
        Language::Mongo => "js",
    }
}

/// Whether documents of MongoDB's profiler were read.
pub fn is_profiled(report: &Report) -> bool {
    let is_profile = |format: &str| PROFILES.iter().any(|start| format.starts_with(start));
    report.inputs.iter().filter_map(|input| input.format).any(is_profile)
}

/// What the load is made of.
pub fn statements(report: &Report) -> &'static str {
    if kinds(report) == [Engine::Mongodb] { "operations" } else { "statements" }
}

/// What statements read and what they return, in the words of all engines of a report.
pub fn examined_and_sent(report: &Report) -> [&'static str; 2] {
    match kinds(report).as_slice() {
        [Engine::Mongodb] => ["documents examined", "documents returned"],
        engines if engines.contains(&Engine::Mongodb) => {
            ["rows or documents examined", "rows or documents sent"]
        }
        _ => ["rows examined", "rows sent"],
    }
}

/// How a deadlock is broken.
pub fn deadlock_end(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres | Engine::Sqlite => "by cancelling one of the statements",
        Engine::Mysql | Engine::Mariadb => "by rolling back one of the transactions",
        Engine::Mongodb => "by aborting one of the transactions",
    }
}

/// What happened to the statement that lost.
pub fn deadlock_loss(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres | Engine::Sqlite => "cancelled",
        Engine::Mysql | Engine::Mariadb => "rolled back at",
        Engine::Mongodb => "aborted",
    }
}

/// How statements get into the log.
pub fn log_statements(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => {
            "set `log_min_duration_statement` to a threshold in milliseconds, or to 0 for a short \
             while"
        }
        Engine::Mysql | Engine::Mariadb => {
            "set `slow_query_log = ON` and `long_query_time` to a threshold in seconds, or to 0 for \
             a short while"
        }
        Engine::Sqlite => "let the application log its statements with their run time",
        Engine::Mongodb => {
            "lower `slowms` with `db.setProfilingLevel(0, { slowms: 20 })`, or to 0 for a short while"
        }
    }
}

/// What makes durations stand in the log.
pub fn log_durations(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "set `log_min_duration_statement`",
        Engine::Mysql | Engine::Mariadb => "set `slow_query_log = ON` and `long_query_time`",
        Engine::Sqlite => "let the application log the run time of its statements",
        Engine::Mongodb => "lower `slowms` with `db.setProfilingLevel(0, { slowms: 20 })`",
    }
}

/// The setting that keeps fast statements out of the log.
pub fn threshold(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "`log_min_duration_statement`",
        Engine::Mysql | Engine::Mariadb => "`long_query_time`",
        Engine::Sqlite => "a threshold of the application",
        Engine::Mongodb => "`slowms`",
    }
}

/// What shows which indexes there are and which are used, to be exported.
pub fn index_exports(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => {
            "`pg_indexes` and `pg_stat_user_indexes` of every server, replicas included, and a \
             `pg_dump --schema-only`"
        }
        Engine::Mysql => {
            "`information_schema.statistics` and \
             `performance_schema.table_io_waits_summary_by_index_usage` of every server, replicas \
             included, and a `mysqldump --no-data`"
        }
        Engine::Mariadb => {
            "`information_schema.statistics` and \
             `performance_schema.table_io_waits_summary_by_index_usage` of every server, replicas \
             included, and a `mariadb-dump --no-data`"
        }
        Engine::Sqlite => "the output of `sqlite3 FILE .schema`",
        Engine::Mongodb => {
            "`db.COLLECTION.getIndexes()` and the `$indexStats` stage of every collection, from every \
             member of the replica set"
        }
    }
}

/// The same in short.
pub fn catalog(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "`pg_indexes`, `pg_stat_user_indexes` and a `pg_dump --schema-only`",
        Engine::Mysql => "`information_schema.statistics` and a `mysqldump --no-data`",
        Engine::Mariadb => "`information_schema.statistics` and a `mariadb-dump --no-data`",
        Engine::Sqlite => "the output of `sqlite3 FILE .schema`",
        Engine::Mongodb => "`db.COLLECTION.getIndexes()` and the `$indexStats` stage",
    }
}

/// What prints the schema.
pub fn schema_dump(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "a `pg_dump --schema-only`",
        Engine::Mysql => "a `mysqldump --no-data`",
        Engine::Mariadb => "a `mariadb-dump --no-data`",
        Engine::Sqlite => "the output of `sqlite3 FILE .schema`",
        Engine::Mongodb => "`db.COLLECTION.getIndexes()` of every collection",
    }
}

/// What counts how indexes are used.
pub fn index_use(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "`pg_stat_user_indexes`",
        Engine::Mysql | Engine::Mariadb => {
            "`performance_schema.table_io_waits_summary_by_index_usage`"
        }
        Engine::Sqlite => "the query plans (`EXPLAIN QUERY PLAN`)",
        Engine::Mongodb => "the `$indexStats` stage",
    }
}

/// What puts plans into the log.
pub fn log_plans(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "Logged plans (`auto_explain`) show more than their texts.",
        Engine::Mariadb => {
            "Logged plans (`log_slow_verbosity` with `explain`) show more than their texts."
        }
        Engine::Mysql => "Plans (`EXPLAIN FORMAT=JSON`) show more than their texts.",
        Engine::Sqlite => "Plans (`EXPLAIN QUERY PLAN`) show more than their texts.",
        Engine::Mongodb => "Plans (`explain`) show more than their plan summaries.",
    }
}

/// What knows how long connections are held.
pub fn pool_statistics(engine: Engine) -> &'static str {
    match engine {
        Engine::Mongodb => {
            "what the drivers' pools count (connections checked out, and how long for)"
        }
        _ => "the pooler's statistics",
    }
}

/// What shows sessions where no pooler does.
pub fn log_sessions(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "`log_connections` and `log_disconnections`",
        Engine::Mysql | Engine::Mariadb => "`SHOW GLOBAL STATUS LIKE 'Threads_%'` once a minute",
        Engine::Sqlite => "the application's own counts",
        Engine::Mongodb => {
            "the log of the server itself, whose lines 22943 and 22944 tell of connections"
        }
    }
}

/// What puts lock waits into the log.
pub fn log_locks(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => "`log_lock_waits = on` logs every wait longer than `deadlock_timeout`.",
        Engine::Mysql | Engine::Mariadb => {
            "The slow query log has the time that each run waited (under Query Details), not whom \
             for; `innodb_print_all_deadlocks = ON` writes every deadlock to the error log."
        }
        Engine::Sqlite => "Only the application sees them, as SQLITE_BUSY.",
        Engine::Mongodb => {
            "Slow operations carry the time that they waited (under Query Details), not whom for."
        }
    }
}

/// What puts temporary files into the log.
pub fn log_temp_files(engine: Engine) -> &'static str {
    match engine {
        Engine::Postgres => {
            "`log_temp_files = 0` logs every file that a sort, hash or materialisation wrote \
             beyond `work_mem`."
        }
        Engine::Mysql => {
            "`log_slow_extra = ON` (MySQL 8.0.14 and later) logs each run's temporary tables on \
             disk, which stand under Query Details."
        }
        Engine::Mariadb => {
            "`log_slow_verbosity` with `query_plan` logs each run's temporary tables on disk, which \
             stand under Query Details."
        }
        Engine::Sqlite => "SQLite does not tell of them.",
        Engine::Mongodb => {
            "Slow operations say whether they spilled to disk (`usedDisk`), which stands under Query \
             Details."
        }
    }
}
