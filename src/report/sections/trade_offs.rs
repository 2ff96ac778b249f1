//! Trade-offs and Considerations: what each fix costs, and what to weigh in general.

use super::{heading, paragraph};
use crate::judge::words;
use crate::report::escape;
use crate::report::types::Report;

/// Findings whose costs are listed; their blocks have them, too.
const MAX_FINDINGS: usize = 20;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Trade-offs and Considerations");
    for text in &report.trade_offs {
        out.push_str(&format!("- {}\n", escape::prose(text)));
    }
    let costly = || report.findings.iter().filter(|f| !f.finding.trade_offs.is_empty());
    for found in costly().take(MAX_FINDINGS) {
        let text = escape::prose(&found.finding.trade_offs);
        out.push_str(&format!("- [F{0}](#f{0}): {text}\n", found.number));
    }
    if let Some(more @ 1..) = costly().count().checked_sub(MAX_FINDINGS) {
        let more = words::count(more as u64);
        paragraph(out, &format!("{more} more findings state their costs in their blocks."));
    }
}
