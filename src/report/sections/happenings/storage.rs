//! Temporary files and checkpoints.

use super::{MAX_ROWS, counts, more, silent, statement};
use crate::judge::words;
use crate::report::engines;
use crate::report::phrases::{either, ms};
use crate::report::sections::table::{Side, Table};
use crate::report::sections::{heading, paragraph};
use crate::report::types::Report;

pub fn temp_files(report: &Report, out: &mut String) {
    let files = &report.incidents.temp_files;
    if files.occurred.count == 0 {
        let how = engines::sentences(report, engines::log_temp_files);
        return silent(out, "Temporary Files", &format!("None is in these logs. {how}"));
    }
    heading(out, 4, "Temporary Files");
    let count = either(files.occurred.count, "file", "files");
    let mut text = format!(
        "{count}, {} together, the largest {}. {}",
        words::bytes(files.total_bytes),
        words::bytes(files.max_bytes),
        files.occurred.trend
    );
    if files.omitted > 0 {
        text += &format!(
            " {} of them ({}) stand in the log without their statement.",
            words::count(files.omitted),
            words::bytes(files.omitted_bytes)
        );
    }
    paragraph(out, text.trim_end());
    if files.items.is_empty() {
        return;
    }
    let mut table = Table::new(&[
        ("statement", Side::Left),
        ("files", Side::Right),
        ("together", Side::Right),
        ("largest", Side::Right),
    ]);
    for item in files.items.iter().take(MAX_ROWS) {
        table.row([
            statement(report, &item.concerned),
            words::count(item.count),
            words::bytes(item.total_bytes),
            words::bytes(item.max_bytes),
        ]);
    }
    table.finish(out);
    more(out, files.items.len().saturating_sub(MAX_ROWS), "statements with temporary files");
}

/// Checkpoints of servers that tell only of those that took long.
pub fn slow_checkpoints(report: &Report, out: &mut String) {
    let slow = &report.incidents.slow_checkpoints;
    if slow.occurred.count == 0 {
        return;
    }
    heading(out, 4, "Slow Checkpoints");
    let text = format!(
        "{} so long that the server said so, {} together, the longest {}. {}",
        either(slow.occurred.count, "checkpoint took", "checkpoints took"),
        ms(slow.total_ms),
        ms(slow.max_ms),
        slow.occurred.trend
    );
    paragraph(out, text.trim_end());
}

pub fn checkpoints(report: &Report, out: &mut String) {
    let c = &report.incidents.checkpoints;
    if c.occurred.count == 0 && c.items.is_empty() && c.too_frequent == 0 {
        return silent(
            out,
            "Checkpoints",
            "None is in these logs. `log_checkpoints = on` logs what each one wrote and why.",
        );
    }
    heading(out, 4, "Checkpoints");
    let mut facts = Vec::new();
    if c.occurred.count > 0 {
        let restartpoints = match c.restartpoints {
            0 => String::new(),
            n => format!(" ({} restartpoints)", words::count(n)),
        };
        facts.push(format!(
            "{}{restartpoints} took {} together, the longest {} (writes are stretched on purpose)",
            either(c.occurred.count, "checkpoint", "checkpoints"),
            ms(c.total_ms),
            ms(c.max_ms)
        ));
    }
    if !c.items.is_empty() {
        facts.push(format!("begun by: {}", counts(&c.items, "× ")));
    }
    if c.too_frequent > 0 {
        let count = either(c.too_frequent, "warning", "warnings");
        facts.push(format!("{count} that they are occurring too frequently"));
    }
    paragraph(out, &format!("{}.", facts.join("; ")));
    if c.occurred.count == 0 {
        return;
    }
    let bytes = |size: Option<u64>| size.map_or_else(crate::report::phrases::dash, words::bytes);
    let mut table =
        Table::new(&[("", Side::Left), ("all", Side::Right), ("most in one", Side::Right)]);
    for (name, all, most) in [
        ("buffers written", words::count(c.buffers), words::count(c.max_buffers)),
        ("WAL files added", words::count(c.wal_added), String::new()),
        ("WAL files removed", words::count(c.wal_removed), String::new()),
        ("WAL files recycled", words::count(c.wal_recycled), String::new()),
        ("time of writes", ms(c.write_ms), String::new()),
        ("time of syncs", ms(c.sync_ms), ms(c.max_sync_ms)),
        ("files synced", words::count(c.sync_files), format!("{} for one", ms(c.longest_sync_ms))),
    ] {
        table.row([name.to_owned(), all, most]);
    }
    if c.slru_buffers > 0 {
        table.row(["SLRU buffers written".to_owned(), words::count(c.slru_buffers)]);
    }
    if c.mean_distance_bytes.is_some() {
        table.row([
            "WAL between two (mean)".to_owned(),
            bytes(c.mean_distance_bytes),
            bytes(c.max_distance_bytes),
        ]);
        table.row([
            "the server's estimate of it".to_owned(),
            String::new(),
            bytes(c.max_estimate_bytes),
        ]);
    }
    table.finish(out);
}
