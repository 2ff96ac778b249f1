//! The phrases that the sections, the summary and the terminal share, so that they say the same.

use super::types::{At, Found, Measure, Number, Query, Report};
use crate::judge::evidence::shorten;
use crate::judge::words;
use crate::time;

/// Characters of a statement inside a sentence.
const STATEMENT: usize = 60;

/// What stands for a value that is not known.
pub fn dash() -> String {
    "–".to_owned()
}

/// Milliseconds in the unit that fits.
pub fn ms(ms: f64) -> String {
    if ms == 0.0 { "0 ms".to_owned() } else { words::duration_us(ms * 1e3) }
}

/// Milliseconds that may be unknown.
pub fn ms_or_dash(value: Option<f64>) -> String {
    value.map_or_else(dash, ms)
}

/// A number of an attribute in the unit that fits.
pub fn amount(unit: Measure, Number(value): Number) -> String {
    let whole = value.fract() == 0.0 || value >= 1000.0;
    match unit {
        Measure::Ms => ms(value),
        Measure::Bytes => words::bytes(value.round() as u64),
        Measure::Count | Measure::Plain if whole => words::count(value.round() as u64),
        Measure::Count | Measure::Plain if value >= 10.0 => format!("{value:.1}"),
        Measure::Count | Measure::Plain => format!("{value:.2}"),
    }
}

/// `1,204`, or `1,204 (≈ 120,400)` where the log took only some.
pub fn estimated(logged: String, estimate: Option<String>) -> String {
    match estimate {
        Some(estimate) => format!("{logged} (≈ {estimate})"),
        None => logged,
    }
}

/// What a sampled log took: `1 in 100 runs`.
pub fn one_in(one_in: u32) -> String {
    format!("1 in {} runs", words::count(u64::from(one_in)))
}

/// `1 file`, `3 files`: the plural is the singular with an `s`.
pub fn plural(n: u64, one: &str) -> String {
    either(n, one, &format!("{one}s"))
}

/// `1 was`, `3 were`: a number and the words that fit it.
pub fn either(n: u64, one: &str, many: &str) -> String {
    format!("{} {}", words::count(n), if n == 1 { one } else { many })
}

/// Time that timeouts cost at least; unknown where neither the log nor a finished run tells it.
pub fn lost(timeouts: u64, lost_ms: f64) -> String {
    match timeouts {
        0 => dash(),
        _ if lost_ms == 0.0 => "unknown".to_owned(),
        _ => format!("at least {}", ms(lost_ms)),
    }
}

/// A share of logged time; unknown where no time was logged.
pub fn share(share: f64, timed: bool) -> String {
    if timed { words::percent(share) } else { dash() }
}

/// A width of time in words: `1 hour`, `10 minutes`.
pub fn width(width_s: i64) -> String {
    let (unit_s, one) = match width_s {
        s if s % 86_400 == 0 => (86_400, "day"),
        s if s % 3600 == 0 => (3600, "hour"),
        s if s % 60 == 0 => (60, "minute"),
        _ => (1, "second"),
    };
    plural((width_s / unit_s).unsigned_abs(), one)
}

/// A time by the log's own clock.
pub fn clock(report: &Report, at: Option<At>) -> String {
    at.map_or_else(dash, |at| time::display(at.0, report.offset_s))
}

/// The period as `2026-11-17 00:00:00 to 2026-11-23 23:59:00 +01:00 (7.0 days)`.
pub fn period(report: &Report) -> Option<String> {
    let (first, last) = (report.period.first?, report.period.last?);
    let length = match report.period.seconds.unwrap_or(0.0) {
        s if s >= 172_800.0 => format!("{:.1} days", s / 86_400.0),
        s => ms(s * 1e3),
    };
    let last = clock(report, Some(last));
    let mut from = time::display(first.0, report.first_offset_s);
    if report.first_offset_s != report.offset_s {
        from = format!("{from} {}", crate::time::zone_text(report.first_offset_s));
    }
    Some(format!("{from} to {last} {} ({length})", report.zone))
}

/// The engines with their versions: `PostgreSQL 15.18, PostgreSQL 16.4`.
pub fn engines(report: &Report) -> String {
    let names = report.servers.iter().map(|server| match &server.version {
        Some(version) => format!("{} {version}", server.engine.title()),
        None => server.engine.title().to_owned(),
    });
    let mut names: Vec<String> = names.collect();
    names.sort();
    names.dedup();
    if names.is_empty() { "no known engine".to_owned() } else { names.join(", ") }
}

/// Coverage never reads as complete unless it is.
pub fn coverage(share: f64) -> String {
    if share >= 1.0 {
        return "100 %".to_owned();
    }
    format!("{:.2} %", (share * 1e4).floor() / 1e2)
}

/// A class by its beginning and id, for prose: back-ticks in it would end the span.
pub fn class(query: &Query) -> String {
    let statement = shorten(&query.fingerprint, STATEMENT).replace('`', "'");
    format!("`{statement}` (class `{}`)", query.shown_id())
}

/// What a finding's fix saves, with its label; `None` where no number is known.
pub fn saved(found: &Found) -> Option<String> {
    let impact = &found.finding.impact;
    let range = match (impact.saved_ms_low, impact.saved_ms_high) {
        (None, None) => return None,
        (Some(low), Some(high)) if low < high && low > 0.0 => {
            format!("{} to {} less", ms(low), ms(high))
        }
        (Some(low), Some(high)) if low < high => format!("up to {} less", ms(high)),
        (_, Some(high)) => format!("{} less", ms(high)),
        (Some(low), None) => format!("at least {} less", ms(low)),
    };
    Some(format!("{range}, {}", impact.label.word()))
}

/// An honest heading: one where the log was cut by a threshold or took only some runs, one where it
/// holds all.
pub fn scope<'t>(report: &Report, cut: &'t str, whole: &'t str) -> &'t str {
    if is_cut(report) { cut } else { whole }
}

/// Whether runs are missing in the log.
pub fn is_cut(report: &Report) -> bool {
    report.logging.threshold_ms.is_some() || report.totals.estimated.is_some()
}

/// What a finding is of the load: a share, or nothing where it concerns no query's time.
pub fn of_load(finding: &crate::judge::finding::Finding) -> Option<String> {
    let share = finding.impact.share;
    (share > 0.0).then(|| format!("{} of the load", words::percent(share)))
}

/// The shown name of a place: `pg/a.log:88120`.
pub fn place(source: &crate::model::facts::Source) -> String {
    format!("{}:{}", source.path, source.line)
}
