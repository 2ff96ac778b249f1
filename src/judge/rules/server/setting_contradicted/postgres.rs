//! PostgreSQL: work_mem against temporary files, checkpoints, shared buffers, connections, timing.

use super::{Case, counted};
use crate::judge::advice::memory::{
    MAX_WORK_MEM_MB, MEMORY_PER_FILE, for_role, power_of_two_mb, trial,
};
use crate::judge::advice::{lookup, rewrite, setting};
use crate::judge::evidence::Evidence;
use crate::judge::evidence::observed::Observed;
use crate::judge::evidence::settings::Settings;
use crate::judge::finding::Severity;
use crate::judge::words;
use crate::model::facts::ServerFacts;
use crate::model::workload::examples::Place;

const MIB: u64 = 1 << 20;
const GIB: u64 = 1 << 30;
/// Bytes of temporary files a day from which memory is asked for.
const MANY_TEMP_PER_DAY: f64 = 1e9;
/// Forced checkpoints an hour from which they cost something.
const MANY_FORCED_PER_H: f64 = 2.0;
/// No larger distance of checkpoints is advised.
const MAX_WAL: u64 = 64 * GIB;
/// The end of a checkpoint's writes that spreads them best; the default since 14.
const COMPLETION: f64 = 0.9;
/// Pages found in the buffers, and bytes read beside them a second, from which these are too small.
const FEW_HITS: f64 = 0.95;
const MANY_READ_PER_S: f64 = 1e6;
/// What is advised without knowing the memory of the machine.
const MAX_BUFFERS: u64 = 8 * GIB;
const PAGE: u64 = 8192;
/// Share of the connections in use from which their limit is near.
const NEAR_LIMIT: f64 = 0.85;

/// What the counters contradict.
pub(super) fn cases(evidence: &Evidence<'_>, server: &ServerFacts) -> Vec<Case> {
    let settings = Settings::of(server);
    [
        work_mem(server, settings),
        checkpoints(evidence, server, settings),
        shared_buffers(server, settings),
        connections(server, settings),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The databases whose counters are known, as prefixes of these.
fn databases(server: &ServerFacts) -> impl Iterator<Item = &str> {
    server.catalog.counters.keys().filter_map(|name| name.strip_suffix(".xact_commit"))
}

/// The database in which a counter grew most, with its observation; shared catalogs belong to none.
fn busiest<'f>(server: &'f ServerFacts, counter: &str) -> Option<(&'f str, Observed<'f>, f64)> {
    let of = |database: &'f str| {
        let name = format!("{database}.{counter}");
        let since = format!("{database}.since_s");
        let known = match server.catalog.counters.contains_key(since.as_str()) {
            true => since.as_str(),
            false => "checkpoints_since_s",
        };
        let seen = Observed::since_reset(server, &name, known)?;
        Some((database, seen, seen.grown(&name)? / seen.seconds))
    };
    databases(server).filter_map(of).max_by(|a, b| a.2.total_cmp(&b.2).then(b.0.cmp(a.0)))
}

fn work_mem(server: &ServerFacts, settings: Settings<'_>) -> Option<Case> {
    // Where the log names the files, it names their statements, too.
    if server.workload.incidents().temp_files.count > 0 {
        return None;
    }
    let now = settings.bytes("work_mem", 1024)?;
    let (database, seen, per_s) = busiest(server, "temp_bytes")?;
    let [bytes_name, files_name] =
        ["temp_bytes", "temp_files"].map(|one| format!("{database}.{one}"));
    let (bytes, files) = (seen.grown(&bytes_name)?, seen.grown(&files_name)?);
    let daily = per_s * 86_400.0;
    if daily < MANY_TEMP_PER_DAY || files < 1.0 {
        return None;
    }
    let mean = (bytes / files) as u64;
    let wanted_mb = power_of_two_mb(mean.saturating_mul(MEMORY_PER_FILE));
    let fits = wanted_mb <= MAX_WORK_MEM_MB;
    let is_larger = wanted_mb.saturating_mul(MIB) > now;
    let mut fixes = vec![
        setting::look(
            lookup::spilling_statements(),
            "Which statements write them (pg_stat_statements must be installed): fewer columns, an \
             index that has the order, or a sum that is kept come before memory.",
        ),
        setting::of_server(
            &[("log_temp_files", "10MB")],
            "Each file of 10 MB or more is then logged with its statement: one record a file.",
        ),
    ];
    if fits && is_larger {
        fixes.push(trial(wanted_mb));
        fixes.push(for_role(None, None, wanted_mb));
    }
    Some(Case {
        setting: "work_mem",
        of: String::new(),
        title: format!(
            "{} of temporary files a day, with work_mem of {}",
            words::bytes(daily as u64),
            words::memory(now)
        ),
        message: match (fits, is_larger) {
            (true, true) => format!(
                "{} a day were written to temporary files of {} on average. Never for the whole server: \
                 for the role or the one query that spills, between {} and {wanted_mb} MB, and at most a \
                 quarter of memory ÷ (runs at once × processes × memory nodes).",
                words::bytes(daily as u64),
                words::bytes(mean),
                words::memory(now.saturating_mul(2).min(wanted_mb.saturating_mul(MIB)))
            ),
            (true, false) => format!(
                "{} a day were written to temporary files of {} on average, which is less than work_mem: \
                 hashes in many batches, or sorts much larger than the mean. Only the statements tell.",
                words::bytes(daily as u64),
                words::bytes(mean)
            ),
            (false, _) => format!(
                "{} a day were written to temporary files of {} on average. Memory is the wrong fix at \
                 this size: it would take more than 1 GB for one node of one process. Give the order by an \
                 index, keep the sums, or read in batches.",
                words::bytes(daily as u64),
                words::bytes(mean)
            ),
        },
        severity: if daily >= 100.0 * MANY_TEMP_PER_DAY { Severity::Medium } else { Severity::Low },
        facts: vec![
            counted(
                &seen,
                &bytes_name,
                format!(
                    "{} in {} of one database",
                    words::bytes(bytes as u64),
                    words::counted(files as u64, "temporary file")
                ),
            ),
            (format!("work_mem is {}", words::memory(now)), settings.place("work_mem")),
        ],
        fixes,
        verify: "temp_bytes of the database in pg_stat_database grows by less than 1 GB a day.",
        trade_offs: "Memory for each sort and hash of each process of each run of that role."
            .to_owned(),
        observed_s: Some(seen.seconds),
    })
}

fn checkpoints(
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    settings: Settings<'_>,
) -> Option<Case> {
    // Checkpoints of a log are judged with their distances.
    if server.workload.incidents().checkpoints.done.count > 0 {
        return None;
    }
    const NAME: &str = "max_wal_size";
    let now = settings.bytes(NAME, MIB)?;
    let seen = Observed::since_reset(server, "checkpoints_requested", "checkpoints_since_s")?;
    let forced = seen.grown("checkpoints_requested")?;
    let timed = seen.grown("checkpoints_timed")?;
    let share = forced / (forced + timed).max(1.0);
    let hourly = seen.per_hour("checkpoints_requested")?;
    if hourly < MANY_FORCED_PER_H || share < evidence.options.thresholds.wal_share || now >= MAX_WAL
    {
        return None;
    }
    let most = now.saturating_mul(4).min(MAX_WAL);
    let step = now.saturating_mul(2).min(most);
    let gib = |bytes: u64| format!("{}MB", bytes / MIB);
    let step_text = gib(step);
    let mut changes = vec![(NAME, step_text.as_str())];
    let mut facts = vec![
        counted(
            &seen,
            "checkpoints_requested",
            format!(
                "{} forced, {} by time",
                words::counted(forced as u64, "checkpoint"),
                words::count(timed as u64)
            ),
        ),
        (format!("{NAME} is {}", words::memory(now)), settings.place(NAME)),
    ];
    let target =
        settings.number("checkpoint_completion_target").filter(|target| *target < COMPLETION);
    if let Some(target) = target {
        changes.push(("checkpoint_completion_target", "0.9"));
        facts.push((
            format!("checkpoint_completion_target is {target}: writes come in a rush"),
            settings.place("checkpoint_completion_target"),
        ));
    }
    if let Some(timeout) = settings.text("checkpoint_timeout") {
        facts.push((
            format!("checkpoint_timeout is {timeout}"),
            settings.place("checkpoint_timeout"),
        ));
    }
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!(
            "{} of all checkpoints were forced before their time",
            words::percent(share)
        ),
        message: format!(
            "{hourly:.1} checkpoints an hour were requested: by WAL as a rule, since {NAME} of {} was \
             full, or by commands such as backups. Between {} and {} would let them come by time; \
             log_checkpoints tells the distances that an exact size follows from.",
            words::memory(now),
            words::memory(step),
            words::memory(most)
        ),
        severity: if hourly >= 12.0 { Severity::Medium } else { Severity::Low },
        facts,
        fixes: vec![setting::of_server(
            &changes,
            &format!(
                "One step. Be sure that the disk of pg_wal has {} to spare.",
                words::memory(step)
            ),
        )],
        verify: "checkpoints_req (num_requested since 17) grows by less than the timed ones over a day.",
        trade_offs: "As much more disk in pg_wal, and a longer recovery after a crash.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}

fn shared_buffers(server: &ServerFacts, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "shared_buffers";
    let now = settings.bytes(NAME, PAGE)?;
    let (database, seen, per_s) = busiest(server, "blks_read")?;
    let [read_name, hit_name] = ["blks_read", "blks_hit"].map(|one| format!("{database}.{one}"));
    let (read, hit) = (seen.grown(&read_name)?, seen.grown(&hit_name)?);
    let hits = hit / (hit + read).max(1.0);
    if hits >= FEW_HITS || per_s * (PAGE as f64) < MANY_READ_PER_S || now >= MAX_BUFFERS {
        return None;
    }
    let timing = settings.flag("track_io_timing") == Some(false);
    let timing = timing.then(|| {
        setting::of_server(
            &[("track_io_timing", "on")],
            "How long these reads take is then known. First see with pg_test_timing that asking for the \
             time costs less than 100 ns here.",
        )
    });
    let most = now.saturating_mul(8).min(MAX_BUFFERS);
    let step = now.saturating_mul(2).min(most);
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!("{} of all pages were not in shared buffers", words::percent(1.0 - hits)),
        message: format!(
            "{} a second of one database came from outside of {} of shared buffers, from the disk or \
             the system's cache. First see which statements read: a missing index reads more than any \
             memory holds. Then between {} and {}, and at most a quarter of the machine's memory.",
            words::bytes((per_s * PAGE as f64) as u64),
            words::memory(now),
            words::memory(step),
            words::memory(most)
        ),
        severity: Severity::Low,
        facts: vec![
            counted(
                &seen,
                &read_name,
                format!(
                    "{} of one database were read, {} found",
                    words::counted(read as u64, "page"),
                    words::count(hit as u64)
                ),
            ),
            (format!("{NAME} is {}", words::memory(now)), settings.place(NAME)),
        ],
        fixes: [
            setting::look(
                lookup::reading_statements(),
                "Which statements read most (pg_stat_statements must be installed).",
            ),
            setting::at_start(
                NAME,
                &format!("{}MB", step / MIB),
                "One step; huge_pages and the memory of the machine must allow it.",
            ),
        ]
        .into_iter()
        .chain(timing)
        .collect(),
        verify: "blks_hit ÷ (blks_hit + blks_read) of the database rises over a day.",
        trade_offs: "The system's own cache loses the same memory.".to_owned(),
        observed_s: Some(seen.seconds),
    })
}

/// How many may come is not advised: that depends on who holds them.
fn connections(server: &ServerFacts, settings: Settings<'_>) -> Option<Case> {
    const NAME: &str = "max_connections";
    let limit = settings.number(NAME)?;
    let counters = &server.catalog.counters;
    let of = databases(server)
        .filter_map(|database| counters.get(format!("{database}.numbackends").as_str()));
    let (mut open, mut place): (f64, Option<Place>) = (0.0, None);
    for series in of {
        open += series.last.value;
        place = Some(series.last.origin.place);
    }
    if limit < 1.0 || open < NEAR_LIMIT * limit {
        return None;
    }
    Some(Case {
        setting: NAME,
        of: String::new(),
        title: format!("{} of all connection slots are in use", words::percent(open / limit)),
        message: format!(
            "{} of {} connections were open when the snapshot was taken. No limit is advised from that: \
             slots needed are instances × pool size, and who holds them decides whether smaller pools, a \
             pooler or more slots is right.",
            words::count(open as u64),
            words::count(limit as u64)
        ),
        severity: Severity::Low,
        facts: vec![
            (format!("{} open at that moment", words::counted(open as u64, "connection")), place),
            (format!("{NAME} is {}", words::count(limit as u64)), settings.place(NAME)),
        ],
        fixes: vec![
            setting::look(lookup::sessions(), "Who holds the slots, at the busiest time."),
            rewrite::code(
                "Put a pooler in transaction mode before the server, or make the pools of the \
                 applications smaller.",
                "A higher limit needs a restart and memory for each slot.",
            ),
        ],
        verify: "The sum of numbackends stays below 85 % of max_connections at the busiest time.",
        trade_offs: "More sessions at once make each slower, so a higher limit comes last."
            .to_owned(),
        observed_s: None,
    })
}
