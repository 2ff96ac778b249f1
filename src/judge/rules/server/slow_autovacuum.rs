//! `slow-autovacuum`: tables whose automatic vacuum is slow, in vain, or never gets to its end.

use super::MAX_FINDINGS;
use crate::judge::advice::{ident, lookup, rewrite, setting};
use crate::judge::config::Thresholds;
use crate::judge::evidence::Evidence;
use crate::judge::finding::{Confidence, Finding, Fix, Severity};
use crate::judge::rules::{Rule, fact_at, servers};
use crate::judge::words;
use crate::model::event::Engine;
use crate::model::facts::ServerFacts;
use crate::model::workload::incidents::maintenance::TableMaintenance;

/// So many vacuums of a table that were cancelled or not begun are a habit.
const MIN_STOPPED: u64 = 5;
/// Bytes that a vacuum before PostgreSQL 17 keeps for each dead row.
const BYTES_PER_DEAD_ROW: u64 = 6;
/// It takes no more than this, whatever is set (before PostgreSQL 17), in megabytes.
const MAX_MEMORY_MB: u64 = 1024;

/// The rule.
pub static RULE: Rule = Rule {
    code: "SRV007",
    name: "slow-autovacuum",
    title: "Automatic vacuum does not keep up",
    target: "server",
    engines: &[Engine::Postgres],
    at_most: Severity::Medium,
    since: "0.1.0",
    docs: DOCS,
    check,
};

const DOCS: &str = "\
## What it finds

A table of which a vacuum had to leave 100,000 dead rows or more, at least as many as its vacuums \
removed (`dead_rows`); a vacuum of ten minutes or more (`vacuum_us`); one that went through all \
indexes more than once; or five that were cancelled or not begun, at least as many as were done.

## Why it matters

Dead rows stay in the table and its indexes: every scan reads them, and the table grows. Rows that \
an old transaction may still see cannot be removed, so the vacuum works in vain and comes again.

## What to do

Against rows that cannot be removed: end the old transaction, prepared transaction or unused \
replication slot. Against slow vacuums: let them start earlier on this table, each with less to do, \
and sleep less. Against repeated index scans: more memory for the vacuum. Against cancelled ones: \
migrations and LOCK TABLE that leave it time.

## When to ignore it

A first vacuum after a load, or one forced to prevent wraparound, is long by nature: that is normal.
";

/// What is wrong with the vacuums of a table.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Trouble {
    /// Dead rows that something old still needs.
    InVain,
    /// All indexes were read more than once.
    IndexScans,
    /// It took long.
    Slow,
    /// It was cancelled or not begun.
    Stopped,
}

fn check(rule: &Rule, evidence: &Evidence<'_>, out: &mut Vec<Finding>) {
    let limits = &evidence.options.thresholds;
    for server in servers(rule, evidence) {
        let tables = server.workload.incidents().maintenance.tables();
        let troubled =
            tables.into_iter().filter_map(|table| Some((trouble(table, limits)?, table)));
        out.extend(
            troubled
                .take(MAX_FINDINGS)
                .map(|(trouble, table)| finding(rule, evidence, server, table, trouble)),
        );
    }
}

/// The first that applies: what makes the others worse comes first.
fn trouble(table: &TableMaintenance, limits: &Thresholds) -> Option<Trouble> {
    let stopped = table.cancelled + table.skipped;
    let all_forced = table.to_prevent_wraparound >= table.vacuums;
    match table {
        t if t.tuples_dead >= limits.dead_rows && t.tuples_dead >= t.tuples_removed => {
            Some(Trouble::InVain)
        }
        t if t.vacuums > 0 && t.index_scans > t.vacuums => Some(Trouble::IndexScans),
        t if t.longest_us >= limits.vacuum_us && !all_forced => Some(Trouble::Slow),
        t if stopped >= MIN_STOPPED && stopped >= t.vacuums + t.analyzes => Some(Trouble::Stopped),
        _ => None,
    }
}

fn finding(
    rule: &Rule,
    evidence: &Evidence<'_>,
    server: &ServerFacts,
    table: &TableMaintenance,
    trouble: Trouble,
) -> Finding {
    // Names come as database.schema.table, or bare where a vacuum was not begun.
    let parts: Vec<_> = table.table.splitn(3, '.').collect();
    let name = match parts.as_slice() {
        [_, schema, name] => {
            format!("{}.{}", ident::quoted_part(schema), ident::quoted_part(name))
        }
        _ => ident::quoted_part(&table.table),
    };
    let mut finding = rule.about_thing(evidence, server, "table", &table.table, &table.table);
    finding.confidence = Confidence::High;
    finding.severity = match trouble {
        Trouble::InVain => Severity::Medium,
        _ if table.longest_us >= 6 * 3_600_000_000 => Severity::Medium,
        _ => Severity::Low,
    };
    let stopped = table.cancelled + table.skipped;
    let longest = words::duration_us(table.longest_us as f64);
    finding.title = match trouble {
        Trouble::InVain => format!("Vacuum of `{name}` leaves dead rows behind"),
        Trouble::IndexScans => format!("Vacuum of `{name}` reads all indexes more than once"),
        Trouble::Slow => format!("Vacuum of `{name}` takes up to {longest}"),
        Trouble::Stopped => {
            format!("Vacuum of `{name}` was stopped {}", words::counted(stopped, "time"))
        }
    };
    finding.message = format!(
        "{} and {} of it are logged{}; {}.",
        words::counted(table.vacuums, "automatic vacuum"),
        match table.analyzes {
            1 => "1 analyze".to_owned(),
            n => format!("{} analyzes", words::count(n)),
        },
        match table.vacuums {
            0 => String::new(),
            _ => format!(", the longest vacuum {longest}"),
        },
        match trouble {
            Trouble::InVain => format!(
                "one had to leave {} that an old snapshot may still need",
                words::counted(table.tuples_dead, "dead row")
            ),
            Trouble::IndexScans => format!(
                "they read all indexes {}, because the list of dead rows did not fit in memory",
                words::counted(table.index_scans, "time")
            ),
            Trouble::Slow =>
                format!("they removed {}", words::counted(table.tuples_removed, "dead row")),
            Trouble::Stopped => format!(
                "{} cancelled for somebody who wanted a lock, {} not begun because the table was \
                 locked",
                words::count(table.cancelled),
                words::count(table.skipped)
            ),
        }
    );
    finding.evidence.push(fact_at(
        evidence,
        match table.vacuums {
            0 => "the first of them".to_owned(),
            _ => format!("the longest: {longest}"),
        },
        table.example.place(),
    ));
    if table.vacuum_us > 0 {
        finding.evidence.push(fact_at(evidence, time_words(table), None));
    }
    finding.fixes = fixes(&name, table, trouble);
    finding.verify = match trouble {
        Trouble::InVain => {
            "The next vacuum of the table logs few rows that are dead but not yet removable."
        }
        Trouble::IndexScans => "The next vacuum of the table logs `index scans: 1`.",
        Trouble::Slow => "The next log has more and shorter vacuums of the table.",
        Trouble::Stopped => "The next log has finished vacuums of the table.",
    }
    .to_owned();
    finding.trade_offs = match trouble {
        Trouble::InVain => {
            "Ending a session rolls its work back; dropping a slot cuts its reader off."
        }
        Trouble::IndexScans => "Memory for each autovacuum worker at once.",
        Trouble::Slow => "More frequent vacuums, and more reads and writes while one runs.",
        Trouble::Stopped => "A migration that gives up has to be tried again.",
    }
    .to_owned();
    finding
}

/// Where the time of the vacuums went, as far as the server says.
fn time_words(table: &TableMaintenance) -> String {
    let mut text = format!(
        "of {} of vacuums, {} were CPU time of vacuum and analyze",
        words::duration_us(table.vacuum_us as f64),
        words::duration_us(table.cpu_us as f64)
    );
    for (us, what) in
        [(table.io_us, "reads and writes"), (table.delay_us, "sleeps for the cost delay")]
    {
        if us > 0 {
            text.push_str(&format!(", {} {what}", words::duration_us(us as f64)));
        }
    }
    text
}

fn fixes(name: &str, table: &TableMaintenance, trouble: Trouble) -> Vec<Fix> {
    match trouble {
        Trouble::InVain => vec![
            setting::look(
                lookup::old_snapshots(),
                "What keeps old rows alive, the oldest first. End what is not needed: a session with \
                 pg_terminate_backend, a prepared transaction with ROLLBACK PREPARED, a slot with \
                 pg_drop_replication_slot. A standby with hot_standby_feedback shows as a session of \
                 its walreceiver.",
            ),
            rewrite::code(
                "Keep transactions short, and let idle_in_transaction_session_timeout end those that \
                 only sit open.",
                "Until then vacuuming more often or faster removes nothing.",
            ),
        ],
        Trouble::IndexScans => {
            let mb = memory_mb(table);
            vec![setting::of_server(
                &[("autovacuum_work_mem", &format!("{mb}MB"))],
                &format!(
                    "Estimated: {BYTES_PER_DEAD_ROW} bytes for each dead row of one vacuum, at most \
                     1 GB before PostgreSQL 17. Each of autovacuum_max_workers (three by default) may \
                     take it: {} MB together must be free.",
                    3 * mb
                ),
            )]
        }
        // Tables of the system, TOAST tables among them, take no settings of their own.
        Trouble::Slow if name.starts_with("pg_") => vec![rewrite::code(
            "Let autovacuum work more between two sleeps: raise autovacuum_vacuum_cost_limit, or set \
             toast.autovacuum_vacuum_cost_limit on the table that a TOAST table belongs to.",
            "SELECT oid::regclass FROM pg_class WHERE reltoastrelid = … names that table.",
        )],
        Trouble::Slow => vec![setting::of_table(
            name,
            &[("autovacuum_vacuum_scale_factor", "0.02"), ("autovacuum_vacuum_cost_limit", "2000")],
            "Begins at 2 % of dead rows in place of 20 %, and may do ten times the work between two \
             sleeps. Look at the disk while the first one runs.",
        )],
        Trouble::Stopped => vec![rewrite::code(
            "Find who locks the table so often: migrations, LOCK TABLE, TRUNCATE, a nightly VACUUM FULL \
             or REINDEX. Then run VACUUM (ANALYZE) on it by hand at a quiet hour.",
            "A vacuum run by hand is not cancelled for others; it makes them wait for the lock instead.",
        )],
    }
}

/// Memory that holds the dead rows of one vacuum, in megabytes: a power of two.
fn memory_mb(table: &TableMaintenance) -> u64 {
    let rows = table.tuples_removed / table.vacuums.max(1);
    let mb = rows.saturating_mul(2 * BYTES_PER_DEAD_ROW).div_ceil(1 << 20);
    mb.clamp(128, MAX_MEMORY_MB).next_power_of_two()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trouble_is_told_by_what_makes_it_worst() {
        let limits = Thresholds::default();
        let table = |vacuums, change: fn(&mut TableMaintenance)| {
            let mut table = TableMaintenance { vacuums, ..TableMaintenance::default() };
            change(&mut table);
            trouble(&table, &limits)
        };
        assert_eq!(table(3, |t| t.tuples_dead = 200_000), Some(Trouble::InVain));
        assert_eq!(
            table(3, |t| (t.tuples_dead, t.tuples_removed) = (200_000, 900_000)),
            None,
            "most was removed"
        );
        assert_eq!(table(3, |t| t.index_scans = 4), Some(Trouble::IndexScans));
        assert_eq!(table(3, |t| t.index_scans = 3), None, "one each");
        assert_eq!(table(3, |t| t.longest_us = 700_000_000), Some(Trouble::Slow));
        let forced = |t: &mut TableMaintenance| {
            (t.longest_us, t.to_prevent_wraparound) = (700_000_000, 3);
        };
        assert_eq!(table(3, forced), None, "to prevent wraparound: normal");
        assert_eq!(table(4, |t| t.cancelled = 5), Some(Trouble::Stopped));
        assert_eq!(table(6, |t| t.cancelled = 5), None, "more were done");
    }
}
