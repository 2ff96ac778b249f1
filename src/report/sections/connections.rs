//! Connection Pool Metrics: connections and sessions, and what follows for a pool.

use super::table::{Side, Table};
use super::{heading, paragraph, pools};
use crate::judge::words;
use crate::report::phrases::{clock, dash, either, ms, width};
use crate::report::types::{Connections, Count, Report, Running};
use crate::report::{engines, escape};

/// Names in a table; the JSON report has more.
const MAX_NAMES: usize = 10;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 3, "Connection Pool Metrics");
    let c = &report.connections;
    numbers(report, c, out);
    statements(report, c, out);
    refusals(c, out);
    sessions(c, out);
    names(c, out);
    clients(c, out);
    pooler(c, out);
    pools::write(c, out);
    paragraph(
        out,
        &format!(
            "No pool size follows from this: how long transactions hold a connection is not in \
             these files. To fill this, collect for one peak week the pooler's statistics, or {}.",
            engines::each(report, engines::log_sessions)
        ),
    );
}

fn numbers(report: &Report, c: &Connections, out: &mut String) {
    let mut facts = Vec::new();
    for (count, one, many) in [
        (c.total, "connection came in", "connections came in"),
        (c.authenticated, "was authenticated", "were authenticated"),
        (c.authorized, "was authorized", "were authorized"),
        (c.introduced, "client said what it is", "clients said what they are"),
        (c.disconnected, "session ended", "sessions ended"),
        (report.totals.sessions, "session wrote to the log", "sessions wrote to the log"),
    ] {
        if let Some(count) = count {
            facts.push(either(count, one, many));
        }
    }
    if let Some((encrypted, authorized)) = c.encrypted.zip(c.authorized)
        && encrypted > 0
    {
        let share = words::percent(encrypted as f64 / authorized.max(1) as f64);
        facts.push(format!("{share} of the authorized ones are encrypted"));
    }
    if let Some(per_minute) = c.churn_per_minute {
        facts.push(format!("{per_minute:.1} new connections a minute"));
    }
    if let Some(setup) = c.setup_ms {
        facts
            .push(format!("{} until a new session can run its first query, on average", ms(setup)));
    }
    if let (Some(peak), None) = (c.peak_concurrent, c.sampled_every_s) {
        facts.push(format!("at most {} open at once, as the server counts", words::count(peak)));
    }
    if c.terminated > 0 {
        let ended = either(c.terminated, "session was", "sessions were");
        facts.push(format!("{ended} ended by a timeout or an administrator"));
    }
    if told(c).is_none()
        && let Some(average) = report.load.busy_average
    {
        let peak = report.load.busy_peak.zip(report.load.busy_peak_width_s);
        let peak = peak.map_or(String::new(), |(busy, width_s)| {
            format!(", about {busy:.2} in the busiest {}", width(width_s))
        });
        facts.push(format!("statements alone kept {average:.2} sessions busy on average{peak}"));
    }
    if !facts.is_empty() {
        paragraph(out, &format!("{}.", facts.join("; ")));
    }
}

/// Statements that ran at once, where samples hit any.
fn told(c: &Connections) -> Option<(&Running, f64)> {
    let running = c.statements.as_ref().filter(|running| running.peak > 0)?;
    Some((running, running.average?))
}

fn statements(report: &Report, c: &Connections, out: &mut String) {
    let Some((running, average)) = told(c) else { return };
    let p95 = running.p95.map_or(String::new(), |p95| format!("p95 {p95}, "));
    let bound =
        if running.lower_bound { ": a lower bound, as the logs leave runs out" } else { "" };
    let mut text = format!(
        "Statements running at once: {average:.2} on average, {p95}at most {} (at {}); sampled at \
         boundaries of {}, of logged runs{bound}.",
        words::count(running.peak),
        clock(report, running.peak_at),
        width(running.sampled_every_s),
    );
    if !running.trend.is_empty() {
        text += &format!(" Over time: {}", running.trend);
    }
    paragraph(out, &text);
}

fn refusals(c: &Connections, out: &mut String) {
    if c.refused > 0 {
        let refused = either(c.refused, "connection was refused", "connections were refused");
        let why: Vec<_> = c.refusals.iter().map(counted).collect();
        paragraph(out, &format!("{refused}: {}.", why.join(", ")));
    }
    if !c.methods.is_empty() {
        let methods: Vec<_> = c.methods.iter().map(counted).collect();
        paragraph(out, &format!("Authenticated by: {}.", methods.join(", ")));
    }
}

/// What clients say they are.
fn clients(c: &Connections, out: &mut String) {
    for (what, list) in [("Drivers", &c.drivers), ("Operating systems", &c.systems)] {
        if list.is_empty() {
            continue;
        }
        let mut names: Vec<String> = list
            .iter()
            .take(MAX_NAMES)
            .map(|c| {
                let name = escape::code(&escape::clipped(&c.name, 60));
                format!("{} × {name}", words::count(c.count))
            })
            .collect();
        if list.len() > MAX_NAMES {
            names.push(format!("{} others", words::count((list.len() - MAX_NAMES) as u64)));
        }
        paragraph(out, &format!("{what}: {}.", names.join(", ")));
    }
}

fn counted(count: &Count) -> String {
    format!("{} × {}", words::count(count.count), escape::prose(&count.name))
}

fn sessions(c: &Connections, out: &mut String) {
    let Some(mean) = c.session_mean_ms else { return };
    let or_dash = |value: Option<f64>| value.map_or_else(dash, ms);
    let mut text = format!(
        "Ended sessions lasted {} on average, half of them up to {}, 95 % up to {}, the longest {}.",
        ms(mean),
        or_dash(c.session_p50_ms),
        or_dash(c.session_p95_ms),
        or_dash(c.session_max_ms)
    );
    if let Some((peak, width_s)) = c.peak_concurrent.zip(c.sampled_every_s) {
        let p95 = c.p95_concurrent.map_or(String::new(), |p95| format!(" (p95 {p95})"));
        text += &format!(
            " At most {} of them were open at once{p95}, sampled every {}; sessions that ended \
             outside these logs are not in this.",
            words::count(peak),
            width(width_s)
        );
    }
    paragraph(out, &text);
    let bands: Vec<_> = c
        .session_lengths
        .iter()
        .map(|band| format!("{} {}", words::count(band.count), band.label))
        .collect();
    if !bands.is_empty() {
        paragraph(out, &format!("Sessions by length: {}.", bands.join(", ")));
    }
}

/// Whose the sessions are that ran something, where no line tells of connections.
fn sessions_of_runs(c: &Connections, out: &mut String) {
    let lists = [("user", &c.by_user), ("host", &c.by_host)];
    let lists = lists.iter().filter(|(_, list)| !list.is_empty()).map(|(by, list)| {
        let mut names: Vec<String> = list
            .iter()
            .take(MAX_NAMES)
            .map(|c| {
                format!(
                    "{} × {}",
                    words::count(c.count),
                    escape::code(&escape::clipped(&c.name, 60))
                )
            })
            .collect();
        if list.len() > MAX_NAMES {
            names.push(format!("{} others", words::count((list.len() - MAX_NAMES) as u64)));
        }
        format!("by {by}: {}", names.join(", "))
    });
    let lists: Vec<String> = lists.collect();
    if !lists.is_empty() {
        paragraph(out, &format!("Sessions that ran something, {}.", lists.join("; ")));
    }
}

fn names(c: &Connections, out: &mut String) {
    if c.names_count == "sessions" {
        return sessions_of_runs(c, out);
    }
    let dimensions = [
        ("database", "database", &c.by_database),
        ("user", "user", &c.by_user),
        ("host", "host", &c.by_host),
        ("application", "app", &c.by_app),
    ];
    if dimensions.iter().all(|(_, _, list)| list.is_empty()) && c.sessions.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        ("by", Side::Left),
        ("name", Side::Left),
        ("connections", Side::Right),
        ("ended sessions", Side::Right),
        ("their time", Side::Right),
    ]);
    // MySQL does not log how long a session lasted.
    let timed = c.session_mean_ms.is_some();
    for (title, by, list) in dimensions {
        let ended = |name: &str| c.sessions.iter().find(|s| s.by == by && s.name == name);
        let mut names: Vec<&str> = list.iter().map(|count| count.name.as_str()).collect();
        let more = c.sessions.iter().filter(|s| s.by == by).map(|s| s.name.as_str());
        more.for_each(|name| {
            if !names.contains(&name) {
                names.push(name);
            }
        });
        for (at, name) in names.iter().take(MAX_NAMES).enumerate() {
            let came = list.iter().find(|count| count.name == *name);
            table.row([
                if at == 0 { format!("**{title}**") } else { String::new() },
                escape::cell_code(name, 60),
                came.map_or_else(dash, |count| words::count(count.count)),
                ended(name).map_or_else(dash, |s| words::count(s.count)),
                ended(name).filter(|_| timed).map_or_else(dash, |s| ms(s.total_ms)),
            ]);
        }
        if names.len() > MAX_NAMES {
            let left = names.len() - MAX_NAMES;
            table.row([String::new(), format!("{} others", words::count(left as u64))]);
        }
    }
    table.finish(out);
}

fn pooler(c: &Connections, out: &mut String) {
    let Some(p) = &c.pooler else { return };
    let mut facts = vec![format!(
        "{:.1} queries a second on average, {} in the busiest of {} stats lines",
        p.queries_per_s,
        words::count(p.max_queries_per_s),
        words::count(p.lines)
    )];
    if let Some(per_s) = p.transactions_per_s {
        facts.push(format!("{per_s:.1} transactions a second"));
    }
    facts.push(format!(
        "{} in and {} out a second",
        words::bytes(p.in_bytes_per_s as u64),
        words::bytes(p.out_bytes_per_s as u64)
    ));
    facts.push(format!("{} a query", ms(p.query_ms)));
    if let Some(transaction) = p.transaction_ms {
        facts.push(format!("{} a transaction", ms(transaction)));
    }
    if let Some((wait, most)) = p.wait_ms.zip(p.max_wait_ms) {
        let (wait, most) = (ms(wait), ms(most));
        facts.push(format!("{wait} of waiting for a server connection, up to {most}"));
    }
    paragraph(out, &format!("The pooler counted {}.", facts.join("; ")));
}
