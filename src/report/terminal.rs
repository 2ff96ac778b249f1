//! The report in at most 25 lines for a terminal: what was read, the load, the heaviest classes,
//! the findings, and what to type next. No character of the inputs is sent that could steer one.

use super::{RenderOptions, Renderer, Report, escape};
use crate::judge::finding::Severity;
use crate::judge::words;
use crate::report::phrases::{
    coverage, either, engines, estimated, is_cut, ms, ms_or_dash, of_load, period, plural, saved,
    share,
};
use anstyle::{AnsiColor, Style};
use std::collections::BTreeSet;

/// The summary renderer.
pub static RENDERER: Renderer = Renderer {
    name: "summary",
    extensions: &[],
    about: "the most important in 25 lines, for a terminal",
    render,
};

/// Classes and findings that have a line.
const TOP_QUERIES: usize = 5;
const TOP_FINDINGS: usize = 5;
/// Inputs that have a line.
const TOP_INPUTS: usize = 3;
/// Blocks of a full bar.
const BAR: usize = 10;
/// Narrower terminals get lines of this width.
const MIN_WIDTH: usize = 40;

/// Writes lines that fit.
struct Screen {
    text: String,
    width: usize,
    color: bool,
}

impl Screen {
    /// A line in a style, cut to the width. The text is made visible here, so that nothing passes.
    fn line(&mut self, style: Style, text: &str) {
        let text = escape::clipped(text, self.width - 1);
        match self.color && style != Style::new() {
            true => self.text.push_str(&format!("{style}{text}{style:#}")),
            false => self.text.push_str(&text),
        }
        self.text.push('\n');
    }

    fn plain(&mut self, text: &str) {
        self.line(Style::new(), text);
    }
}

fn render(report: &Report, options: &RenderOptions) -> String {
    let width = options.width.max(MIN_WIDTH);
    let mut screen = Screen { text: String::new(), width, color: options.color };
    read(report, &mut screen);
    load(report, &mut screen);
    queries(report, &mut screen);
    findings(report, &mut screen);
    next(report, &mut screen);
    screen.text
}

fn read(report: &Report, screen: &mut Screen) {
    screen.line(Style::new().bold(), &report.title);
    let period = period(report).map_or(String::new(), |p| format!(" · {p}"));
    let assumed = if report.environment_stated { "" } else { " (assumed)" };
    screen.plain(&format!("{} · {}{assumed}{period}", engines(report), report.environment));
    for input in report.inputs.iter().take(TOP_INPUTS) {
        let size = words::bytes(input.bytes);
        let how = match (&input.duplicate_of, input.format) {
            (Some(other), _) => format!("the same as {other}, counted once"),
            (None, Some(format)) => {
                format!("{format}, {} records, {size}", words::count(input.records))
            }
            (None, None) => format!("not read, {size}"),
        };
        screen.plain(&format!("  {}: {how}", input.path));
    }
    if let Some(more @ 1..) = report.inputs.len().checked_sub(TOP_INPUTS) {
        screen.plain(&format!("  and {} more inputs", words::count(more as u64)));
    }
    if let Some(share) = report.coverage.bytes_understood {
        screen.plain(&format!("  {} of the bytes were understood", coverage(share)));
    }
}

fn load(report: &Report, screen: &mut Screen) {
    let totals = &report.totals;
    let logged = match report.logging.threshold_ms {
        Some(threshold) if report.servers.len() < 2 => {
            format!(" (runs from {} on are logged; * of logged time)", ms(threshold))
        }
        _ if is_cut(report) => " (not all were logged; * of logged time)".to_owned(),
        _ => String::new(),
    };
    let stand_for = totals.estimated.map(|all| words::count(all.calls));
    let calls = estimated(words::count(totals.queries), stand_for);
    let calls = format!("{calls} {}", if totals.queries == 1 { "call" } else { "calls" });
    let classes = either(totals.classes as u64, "class", "classes");
    let mut text = match totals.queries {
        0 => "no statement was logged".to_owned(),
        _ if totals.total_ms == 0.0 => format!("{calls} of {classes}, none with a duration"),
        _ => format!("{} in {calls} of {classes}{logged}", ms(totals.total_ms)),
    };
    if let Some(average) = report.load.busy_average {
        text += &format!(", {average:.2} busy sessions on average");
    }
    if totals.errors > 0 {
        text += &format!(", {}", plural(totals.errors, "error"));
    }
    screen.plain(&text);
    let apart: u64 = report.apart.iter().map(|kept| kept.count).sum();
    if apart > 0 {
        let reasons: BTreeSet<&str> = report.apart.iter().map(|kept| kept.what).collect();
        let reasons: Vec<_> = reasons.into_iter().map(|what| what.replace('_', " ")).collect();
        let of = either(apart, "operation is", "operations are");
        screen.plain(&format!("{of} kept apart, in no number: {}", reasons.join(", ")));
    }
}

fn queries(report: &Report, screen: &mut Screen) {
    if report.queries.is_empty() {
        return;
    }
    let of = if is_cut(report) { "share*" } else { "share" };
    screen.plain("");
    screen.line(
        Style::new().dimmed(),
        &format!("{:BAR$}  {of:>7} {:>10} {:>9}  query", "", "calls", "p95"),
    );
    for query in report.queries.iter().take(TOP_QUERIES) {
        let full = ((query.share * BAR as f64).round() as usize).min(BAR);
        let p95 = ms_or_dash(query.times.p95_ms);
        let server = match report.servers.len() {
            0 | 1 => String::new(),
            _ => format!("{}: ", query.server),
        };
        screen.plain(&format!(
            "{}{}  {:>7} {:>10} {p95:>9}  {server}{}",
            "█".repeat(full),
            "░".repeat(BAR - full),
            share(query.share, query.timed > 0),
            match query.estimated {
                Some(estimated) => format!("≈ {}", words::count(estimated.calls)),
                None => words::count(query.calls),
            },
            query.fingerprint
        ));
    }
}

fn findings(report: &Report, screen: &mut Screen) {
    screen.plain("");
    if report.findings.is_empty() {
        screen.plain("No rule found a defect in what these files show.");
        return;
    }
    for found in report.findings.iter().take(TOP_FINDINGS) {
        let finding = &found.finding;
        let told: Vec<_> = of_load(finding).into_iter().chain(saved(found)).collect();
        let told = match told.is_empty() {
            true => String::new(),
            false => format!(" ({})", told.join(", ")),
        };
        screen.line(
            style(finding.severity),
            &format!(
                "F{} {:8} {}  {}{told}",
                found.number,
                finding.severity.word(),
                finding.key,
                finding.title.replace('`', "'"),
            ),
        );
    }
    if let Some(more @ 1..) = report.findings.len().checked_sub(TOP_FINDINGS) {
        screen.plain(&format!("and {}", either(more as u64, "more finding", "more findings")));
    }
}

fn next(report: &Report, screen: &mut Screen) {
    screen.plain("");
    if let Some(first) = report.findings.first() {
        let command = format!("querylens rules {}", first.finding.rule);
        screen.plain(&format!("{command:40} what F1 means and when to ignore it"));
    }
    screen.plain(&format!("{:40} the whole report", "querylens analyze PATH... -o report.md"));
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::Critical => Style::new().bold().fg_color(Some(AnsiColor::Red.into())),
        Severity::High => Style::new().fg_color(Some(AnsiColor::Red.into())),
        Severity::Medium => Style::new().fg_color(Some(AnsiColor::Yellow.into())),
        Severity::Low | Severity::Info => Style::new(),
    }
}
