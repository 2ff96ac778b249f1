//! Results: what changed between two periods. Nothing compares them yet, so the sections say what
//! is needed.

use super::{heading, paragraph};
use crate::report::types::Report;

pub fn write(_: &Report, out: &mut String) {
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
        (
            "Index Impact",
            "Needs the second period and `pg_stat_user_indexes` from its begin and end.",
        ),
    ] {
        heading(out, 2, title);
        paragraph(out, text);
    }
}
