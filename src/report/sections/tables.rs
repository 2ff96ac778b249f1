//! Tables: how large they are and how they are read and written, as the server counts it.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, dash};
use crate::report::types::Report;

/// Tables that a document shows.
const SHOWN: usize = 20;
/// Characters of a name.
const NAME: usize = 60;

pub fn write(report: &Report, out: &mut String) {
    if report.tables.is_empty() {
        return;
    }
    heading(out, 3, "Tables");
    paragraph(
        out,
        "As the server counts since its statistics were reset; rows are its estimate. Many rows for \
         each scan of a whole table are a hint, never a missing index by themselves.",
    );
    let mut table = Table::new(&[
        ("table", Side::Left),
        ("rows", Side::Right),
        ("size", Side::Right),
        ("indexes", Side::Right),
        ("whole scans", Side::Right),
        ("rows per scan", Side::Right),
        ("rows written", Side::Right),
        ("HOT", Side::Right),
        ("dead rows", Side::Right),
        ("last vacuum", Side::Left),
    ]);
    let several = report.servers.len() > 1;
    let text = |text: Option<String>| text.unwrap_or_else(dash);
    let count = |number: Option<u64>| text(number.map(words::count));
    for one in report.tables.iter().take(SHOWN) {
        let name = match several {
            true => format!("{} {}", one.server, one.name),
            false => one.name.clone(),
        };
        table.row([
            escape::cell_code(&name, NAME),
            count(one.rows.map(|rows| rows as u64)),
            text(one.size_bytes.map(words::bytes)),
            count(one.indexes.map(|indexes| indexes as u64)),
            count(one.seq_scans),
            count(one.rows_per_scan.map(|rows| rows as u64)),
            count(one.rows_written),
            text(one.hot_share.map(words::percent)),
            count(one.dead_rows),
            text(one.last_vacuum.map(|at| clock(report, Some(at)))),
        ]);
    }
    table.finish(out);
    let more = report.tables.len().saturating_sub(SHOWN);
    if more > 0 {
        paragraph(out, &format!("{} more are in the JSON report.", words::count(more as u64)));
    }
}
