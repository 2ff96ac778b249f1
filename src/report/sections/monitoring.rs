//! Monitoring Recommendations.

use super::{advice, heading};
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Monitoring Recommendations");
    advice(report, out, 3, &report.monitoring);
}
