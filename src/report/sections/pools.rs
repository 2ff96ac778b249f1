//! The part of Connection Pool Metrics about pools, a row each, and about the applications that have
//! them.

use super::paragraph;
use super::table::{Side, Table};
use crate::judge::words;
use crate::model::facts::Source;
use crate::report::escape;
use crate::report::phrases::{dash, ms};
use crate::report::types::{ApplicationItem, Connections, PoolItem};

/// Pools in the table; the JSON report has more.
const MAX_POOLS: usize = 20;

/// Libraries and settings of one application that are shown; the JSON report has more.
const MAX_FACTS: usize = 20;

pub fn write(c: &Connections, out: &mut String) {
    c.applications.iter().for_each(|application| of_application(application, out));
    if !c.pools.is_empty() {
        pools(c, out);
    }
}

/// What files of an application say.
fn of_application(application: &ApplicationItem, out: &mut String) {
    let of = escape::code(&escape::clipped(&application.server, 60));
    let place = |source: &Source| {
        escape::code(&escape::clipped(&format!("{}:{}", source.path, source.line), 80))
    };
    let libraries = application.libraries.iter().map(|library| {
        let version = library.version.as_deref().map_or(String::new(), |v| format!(" {v}"));
        let name = escape::code(&escape::clipped(&format!("{}{version}", library.name), 80));
        let engine = library.engine.map_or(String::new(), |e| format!("{}, ", e.title()));
        format!("{name} ({engine}{})", place(&library.source))
    });
    let settings = application.pool_settings.iter().map(|setting| {
        let text = format!("{} = {}", setting.name, setting.value);
        format!("{} ({})", escape::code(&escape::clipped(&text, 80)), place(&setting.source))
    });
    for (what, facts) in [
        ("uses", libraries.collect::<Vec<_>>()),
        ("sets its pools by", settings.collect::<Vec<_>>()),
    ] {
        if facts.is_empty() {
            continue;
        }
        let mut shown: Vec<_> = facts.iter().take(MAX_FACTS).cloned().collect();
        if facts.len() > MAX_FACTS {
            shown.push(format!("{} others", facts.len() - MAX_FACTS));
        }
        paragraph(out, &format!("By its files {of} {what} {}.", shown.join(", ")));
    }
}

fn pools(c: &Connections, out: &mut String) {
    if let Some(timeouts) = c.timeouts.filter(|timeouts| *timeouts > 0) {
        let records = words::counted(timeouts, "record");
        paragraph(out, &format!("Callers got no connection of their pool in time: {records}."));
    }
    let mut table = Table::new(&[
        ("pool", Side::Left),
        ("of", Side::Left),
        ("open", Side::Right),
        ("held", Side::Right),
        ("waiting", Side::Right),
        ("limit", Side::Right),
        ("samples", Side::Right),
        ("timeouts", Side::Right),
        ("longest wait", Side::Right),
        ("leaks", Side::Right),
    ]);
    c.pools.iter().take(MAX_POOLS).for_each(|pool| table.row(row(pool)));
    if c.pools.len() > MAX_POOLS {
        table.row([format!("{} others", words::count((c.pools.len() - MAX_POOLS) as u64))]);
    }
    table.finish(out);
    paragraph(
        out,
        "Of each figure the most that was seen, at whatever moment; timeouts are records of a log that \
         tell of one.",
    );
}

fn row(pool: &PoolItem) -> [String; 10] {
    let count = |n: Option<u64>| n.map_or_else(dash, words::count);
    let name = match pool.name.as_str() {
        "" => dash(),
        name => escape::cell_code(name, 60),
    };
    let limit = match &pool.mode {
        Some(mode) => format!("{} ({})", count(pool.max), escape::cell_code(mode, 20)),
        None => count(pool.max),
    };
    [
        name,
        escape::cell_code(&pool.server, 60),
        count(pool.total),
        count(pool.active),
        count(pool.waiting),
        limit,
        words::count(pool.samples),
        count(pool.timeouts),
        pool.max_wait_ms.map_or_else(dash, ms),
        count(pool.leaks),
    ]
}
