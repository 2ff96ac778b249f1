//! Executive Summary.

use super::{heading, paragraph};
use crate::report::escape;
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Executive Summary");
    for text in &report.summary {
        paragraph(out, &escape::prose(text));
    }
}
