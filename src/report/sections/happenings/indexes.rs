//! Indexes that were built while the logs were written, and documents that expired by one.

use super::{MAX_ROWS, NAME, more};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, dash, either, ms, ms_or_dash, place};
use crate::report::sections::table::{Side, Table};
use crate::report::sections::{heading, paragraph};
use crate::report::types::{IndexBuildItem, Report};

pub fn builds(report: &Report, out: &mut String) {
    let builds = &report.incidents.index_builds;
    if builds.items.is_empty() {
        return;
    }
    heading(out, 4, "Index Builds");
    let mut text = either(builds.occurred.count, "build ended", "builds ended");
    if builds.failed > 0 {
        text += &format!(", {}", either(builds.failed, "failed", "failed"));
    }
    let is_told = builds.items.iter().any(|item| item.elapsed_ms.is_some());
    let why = if is_told {
        "While an index is built, operations on its collection may wait or slow down"
    } else {
        "These logs do not tell how long they took"
    };
    paragraph(out, &format!("{text}. {why}."));
    let mut table = Table::new(&[
        ("collection", Side::Left),
        ("index", Side::Left),
        ("builds", Side::Right),
        ("took", Side::Right),
        ("scan", Side::Right),
        ("documents", Side::Right),
        ("first", Side::Left),
        ("last", Side::Left),
        ("example", Side::Left),
    ]);
    let name = |name: &Option<String>| {
        name.as_deref().map_or_else(dash, |name| escape::cell_code(name, NAME))
    };
    for item in builds.items.iter().take(MAX_ROWS) {
        table.row([
            name(&item.namespace) + if item.has_others { " and others" } else { "" },
            indexes(item, &name(&item.index)),
            ended(item),
            ms_or_dash(item.elapsed_ms),
            if item.scan_ms > 0.0 { ms(item.scan_ms) } else { dash() },
            if item.documents > 0 { words::count(item.documents) } else { dash() },
            clock(report, item.first),
            clock(report, item.last),
            item.source.as_ref().map_or_else(dash, |s| escape::cell_code(&place(s), 100)),
        ]);
    }
    table.finish(out);
    more(out, builds.items.len().saturating_sub(MAX_ROWS), "index builds");
}

/// The index; of several how many more.
fn indexes(item: &IndexBuildItem, name: &str) -> String {
    match item.begun {
        0 | 1 => name.to_owned(),
        _ => format!("{name} and {} more", words::count(item.begun - 1)),
    }
}

fn ended(item: &IndexBuildItem) -> String {
    match (item.done, item.failed) {
        (0, 0) if item.begun > 0 => "begun".to_owned(),
        (0, 0) => dash(),
        (done, 0) => words::count(done),
        (0, failed) => format!("{} failed", words::count(failed)),
        (done, failed) => format!("{}, {} failed", words::count(done), words::count(failed)),
    }
}

pub fn expiries(report: &Report, out: &mut String) {
    let expiries = &report.incidents.expiries;
    // The server's own collections are looked through once a minute, mostly for nothing.
    if expiries.items.iter().all(|item| item.deleted == 0 && item.total_ms == 0.0) {
        return;
    }
    heading(out, 4, "Expired Documents");
    paragraph(
        out,
        &format!(
            "{} of the TTL monitor took {} together, the longest {}. {}",
            either(expiries.occurred.count, "pass", "passes"),
            ms(expiries.total_ms),
            ms(expiries.max_ms),
            expiries.occurred.trend
        ),
    );
    let mut table = Table::new(&[
        ("collection", Side::Left),
        ("index", Side::Left),
        ("passes", Side::Right),
        ("documents deleted", Side::Right),
        ("most in one", Side::Right),
        ("time", Side::Right),
        ("longest", Side::Right),
        ("example", Side::Left),
    ]);
    for item in expiries.items.iter().take(MAX_ROWS) {
        table.row([
            escape::cell_code(&item.namespace, NAME),
            escape::cell_code(&item.index, NAME),
            words::count(item.passes),
            words::count(item.deleted),
            words::count(item.max_deleted),
            ms(item.total_ms),
            ms(item.max_ms),
            item.source.as_ref().map_or_else(dash, |s| escape::cell_code(&place(s), 100)),
        ]);
    }
    table.finish(out);
    more(out, expiries.items.len().saturating_sub(MAX_ROWS), "indexes");
}
