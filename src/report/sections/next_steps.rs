//! Next Steps, in order.

use super::heading;
use crate::report::types::Report;
use crate::report::{engines, escape};

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Next Steps");
    let several = engines::kinds(report).len() > 1;
    for (at, step) in report.next_steps.iter().enumerate() {
        let engine = step.engine.filter(|_| several);
        let engine = engine.map_or(String::new(), |engine| format!(" ({})", engine.title()));
        out.push_str(&format!(
            "{}. **{}{engine}**: {}\n",
            at + 1,
            escape::prose(&step.title),
            escape::prose(&step.text)
        ));
    }
}
