//! The figures behind an operation: `(cost=a..b rows=n) (actual time=f..l rows=r loops=k)`.
//!
//! Input: an operation's line. Output: the operation without them, and what they say, each with how
//! exact its print is. Times and rows are means of one loop.

use crate::model::plan::{Actual, Estimated, Measured, Quantity};

/// How a version prints numbers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// 8.0.18 and the next: times with three decimals, rows as whole numbers.
    Fixed,
    /// Later: three significant digits and all of a number's whole part below a million, without
    /// zeros at the end, with exponents outside 0.001 to 999999.
    Readable,
}

/// What stands behind an operation.
#[derive(Debug)]
pub struct Figures<'a> {
    /// The operation itself.
    pub operation: &'a str,
    /// Whether there is any figure.
    pub has_any: bool,
    /// Costs and rows.
    pub estimated: Estimated,
    /// What happened.
    pub actual: Actual,
}

/// How a document's numbers are printed: a time without three decimals tells.
pub fn style<'a>(mut lines: impl Iterator<Item = &'a str>) -> Style {
    let is_fixed = |time: &str| time.split_once('.').is_some_and(|(_, digits)| digits.len() == 3);
    let has_readable = lines.any(|line| {
        let Some((_, body)) = last_group(line.trim_end(), "(actual ") else { return false };
        value_of(body, "time").is_some_and(|time| !time.split("..").all(is_fixed))
    });
    if has_readable { Style::Readable } else { Style::Fixed }
}

/// Takes the figures off a line.
pub fn read(line: &str, style: Style) -> Figures<'_> {
    let mut rest = without_cut_group(line.trim_end());
    let mut has_any = false;
    let mut actual = Actual::Unknown;
    let mut estimated = Estimated::default();
    if let Some(before) = rest.strip_suffix("(never executed)") {
        (rest, actual, has_any) = (before.trim_end(), Actual::Never, true);
    } else if let Some((before, body)) = last_group(rest, "(actual ")
        && let Some(measured) = measured(body, style)
    {
        (rest, actual, has_any) = (before, Actual::Ran(measured), true);
    }
    if let Some((before, body)) = last_group(rest, "(cost=") {
        let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
        let cost = body.split(' ').next().unwrap_or_default();
        let (first, last) = match cost.split_once("..") {
            Some((first, last)) => (number(first), number(last)),
            None => (None, number(cost)),
        };
        estimated.startup_cost = first;
        estimated.total_cost = last;
        estimated.rows = value_of(body, "rows").and_then(number);
        (rest, has_any) = (before, true);
    }
    Figures { operation: rest.trim_end(), has_any, estimated, actual }
}

/// The line without what is left of its figures where the text is cut inside them.
fn without_cut_group(line: &str) -> &str {
    let cut = ["  (cost=", " (actual time="]
        .iter()
        .find_map(|opening| line.rsplit_once(opening).filter(|(_, cut)| !cut.contains(')')));
    cut.map_or(line, |(before, _)| before.trim_end())
}

/// The group at the end of a text that begins so, without its ends, and what stands before it.
fn last_group<'a>(text: &'a str, opening: &str) -> Option<(&'a str, &'a str)> {
    let (before, body) = text.strip_suffix(')')?.rsplit_once(opening)?;
    let is_apart = before.is_empty() || before.ends_with(char::is_whitespace);
    (is_apart && !body.contains([')', '('])).then(|| (before.trim_end(), body))
}

/// The value of a key in `key=value key=value`.
fn value_of<'a>(body: &'a str, key: &str) -> Option<&'a str> {
    body.split(' ')
        .find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key))
        .map(|(_, value)| value)
}

fn measured(body: &str, style: Style) -> Option<Measured> {
    let (loops, loops_within) = printed(value_of(body, "loops")?, Style::Readable)?;
    // Only loops of a million and more are rounded, and then every sum over them is as well.
    let share = if loops >= 1e6 { loops_within / loops } else { 0.0 };
    let of_one = |text: &str| {
        let (value, within) = printed(text, style)?;
        Some(Quantity::of_one_loop(value, within + value * share))
    };
    let (first_ms, total_ms) = match value_of(body, "time").and_then(|time| time.split_once("..")) {
        Some((first, last)) => (of_one(first), of_one(last)),
        None => (None, None),
    };
    let rows = value_of(body, "rows").and_then(|rows| match loops as u64 {
        // Of a single loop it is no mean, but a count.
        1 if rows.bytes().all(|byte| byte.is_ascii_digit()) => {
            Some(Quantity::of_one_loop(rows.parse().ok()?, 0.0))
        }
        _ => of_one(rows),
    });
    Some(Measured { loops: loops as u64, rows, first_ms, total_ms })
}

/// A number, and how far the truth may lie from it.
fn printed(text: &str, style: Style) -> Option<(f64, f64)> {
    let value = text.parse::<f64>().ok().filter(|value| value.is_finite() && *value >= 0.0)?;
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let last_digit = match style {
        Style::Fixed => -i32::try_from(decimals.len()).ok()?,
        Style::Readable if value == 0.0 => -12,
        Style::Readable => first_digit(whole, decimals)?.saturating_sub(2).min(0),
    };
    Some((value, 0.5 * 10_f64.powi(last_digit.saturating_add(exponent))))
}

/// The power of ten of a number's first digit that is not zero.
fn first_digit(whole: &str, decimals: &str) -> Option<i32> {
    let whole = whole.trim_start_matches(['0', '+']);
    let place = match whole.len() {
        0 => decimals.bytes().position(|digit| digit != b'0').map(|zeros| !(zeros as i32)),
        digits => i32::try_from(digits).ok().map(|digits| digits - 1),
    };
    place.filter(|place| place.abs() < 400)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_as_exact_as_its_version_prints_it() {
        for (text, style, expected) in [
            ("0.105", Style::Fixed, Some((0.105, 0.0005))),
            ("2", Style::Fixed, Some((2.0, 0.5))),
            ("2", Style::Readable, Some((2.0, 0.005))),
            ("0.0309", Style::Readable, Some((0.0309, 0.00005))),
            ("32.3", Style::Readable, Some((32.3, 0.05))),
            ("248", Style::Readable, Some((248.0, 0.5))),
            ("30018", Style::Readable, Some((30018.0, 0.5))),
            ("1.2e+6", Style::Readable, Some((1.2e6, 5e3))),
            ("934e-6", Style::Readable, Some((934e-6, 0.5e-6))),
            ("0", Style::Readable, Some((0.0, 0.5e-12))),
            ("-1", Style::Readable, None),
            ("inf", Style::Readable, None),
            ("1e999999999999", Style::Readable, None),
            ("", Style::Fixed, None),
        ] {
            let got = printed(text, style);
            let close = |a: f64, b: f64| (a - b).abs() <= b.abs() * 1e-9;
            let is_same = match (got, expected) {
                (Some(got), Some(expected)) => close(got.0, expected.0) && close(got.1, expected.1),
                (got, expected) => got == expected,
            };
            assert!(is_same, "{text}: {got:?}, not {expected:?}");
        }
    }

    #[test]
    fn figures_are_taken_off_their_operation() {
        for (line, operation, actual, cost, startup) in [
            ("Sort: a", "Sort: a", "Unknown", None, None),
            (
                "Filter: (a = '  (cost=1 rows=2)')  (cost=3 rows=4)",
                "Filter: (a = '  (cost=1 rows=2)')",
                "Unknown",
                Some(3.0),
                None,
            ),
            (
                "Table scan on t  (cost=2.5..7.25 rows=1.2e+6) (never executed)",
                "Table scan on t",
                "Never",
                Some(7.25),
                Some(2.5),
            ),
            ("Sort: b  (actual time=0.1..0.2 rows=3 loops=2)", "Sort: b", "2", None, None),
            (
                "Table scan on t  (cost=2.5 rows=3) (actual time=0.1..0.",
                "Table scan on t",
                "Unknown",
                Some(2.5),
                None,
            ),
            ("Table scan on t  (cost=2.5 ro", "Table scan on t", "Unknown", None, None),
        ] {
            let figures = read(line, Style::Readable);
            let ran = match figures.actual {
                Actual::Ran(measured) => measured.loops.to_string(),
                other => format!("{other:?}"),
            };
            assert_eq!((figures.operation, ran.as_str()), (operation, actual));
            assert_eq!(figures.estimated.total_cost, cost, "{line}");
            assert_eq!(figures.estimated.startup_cost, startup, "{line}");
        }
    }

    #[test]
    fn rows_of_one_loop_are_counted_and_loops_of_millions_are_rounded() {
        let line = "Sort: a  (actual time=1.5..2.5 rows=7 loops=1)";
        let Actual::Ran(one) = read(line, Style::Readable).actual else { panic!("{line}") };
        assert_eq!(one.rows, Some(Quantity::of_one_loop(7.0, 0.0)));
        let line = "Sort: a  (actual time=1..2 rows=0.5 loops=1.5e+6)";
        let Actual::Ran(many) = read(line, Style::Readable).actual else { panic!("{line}") };
        assert_eq!(many.loops, 1_500_000);
        let within = many.total_ms.map_or(0.0, |time| time.within);
        assert!((within - (0.005 + 2.0 / 300.0)).abs() < 1e-9, "{within}");
    }
}
