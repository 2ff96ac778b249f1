//! MySQL and MariaDB beside InnoDB: temporary tables, caches of tables and threads, connections, the
//! query cache.

use super::{Case, counted};
use crate::judge::advice::{mysql_lookup, mysql_setting, rewrite, setting};
use crate::judge::evidence::observed::Observed;
use crate::judge::evidence::settings::Settings;
use crate::judge::finding::Severity;
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;

/// Share of temporary tables on disk, and so many an hour, from which memory for them is too small.
const MANY_ON_DISK: f64 = 0.25;
const MANY_DISK_TABLES_PER_H: f64 = 1000.0;
/// The largest memory for one temporary table that is advised, in bytes.
const TMP_TABLE_MAX: u64 = 256 << 20;
/// Tables an hour that found no room in the cache.
const MANY_OVERFLOWS_PER_H: f64 = 1000.0;
/// Threads made per connection, and so many an hour, from which they should be kept.
const MANY_THREADS: f64 = 0.1;
const MANY_THREADS_PER_H: f64 = 3600.0;
/// No more threads are kept, whatever the peak was.
const THREADS_MAX: u64 = 256;
/// Share of the connections that were in use at once from which their limit is near.
const NEAR_LIMIT: f64 = 0.85;
/// Hits per SELECT below which a query cache costs more than it saves.
const FEW_HITS: f64 = 0.2;
/// SELECTs an hour from which its lock is felt.
const MANY_SELECTS_PER_H: f64 = 3600.0;

/// What the counters contradict.
pub(super) fn cases(server: &ServerFacts) -> Vec<Case> {
    let Some(seen) = Observed::since_start(server, "uptime", "uptime_since_flush_status") else {
        return Vec::new();
    };
    let settings = Settings::of(server);
    let families = [tmp_tables, table_cache, thread_cache, connections];
    let is_mariadb = server.engine == Engine::Mariadb;
    let cases = families.into_iter().filter_map(|family| family(&seen, settings));
    cases.chain(query_cache(&seen, settings, is_mariadb)).collect()
}

fn tmp_tables(seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    const NAMES: [&str; 2] = ["tmp_table_size", "max_heap_table_size"];
    let [tmp, heap] = NAMES.map(|name| settings.bytes(name, 1));
    let (tmp, heap) = (tmp?, heap?);
    // The smaller one holds.
    let now = tmp.min(heap);
    let (disk, all) = (seen.grown("created_tmp_disk_tables")?, seen.grown("created_tmp_tables")?);
    let share = disk / all.max(1.0);
    let hourly = seen.per_hour("created_tmp_disk_tables")?;
    if share < MANY_ON_DISK || hourly < MANY_DISK_TABLES_PER_H || now >= TMP_TABLE_MAX || now == 0 {
        return None;
    }
    let most = now.saturating_mul(4).min(TMP_TABLE_MAX);
    let step = now.saturating_mul(2).min(most);
    Some(Case {
        setting: "tmp_table_size",
        of: String::new(),
        title: format!("{} of all temporary tables go to disk", words::percent(share)),
        message: format!(
            "{} temporary tables an hour go to disk, while the smaller of tmp_table_size and \
             max_heap_table_size is {}. First the statements: columns of TEXT or BLOB go to disk at any \
             size (up to MySQL 8.0.12, and in MariaDB), and an index that has the order of GROUP BY \
             needs no table. Then between {} and {}, never more than 256 MiB.",
            words::count(hourly as u64),
            words::memory(now),
            words::memory(step),
            words::memory(most)
        ),
        severity: Severity::Low,
        facts: vec![
            counted(
                seen,
                "created_tmp_disk_tables",
                format!(
                    "{} of {} temporary tables were on disk",
                    words::count(disk as u64),
                    words::count(all as u64)
                ),
            ),
            (
                format!(
                    "tmp_table_size is {}, max_heap_table_size {}",
                    words::memory(tmp),
                    words::memory(heap)
                ),
                settings.place("tmp_table_size"),
            ),
        ],
        fixes: vec![
            setting::look(
                mysql_lookup::statements_by("sum_created_tmp_disk_tables"),
                "Which statements make them; MariaDB counts them with performance_schema = ON only.",
            ),
            mysql_setting::global(
                &[(NAMES[0], step.max(tmp), tmp), (NAMES[1], step.max(heap), heap)],
                "Both, since the smaller one holds. Each session may take that much for each of its \
                 temporary tables.",
            ),
        ],
        verify: "Created_tmp_disk_tables grows by less than a quarter of Created_tmp_tables over a day.",
        trade_offs:
            "Memory for each temporary table of each session; the limit also holds for tables \
                     of ENGINE=MEMORY."
                .to_owned(),
        observed_s: Some(seen.seconds),
    })
}

fn table_cache(seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "table_open_cache";
    let now = settings.number(NAME)? as u64;
    let (open, overflows) =
        (seen.now("open_tables")?, seen.per_hour("table_open_cache_overflows")?);
    if now == 0 || open < 0.95 * now as f64 || overflows < MANY_OVERFLOWS_PER_H {
        return None;
    }
    let files = settings.number("open_files_limit").map(|limit| limit as u64);
    // A table takes up to two files.
    let most = now.saturating_mul(4).min(files.map_or(u64::MAX, |files| files / 2));
    if most <= now {
        return None;
    }
    let step = now.saturating_mul(2).min(most);
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!(
            "The cache of open tables throws out {} tables an hour",
            words::count(overflows as u64)
        ),
        message: format!(
            "all {} places for open tables are taken, and {} an hour are closed for others, to be \
             opened again. Between {} and {} places would do.",
            words::count(now),
            words::count(overflows as u64),
            words::count(step),
            words::count(most)
        ),
        severity: Severity::Low,
        facts: vec![
            counted(
                seen,
                "table_open_cache_overflows",
                format!("{} tables an hour found no room", words::count(overflows as u64)),
            ),
            (format!("{NAME} is {}", words::count(now)), settings.place(NAME)),
        ],
        fixes: vec![mysql_setting::global(
            &[(NAME, step, now)],
            "Be sure that open_files_limit, which needs a restart, allows two files for each place.",
        )],
        verify: "Table_open_cache_overflows hardly grows over a day.",
        trade_offs: "File handles, and some kilobytes of memory for each table.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}

fn thread_cache(seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "thread_cache_size";
    let now = settings.number(NAME)? as u64;
    let (made, connections) = (seen.grown("threads_created")?, seen.grown("connections")?);
    let hourly = seen.per_hour("threads_created")?;
    let has_pool = settings.text("thread_handling") == Some("pool-of-threads");
    if has_pool || made / connections.max(1.0) < MANY_THREADS || hourly < MANY_THREADS_PER_H {
        return None;
    }
    let peak = seen.now("max_used_connections").map_or(THREADS_MAX, |peak| peak as u64);
    let most = peak.min(THREADS_MAX);
    if most <= now {
        return None;
    }
    let step = now.saturating_mul(2).max(8).min(most);
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!(
            "{} of all connections made a new thread",
            words::percent(made / connections.max(1.0))
        ),
        message: format!(
            "{} threads an hour are made anew, and {} are kept. Connections that stay open (a pool in \
             the application) help more; else between {} and {} threads kept.",
            words::count(hourly as u64),
            words::count(now),
            words::count(step),
            words::count(most)
        ),
        severity: Severity::Low,
        facts: vec![
            counted(
                seen,
                "threads_created",
                format!(
                    "{} threads for {} connections",
                    words::count(made as u64),
                    words::count(connections as u64)
                ),
            ),
            (format!("{NAME} is {}", words::count(now)), settings.place(NAME)),
        ],
        fixes: vec![mysql_setting::global(&[(NAME, step, now)], "It takes effect as threads end.")],
        verify: "Threads_created grows by less than a tenth of Connections over a day.",
        trade_offs: "A few hundred kilobytes for each thread that is kept.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}

/// How many may come is not advised: that depends on who holds them.
fn connections(seen: &Observed<'_>, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "max_connections";
    let limit = settings.number(NAME)?;
    let peak = seen.now("max_used_connections")?;
    let refused = seen.grown("connection_errors_max_connections").unwrap_or(0.0);
    if limit < 1.0 || (peak < NEAR_LIMIT * limit && refused < 1.0) {
        return None;
    }
    let mut facts = vec![
        (
            format!("at most {} connections were open at once", words::count(peak as u64)),
            seen.place("max_used_connections"),
        ),
        (format!("{NAME} is {}", words::count(limit as u64)), settings.place(NAME)),
    ];
    if refused >= 1.0 {
        facts.push(counted(
            seen,
            "connection_errors_max_connections",
            format!("{} refused for want of a slot", words::counted(refused as u64, "connection")),
        ));
    }
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: match refused >= 1.0 {
            true => format!(
                "{} refused: no slot was left",
                words::counted(refused as u64, "connection")
            ),
            false => format!(
                "{} of all connection slots were in use at once",
                words::percent(peak / limit)
            ),
        },
        message: format!(
            "{} of {} connections were in use at once. No limit is advised from that: slots needed are \
             instances × pool size, and who holds them decides whether more slots, smaller pools or a \
             proxy is right.",
            words::count(peak as u64),
            words::count(limit as u64)
        ),
        severity: if refused >= 1.0 { Severity::High } else { Severity::Low },
        facts,
        fixes: vec![
            setting::look(
                mysql_lookup::sessions(),
                "Who holds the slots, at the busiest time: many in `Sleep` call for smaller pools or a \
                 proxy, many in `Query` for faster statements.",
            ),
            rewrite::code(
                "Count every instance of every application: slots needed are instances × pool size.",
                "A higher limit needs no restart, but memory and file handles for each session.",
            ),
        ],
        verify: "Max_used_connections stays below 85 % of max_connections over a peak week (FLUSH \
                 STATUS sets it back).",
        trade_offs:
            "Each slot that is used takes memory for its session, its sorts and its temporary \
                     tables."
                .to_owned(),
        // A peak is a peak, however short.
        observed_s: None,
    })
}

fn query_cache(seen: &Observed<'_>, settings: Settings<'_>, is_mariadb: bool) -> Option<Case> {
    const NAME: &str = "query_cache_size";
    let size = settings.bytes(NAME, 1)?;
    let is_on = settings.text("query_cache_type").is_some_and(|kind| {
        !matches!(kind.to_ascii_uppercase().as_str(), "OFF" | "0" | "DEMAND" | "2")
    });
    let (hits, selects) = (seen.grown("qcache_hits")?, seen.grown("com_select")?);
    // MariaDB counts hits among its SELECTs, MySQL beside them.
    let all = if is_mariadb { selects } else { hits + selects };
    let prunes = seen.grown("qcache_lowmem_prunes").unwrap_or(0.0);
    let share = hits / all.max(1.0);
    let hourly = all * 3600.0 / seen.seconds;
    if !is_on || size == 0 || share >= FEW_HITS || hourly < MANY_SELECTS_PER_H {
        return None;
    }
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!("The query cache answers {} of all SELECTs", words::percent(share)),
        message: format!(
            "of {} SELECTs it answered {}, and all of them passed its one lock, as every write does. \
             Off (0), or ON DEMAND for the few statements that hit; a larger cache makes the lock last \
             longer.",
            words::count(all as u64),
            words::percent(share)
        ),
        severity: Severity::Low,
        facts: vec![
            counted(
                seen,
                "qcache_hits",
                format!(
                    "{} hits of {} SELECTs, {} results thrown out for want of memory",
                    words::count(hits as u64),
                    words::count(all as u64),
                    words::count(prunes as u64)
                ),
            ),
            (format!("{NAME} is {}", words::memory(size)), settings.place(NAME)),
        ],
        fixes: vec![mysql_setting::global(
            &[("query_cache_type", 0, 1), (NAME, 0, size)],
            "Where the server started with the type OFF, it cannot be turned on again without a restart.",
        )],
        verify: "Over a day the same statements take no longer, and `Waiting for query cache lock` is \
                 gone from the process list.",
        trade_offs:
            "The statements that did hit run each time; the application may keep their results."
                .to_owned(),
        observed_s: Some(seen.seconds),
    })
}
