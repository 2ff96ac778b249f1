//! How exactly PostgreSQL prints what a node did, the same in all forms: means of one loop, times to
//! the microsecond, rows to the integer (to 18: two decimals).

use crate::model::plan::{Actual, Measured, Quantity};

/// Times have three decimals.
const TIME_WITHIN_MS: f64 = 0.0005;
/// Rows are rounded to integers up to 17.
const INTEGER_WITHIN: f64 = 0.5;
/// Rows have two decimals from 18 on.
const DECIMALS_WITHIN: f64 = 0.005;

/// What a node did, from the texts of its numbers. Zero loops: it never ran. Texts that are no
/// numbers say nothing.
pub fn actual(
    loops: Option<&str>,
    rows: Option<&str>,
    first_ms: Option<&str>,
    total_ms: Option<&str>,
) -> Actual {
    let Some(loops) = loops.and_then(count) else { return Actual::Unknown };
    if loops == 0 {
        return Actual::Never;
    }
    Actual::Ran(Measured {
        loops,
        rows: rows.and_then(|text| self::rows(text, loops)),
        first_ms: first_ms.and_then(time_ms),
        total_ms: total_ms.and_then(time_ms),
    })
}

/// A count; a client that holds numbers as floating point may have printed `1.0`.
pub fn count(text: &str) -> Option<u64> {
    text.parse().ok().or_else(|| number(text).filter(|n| *n >= 0.0).map(|n| n as u64))
}

/// The mean rows of one of so many loops. The mean of a single one is the count itself.
pub fn rows(text: &str, loops: u64) -> Option<Quantity> {
    let within = match (loops, text.contains('.')) {
        (0 | 1, _) => 0.0,
        (_, true) => DECIMALS_WITHIN,
        (_, false) => INTEGER_WITHIN,
    };
    number(text).map(|value| Quantity::of_one_loop(value, within))
}

/// The mean time of one loop.
pub fn time_ms(text: &str) -> Option<Quantity> {
    number(text).map(|value| Quantity::of_one_loop(value, TIME_WITHIN_MS))
}

/// The time of all calls of a trigger.
pub fn total_time_ms(text: &str) -> Option<Quantity> {
    number(text).map(|value| Quantity::of_all_loops(value, TIME_WITHIN_MS))
}

fn number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_as_exact_as_printed() {
        let ran = |loops, rows| match actual(Some(loops), Some(rows), None, Some("0.007")) {
            Actual::Ran(ran) => ran.rows.map(|rows| (rows.value, rows.within)),
            _ => None,
        };
        assert_eq!(ran("1", "7"), Some((7.0, 0.0)));
        assert_eq!(ran("3", "7"), Some((7.0, 0.5)));
        assert_eq!(ran("3", "7.33"), Some((7.33, 0.005)));
        assert_eq!(ran("3.0", "x"), None);
        assert_eq!(actual(Some("0"), Some("0"), Some("0.000"), Some("0.000")), Actual::Never);
        assert_eq!(actual(None, Some("0"), None, None), Actual::Unknown);
    }
}
