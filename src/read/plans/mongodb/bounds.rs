//! Bounds of index scans without their constants: what stays is their form, and what is no
//! constant: the ends of the key space and of a type's range.

use crate::lang::mongo::shell::{Mark, Scan};

/// Words that are the same for every query.
const NO_CONSTANTS: [&str; 12] = [
    "MinKey",
    "MaxKey",
    "null",
    "undefined",
    "\"\"",
    "{}",
    "[]",
    "-inf.0",
    "inf.0",
    "-Infinity",
    "Infinity",
    "nan.0",
];

/// An interval, `["a", "b")`, without its constants: `[?, ?)`. What is none becomes `?`.
pub(super) fn masked(interval: &str) -> String {
    let text = interval.trim();
    let open = text.chars().next().filter(|c| matches!(c, '[' | '('));
    let close = text.chars().next_back().filter(|c| matches!(c, ']' | ')'));
    let (Some(open), Some(close), true) = (open, close, text.len() > 1) else {
        return end(text).to_owned();
    };
    let inner = text.get(1..text.len() - 1).unwrap_or_default();
    match halves(inner) {
        Some((low, high)) => format!("{open}{}, {}{close}", end(low), end(high)),
        // Old servers do not escape quotes within strings, so that the middle is not sure.
        None => format!("{open}?, ?{close}"),
    }
}

/// Whether an interval is all of a field's values.
pub(super) fn is_all(interval: &str) -> bool {
    matches!(interval.trim(), "[MinKey, MaxKey]" | "[MaxKey, MinKey]")
}

fn end(text: &str) -> &str {
    NO_CONSTANTS.iter().find(|word| **word == text.trim()).copied().unwrap_or("?")
}

/// Both ends, if there is one comma between them.
fn halves(inner: &str) -> Option<(&str, &str)> {
    let (mut depth, mut middle) = (0usize, None);
    for (mark, at) in Scan::new(inner.as_bytes()) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close => depth = depth.checked_sub(1)?,
            Mark::Comma if depth == 0 && middle.is_some() => return None,
            Mark::Comma if depth == 0 => middle = Some(at),
            Mark::Comma | Mark::Line => {}
        }
    }
    let middle = middle?;
    Some((inner.get(..middle)?, inner.get(middle + 1..)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_form_stays_and_the_constants_go() {
        for (interval, expected) in [
            ("[MinKey, MaxKey]", "[MinKey, MaxKey]"),
            ("[\"a, (b\", \"c\")", "[?, ?)"),
            ("[\"\", {})", "[\"\", {})"),
            ("[/png/i, /png/i]", "[?, ?]"),
            ("(5.0, inf.0]", "(?, inf.0]"),
            ("[null, null]", "[null, null]"),
            ("[new Date(1), new Date(2)]", "[?, ?]"),
            ("[{ a: 1, b: 2 }, { a: 3 }]", "[?, ?]"),
            ("[\"it's \"quoted\", x\", \"y\"]", "[?, ?]"),
            ("secret", "?"),
            ("[", "?"),
            ("", "?"),
            ("[é]", "[?, ?]"),
        ] {
            assert_eq!(masked(interval), expected, "{interval}");
        }
        assert!(is_all("[MinKey, MaxKey]") && !is_all("[MinKey, 5)"));
    }
}
