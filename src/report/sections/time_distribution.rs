//! Time Distribution: runs by duration and by hour.

use super::table::{Side, Table};
use super::{heading, paragraph};
use crate::judge::words;
use crate::model::workload::histogram::RELATIVE_ERROR;
use crate::report::engines;
use crate::report::phrases::{ms, ms_or_dash, scope, width};
use crate::report::types::{Band, Report};

/// Blocks of a full bar.
const BAR: f64 = 20.0;

pub fn write(report: &Report, out: &mut String) {
    heading(out, 3, "Time Distribution");
    let load = &report.load;
    if load.times.mean_ms.is_none() {
        let how = engines::each(report, engines::log_durations);
        paragraph(out, &format!("No durations were logged. To fill this, {how}."));
        return;
    }
    let times = &load.times;
    paragraph(
        out,
        &format!(
            "{}: mean {}, standard deviation {}, median {}, p95 {}, p99 {}, longest {} \
             (percentiles within {:.1} %).",
            scope(report, "Logged runs", "All runs with a duration"),
            ms_or_dash(times.mean_ms),
            ms_or_dash(times.stddev_ms),
            ms_or_dash(times.p50_ms),
            ms_or_dash(times.p95_ms),
            ms_or_dash(times.p99_ms),
            ms_or_dash(times.max_ms),
            RELATIVE_ERROR * 100.0,
        ),
    );
    table(report, "duration", &load.bands, |band| band.share_of_calls, out);
    if !load.trend.is_empty() {
        paragraph(
            out,
            &format!(
                "Logged time over the period: {} (in steps of at least {}; a run counts where it ends).",
                load.trend,
                width(load.timeline_width_s)
            ),
        );
    }
    if !load.hours.is_empty() {
        let head = format!("hour ({})", report.zone);
        table(report, &head, &load.hours, |band| band.share_of_time, out);
    }
}

fn table(report: &Report, head: &str, bands: &[Band], bar_of: fn(&Band) -> f64, out: &mut String) {
    let most = bands.iter().map(bar_of).fold(0.0, f64::max);
    let mut table = Table::new(&[
        (head, Side::Left),
        (scope(report, "logged calls", "calls"), Side::Right),
        ("share of calls", Side::Right),
        ("time", Side::Right),
        (scope(report, "share of logged time", "share of time"), Side::Right),
        ("", Side::Left),
    ]);
    for band in bands {
        let length = if most > 0.0 { (bar_of(band) / most * BAR).ceil() as usize } else { 0 };
        table.row([
            band.label.clone(),
            words::count(band.calls),
            words::percent(band.share_of_calls),
            ms(band.total_ms),
            words::percent(band.share_of_time),
            "█".repeat(length),
        ]);
    }
    table.finish(out);
}
