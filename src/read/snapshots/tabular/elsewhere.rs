//! Tables that other readers read: plans, and logs that are kept in tables. Known by their columns.

/// Names that only columns of plans have.
const PLAN: [&str; 15] = [
    "QUERY PLAN",
    "EXPLAIN",
    "ANALYZE",
    "possible_keys",
    "select_type",
    "query_plan",
    "Plan",
    "query_block",
    "queryPlanner",
    "explainVersion",
    "stages",
    "query_optimization",
    "selectid",
    "inputs",
    "pg_read_file",
];

/// Names that a log has one of for when, in small letters.
const WHEN: [&str; 16] = [
    "timestamp",
    "time",
    "ts",
    "t",
    "@timestamp",
    "date",
    "@t",
    "eventtime",
    "event_time",
    "log_time",
    "start_time",
    "timegenerated",
    "timegenerated [utc]",
    "__realtime_timestamp",
    "starttime_timestamp_us",
    "last_timestamp",
];

/// And one of for what, in small letters.
const WHAT: [&str; 16] = [
    "message",
    "msg",
    "log",
    "statement",
    "sql",
    "sql_text",
    "argument",
    "attr",
    "millis",
    "textpayload",
    "jsonpayload",
    "properties",
    "line",
    "query",
    "detail",
    "error_severity",
];

/// Whether such a table is none of a snapshot.
pub fn is_read_elsewhere<'n>(names: impl Iterator<Item = &'n str> + Clone) -> bool {
    if names.clone().any(|name| PLAN.contains(&name)) {
        return true;
    }
    // Plans of SQLite.
    let is_eqp =
        names.clone().last() == Some("detail") && names.clone().any(|name| name == "notused");
    let has = |known: &[&str]| {
        names.clone().any(|name| known.iter().any(|known| known.eq_ignore_ascii_case(name)))
    };
    is_eqp || (has(&WHEN) && has(&WHAT))
}
