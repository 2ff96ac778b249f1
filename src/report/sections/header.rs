//! The title and the lines under it.

use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{coverage, engines, ms, period};
use crate::report::types::Report;

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
}
