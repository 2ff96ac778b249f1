//! The part of Connection Pool Metrics about pools: a row each.

use super::paragraph;
use super::table::{Side, Table};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{dash, ms};
use crate::report::types::{Connections, PoolItem};

/// Pools in the table; the JSON report has more.
const MAX_POOLS: usize = 20;

pub fn write(c: &Connections, out: &mut String) {
    if c.pools.is_empty() {
        return;
    }
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
