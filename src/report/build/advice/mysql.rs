//! What to watch, to log and to look after on MySQL and MariaDB.

use super::{Advice, Ground, MAX_LOG_BYTES_PER_DAY, advice};
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::build::sql::mysql as sql;
use crate::report::phrases::{either, ms, plural};

/// Where plans come from on MySQL.
pub const PLANS: &str = "No plan was logged. `EXPLAIN FORMAT=JSON` for the first classes above does \
                         not execute them; `EXPLAIN ANALYZE` (MySQL 8.0.18 and later) does, so run \
                         it on a copy of the data.";

/// Where plans come from on MariaDB.
pub const PLANS_MARIADB: &str = "No plan was logged. `EXPLAIN FORMAT=JSON` for the first classes \
                                 above does not execute them; `ANALYZE FORMAT=JSON` does, changes \
                                 included, so run it on a copy of the data. `log_slow_verbosity` \
                                 with `explain` writes the plan of each slow run into the log.";

/// What changes of tables cost there.
pub const TRADE_OFFS: [&str; 2] = [
    "On MySQL and MariaDB an `ALTER TABLE` with `ALGORITHM=INPLACE, LOCK=NONE` still waits for the \
     table's metadata lock behind the longest open transaction, every later statement on the table \
     waits behind it, and replicas lag by as long as it ran.",
    "`pt-online-schema-change` copies a large table in small steps instead. It needs a primary or \
     unique key, takes the room of a second copy, adds triggers to every write while it runs, needs \
     `--alter-foreign-keys-method` where other tables refer to this one, and should run with \
     `--max-lag` on a replicated server; the swap of names at the end takes the metadata lock, too.",
];

/// How settings reach everybody.
const SET_GLOBAL: &str = "`SET GLOBAL` does not reach sessions that are open: pools keep the old \
                          value until they reconnect. A value set so is gone after a restart \
                          unless it also stands in the configuration file. On Amazon RDS and Aurora set it in the \
                          parameter group, on other managed services in their server parameters or \
                          flags.";

fn is_mariadb(ground: &Ground<'_>) -> bool {
    ground.engine == Engine::Mariadb
}

pub fn watch(ground: &Ground<'_>) -> Vec<Advice> {
    let mariadb = is_mariadb(ground);
    let digests = match mariadb {
        true => {
            "Needs `performance_schema = ON`, which is off by default and takes a restart. Its \
             counters run since the start of the server or the last `TRUNCATE` of the table; export \
             them before that. The row without a digest holds what the table had no room for."
        }
        false => {
            "The performance schema's digest table counts every statement, also those below \
             `long_query_time`, since the start of the server or the last `TRUNCATE` of the table; \
             export it before that. The row without a digest holds what the table had no room for."
        }
    };
    let mut list = vec![
        advice("Heaviest statements", digests, Some(sql::TOP_STATEMENTS)),
        advice(
            "Long transactions",
            "Each keeps InnoDB from purging old row versions, holds its row locks, and makes `ALTER \
             TABLE` wait for its metadata locks. One without a statement is idle in its transaction.",
            Some(sql::LONG_TRANSACTIONS),
        ),
        advice(
            "Who waits for whom",
            "Rows only while someone waits.",
            Some(if mariadb { sql::BLOCKED_MARIADB } else { sql::BLOCKED }),
        ),
    ];
    if ground.report.has_target("connections") {
        list.push(advice(
            "Connections by user",
            "Alert when all together pass 85 % of `max_connections`.",
            Some(if mariadb { sql::CONNECTIONS_MARIADB } else { sql::CONNECTIONS }),
        ));
    }
    list.push(advice(
        "Scans, temporary tables and row locks",
        "Counters since the start of the server, `Uptime` seconds ago; take them twice and watch \
         how fast they grow.",
        Some(sql::COUNTERS),
    ));
    list
}

/// What the log should hold next time, and how large that makes it.
pub fn logging(ground: &Ground<'_>) -> Vec<Advice> {
    let mut list = Vec::new();
    if ground.records == 0 {
        return list;
    }
    let filtered = ground.report.options.contains_key("min-duration");
    let size = |bytes: f64| words::bytes(bytes as u64);
    if ground.threshold_ms.is_some() && !filtered {
        let text = format!(
            "To see the calls below the threshold, lower `long_query_time` for one representative \
             hour. How much that writes is not in these files: run this twice, a minute apart, and \
             multiply the statements of that minute by about {} a record. Above 1 GB a day, {}. \
             {SET_GLOBAL}",
            size(ground.record_bytes()),
            sampling(ground),
        );
        let statements = format!(
            "{}\nSELECT @@GLOBAL.long_query_time; -- the value to go back to\n\
             SET GLOBAL long_query_time = 0;",
            sql::CALL_COUNT
        );
        list.push(advice("Logging: the calls below the threshold", text, Some(&statements)));
    } else if ground.untimed > 0 {
        let text = format!(
            "{} without a duration. The slow query log writes statement and duration in one \
             record: {SET_GLOBAL}",
            either(ground.untimed, "statement was logged", "statements were logged"),
        );
        let statements = "SELECT @@GLOBAL.long_query_time; -- the value to go back to\n\
                          SET GLOBAL long_query_time = 0;\n\
                          SET GLOBAL slow_query_log = ON;\n\
                          -- undo: SET GLOBAL slow_query_log = OFF;";
        list.push(advice("Logging: durations", text, Some(statements)));
    } else if let Some(days) = ground.days() {
        let volume = ground.bytes as f64 / days;
        let more = match volume > MAX_LOG_BYTES_PER_DAY {
            true => format!(" That is above 1 GB a day: {}.", sampling(ground)),
            false => String::new(),
        };
        let text = format!(
            "At the rate of this period the log makes {} a day ({} of {} each).{more}",
            size(volume),
            plural(ground.records, "record"),
            size(ground.record_bytes()),
        );
        list.push(advice("Logging: volume", text, None));
    }
    list.extend(cut_by_rows(ground));
    list.extend(details(ground));
    list
}

/// What takes the place of a full log.
fn sampling(ground: &Ground<'_>) -> &'static str {
    match ground.engine {
        Engine::Mariadb => "sample with `log_slow_rate_limit`",
        _ => {
            "keep the threshold and read the performance schema's digest table for the rest \
             (Percona Server samples with `log_slow_rate_limit`)"
        }
    }
}

/// Statements that examine few rows may be missing.
fn cut_by_rows(ground: &Ground<'_>) -> Option<Advice> {
    let servers = ground.report.logging.servers.iter().filter(|s| s.engine == ground.engine);
    let least = servers.filter_map(|s| s.min_rows_examined).max()?;
    let text = format!(
        "Every logged statement examined at least {}, so `min_examined_row_limit` may keep others \
         out, however long they take (waits for locks examine none). {SET_GLOBAL}",
        plural(least, "row"),
    );
    let statements = "SELECT @@GLOBAL.min_examined_row_limit; -- the value to go back to\n\
                      SET GLOBAL min_examined_row_limit = 0;";
    Some(advice("Logging: statements that examine few rows", text, Some(statements)))
}

/// Attributes that the log could have, and deadlocks.
fn details(ground: &Ground<'_>) -> Option<Advice> {
    let mine = || ground.report.shown().filter(|query| query.engine == ground.engine);
    let has = |name: &str| mine().any(|query| query.attributes.contains_key(name));
    let (mut lines, mut undo, mut why) = (Vec::new(), Vec::new(), Vec::new());
    match ground.engine {
        Engine::Mariadb if has("lock_time") && !has("full_scan") => {
            lines.push("SET GLOBAL log_slow_verbosity = 'query_plan,explain';");
            undo.push("SET GLOBAL log_slow_verbosity = '';");
            why.push("how each statement was executed (`log_slow_verbosity`)");
        }
        Engine::Mysql if has("lock_time") && !has("bytes_sent") => {
            lines.push("SET GLOBAL log_slow_extra = ON;");
            undo.push("SET GLOBAL log_slow_extra = OFF;");
            why.push(
                "bytes, reads, sorts, temporary tables and error numbers (`log_slow_extra`, MySQL \
                 8.0.14 and later)",
            );
        }
        _ => {}
    }
    if ground.report.incidents.deadlocks.occurred.count == 0 {
        lines.push("SET GLOBAL innodb_print_all_deadlocks = ON;");
        undo.push("SET GLOBAL innodb_print_all_deadlocks = OFF;");
        why.push("deadlocks, which then stand in the error log (`innodb_print_all_deadlocks`)");
    }
    if lines.is_empty() {
        return None;
    }
    let undo: Vec<_> = undo.into_iter().map(|line| format!("-- undo: {line}")).collect();
    let statements = format!("{}\n{}", lines.join("\n"), undo.join("\n"));
    let text = format!("These logs have nothing about {}. {SET_GLOBAL}", why.join("; about "));
    Some(advice("Logging: what is missing", text, Some(&statements)))
}

pub fn maintenance(ground: &Ground<'_>) -> Vec<Advice> {
    let mariadb = is_mariadb(ground);
    let mut list = vec![advice(
        "Weekly",
        format!(
            "Analyze the log of the same days again{}; look at new classes and at those whose share \
             grew. Then the largest tables: where much was loaded or deleted, `ANALYZE TABLE` \
             refreshes the statistics of the optimizer, at an hour without long queries on the \
             table.",
            ground.threshold_ms.map_or(String::new(), |threshold| format!(
                ", with the same `long_query_time` (now about {})",
                ms(threshold)
            ))
        ),
        Some(sql::LARGE_TABLES),
    )];
    if ground.report.has_target("indexes") {
        let needs = match mariadb {
            true => " It needs `performance_schema = ON` and the sys schema of MariaDB 10.6.",
            false => "",
        };
        let test = match mariadb {
            true => "`ALTER TABLE … ALTER INDEX … IGNORED` (MariaDB 10.6 and later)",
            false => "`ALTER TABLE … ALTER INDEX … INVISIBLE` (MySQL 8.0 and later)",
        };
        list.push(advice(
            "Monthly: how indexes are used",
            format!(
                "No use is a question, not a verdict: the counters run since the start of the server \
                 and must cover a month end and every replica; an index that holds a foreign key or \
                 is named in a hint stays. {test} tests a drop and is undone at once.{needs}"
            ),
            Some(sql::INDEX_USE),
        ));
    }
    let (which, settings) = match mariadb {
        true => ("the settings that differ from the defaults", sql::SETTINGS_MARIADB),
        false => ("these settings", sql::SETTINGS),
    };
    let text = format!(
        "Read {which} against the load of this report, and install the minor release of the server."
    );
    list.push(advice("Quarterly", text, Some(settings)));
    list
}
