//! Numbers of counters: times in the units of each server, and the keys of rows.

use super::{Rows, View};
use crate::model::catalog::{Catalog, Told, add_state};
use xxhash_rust::xxh3::xxh3_64;

/// What tells a row from all others.
pub fn key(parts: &[&str]) -> u64 {
    xxh3_64(parts.join("\0").as_bytes())
}

/// Tells how many rows there are of a kind; nothing where there are none at all, since then nothing
/// says when that was.
pub fn count(rows: &Rows<'_>, catalog: &mut Catalog, name: &str, is_one: fn(&View<'_>) -> bool) {
    let Some(first) = rows.iter().next() else { return };
    let number = rows.iter().filter(is_one).count() as f64;
    add_state(&mut catalog.counters, name.into(), Told::new(number, first.origin()));
}

/// Microseconds of milliseconds.
pub fn us_of_ms(ms: f64) -> u64 {
    (ms.max(0.0) * 1e3).round() as u64
}

/// The sum of squares that a population's deviation tells.
pub fn squares(calls: u64, total_us: u64, deviation_us: Option<f64>) -> Option<f64> {
    let runs = calls as f64;
    let mean_us = total_us as f64 / runs.max(1.0);
    deviation_us.map(|deviation| runs * (deviation * deviation + mean_us * mean_us))
}

/// Microseconds of a latency for people, `1.23 ms`, or of bare picoseconds.
pub fn us_of_latency(text: &str) -> Option<u64> {
    let (number, unit) = match text.split_once(' ') {
        Some((number, unit)) => (number, unit.trim()),
        None => (text, "ps"),
    };
    let us = match unit {
        "ps" => 1e-6,
        "ns" => 1e-3,
        "us" | "µs" => 1.0,
        "ms" => 1e3,
        "s" => 1e6,
        "m" | "min" => 6e7,
        "h" => 3.6e9,
        "d" => 8.64e10,
        "w" => 6.048e11,
        _ => return None,
    };
    number.parse::<f64>().ok().map(|number| (number.max(0.0) * us).round() as u64)
}

#[cfg(test)]
mod tests {
    use super::us_of_latency;

    #[test]
    fn latencies_for_people_are_read() {
        for (text, expected) in [
            ("1.23 ms", Some(1_230)),
            ("  412.00 us".trim(), Some(412)),
            ("2.5 s", Some(2_500_000)),
            ("1.1 h", Some(3_960_000_000)),
            ("7000000", Some(7)),
            ("soon", None),
            ("3 parsecs", None),
        ] {
            assert_eq!(us_of_latency(text), expected, "{text}");
        }
    }
}
