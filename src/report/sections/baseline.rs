//! Baseline Metrics: what the load looks like before anything is changed.

use super::{activity, connections, happenings, heading, index_analysis};
use super::{operations, slow_queries, tables, time_distribution, waits};
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Baseline Metrics");
    if report.has_target("queries") {
        slow_queries::groups(report, out);
        slow_queries::write(report, out);
        time_distribution::write(report, out);
        operations::spent_by_server(report, out);
        operations::apart(report, out);
        activity::write(report, out);
    }
    if report.has_target("indexes") {
        index_analysis::write(report, out);
    }
    if report.has_target("schema") || report.has_target("indexes") {
        tables::write(report, out);
    }
    if report.has_target("connections") {
        connections::write(report, out);
        waits::write(report, out);
    }
    if report.has_target("server") {
        heading(out, 3, happenings::title(report));
        happenings::write(report, out);
    }
}
