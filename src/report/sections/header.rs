//! The title and the lines under it.

use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{clock, coverage, engines, ms, period};
use crate::report::types::{Report, Server};

pub fn write(report: &Report, out: &mut String) {
    heading(out, 1, &escape::text(&report.title));
    let mut line = Vec::new();
    if !report.date.is_empty() {
        line.push(format!("**Optimization Date**: {}", escape::text(&report.date)));
    }
    if let Some(period) = period(report) {
        line.push(format!("**Period**: {period}"));
    }
    if !line.is_empty() {
        paragraph(out, &format!("{}\\", line.join(" · ")));
    }
    let assumed = if report.environment_stated { "" } else { " (assumed)" };
    let hosts = report.servers.len();
    out.push_str(&format!(
        "**Databases**: {} ({hosts} {}) · **Environment**: {}{assumed} · **Threshold**: {}\\\n",
        escape::text(&engines(report)),
        if hosts == 1 { "server" } else { "servers" },
        report.environment,
        ms(report.threshold_ms),
    ));
    let read = report.inputs.iter().filter(|i| i.format.is_some() && i.duplicate_of.is_none());
    let (files, bytes) =
        read.fold((0u64, 0u64), |(n, sum), i| (n + 1, sum.saturating_add(i.bytes)));
    let coverage = report.coverage.bytes_understood.map_or(String::new(), |share| {
        format!(", {} of bytes understood ([what was not](#appendix))", coverage(share))
    });
    let noun = if files == 1 { "file" } else { "files" };
    out.push_str(&format!(
        "**Read**: {} {noun}, {}{coverage}\n",
        words::count(files),
        words::bytes(bytes)
    ));
    let machines = report.servers.iter().filter_map(|server| machine(report, server));
    let machines: Vec<_> = machines.collect();
    if !machines.is_empty() {
        out.pop();
        out.push_str(&format!("\\\n**Machines**: {}\n", machines.join("; ")));
    }
}

/// How busy the processors beside a server were, and how often the cache before it knew.
fn machine(report: &Report, server: &Server) -> Option<String> {
    let percent = |share: f64| format!("{:.0} %", share * 100.0);
    let cpu = server.cpu_busy.as_ref().map(|cpu| {
        let when = match cpu.max_at {
            Some(at) => format!(" ({})", clock(report, Some(at))),
            None => String::new(),
        };
        format!(
            "processors {} busy in the mean of {}, {} at most{when}",
            percent(cpu.mean_share),
            words::counted(cpu.samples, "sample"),
            percent(cpu.max_share),
        )
    });
    let redis = server
        .redis_hit_share
        .map(|share| format!("Redis knew {} of what was asked", percent(share)));
    let told: Vec<_> = cpu.into_iter().chain(redis).collect();
    (!told.is_empty()).then(|| format!("{}: {}", escape::text(&server.label), told.join(", ")))
}
