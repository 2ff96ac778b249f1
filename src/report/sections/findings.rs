//! Findings: the ranked table with links.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::phrases::{dash, saved, scope};
use crate::report::types::Report;

/// Rows of the table; the JSON report has all findings.
const MAX_ROWS: usize = 100;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Findings");
    if report.findings.is_empty() {
        paragraph(
            out,
            "No rule found a defect. Rules look at classes that make at least 1 % of the load; \
             durations, longer periods and logged plans give them more to look at.",
        );
        return;
    }
    let mut table = Table::new(&[
        ("#", Side::Left),
        ("severity", Side::Left),
        ("finding", Side::Left),
        (scope(report, "share of logged time", "share of load"), Side::Right),
        ("expected", Side::Left),
        ("confidence", Side::Left),
    ]);
    for found in report.findings.iter().take(MAX_ROWS) {
        let finding = &found.finding;
        table.row([
            format!("[F{0}](#f{0})", found.number),
            finding.severity.word().to_owned(),
            escape::cell_prose(&finding.title),
            match finding.impact.share {
                0.0 => dash(),
                share => words::percent(share),
            },
            saved(found).unwrap_or_else(|| finding.impact.label.word().to_owned()),
            finding.confidence.word().to_owned(),
        ]);
    }
    table.finish(out);
    if let Some(more @ 1..) = report.findings.len().checked_sub(MAX_ROWS) {
        paragraph(out, &format!("{} more are in the JSON report.", words::count(more as u64)));
    }
}
