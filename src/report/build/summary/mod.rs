//! The executive summary: what was read, the load and its causes, what to do first, and what these
//! files cannot say. Every sentence follows from the report itself.

mod limits;

use crate::judge::evidence::shorten;
use crate::judge::words;
use crate::report::phrases::{
    class, clock, coverage, either, engines, is_cut, ms, of_load, period, plural, saved, width,
};
use crate::report::types::{Found, Query, Report};

/// Classes that are named as causes.
const CAUSES: usize = 3;
/// Options that leave something out.
const FILTERS: [&str; 9] =
    ["since", "until", "db", "user", "host", "app", "query-id", "exclude-query", "min-duration"];
/// Findings that are named.
const TOP_FINDINGS: usize = 3;
/// Messages that are named because a person should look at them.
const URGENT: usize = 3;
/// Characters of such a message.
const MESSAGE: usize = 90;

pub fn summary(report: &Report) -> Vec<String> {
    [
        read(report),
        filters(report),
        urgent(report),
        load(report),
        limits::counted(report),
        causes(report),
        actions(report),
        slow(report),
        happenings(report),
        lost(report),
        limits::scope(report),
        limits::by_work(report),
        limits::forgotten(report),
        limits::sampled(report),
        limits::apart(report),
        limits::truncated(report),
        limits::suppressed(report),
        limits::rows_limit(report),
        limits::silence(report),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn read(report: &Report) -> Option<String> {
    let copies = report.inputs.iter().filter(|i| i.duplicate_of.is_some()).count();
    let others = || report.inputs.iter().filter(|i| i.duplicate_of.is_none());
    let counted = || others().filter(|i| i.format.is_some());
    let files = counted().count() as u64;
    let bytes = counted().fold(0u64, |sum, i| sum.saturating_add(i.bytes));
    let mut text = format!(
        "{} ({}) of {} {} read",
        plural(files, "file"),
        words::bytes(bytes),
        engines(report),
        if files == 1 { "was" } else { "were" },
    );
    if let Some(period) = period(report) {
        text += &format!(", {period}");
    }
    if let Some(share) = report.coverage.bytes_understood {
        text += &format!("; {} of the bytes were understood", coverage(share));
    }
    text.push('.');
    if copies > 0 {
        let are = if copies == 1 { "was a copy" } else { "were copies" };
        text += &format!(" {copies} more {are} or another view of these and counted once.");
    }
    let unknown = others().filter(|i| i.format.is_none()).count();
    if unknown > 0 {
        let not = either(unknown as u64, "path was not read", "paths were not read");
        text += &format!(" {not} (see the appendix).");
    }
    Some(text)
}

/// What was left out because the user asked so.
fn filters(report: &Report) -> Option<String> {
    let given: Vec<_> = FILTERS
        .iter()
        .filter_map(|name| Some((name, report.options.get(*name)?)))
        .map(|(name, value)| format!("`--{name} {}`", value.replace('`', "'")))
        .collect();
    (!given.is_empty()).then(|| format!("Only what passes {} is counted.", given.join(", ")))
}

fn load(report: &Report) -> Option<String> {
    let totals = &report.totals;
    if totals.queries == 0 {
        return Some("No statement was logged, so nothing can be said about the load.".to_owned());
    }
    let classes = either(totals.classes as u64, "class", "classes");
    let calls = plural(totals.queries, "call");
    if totals.total_ms == 0.0 {
        return Some(format!(
            "{calls} of {classes} were logged, none with a duration: they can be counted, but \
             nothing can be said about time."
        ));
    }
    let mut text = format!(
        "The load is {} of {} time in {calls} of {classes}",
        ms(totals.total_ms),
        if is_cut(report) { "logged query" } else { "query" },
    );
    let load = &report.load;
    if let Some(average) = load.busy_average {
        text += &format!(": {} busy sessions on average", sessions(average));
    }
    if let (Some(peak), Some(at), Some(width_s)) =
        (load.busy_peak, load.busy_peak_at, load.busy_peak_width_s)
    {
        text += &format!(
            ", about {} in the busiest {} (from {})",
            sessions(peak),
            width(width_s),
            clock(report, Some(at))
        );
    }
    text.push('.');
    if let (Some(p50), Some(p95)) = (load.times.p50_ms, load.times.p95_ms) {
        text += &format!(
            " Half of the {}runs took {} or less, 95 % took {} or less.",
            if is_cut(report) { "logged " } else { "" },
            ms(p50),
            ms(p95)
        );
    }
    if load.folded.count > 0 {
        let of = either(load.folded.count, "call is of a class", "calls are of classes");
        text += &format!(
            " {of} that were folded because there were too many: they count in the totals only."
        );
    }
    Some(text)
}

fn sessions(busy: f64) -> String {
    match busy {
        b if b >= 10.0 => format!("{b:.0}"),
        b if b >= 1.0 => format!("{b:.1}"),
        b => format!("{b:.2}"),
    }
}

fn causes(report: &Report) -> Option<String> {
    let mut heavy: Vec<&Query> = report.shown().filter(|q| q.share >= 0.01).collect();
    heavy.sort_by(|a, b| b.share.total_cmp(&a.share)); // stable: ties keep the report's order
    heavy.truncate(CAUSES);
    let (first, share) = (heavy.first()?, heavy.iter().map(|q| q.share).sum::<f64>());
    let list: Vec<_> =
        heavy.iter().map(|q| format!("{} {}", words::percent(q.share), class(q))).collect();
    Some(match heavy.len() {
        1 => format!("One class makes {} of it: {}.", words::percent(first.share), class(first)),
        n => format!(
            "{} classes make {} of it: {}.",
            ["Two", "Three"][(n - 2).min(1)],
            words::percent(share),
            list.join("; ")
        ),
    })
}

fn actions(report: &Report) -> Option<String> {
    if report.findings.is_empty() {
        return Some("No rule found a defect in what these files show.".to_owned());
    }
    let list: Vec<_> = report.findings.iter().take(TOP_FINDINGS).map(action).collect();
    let more = match report.findings.len().saturating_sub(TOP_FINDINGS) {
        0 => String::new(),
        n => format!(" {} more below.", words::count(n as u64)),
    };
    Some(format!("First to look at: {}.{more}", list.join("; ")))
}

fn action(found: &Found) -> String {
    let finding = &found.finding;
    let mut text = format!(
        "F{} {} ({}",
        found.number,
        finding.title.trim_end_matches('.'),
        finding.severity.word(),
    );
    text.extend(of_load(finding).map(|share| format!(", {share}")));
    if let Some(saved) = saved(found) {
        text += &format!("; {saved}");
    }
    text.push(')');
    text
}

fn slow(report: &Report) -> Option<String> {
    let totals = &report.totals;
    let timed = report.totals.queries.saturating_sub(report.logging.untimed);
    if timed == 0 {
        return None;
    }
    let threshold = ms(report.threshold_ms);
    Some(match totals.slow_queries {
        0 => format!("No logged run took {threshold} or longer."),
        n => format!(
            "{} took {threshold} or longer: {} of those with a duration.",
            plural(n, "run"),
            words::percent(n as f64 / timed as f64)
        ),
    })
}

fn happenings(report: &Report) -> Option<String> {
    let i = &report.incidents;
    let mut list = Vec::new();
    let mut add = |n: u64, one: &str, many: &str, more: String| {
        if n > 0 {
            list.push(format!("{}{more}", either(n, one, many)));
        }
    };
    let cancelled = match i.cancelled.occurred.count {
        0 => String::new(),
        n => format!(" ({})", plural(n, "cancelled statement")),
    };
    add(i.errors.messages.occurred.count, "error", "errors", cancelled);
    add(i.deadlocks.occurred.count, "deadlock", "deadlocks", String::new());
    let waits = &i.lock_waits;
    let longest = format!(" (longest {})", ms(waits.max_ms));
    add(waits.occurred.count, "lock wait", "lock waits", longest);
    let files = &i.temp_files;
    let size = format!(" ({})", words::bytes(files.total_bytes));
    add(files.occurred.count, "temporary file", "temporary files", size);
    add(report.connections.refused, "refused connection", "refused connections", String::new());
    (!list.is_empty()).then(|| format!("Beside queries the log holds {}.", list.join(", ")))
}

/// What a person should look at today, whatever the load is.
fn urgent(report: &Report) -> Option<String> {
    let incidents = &report.incidents;
    let all = incidents.events.items.iter().chain(&incidents.errors.messages.items);
    let mut list: Vec<String> = Vec::new();
    for item in all.filter(|item| item.urgent) {
        let line =
            format!("{} (`{}`)", item.topic, shorten(&item.message.replace('`', "'"), MESSAGE));
        if !list.contains(&line) {
            list.push(line);
        }
    }
    let more = list.len().saturating_sub(URGENT);
    list.truncate(URGENT);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    (!list.is_empty()).then(|| format!("A person should look today at: {}{more}.", list.join("; ")))
}

/// Time that is in no other number.
fn lost(report: &Report) -> Option<String> {
    let lost_ms = report.incidents.cancelled.lost_ms;
    (lost_ms > 0.0).then(|| {
        format!(
            "Statements that timeouts ended cost at least {} more: they log no duration.",
            ms(lost_ms)
        )
    })
}
