//! Autovacuum and autoanalyze, by table.

use super::{MAX_ROWS, NAME, more, silent};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{dash, either, ms};
use crate::report::sections::table::{Side, Table};
use crate::report::sections::{heading, paragraph};
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    let vacuum = &report.incidents.autovacuum;
    let analyze = &report.incidents.autoanalyze;
    if vacuum.items.is_empty() {
        return silent(
            out,
            "Vacuum",
            "No automatic vacuum or analyze is in these logs. `log_autovacuum_min_duration = 0` \
             logs each with its numbers.",
        );
    }
    heading(out, 4, "Vacuum");
    let mut facts = vec![
        format!(
            "{} ({} together, the longest {})",
            either(vacuum.occurred.count, "automatic vacuum", "automatic vacuums"),
            ms(vacuum.total_ms),
            ms(vacuum.max_ms)
        ),
        format!(
            "{} ({} together)",
            either(analyze.occurred.count, "automatic analyze", "automatic analyzes"),
            ms(analyze.total_ms)
        ),
    ];
    for (count, words) in [
        (vacuum.aggressive, "aggressive"),
        (vacuum.to_prevent_wraparound, "to prevent wraparound"),
        (vacuum.skipped, "skipped because the table was locked"),
        (vacuum.cancelled, "cancelled because somebody wanted a lock"),
    ] {
        if count > 0 {
            facts.push(format!("{} {words}", words::count(count)));
        }
    }
    paragraph(out, &format!("{}.", facts.join("; ")));
    let mut table = Table::new(&[
        ("table", Side::Left),
        ("vacuums", Side::Right),
        ("analyzes", Side::Right),
        ("time", Side::Right),
        ("longest", Side::Right),
        ("CPU", Side::Right),
        ("I/O", Side::Right),
        ("index scans", Side::Right),
        ("dead rows removed", Side::Right),
        ("not removable", Side::Right),
        ("pages removed", Side::Right),
        ("buffers hit / read / dirtied", Side::Right),
        ("WAL", Side::Right),
        ("skipped / cancelled", Side::Right),
    ]);
    let or_dash = |n: u64| if n == 0 { dash() } else { words::count(n) };
    let time = |t: f64| if t == 0.0 { dash() } else { ms(t) };
    for item in vacuum.items.iter().take(MAX_ROWS) {
        let buffers = [item.buffer_hits, item.buffer_misses, item.buffer_dirtied];
        table.row([
            escape::cell_code(&item.table, NAME),
            words::count(item.vacuums),
            words::count(item.analyzes),
            ms(item.vacuum_ms + item.analyze_ms),
            time(item.longest_ms),
            time(item.cpu_ms),
            time(item.io_ms),
            words::count(item.index_scans),
            words::count(item.tuples_removed),
            or_dash(item.tuples_not_removable),
            or_dash(item.pages_removed),
            match buffers {
                [0, 0, 0] => dash(),
                buffers => buffers.map(words::count).join(" / "),
            },
            if item.wal_bytes == 0 { dash() } else { words::bytes(item.wal_bytes) },
            match (item.skipped, item.cancelled) {
                (0, 0) => dash(),
                (skipped, cancelled) => {
                    format!("{} / {}", words::count(skipped), words::count(cancelled))
                }
            },
        ]);
    }
    table.finish(out);
    more(out, vacuum.items.len().saturating_sub(MAX_ROWS), "tables");
}
