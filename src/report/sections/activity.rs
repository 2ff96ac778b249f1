//! Activity: what happened when; and what kinds of statements ran, and whose.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, ms, share, width};
use crate::report::types::{ActivityRow, Origin, Report};

/// Names in a table; the JSON report has more.
const MAX_NAMES: usize = 10;

pub fn write(report: &Report, out: &mut String) {
    breakdown(report, out);
    timeline(report, out);
}

fn breakdown(report: &Report, out: &mut String) {
    let b = &report.breakdown;
    if b.types.is_empty() {
        return;
    }
    heading(out, 3, "Queries by Type and Origin");
    if b.prepared > 0 {
        let prepared = b.prepared as f64 / report.totals.queries.max(1) as f64;
        paragraph(
            out,
            &format!(
                "{} of the queries were prepared ({} of {}).",
                words::percent(prepared),
                words::count(b.prepared),
                words::count(report.totals.queries)
            ),
        );
    }
    let mut table = Table::new(&[
        ("by", Side::Left),
        ("name", Side::Left),
        ("calls", Side::Right),
        ("time", Side::Right),
        ("share", Side::Right),
    ]);
    for (by, parts) in [
        ("type", &b.types),
        ("database", &b.databases),
        ("user", &b.users),
        ("host", &b.hosts),
        ("application", &b.apps),
    ] {
        rows(report, &mut table, by, parts);
    }
    table.finish(out);
}

fn rows(report: &Report, table: &mut Table, by: &str, parts: &[Origin]) {
    let timed = report.totals.total_ms > 0.0;
    let left = parts.len().saturating_sub(MAX_NAMES);
    for (at, part) in parts.iter().take(MAX_NAMES).enumerate() {
        table.row([
            if at == 0 { format!("**{by}**") } else { String::new() },
            part.name
                .as_deref()
                .map_or("all others".to_owned(), |name| escape::cell_code(name, 60)),
            words::count(part.calls),
            ms(part.total_ms),
            share(part.share, timed),
        ]);
    }
    if left > 0 {
        let rest = &parts[MAX_NAMES..];
        let calls = rest.iter().map(|part| part.calls).sum();
        let total: f64 = rest.iter().map(|part| part.total_ms).sum();
        let of: f64 = rest.iter().map(|part| part.share).sum();
        table.row([
            String::new(),
            format!("{} others", words::count(left as u64)),
            words::count(calls),
            ms(total),
            share(of, timed),
        ]);
    }
}

fn timeline(report: &Report, out: &mut String) {
    let activity = &report.activity;
    if activity.items.len() < 2 {
        return;
    }
    heading(out, 3, "Activity");
    paragraph(out, &format!("Per {}; a query counts where it ended.", width(activity.width_s)));
    /// A column and its number in a row.
    type Column = (&'static str, fn(&ActivityRow) -> u64);
    let columns: [Column; 10] = [
        ("queries", |r| r.queries),
        ("reads", |r| r.reads),
        ("writes", |r| r.writes),
        ("connections", |r| r.connections),
        ("sessions ended", |r| r.disconnections),
        ("errors", |r| r.errors),
        ("lock waits", |r| r.lock_waits),
        ("temporary files", |r| r.temp_files),
        ("checkpoints", |r| r.checkpoints),
        ("vacuums", |r| r.vacuums),
    ];
    // What never happened has no column.
    let columns: Vec<_> =
        columns.into_iter().filter(|(_, of)| activity.items.iter().any(|r| of(r) > 0)).collect();
    let timed = report.totals.total_ms > 0.0;
    let mut head = vec![("from", Side::Left)];
    head.extend(columns.iter().map(|(name, _)| (*name, Side::Right)));
    if timed {
        head.insert(2.min(head.len()), ("query time", Side::Right));
    }
    let mut table = Table::new(&head);
    for row in &activity.items {
        let mut cells = vec![clock(report, Some(row.at))];
        cells.extend(columns.iter().map(|(_, of)| words::count(of(row))));
        if timed {
            cells.insert(2.min(cells.len()), ms(row.total_ms));
        }
        table.row(cells);
    }
    table.finish(out);
}
