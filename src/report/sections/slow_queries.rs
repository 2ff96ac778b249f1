//! Slow Queries: the rankings of classes; and runs grouped by another dimension.

use super::table::{Side, Table};
use super::{attributes, heading, paragraph};
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::phrases::{self, dash, ms, ms_or_dash, scope};
use crate::report::types::{Query, Ranking, Report};
use crate::report::{engines, escape};

/// Characters of a statement in a table.
const STATEMENT: usize = 90;
/// Characters of a name in a table.
const NAME: usize = 60;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 3, "Slow Queries");
    if report.totals.queries == 0 {
        let how = engines::each(report, engines::log_statements);
        paragraph(out, &format!("No statement was logged. To fill this, {how}."));
        return;
    }
    for ranking in &report.rankings {
        heading(out, 4, &format!("By {}", ranking.by));
        match ranking.rows.is_empty() {
            true => paragraph(out, "No class has five runs with a duration."),
            false => table(report, ranking, out),
        }
    }
}

fn table(report: &Report, ranking: &Ranking, out: &mut String) {
    let mean = scope(report, "mean of logged runs", "mean");
    let p95 = scope(report, "p95 of logged runs", "p95");
    let share = scope(report, "share of logged time", "share");
    let several = report.servers.len() > 1;
    let mut columns = vec![("#", Side::Right), ("id", Side::Left), ("query", Side::Left)];
    if several {
        columns.push(("server", Side::Left));
    }
    columns.extend([
        (scope(report, "logged calls", "calls"), Side::Right),
        (mean, Side::Right),
        (p95, Side::Right),
        ("max", Side::Right),
        ("total", Side::Right),
        (share, Side::Right),
        ("errors", Side::Right),
    ]);
    if let Some(column) = &ranking.column {
        columns.push((&column.head, Side::Right));
    }
    let rows = || ranking.rows.iter().filter_map(|place| report.query(*place));
    // Not every engine's log says these.
    let [examined, sent] = engines::examined_and_sent(report);
    let per_call: Vec<_> = [
        (format!("{examined} per call"), ["rows_examined", "docs_examined"]),
        (format!("{sent} per call"), ["rows_sent", "nreturned"]),
    ]
    .into_iter()
    .filter(|(_, names)| rows().any(|query| attributes::per_call(query, names).is_some()))
    .collect();
    columns.extend(per_call.iter().map(|(head, _)| (head.as_str(), Side::Right)));
    // Most logs have no statement that a timeout ended, and MongoDB's say how long it ran.
    let has_lost = |query: &Query| query.timeouts > 0 && query.engine != Engine::Mongodb;
    let any_lost = rows().any(has_lost);
    if any_lost {
        columns.push(("lost to timeouts", Side::Right));
    }
    columns.push(("trend", Side::Left));
    let mut table = Table::new(&columns);
    for (at, query) in rows().enumerate() {
        let rank = match at < ranking.rows.len() - ranking.outliers {
            true => (at + 1).to_string(),
            false => "outlier".to_owned(),
        };
        let mut cells = vec![rank, link(query), statement(query)];
        if several {
            cells.push(escape::cell_code(&query.server, NAME));
        }
        let estimate = query.estimated.filter(|_| query.calls > 0);
        let calls = estimate.map(|estimate| words::count(estimate.calls));
        let total = estimate.map(|estimate| ms(estimate.total_ms));
        cells.extend([
            phrases::estimated(words::count(query.calls), calls),
            ms_or_dash(query.times.mean_ms),
            ms_or_dash(query.times.p95_ms),
            ms_or_dash(query.times.max_ms),
            match query.timed {
                0 => dash(),
                _ => phrases::estimated(ms(query.total_ms), total),
            },
            phrases::share(query.share, query.timed > 0),
            words::count(query.errors),
        ]);
        if let Some(column) = &ranking.column {
            cells.push(column.cells.get(at).cloned().flatten().unwrap_or_else(dash));
        }
        let cell = |names| attributes::per_call(query, names).unwrap_or_else(dash);
        cells.extend(per_call.iter().map(|(_, names)| cell(names)));
        if any_lost {
            cells.push(match has_lost(query) {
                true => phrases::lost(query.timeouts, query.lost_ms),
                false => dash(),
            });
        }
        cells.push(query.trend.clone());
        table.row(cells);
    }
    let rest = &ranking.rest;
    if rest.members > 0 || rest.calls > 0 {
        let others = match rest.members {
            0 => "folded classes".to_owned(),
            1 => "1 other class".to_owned(),
            n => format!("{} other classes", words::count(n as u64)),
        };
        let mut cells = vec![String::new(), String::new(), others];
        if several {
            cells.push(String::new());
        }
        cells.extend([
            words::count(rest.calls),
            String::new(),
            String::new(),
            String::new(),
            ms(rest.total_ms),
            phrases::share(rest.share, report.totals.total_ms > 0.0),
        ]);
        table.row(cells);
    }
    table.finish(out);
}

/// The id, linked to the class's details.
fn link(query: &Query) -> String {
    format!("[`{}`](#{})", query.shown_id(), query.anchor)
}

fn statement(query: &Query) -> String {
    let cut = if query.truncated { " (cut in the log)" } else { "" };
    format!("{}{cut}", escape::cell_code(&query.fingerprint, STATEMENT))
}

/// Runs by another dimension, when that was asked for.
pub fn groups(report: &Report, out: &mut String) {
    let Some(groups) = &report.groups else { return };
    heading(out, 3, "Groups");
    paragraph(out, &format!("Runs by {}.", escape::code(&groups.by)));
    let several = report.servers.len() > 1;
    let mut columns = vec![("#", Side::Right), ("group", Side::Left)];
    if several {
        columns.push(("server", Side::Left));
    }
    columns.extend([
        (scope(report, "logged calls", "calls"), Side::Right),
        (scope(report, "mean of logged runs", "mean"), Side::Right),
        (scope(report, "p95 of logged runs", "p95"), Side::Right),
        ("max", Side::Right),
        ("total", Side::Right),
        (scope(report, "share of logged time", "share"), Side::Right),
    ]);
    let mut table = Table::new(&columns);
    for (at, group) in groups.items.iter().take(MAX_GROUPS).enumerate() {
        let name = group.name.as_deref().map(|name| escape::cell_code(name, NAME));
        let mut cells = vec![(at + 1).to_string(), name.unwrap_or_else(|| "(none)".to_owned())];
        if several {
            cells.push(escape::cell_code(&group.server, NAME));
        }
        cells.extend([
            words::count(group.calls),
            ms_or_dash(group.times.mean_ms),
            ms_or_dash(group.times.p95_ms),
            ms_or_dash(group.times.max_ms),
            ms(group.total_ms),
            words::percent(group.share),
        ]);
        table.row(cells);
    }
    table.finish(out);
    let unlisted = groups.items.len().saturating_sub(MAX_GROUPS);
    if unlisted > 0 {
        paragraph(out, &format!("{unlisted} more are in the JSON report."));
    }
    if groups.rest.members > 0 {
        paragraph(
            out,
            &format!(
                "{} other groups have {} calls and {} of the load.",
                words::count(groups.rest.members as u64),
                words::count(groups.rest.calls),
                words::percent(groups.rest.share)
            ),
        );
    }
}

/// Rows of the table of groups.
const MAX_GROUPS: usize = 100;
