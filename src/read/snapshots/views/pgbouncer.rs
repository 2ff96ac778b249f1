//! What PgBouncer's console shows: `SHOW POOLS`, `SHOW DATABASES`, `SHOW STATS`, `SHOW CONFIG`.

use crate::model::catalog::{Catalog, Pool, PoolName, Setting, Told, add_state};
use crate::read::snapshots::secret::is_secret;
use crate::read::snapshots::views::{Rows, View};

/// Connections of the server in every state, as far as the pooler's generation tells them apart.
const OF_SERVER: [&str; 8] = [
    "sv_active",
    "sv_active_cancel",
    "sv_being_canceled",
    "sv_idle",
    "sv_used",
    "sv_tested",
    "sv_login",
    "sv_wait_cancels",
];
/// Pools of each database and user.
pub fn pools(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(database), Some(user)) = (row.text("database"), row.text("user")) else {
            continue;
        };
        let states = OF_SERVER.iter().filter_map(|column| row.count(column));
        let pool = Pool {
            active: row.count("cl_active"),
            waiting: row.count("cl_waiting"),
            idle: row.count("sv_idle"),
            connections: states.reduce(u64::saturating_add),
            max_wait_us: max_wait_us(&row),
            size: None,
            mode: row.text("pool_mode").map(Into::into),
        };
        let name = PoolName { database: database.into(), user: Some(user.into()) };
        add_state(&mut catalog.pools, name, Told::new(pool, row.origin()));
    }
}

/// `maxwait` is whole seconds; since 1.8 `maxwait_us` is the part below one.
fn max_wait_us(row: &View<'_>) -> Option<u64> {
    let seconds = row.count("maxwait")?;
    let below = row.count("maxwait_us").unwrap_or(0);
    Some(seconds.saturating_mul(1_000_000).saturating_add(below))
}

/// What holds for all pools of a database.
pub fn databases(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let Some(name) = row.text("name") else { continue };
        let pool = Pool {
            size: row.count("pool_size"),
            connections: row.count("current_connections"),
            mode: row.text("pool_mode").map(Into::into),
            ..Pool::default()
        };
        let name = PoolName { database: name.into(), user: None };
        add_state(&mut catalog.pools, name, Told::new(pool, row.origin()));
    }
}

/// Totals since the pooler started, by database; times are in microseconds.
pub fn stats(rows: &Rows<'_>, catalog: &mut Catalog) {
    const TOTALS: [(&str, &str); 11] = [
        ("total_xact_count", "transactions"),
        ("total_query_count", "queries"),
        ("total_requests", "queries"),
        ("total_received", "received_bytes"),
        ("total_sent", "sent_bytes"),
        ("total_xact_time", "transaction_us"),
        ("total_query_time", "query_us"),
        ("total_wait_time", "wait_us"),
        ("total_server_assignment_count", "server_assignments"),
        ("total_client_parse_count", "client_parses"),
        ("total_server_parse_count", "server_parses"),
    ];
    for row in rows.iter() {
        let Some(database) = row.text("database") else { continue };
        for (column, counter) in TOTALS {
            let Some(number) = row.number(column) else { continue };
            let name = format!("{database}.{counter}");
            add_state(&mut catalog.counters, name.into(), Told::new(number, row.origin()));
        }
    }
}

/// Settings of the pooler.
pub fn config(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(name), Some(value)) = (row.text("key"), row.text("value")) else { continue };
        if is_secret(name, value) {
            continue;
        }
        let is_default = row.text("default").map(|default| default == value);
        let source = is_default.filter(|is_default| *is_default).map(|_| "default".into());
        let setting = Setting { value: value.into(), unit: None, source };
        catalog.settings.insert(name.to_ascii_lowercase().into(), Told::new(setting, row.origin()));
    }
}
