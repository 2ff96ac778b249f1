//! `sar -u` as it prints it, with the date in the line above, and as `sadf -d` writes it, with
//! semicolons. Only the row of all processors counts.

use super::{Busy, busy_share, number, time};
use crate::time::ZoneTable;

/// The samples of a text.
pub(super) fn text(text: &str, zones: &ZoneTable) -> Vec<Busy> {
    let (mut date, mut header) = (String::new(), Vec::new());
    let mut samples = Vec::new();
    for (line, text) in (0u32..).zip(text.lines()) {
        let cells: Vec<&str> = text.split_ascii_whitespace().collect();
        if text.starts_with("Linux ") {
            date = cells.iter().find_map(|cell| iso_date(cell)).unwrap_or_default();
            continue;
        }
        if let Some(at) = cells.iter().position(|cell| *cell == "CPU") {
            header = cells.get(at..).unwrap_or_default().to_vec();
            continue;
        }
        let Some(all) = cells.iter().position(|cell| *cell == "all") else { continue };
        let values = cells.get(all..).unwrap_or_default();
        if values.len() != header.len() || cells.first().is_some_and(|first| first.ends_with(':')) {
            continue;
        }
        let value = |name: &str| {
            let at = header.iter().position(|column| *column == name)?;
            values.get(at).and_then(|value| number(value))
        };
        let Some(idle) = value("%idle") else { continue };
        let clock = clock(cells.get(..all).unwrap_or_default());
        let time = clock.and_then(|clock| time(&format!("{date} {clock}"), zones));
        samples.push(Busy { share: busy_share(idle, value("%iowait").unwrap_or(0.0)), time, line });
    }
    samples
}

/// The samples of a text by `sadf -d`.
pub(super) fn database(text: &str, zones: &ZoneTable) -> Vec<Busy> {
    let mut header: Vec<&str> = Vec::new();
    let mut samples = Vec::new();
    for (line, text) in (0u32..).zip(text.lines()) {
        if let Some(names) = text.strip_prefix("# hostname;") {
            header = std::iter::once("hostname").chain(names.split(';')).collect();
            continue;
        }
        let cells: Vec<&str> = text.split(';').collect();
        if cells.len() != header.len() {
            continue;
        }
        let value = |name: &str| {
            let at = header.iter().position(|column| *column == name)?;
            cells.get(at).copied()
        };
        let Some(idle) = value("%idle").and_then(number) else { continue };
        if !matches!(value("CPU"), Some("-1" | "all")) {
            continue;
        }
        let waits = value("%iowait").and_then(number).unwrap_or(0.0);
        let stamp = value("timestamp").unwrap_or_default();
        let epoch = stamp.parse::<i64>().ok().and_then(|seconds| seconds.checked_mul(1_000_000));
        let time = epoch.map(crate::time::Timestamp).or_else(|| time(stamp, zones));
        samples.push(Busy { share: busy_share(idle, waits), time, line });
    }
    samples
}

/// A date as most countries' `sar` writes it: `11/23/2026`, `11/23/26`, `2026-11-23`.
fn iso_date(cell: &str) -> Option<String> {
    if cell.len() == 10 && cell.split('-').count() == 3 {
        return Some(cell.to_owned());
    }
    let parts: Vec<&str> = cell.split('/').collect();
    let [month, day, year] = *parts else { return None };
    let century = if year.len() == 2 { "20" } else { "" };
    Some(format!("{century}{year}-{month}-{day}"))
}

/// `12:10:01 AM` as hours of the day.
fn clock(cells: &[&str]) -> Option<String> {
    let first = *cells.first()?;
    let Some(half) = cells.get(1) else { return Some(first.to_owned()) };
    let (hour, rest) = first.split_once(':')?;
    let hour: u8 = hour.parse().ok()?;
    let hour = match (*half, hour) {
        ("AM", 12) => 0,
        ("PM", 1..=11) => hour + 12,
        _ => hour,
    };
    Some(format!("{hour:02}:{rest}"))
}
