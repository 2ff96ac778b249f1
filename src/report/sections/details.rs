//! Query Details: a block per class that a table or a finding shows.

use super::{attributes, heading, item, paragraph, plans};
use crate::judge::words;
use crate::model::event::Engine;
use crate::report::phrases::{self, clock, lost, ms, ms_or_dash, plural, scope};
use crate::report::types::{Attribute, Example, Named, Query, Report};
use crate::report::{engines, escape, layout};

/// Bytes of blocks; classes past it stand in the tables and in JSON only.
const MAX_BYTES: usize = 130_000;
/// Names per dimension.
const NAMES: usize = 5;
/// Characters of a name.
const NAME: usize = 60;

pub fn write(report: &Report, out: &mut String) {
    if !report.has_target("queries") {
        return;
    }
    heading(out, 2, "Query Details");
    if report.totals.classes == 0 {
        let how = engines::each(report, engines::log_durations);
        paragraph(out, &format!("No statement was logged. To fill this, {how}."));
        return;
    }
    let mut left = MAX_BYTES;
    let mut omitted = 0u64;
    for query in report.shown() {
        let mut text = String::new();
        block(report, query, &mut text);
        match left.checked_sub(text.len()) {
            Some(rest) => {
                left = rest;
                paragraph(out, text.trim_end());
            }
            None => omitted += 1,
        }
    }
    if omitted > 0 {
        paragraph(out, &format!("{} more classes have no room here.", words::count(omitted)));
    }
}

fn block(report: &Report, query: &Query, out: &mut String) {
    heading(out, 3, &format!("<a id=\"{}\"></a>`{}`", query.anchor, query.shown_id()));
    let cut = if query.truncated { ", cut in the log" } else { "" };
    let server = if report.servers.len() > 1 {
        format!(" on {}", escape::code(&query.server))
    } else {
        String::new()
    };
    let tables = match query.tables.as_slice() {
        [] => String::new(),
        tables => {
            let names = tables.iter().take(2 * NAMES).map(|t| escape::code(&short(t)));
            let more = tables.len().saturating_sub(2 * NAMES);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!(" of {}{more}", names.collect::<Vec<_>>().join(", "))
        }
    };
    paragraph(out, &format!("{}{tables}{server}{cut}.", query.verb));
    match &query.example {
        Some(example) => {
            paragraph(out, fence(query, &example.text).trim_end());
            if let Some(parameters) = &example.parameters {
                paragraph(out, &format!("Parameters: {}", escape::code(parameters)));
            }
        }
        None => paragraph(out, fence(query, &query.fingerprint).trim_end()),
    }
    if let Some(explain) = &query.explain {
        let comma = if explain.note.is_empty() { "" } else { ", " };
        let note = explain.note;
        paragraph(out, &format!("Its plan, without executing it{comma}{note}:"));
        paragraph(out, fence(query, &explain.command).trim_end());
    }
    out.push('\n');
    numbers(report, query, out);
    places(report, query, out);
    for (what, key, names) in [
        ("users", "users", &query.users),
        ("databases", "databases", &query.databases),
        ("hosts", "hosts", &query.hosts),
        ("applications", "apps", &query.apps),
    ] {
        named(out, what, names, query.folded_names.get(key).copied());
    }
    for (key, names) in &query.tags {
        let what = format!("tag {}", escape::code(&short(key)));
        named(out, &what, names, None);
    }
    if query.pt_id.is_some() {
        item(out, "querylens id", &format!("`{}`", query.id));
    }
    if !query.server_query_ids.is_empty() {
        item(out, "server query ids", &query.server_query_ids.join(", "));
    }
    if !query.findings.is_empty() {
        let numbers = report.findings.iter().filter(|f| query.findings.contains(&f.finding.key));
        let links = numbers.map(|f| format!("[F{0}](#f{0})", f.number));
        item(out, "findings", &links.collect::<Vec<_>>().join(", "));
    }
    attributes::write(query, out);
    let own = report.plans.iter().filter(|plan| query.plans.contains(&plan.id));
    plans::write_all(own.collect(), out);
}

/// A statement in the language of its engine; commands are logged as one long line.
fn fence(query: &Query, text: &str) -> String {
    match query.engine {
        Engine::Mongodb => escape::fence(engines::language(query.engine), &layout::lines(text)),
        engine => escape::fence(engines::language(engine), text),
    }
}

fn numbers(report: &Report, query: &Query, out: &mut String) {
    let t = &query.times;
    let untimed = query.calls.saturating_sub(query.timed);
    let untimed = match untimed {
        0 => String::new(),
        n => format!(" ({} without a duration)", words::count(n)),
    };
    let calls = scope(report, "logged calls", "calls");
    item(out, calls, &format!("{}{untimed}", words::count(query.calls)));
    // Where the server's counters are all that is known, they are the calls above.
    let beside = query.counted.as_ref().filter(|_| query.last.is_some());
    if let Some(counted) = beside {
        let text = format!(
            "{} with {} together, in no other number",
            plural(counted.count, "call"),
            ms(counted.total_ms)
        );
        item(out, "by the server's own counters", &text);
    }
    if let Some(estimated) = &query.estimated {
        let text = format!(
            "≈ {} with ≈ {} together: the log took {}",
            plural(estimated.calls, "call"),
            ms(estimated.total_ms),
            phrases::one_in(estimated.one_in)
        );
        item(out, "estimated", &text);
    }
    if query.timed > 0 {
        let share = words::percent(query.share);
        let of = scope(report, "of logged time", "of the load");
        item(out, "total", &format!("{}, {share} {of}", ms(query.total_ms)));
        let runs = scope(report, "time of logged runs", "time");
        item(
            out,
            runs,
            &format!(
                "mean {}, median {}, p95 {}, p99 {}, from {} to {}, standard deviation {}",
                ms_or_dash(t.mean_ms),
                ms_or_dash(t.p50_ms),
                ms_or_dash(t.p95_ms),
                ms_or_dash(t.p99_ms),
                ms_or_dash(t.min_ms),
                ms_or_dash(t.max_ms),
                ms_or_dash(t.stddev_ms)
            ),
        );
    }
    for (name, step) in query.attributes.iter().filter(|(name, _)| attributes::is_step(name)) {
        if let Attribute::Numbers { sum, records, .. } = step {
            let name = name.trim_end_matches("_ms");
            let text = format!("{} in {} steps", ms(sum.0), words::count(*records));
            item(out, &format!("{name} (in no total)"), &text);
        }
    }
    if query.errors > 0 {
        let cancelled = words::count(query.cancelled);
        item(out, "errors", &format!("{}, {cancelled} cancelled", words::count(query.errors)));
    }
    if query.timeouts > 0 && query.engine == Engine::Mongodb {
        item(out, "ended by a limit on time", &plural(query.timeouts, "run"));
    } else if query.timeouts > 0 {
        let text = format!(
            "{} ({}, in no other number)",
            lost(query.timeouts, query.lost_ms),
            plural(query.timeouts, "run")
        );
        item(out, "lost to timeouts", &text);
    }
    if query.temp_files > 0 {
        let size = words::bytes(query.temp_bytes);
        item(out, "temporary files", &format!("{}, {size}", words::count(query.temp_files)));
    }
    if query.lock_waits > 0 {
        let waited = ms(query.lock_wait_ms);
        item(out, "lock waits", &format!("{}, {waited}", words::count(query.lock_waits)));
    }
    if query.prepared > 0 {
        item(out, "prepared", &format!("{} of the calls", words::count(query.prepared)));
    }
    let trend = if query.trend.is_empty() { "" } else { " " };
    item(
        out,
        "seen",
        &format!(
            "{} to {} {}{trend}{}",
            clock(report, query.first),
            clock(report, query.last),
            report.zone,
            query.trend
        ),
    );
}

fn places(report: &Report, query: &Query, out: &mut String) {
    let place = |example: &Example| {
        // Tags that are counted above need no place.
        let tags = example.tags.iter().filter(|(key, _)| !query.tags.contains_key(*key));
        let tags = tags.map(|(key, value)| {
            format!(", {} {}", escape::code(&short(key)), escape::code(&short(value)))
        });
        format!(
            "{} ({}, {}{})",
            escape::code(&escape::clipped(&phrases::place(&example.source), 200)),
            ms_or_dash(example.duration_ms),
            clock(report, example.at),
            tags.collect::<String>()
        )
    };
    if let Some(slowest) = &query.example {
        item(out, if query.timed > 0 { "slowest" } else { "example" }, &place(slowest));
    }
    if !query.samples.is_empty() {
        let list: Vec<_> = query.samples.iter().map(place).collect();
        item(out, "sampled", &list.join("; "));
    }
}

fn named(out: &mut String, what: &str, names: &[Named], folded: Option<u64>) {
    if names.is_empty() && folded.is_none() {
        return;
    }
    let list = names.iter().take(NAMES).map(|named| {
        format!("{} {}", escape::code(&short(&named.name)), words::count(named.calls))
    });
    let mut text = list.collect::<Vec<_>>().join(", ");
    if names.len() > NAMES {
        text += &format!(" and {} more", names.len() - NAMES);
    }
    if let Some(calls) = folded {
        text += &format!("; {} by others, folded", phrases::plural(calls, "call"));
    }
    item(out, what, &text);
}

/// A name, cut; `code` shows what it holds.
fn short(name: &str) -> String {
    crate::judge::evidence::shorten(name, NAME)
}
