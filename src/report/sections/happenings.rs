//! Locks, Temporary Files, Errors, Checkpoints, Vacuum: one table of counts and one of messages.

use super::paragraph;
use super::table::{Side, Table};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, dash, ms, place};
use crate::report::types::Report;

/// Error messages in the table; the JSON report has more.
const MAX_ERRORS: usize = 20;
/// Characters of the statement of an error.
const STATEMENT: usize = 80;
/// Characters of a message.
const MESSAGE: usize = 140;

pub fn write(report: &Report, out: &mut String) {
    let i = &report.incidents;
    let sums = |sum: String, max: String| Some((sum, max));
    let rows = [
        (
            "lock waits (still waiting)",
            &i.lock_waits.occurred,
            sums(ms(i.lock_waits.total_ms), ms(i.lock_waits.max_ms)),
        ),
        ("deadlocks", &i.deadlocks, None),
        (
            "temporary files",
            &i.temp_files.occurred,
            sums(words::bytes(i.temp_files.total_bytes), words::bytes(i.temp_files.max_bytes)),
        ),
        (
            "checkpoints",
            &i.checkpoints.occurred,
            sums(ms(i.checkpoints.total_ms), ms(i.checkpoints.max_ms)),
        ),
        (
            "automatic vacuums",
            &i.autovacuum.occurred,
            sums(ms(i.autovacuum.total_ms), ms(i.autovacuum.max_ms)),
        ),
        ("cancelled statements", &i.cancelled, None),
    ];
    let mut table = Table::new(&[
        ("", Side::Left),
        ("count", Side::Right),
        ("together", Side::Right),
        ("largest", Side::Right),
        ("trend", Side::Left),
    ]);
    for (name, occurred, sums) in rows {
        let (sum, max) = sums.filter(|_| occurred.count > 0).unwrap_or((dash(), dash()));
        let trend = if occurred.count > 0 { occurred.trend.clone() } else { String::new() };
        table.row([name.to_owned(), words::count(occurred.count), sum, max, trend]);
    }
    let trend = if i.errors.count > 0 { i.errors.trend.clone() } else { String::new() };
    table.row(["errors".to_owned(), words::count(i.errors.count), dash(), dash(), trend]);
    table.finish(out);
    let silent = [
        (i.lock_waits.occurred.count, "`log_lock_waits`"),
        (i.temp_files.occurred.count, "`log_temp_files`"),
        (i.checkpoints.occurred.count, "`log_checkpoints`"),
        (i.autovacuum.occurred.count, "`log_autovacuum_min_duration`"),
    ];
    let silent: Vec<_> = silent.iter().filter(|(n, _)| *n == 0).map(|(_, name)| *name).collect();
    if !silent.is_empty() {
        paragraph(
            out,
            &format!(
                "A count of 0 may mean that the server does not log such lines: see {}.",
                silent.join(", ")
            ),
        );
    }
    errors(report, out);
}

fn errors(report: &Report, out: &mut String) {
    let errors = &report.incidents.errors;
    if errors.items.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        ("errors", Side::Right),
        ("severity", Side::Left),
        ("code", Side::Left),
        ("message", Side::Left),
        ("statement", Side::Left),
        ("first", Side::Left),
        ("last", Side::Left),
        ("example", Side::Left),
    ]);
    let mut listed = 0u64;
    for item in errors.items.iter().take(MAX_ERRORS) {
        listed = listed.saturating_add(item.count);
        table.row([
            words::count(item.count),
            item.severity.to_owned(),
            item.code.as_deref().map_or_else(dash, |code| escape::cell_code(code, 16)),
            escape::cell_code(&item.message, MESSAGE),
            item.fingerprint
                .as_deref()
                .map_or_else(dash, |text| escape::cell_code(text, STATEMENT)),
            clock(report, item.first),
            clock(report, item.last),
            escape::cell_code(&place(&item.source), 100),
        ]);
    }
    table.finish(out);
    let more = errors.count.saturating_sub(listed);
    if more > 0 {
        paragraph(out, &format!("{} errors with other messages.", words::count(more)));
    }
}
