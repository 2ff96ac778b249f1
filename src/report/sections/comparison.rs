//! Results: what changed between two periods. Nothing compares them yet, so the sections say what
//! is needed.

use super::{heading, paragraph};
use crate::report::engines;
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    let index_use = engines::each(report, engines::index_use);
    let indexes = format!("Needs the second period, and from its begin and end {index_use}.");
    for (title, text) in [
        (
            "Results Summary",
            "One period was read. Before and after need the same hours twice, once before and once \
             after the change, with the same log settings.",
        ),
        (
            "Query-Specific Improvements",
            "Needs the second period; query ids stay the same, so classes can be followed.",
        ),
        ("Index Impact", indexes.as_str()),
    ] {
        heading(out, 2, title);
        paragraph(out, text);
    }
}
