//! InnoDB: the buffer pool, the redo log and its buffer.

use super::{Case, counted};
use crate::judge::advice::{mysql_lookup, mysql_setting, setting};
use crate::judge::evidence::observed::Observed;
use crate::judge::evidence::settings::Settings;
use crate::judge::finding::Severity;
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;

/// Reads from disk per asked page from which a pool is too small, and so many a second.
const MANY_MISSES: f64 = 0.01;
const MANY_READS_PER_S: f64 = 50.0;
/// A pool with more of its pages free has not been filled: misses are those of a cold start.
const FULL: f64 = 0.05;
/// A redo log should hold the writes of an hour.
const WANTED_H: f64 = 1.0;
/// No larger redo log is advised, in bytes: recovery after a crash reads it.
const REDO_MAX: u64 = 32 << 30;
/// Waits for room in the log buffer an hour from which it is too small.
const MANY_LOG_WAITS: f64 = 10.0;
/// The largest log buffer that is advised, in bytes.
const LOG_BUFFER_MAX: u64 = 256 << 20;

/// What InnoDB's counters contradict.
pub(super) fn cases(server: &ServerFacts) -> Vec<Case> {
    let Some(seen) = Observed::since_start(server, "uptime", "uptime_since_flush_status") else {
        return Vec::new();
    };
    let settings = Settings::of(server);
    [
        buffer_pool(server, &seen, settings),
        redo_log(server, &seen, settings),
        log_buffer(server, &seen, settings),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn buffer_pool(server: &ServerFacts, seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "innodb_buffer_pool_size";
    let now = settings.bytes(NAME, 1)?;
    let (reads, requests) =
        (seen.grown("innodb_buffer_pool_reads")?, seen.grown("innodb_buffer_pool_read_requests")?);
    let (free, all) =
        (seen.now("innodb_buffer_pool_pages_free")?, seen.now("innodb_buffer_pool_pages_total")?);
    let is_full = all > 0.0 && free / all <= FULL;
    let misses = reads / requests.max(1.0);
    if !is_full || misses < MANY_MISSES || reads / seen.seconds < MANY_READS_PER_S {
        return None;
    }
    // More than the data needs no server has to read.
    let data = data_bytes(server);
    let most = data.map_or(now.saturating_mul(4), |data| data.min(now.saturating_mul(4)));
    if most < now.saturating_add(now / 4) {
        return None;
    }
    let step = now.saturating_mul(2).min(most);
    let mut facts = vec![
        counted(
            seen,
            "innodb_buffer_pool_reads",
            format!(
                "{} of {} pages asked for were read from disk",
                words::count(reads as u64),
                words::count(requests as u64)
            ),
        ),
        (
            format!(
                "{} of {} pages of the pool are free",
                words::count(free as u64),
                words::count(all as u64)
            ),
            seen.place("innodb_buffer_pool_pages_free"),
        ),
        (format!("{NAME} is {}", words::memory(now)), settings.place(NAME)),
    ];
    if let Some(data) = data {
        facts.push((format!("tables and indexes take {}", words::bytes(data)), None));
    }
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!(
            "The buffer pool is full, and {} of all page reads miss it",
            words::percent(misses)
        ),
        message: format!(
            "{} pages a second come from disk while no page of the pool is left. Between {} and {} \
             would fit, as far as memory allows: at most about 70 % of a machine that does nothing \
             else. First see which statements read most: an index that saves reads is worth more \
             than memory.",
            words::count((reads / seen.seconds) as u64),
            words::memory(now + now / 4),
            words::memory(most)
        ),
        severity: if misses >= 0.05 { Severity::Medium } else { Severity::Low },
        facts,
        fixes: vec![
            setting::look(
                mysql_lookup::statements_by("sum_rows_examined"),
                "Which statements read most: an index for the first of them comes before memory.",
            ),
            mysql_setting::global(
                &[(NAME, step, now)],
                &format!(
                    "One step, to {}. Be sure that so much memory is free: the server does not ask \
                     before it swaps. Since MySQL 5.7 and MariaDB 10.2 the running server resizes it, in \
                     steps of innodb_buffer_pool_chunk_size, and holds queries up while it does.",
                    words::memory(step)
                ),
            ),
        ],
        verify: "Innodb_buffer_pool_reads grows by less than 1 % of Innodb_buffer_pool_read_requests \
                 over a day, once the pool has warmed up.",
        trade_offs: "Memory that sessions, temporary tables and the file cache no longer have."
            .to_owned(),
        observed_s: Some(seen.seconds),
    })
}

/// What the tables of the catalog take, as far as all of them say it.
fn data_bytes(server: &ServerFacts) -> Option<u64> {
    let sizes = server.catalog.tables.values().filter_map(|table| table.size.as_ref());
    let total = sizes
        .filter_map(|told| {
            let size = &told.value;
            let parts = || Some(size.data_bytes?.saturating_add(size.index_bytes.unwrap_or(0)));
            size.total_bytes.or_else(parts)
        })
        .fold(0u64, u64::saturating_add);
    (total > 0).then_some(total)
}

/// A version as major, minor and patch; of MariaDB `10.11.19-MariaDB`.
fn version(server: &ServerFacts) -> (u32, u32, u32) {
    let state = server.catalog.server.as_ref();
    let text = state.and_then(|told| told.value.version.as_deref()).unwrap_or_default();
    let number = text.split('-').next().unwrap_or_default();
    let mut parts = number.split('.').map(|part| part.parse().unwrap_or(0));
    let mut next = || parts.next().unwrap_or(0);
    (next(), next(), next())
}

/// The setting that makes the redo log larger, the files of that size, and whether a running server
/// changes it.
fn redo_setting(server: &ServerFacts, settings: Settings<'_>) -> (&'static str, u64, bool) {
    if settings.told("innodb_redo_log_capacity").is_some() {
        return ("innodb_redo_log_capacity", 1, true);
    }
    let is_mariadb = server.engine == Engine::Mariadb;
    let files = settings.number("innodb_log_files_in_group").map(|files| files as u64);
    let default = if is_mariadb && version(server) >= (10, 5, 0) { 1 } else { 2 };
    let is_dynamic = is_mariadb && version(server) >= (10, 9, 0);
    ("innodb_log_file_size", files.filter(|files| *files > 0).unwrap_or(default), is_dynamic)
}

fn redo_log(server: &ServerFacts, seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    let (name, files, is_dynamic) = redo_setting(server, settings);
    let now = settings.bytes(name, 1)?;
    let capacity = now.saturating_mul(files);
    let hourly = seen.per_hour("innodb_os_log_written")?;
    let wanted = (hourly * WANTED_H) as u64;
    if capacity == 0 || wanted < capacity.saturating_mul(2) || capacity >= REDO_MAX {
        return None;
    }
    let most = wanted.saturating_mul(2).min(REDO_MAX);
    let least = wanted.min(REDO_MAX);
    let step = (least / files.max(1)).next_power_of_two().min(REDO_MAX / files.max(1)).max(now);
    let note = format!(
        "It then holds about an hour of average writes, {}.",
        words::memory(step.saturating_mul(files))
    );
    let mut facts = vec![
        counted(
            seen,
            "innodb_os_log_written",
            format!("{} an hour were written to the redo log", words::bytes(hourly as u64)),
        ),
        (
            format!(
                "the redo log holds {} ({name}, {})",
                words::memory(capacity),
                words::counted(files, "file")
            ),
            settings.place(name),
        ),
    ];
    // What trades durability for speed is said, so that nobody takes it for an accident.
    for durable in ["innodb_flush_log_at_trx_commit", "sync_binlog"] {
        if let Some(value) = settings.text(durable) {
            facts.push((format!("{durable} is {value}"), settings.place(durable)));
        }
    }
    Some(Case {
        setting: name,
        of: String::new(),
        title: format!(
            "The redo log holds {} of writes",
            words::duration_us(capacity as f64 / hourly * 3.6e9)
        ),
        message: format!(
            "{} an hour go to a redo log of {}. When it is full, pages must be flushed at once, and \
             writes wait. Between {} and {} would hold one to two hours.",
            words::bytes(hourly as u64),
            words::memory(capacity),
            words::memory(least),
            words::memory(most)
        ),
        severity: if hourly >= 8.0 * capacity as f64 { Severity::Medium } else { Severity::Low },
        facts,
        fixes: vec![match is_dynamic {
            true => mysql_setting::global(&[(name, step, now)], &note),
            false => mysql_setting::at_start(name, step, now, &note),
        }],
        verify: "Innodb_os_log_written grows by less in an hour than the redo log holds.",
        trade_offs: "As much more disk, and a longer recovery after a crash.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}

fn log_buffer(server: &ServerFacts, seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "innodb_log_buffer_size";
    let now = settings.bytes(NAME, 1)?;
    let hourly = seen.per_hour("innodb_log_waits")?;
    if hourly < MANY_LOG_WAITS || now == 0 || now >= LOG_BUFFER_MAX {
        return None;
    }
    let most = now.saturating_mul(4).min(LOG_BUFFER_MAX);
    let step = now.saturating_mul(2).min(most);
    let note = "Transactions that change much then fit in it.";
    let is_dynamic = server.engine != Engine::Mariadb && version(server) >= (8, 0, 11);
    let fix = match is_dynamic {
        true => mysql_setting::global(&[(NAME, step, now)], note),
        false => mysql_setting::at_start(NAME, step, now, note),
    };
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!(
            "Writes waited for the log buffer {} times an hour",
            words::count(hourly as u64)
        ),
        message: format!(
            "the log buffer of {} was full when {} wanted to write. Between {} and {} would be enough \
             for most; shorter transactions help more.",
            words::memory(now),
            words::counted(seen.grown("innodb_log_waits")? as u64, "transaction"),
            words::memory(step),
            words::memory(most)
        ),
        severity: Severity::Low,
        facts: vec![
            counted(
                seen,
                "innodb_log_waits",
                format!(
                    "{} waits for the log buffer",
                    words::count(seen.grown("innodb_log_waits")? as u64)
                ),
            ),
            (format!("{NAME} is {}", words::memory(now)), settings.place(NAME)),
        ],
        fixes: vec![fix],
        verify: "Innodb_log_waits stays as it is over a day.",
        trade_offs: "A little memory, once for the server.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}
