//! `pg_settings`, `pg_stat_database`, and what a snapshot says of the server.

use crate::model::catalog::{Catalog, ServerState, Setting, Told, add_state};
use crate::read::snapshots::secret::is_secret;
use crate::read::snapshots::views::counted::count;
use crate::read::snapshots::views::{Rows, View};

/// Settings. Values that may hold secrets are left out.
pub fn settings(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let (Some(name), Some(value)) = (row.text("name"), row.text("setting")) else { continue };
        if is_secret(name, value) {
            continue;
        }
        let setting = Setting {
            value: value.into(),
            unit: row.text("unit").map(Into::into),
            source: row.text("source").map(Into::into),
        };
        catalog.settings.insert(name.to_ascii_lowercase().into(), Told::new(setting, row.origin()));
    }
}

/// Counters of databases.
pub fn databases(rows: &Rows<'_>, catalog: &mut Catalog) {
    const COUNTERS: [&str; 16] = [
        "numbackends",
        "xact_commit",
        "xact_rollback",
        "blks_read",
        "blks_hit",
        "tup_returned",
        "tup_fetched",
        "conflicts",
        "temp_files",
        "temp_bytes",
        "deadlocks",
        "session_time",
        "active_time",
        "idle_in_transaction_time",
        "sessions",
        "sessions_abandoned",
    ];
    for row in rows.iter() {
        let Some(database) = row.text("datname") else { continue };
        for counter in COUNTERS {
            let Some(number) = row.number(counter) else { continue };
            let told = Told::new(number, row.origin());
            let name = format!("{database}.{counter}");
            add_state(&mut catalog.counters, name.into(), told);
        }
        since(&format!("{database}.since_s"), &row, catalog);
    }
}

/// Checkpoints and what they wrote: of one view until 16, of its successor from 17 on.
pub fn checkpoints(rows: &Rows<'_>, catalog: &mut Catalog) {
    const COUNTERS: [(&str, &str); 8] = [
        ("checkpoints_timed", "checkpoints_timed"),
        ("num_timed", "checkpoints_timed"),
        ("checkpoints_req", "checkpoints_requested"),
        ("num_requested", "checkpoints_requested"),
        ("buffers_checkpoint", "buffers_checkpoint"),
        ("buffers_written", "buffers_checkpoint"),
        ("buffers_backend", "buffers_backend"),
        ("maxwritten_clean", "maxwritten_clean"),
    ];
    add(rows, catalog, &COUNTERS);
    for row in rows.iter() {
        since("checkpoints_since_s", &row, catalog);
    }
}

/// From when the counters of a row count, in seconds since 1970.
fn since(name: &str, row: &View<'_>, catalog: &mut Catalog) {
    if let Some(reset) = row.time("stats_reset") {
        let told = Told::new(reset.0.div_euclid(1_000_000) as f64, row.origin());
        add_state(&mut catalog.counters, name.into(), told);
    }
}

/// Statements that found no room in `pg_stat_statements`.
pub fn evictions(rows: &Rows<'_>, catalog: &mut Catalog) {
    add(rows, catalog, &[("dealloc", "statements_evicted")]);
}

/// How much log was written.
pub fn wal(rows: &Rows<'_>, catalog: &mut Catalog) {
    const COUNTERS: [(&str, &str); 4] = [
        ("wal_records", "wal_records"),
        ("wal_fpi", "wal_full_page_images"),
        ("wal_bytes", "wal_bytes"),
        ("wal_buffers_full", "wal_buffers_full"),
    ];
    add(rows, catalog, &COUNTERS);
}

/// Files of log that were archived, and how often that failed.
pub fn archiver(rows: &Rows<'_>, catalog: &mut Catalog) {
    add(
        rows,
        catalog,
        &[("archived_count", "wal_archived"), ("failed_count", "wal_archive_failed")],
    );
}

/// Slots of replication: how many there are and how many nobody uses, and the log that each keeps.
pub fn slots(rows: &Rows<'_>, catalog: &mut Catalog) {
    count(rows, catalog, "replication_slots", |_| true);
    count(rows, catalog, "replication_slots_inactive", |row| row.flag("active") == Some(false));
    for row in rows.iter() {
        let Some((name, bytes)) = row.text("slot_name").zip(row.number("retained_bytes")) else {
            continue;
        };
        let told = Told::new(bytes, row.origin());
        add_state(&mut catalog.counters, format!("{name}.retained_bytes").into(), told);
    }
}

/// Replicas that are connected.
pub fn replicas(rows: &Rows<'_>, catalog: &mut Catalog) {
    count(rows, catalog, "replicas", |_| true);
}

/// Locks that sessions hold, and those that they wait for.
pub fn locks(rows: &Rows<'_>, catalog: &mut Catalog) {
    count(rows, catalog, "locks_held", |row| row.flag("granted") == Some(true));
    count(rows, catalog, "locks_awaited", |row| row.flag("granted") == Some(false));
}

fn add(rows: &Rows<'_>, catalog: &mut Catalog, counters: &[(&str, &str)]) {
    for row in rows.iter() {
        for (column, name) in counters {
            if let Some(number) = row.number(column) {
                let told = Told::new(number, row.origin());
                add_state(&mut catalog.counters, (*name).into(), told);
            }
        }
    }
}

/// What a snapshot says of the server.
pub fn state(rows: &Rows<'_>, catalog: &mut Catalog) {
    for row in rows.iter() {
        let version = row.text("server_version").and_then(|text| text.split(' ').next());
        let state = ServerState {
            version: version.map(Into::into),
            identity: row.text("system_identifier").map(Into::into),
            is_replica: row.flag("in_recovery"),
            started: row.time("started").or_else(|| row.time("pg_postmaster_start_time")),
            stats_since: row.time("stats_reset"),
        };
        catalog.server = Some(Told::new(state, row.origin()));
    }
}
