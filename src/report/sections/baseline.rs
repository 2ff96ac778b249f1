//! Baseline Metrics: what the load looks like before anything is changed.

use super::{happenings, heading, paragraph, slow_queries, time_distribution};
use crate::judge::words;
use crate::report::phrases::{either, width};
use crate::report::types::Report;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 2, "Baseline Metrics");
    if report.has_target("queries") {
        slow_queries::groups(report, out);
        slow_queries::write(report, out);
        time_distribution::write(report, out);
    }
    if report.has_target("indexes") {
        heading(out, 3, "Index Analysis");
        paragraph(
            out,
            "No catalog was read, so no index is called missing, unused or duplicate. To fill \
             this, export `pg_indexes` and `pg_stat_user_indexes` of every server, replicas \
             included, and a `pg_dump --schema-only`.",
        );
    }
    if report.has_target("connections") {
        heading(out, 3, "Connection Pool Metrics");
        connections(report, out);
    }
    heading(out, 3, "Locks, Temporary Files, Errors, Checkpoints, Vacuum");
    happenings::write(report, out);
}

fn connections(report: &Report, out: &mut String) {
    let c = &report.connections;
    let mut facts = Vec::new();
    for (count, one, many) in [
        (c.total, "connection came in", "connections came in"),
        (c.authorized, "was authorized", "were authorized"),
        (c.disconnected, "session ended", "sessions ended"),
        (report.totals.sessions, "session wrote to the log", "sessions wrote to the log"),
    ] {
        if let Some(count) = count {
            facts.push(either(count, one, many));
        }
    }
    if let Some(per_minute) = c.churn_per_minute {
        facts.push(format!("{per_minute:.1} new connections a minute"));
    }
    if c.refused > 0 {
        facts.push(format!("{} refused", words::count(c.refused)));
    }
    if let Some(average) = report.load.busy_average {
        let peak = report.load.busy_peak.zip(report.load.busy_peak_width_s);
        let peak = peak.map_or(String::new(), |(busy, width_s)| {
            format!(", about {busy:.2} in the busiest {}", width(width_s))
        });
        facts.push(format!("statements alone kept {average:.2} sessions busy on average{peak}"));
    }
    if !facts.is_empty() {
        paragraph(out, &format!("{}.", facts.join("; ")));
    }
    paragraph(
        out,
        "No pool size follows from this: how long transactions hold a connection is not in these \
         files. To fill this, collect the pooler's statistics, or `log_connections` and \
         `log_disconnections`, for one peak week.",
    );
}
