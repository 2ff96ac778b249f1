//! The lines that libraries write about their pools: one pattern each, with the figures as named
//! groups. In: one line. Out: what it says of which pool.

use crate::model::event::{PoolFigures, PoolNews, PoolStep};
use regex::bytes::{Captures, Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use std::borrow::Cow;
use std::sync::LazyLock;

/// What a line of a form says.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Says {
    Sample,
    Timeout,
    Leak,
}

/// Every form with the library that writes it, whose name stands for a pool without one; of several
/// that fit a line the first counts. Names of groups: `pool`; `total`, `active`,
/// `idle`, `waiting`, `max`; `size` and `overflow`, which make `max` together; `wait_ms`, `wait_s`.
#[rustfmt::skip]
const FORMS: &[(Says, &str, &str)] = &[
    // HikariCP: `total=10/20, idle=0/5, active=…` since 6.0, before it without the limits.
    (Says::Timeout, "HikariCP", r"(?:(?P<pool>[\w.$-]{1,80}) - )?Connection is not available, request timed out after (?P<wait_ms>\d+) ?ms\.?(?: \(total=(?P<total>\d+)(?:/(?P<max>\d+))?, (?:active=(?P<active>\d+), idle=(?P<idle>\d+)|idle=(?P<idle2>\d+)(?:/\d+)?, active=(?P<active2>\d+)), waiting=(?P<waiting>\d+)\))?"),
    (Says::Leak, "HikariCP", r"Connection leak detection triggered for"),
    (Says::Sample, "HikariCP", r"(?:(?P<pool>[\w.$-]{1,80}) - )?[\w ]{0,40}stats \(total=(?P<total>\d+)(?:/(?P<max>\d+))?, (?:active=(?P<active>\d+), idle=(?P<idle>\d+)|idle=(?P<idle2>\d+)(?:/\d+)?, active=(?P<active2>\d+)), waiting=(?P<waiting>\d+)\)"),
    // SQLAlchemy.
    (Says::Timeout, "SQLAlchemy", r"QueuePool limit of size (?P<size>\d+) overflow (?P<overflow>\d+) reached, connection timed out, timeout (?P<wait_s>\d+(?:\.\d+)?)"),
    (Says::Sample, "SQLAlchemy", r"Pool size: \d+ +Connections in pool: (?P<idle>\d+) +Current Overflow: -?\d+ +Current Checked out connections: (?P<active>\d+)"),
    // psycopg_pool.
    (Says::Timeout, "psycopg_pool", r"couldn't get a connection after (?P<wait_s>\d+(?:\.\d+)?) sec"),
    // Prisma.
    (Says::Timeout, "Prisma", r"Timed out fetching a new connection from the connection pool(?:.{0,200}Current connection pool timeout: (?P<wait_s>\d+), connection limit: (?P<max>\d+))?"),
    // Go's sql.DBStats, as JSON or printed.
    (Says::Sample, "sql.DB", r#"MaxOpenConnections"?:\s?(?P<max>\d+),? ?\s?"?OpenConnections"?:\s?(?P<total>\d+),? ?\s?"?InUse"?:\s?(?P<active>\d+),? ?\s?"?Idle"?:\s?(?P<idle>\d+)"#),
    // ActiveRecord.
    (Says::Timeout, "ActiveRecord", r"could not obtain a connection from the pool within \d+(?:\.\d+)? seconds(?: \(waited (?P<wait_s>\d+(?:\.\d+)?) seconds\))?"),
    (Says::Sample, "ActiveRecord", r"\{:?size(?:=>|: )(?P<max>\d+), :?connections(?:=>|: )(?P<total>\d+), :?busy(?:=>|: )(?P<active>\d+), :?dead(?:=>|: )\d+, :?idle(?:=>|: )(?P<idle>\d+), :?waiting(?:=>|: )(?P<waiting>\d+)"),
    // Tomcat's pool and DBCP.
    (Says::Timeout, "Tomcat or DBCP", r"Unable to fetch a connection in (?P<wait_s>\d+) seconds, none available\[size:(?P<total>\d+); busy:(?P<active>\d+); idle:(?P<idle>\d+)"),
    (Says::Timeout, "Tomcat or DBCP", r"Cannot get a connection, pool error:? Timeout waiting for idle object"),
    (Says::Leak, "Tomcat or DBCP", r"(?i)connection has been abandoned"),
    // node-postgres, however its three counters are printed.
    (Says::Sample, "node-postgres", r#"(?i)\b(?:total|totalCount|pool|pool size)["']?\s{0,3}[:=]\s{0,3}(?P<total>\d+)[,;]?\s{1,3}["']?(?:idle|idleCount)["']?\s{0,3}[:=]\s{0,3}(?P<idle>\d+)[,;]?\s{1,3}["']?(?:waiting|waitingCount)["']?\s{0,3}[:=]\s{0,3}(?P<waiting>\d+)"#),
    (Says::Sample, "node-postgres", r#""(?:total|totalCount)":(?P<total>\d+),"(?:idle|idleCount)":(?P<idle>\d+),"(?:waiting|waitingCount)":(?P<waiting>\d+)"#),
    (Says::Timeout, "node-postgres", r"timeout exceeded when trying to connect"),
    // Knex, Sequelize, Npgsql, ADO.NET, MongoDB's drivers.
    (Says::Timeout, "Knex", r"Knex: Timeout acquiring a connection"),
    (Says::Timeout, "Sequelize", r"SequelizeConnectionAcquireTimeoutError"),
    (Says::Timeout, "Npgsql", r"The connection pool has been exhausted, either raise .?Max ?Pool ?Size.? \(currently (?P<max>\d+)\) or .?Timeout.? \(currently (?P<wait_s>\d+) seconds\)"),
    (Says::Timeout, "ADO.NET", r"The timeout period elapsed prior to obtaining a connection from the pool"),
    (Says::Timeout, "MongoDB driver", r"(?:Timed out while checking out a connection from connection pool|Timed out after (?P<wait_ms>\d+) ms while waiting for a connection to server)"),
];

struct Compiled {
    any: RegexSet,
    forms: Vec<(Says, &'static str, Regex)>,
}

/// None of the patterns fails to compile: the test reads a line of each.
static COMPILED: LazyLock<Option<Compiled>> = LazyLock::new(|| {
    let patterns = FORMS.iter().map(|(_, _, pattern)| pattern);
    let any = RegexSetBuilder::new(patterns).unicode(false).build().ok()?;
    let one = |form| RegexBuilder::new(form).unicode(false).build().ok();
    let forms = FORMS.iter().filter_map(|(says, of, form)| Some((*says, *of, one(form)?)));
    Some(Compiled { any, forms: forms.collect() })
});

/// The form that a line has, and what it found in it.
fn captures(line: &[u8]) -> Option<(Says, &'static str, Captures<'_>)> {
    let compiled = COMPILED.as_ref()?;
    let form = compiled.any.matches(line).iter().next()?;
    let (says, library, form) = compiled.forms.get(form)?;
    Some((*says, *library, form.captures(line)?))
}

/// What a line says of a pool; `None` for all other lines.
pub(super) fn news(line: &[u8]) -> Option<PoolNews<'_>> {
    let (says, library, found) = captures(line)?;
    let step = match says {
        Says::Sample => PoolStep::Sampled,
        Says::Leak => PoolStep::Leaked,
        Says::Timeout => PoolStep::TimedOut { waited_us: waited_us(&found) },
    };
    let pool = found
        .name("pool")
        .map_or(Cow::Borrowed(library), |name| String::from_utf8_lossy(name.as_bytes()));
    Some(PoolNews { pool, step, figures: figures(&found) })
}

/// The part of a line that tells of a pool: words of the library, its figures and the pool's name.
pub(super) fn part(line: &[u8]) -> Option<&[u8]> {
    Some(captures(line)?.2.get(0)?.as_bytes())
}

fn text<'l>(found: &Captures<'l>, name: &str) -> Option<&'l str> {
    std::str::from_utf8(found.name(name)?.as_bytes()).ok()
}

fn figures(found: &Captures<'_>) -> PoolFigures {
    let number = |name: &str| text(found, name)?.parse::<u64>().ok();
    let either = |name: &str, other: &str| number(name).or_else(|| number(other));
    let (mut total, mut active) = (number("total"), either("active", "active2"));
    let idle = either("idle", "idle2");
    let mut max = number("max").filter(|max| *max > 0);
    // SQLAlchemy says so when all that it may open are taken.
    if let Some((size, overflow)) = number("size").zip(number("overflow")) {
        max = Some(size.saturating_add(overflow));
        (total, active) = (max, max);
    }
    if let (None, Some((active, idle))) = (total, active.zip(idle)) {
        total = Some(active.saturating_add(idle));
    }
    if let (None, Some((total, idle))) = (active, total.zip(idle)) {
        active = Some(total.saturating_sub(idle));
    }
    PoolFigures { waiting: number("waiting"), active, total, idle, max }
}

fn waited_us(found: &Captures<'_>) -> Option<u64> {
    let ms = text(found, "wait_ms").and_then(|ms| ms.parse::<u64>().ok());
    let us = ms.map(|ms| ms.saturating_mul(1000));
    us.or_else(|| Some((text(found, "wait_s")?.parse::<f64>().ok()? * 1e6) as u64))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A line of each form: the pool, what it says with the milliseconds waited, and total, active, idle, waiting,
    /// max.
    #[test]
    fn every_library_is_understood() {
        let cases = [
            (
                "DEBUG HikariPool-1 - Pool stats (total=10, active=9, idle=1, waiting=3)",
                "HikariPool-1",
                "sample 10 9 1 3 -",
            ),
            (
                "x HikariPool-1 - After adding stats (total=10/20, idle=1/5, active=9, waiting=0)",
                "HikariPool-1",
                "sample 10 9 1 0 20",
            ),
            (
                "shop - Connection is not available, request timed out after 30001ms (total=10, active=10, idle=0, waiting=7)",
                "shop",
                "timeout 30001 10 10 0 7 -",
            ),
            (
                "HikariPool-1 - Connection is not available, request timed out after 30001ms.",
                "HikariPool-1",
                "timeout 30001 - - - - -",
            ),
            (
                "Connection leak detection triggered for org.postgresql.jdbc.PgConnection@1 on thread t",
                "HikariCP",
                "leak - - - - -",
            ),
            (
                "sqlalchemy.exc.TimeoutError: QueuePool limit of size 5 overflow 10 reached, connection timed out, timeout 30.00 (Background on",
                "SQLAlchemy",
                "timeout 30000 15 15 - - 15",
            ),
            (
                "Pool size: 5  Connections in pool: 1 Current Overflow: -3 Current Checked out connections: 2",
                "SQLAlchemy",
                "sample 3 2 1 - -",
            ),
            (
                "psycopg_pool.PoolTimeout: couldn't get a connection after 30.00 sec",
                "psycopg_pool",
                "timeout 30000 - - - - -",
            ),
            (
                "Timed out fetching a new connection from the connection pool. More info: http://pris.ly/d/connection-pool (Current connection pool timeout: 10, connection limit: 5)",
                "Prisma",
                "timeout 10000 - - - - 5",
            ),
            (
                r#"{"MaxOpenConnections":25,"OpenConnections":24,"InUse":20,"Idle":4,"WaitCount":153}"#,
                "sql.DB",
                "sample 24 20 4 - 25",
            ),
            (
                "{MaxOpenConnections:0 OpenConnections:3 InUse:1 Idle:2 WaitCount:0}",
                "sql.DB",
                "sample 3 1 2 - -",
            ),
            (
                "ActiveRecord::ConnectionTimeoutError (could not obtain a connection from the pool within 5.000 seconds (waited 5.001 seconds); all pooled connections were in use)",
                "ActiveRecord",
                "timeout 5001 - - - - -",
            ),
            (
                "{:size=>5, :connections=>5, :busy=>4, :dead=>0, :idle=>1, :waiting=>3, :checkout_timeout=>5.0}",
                "ActiveRecord",
                "sample 5 4 1 3 5",
            ),
            (
                "{size: 5, connections: 5, busy: 4, dead: 0, idle: 1, waiting: 3, checkout_timeout: 5.0}",
                "ActiveRecord",
                "sample 5 4 1 3 5",
            ),
            (
                "PoolExhaustedException: [exec-1] Timeout: Pool empty. Unable to fetch a connection in 30 seconds, none available[size:100; busy:100; idle:0; lastwait:30000].",
                "Tomcat or DBCP",
                "timeout 30000 100 100 0 - -",
            ),
            (
                "Cannot get a connection, pool error Timeout waiting for idle object",
                "Tomcat or DBCP",
                "timeout - - - - - -",
            ),
            ("{ total: 20, idle: 3, waiting: 5 }", "node-postgres", "sample 20 17 3 5 -"),
            ("Pool: 20 Idle: 3 Waiting: 5", "node-postgres", "sample 20 17 3 5 -"),
            (
                r#"{"msg":"pool","totalCount":20,"idleCount":3,"waitingCount":5}"#,
                "node-postgres",
                "sample 20 17 3 5 -",
            ),
            (
                "Error: timeout exceeded when trying to connect",
                "node-postgres",
                "timeout - - - - - -",
            ),
            (
                "The connection pool has been exhausted, either raise 'Max Pool Size' (currently 100) or 'Timeout' (currently 15 seconds)",
                "Npgsql",
                "timeout 15000 - - - - 100",
            ),
            (
                "Timed out after 120000 ms while waiting for a connection to server db1:27017.",
                "MongoDB driver",
                "timeout 120000 - - - - -",
            ),
        ];
        let shown = |n: Option<u64>| n.map_or("-".to_owned(), |n| n.to_string());
        for (line, pool, expected) in cases {
            let news = news(line.as_bytes()).unwrap_or_else(|| panic!("{line}"));
            let PoolFigures { waiting, active, total, idle, max } = news.figures;
            let figures = [total, active, idle, waiting, max].map(shown).join(" ");
            let told = match news.step {
                PoolStep::Sampled => format!("sample {figures}"),
                PoolStep::Leaked => format!("leak {figures}"),
                PoolStep::TimedOut { waited_us } => {
                    format!("timeout {} {figures}", shown(waited_us.map(|us| us / 1000)))
                }
            };
            assert_eq!((&*news.pool, told.as_str()), (pool, expected), "{line}");
        }
        for line in
            ["", "total: 5 items", "idle: 3, waiting: 2", "Pool size: 5", "request timed out"]
        {
            assert_eq!(news(line.as_bytes()), None, "{line}");
        }
    }
}
