//! Next Steps, in order.

use super::heading;
use crate::report::escape;
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Next Steps");
    for (at, step) in report.next_steps.iter().enumerate() {
        out.push_str(&format!(
            "{}. **{}**: {}\n",
            at + 1,
            escape::prose(&step.title),
            escape::prose(&step.text)
        ));
    }
}
