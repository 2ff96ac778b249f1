//! The line of a node: its words, its names, what was expected and what happened.

use super::super::names::unquoted;
use super::super::quantity;
use super::line;
use crate::model::plan::{Actual, Estimated};

/// What the line of a node says.
#[derive(Debug)]
pub struct NodeLine<'a> {
    /// The words before its names.
    pub native: &'a str,
    /// The table, function or CTE, qualified as printed.
    pub relation: Option<Box<str>>,
    /// What the statement calls it.
    pub alias: Option<Box<str>>,
    /// The index.
    pub index: Option<Box<str>>,
    /// What was expected.
    pub estimated: Estimated,
    /// What happened.
    pub actual: Actual,
    /// What stands behind the names or the numbers and is nothing known.
    pub rest: &'a str,
}

/// Reads the line of a node, without its arrow.
pub fn read(text: &str) -> NodeLine<'_> {
    let numbers_at = line::numbers_start(text).unwrap_or(text.len());
    let words = text.get(..numbers_at).unwrap_or(text).trim();
    let numbers = text.get(numbers_at..).unwrap_or_default();
    let native = line::native_words(words);
    let mut names = Names { rest: words.get(native.len()..).unwrap_or_default() };
    let index = names.after(" using ");
    let relation = names.after(" on ");
    let alias = match relation {
        Some(_) => names.alias(),
        None => None,
    };
    let own = |name: Option<&str>| -> Option<Box<str>> { name.map(|name| unquoted(name).into()) };
    let mut node = NodeLine {
        native,
        relation: own(relation),
        alias: None,
        index: own(index),
        estimated: estimated(numbers),
        actual: actual(numbers),
        rest: names.rest.trim(),
    };
    let last = relation.map(|name| unquoted(last_part(name)));
    node.alias = own(alias).filter(|alias| last.as_deref() != Some(&**alias));
    if native == "Bitmap Index Scan" {
        node.index = node.relation.take();
    }
    node
}

/// Names in the words of a node.
struct Names<'a> {
    rest: &'a str,
}

impl<'a> Names<'a> {
    /// The name behind a word.
    fn after(&mut self, word: &str) -> Option<&'a str> {
        self.rest = self.rest.strip_prefix(word)?;
        self.name()
    }

    /// A name behind a blank, if nothing else follows it.
    fn alias(&mut self) -> Option<&'a str> {
        self.rest = self.rest.trim_start();
        self.name()
    }

    /// A name, its parts apart by dots, each with quotes around it or without.
    fn name(&mut self) -> Option<&'a str> {
        let mut is_quoted = false;
        let end = self.rest.find(|c: char| {
            is_quoted ^= c == '"';
            c == ' ' && !is_quoted
        });
        let (name, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        (!name.is_empty()).then_some(name)
    }
}

/// The last part of a qualified name.
fn last_part(name: &str) -> &str {
    let mut is_quoted = false;
    let dot = name.char_indices().filter(|(_, c)| {
        is_quoted ^= *c == '"';
        *c == '.' && !is_quoted
    });
    dot.last().and_then(|(at, _)| name.get(at + 1..)).unwrap_or(name)
}

fn estimated(numbers: &str) -> Estimated {
    let Some(inside) = within(numbers, "(cost=") else { return Estimated::default() };
    let (startup, rest) = inside.split_once("..").unwrap_or((inside, ""));
    let number = |text: &str| leading_number(text).parse().ok().filter(|n: &f64| n.is_finite());
    let of = |key: &str| rest.split_once(key).and_then(|(_, value)| number(value));
    Estimated {
        rows: of("rows="),
        startup_cost: number(startup),
        total_cost: number(rest),
        width_bytes: of("width="),
    }
}

fn actual(numbers: &str) -> Actual {
    if numbers.contains("(never executed)") {
        return Actual::Never;
    }
    let inside = within(numbers, "(actual ").unwrap_or_default();
    measured(inside)
}

/// What `time=a..b rows=r loops=l` says, also for one worker.
pub fn measured(text: &str) -> Actual {
    let of = |key: &str| text.split_once(key).map(|(_, value)| value);
    let number = |text| Some(leading_number(text)).filter(|text: &&str| !text.is_empty());
    let times = of("time=").and_then(|times| times.split_once(".."));
    quantity::actual(
        of("loops=").and_then(number),
        of("rows=").and_then(number),
        times.and_then(|(first, _)| number(first)),
        times.and_then(|(_, total)| number(total)),
    )
}

/// What stands between an opening word and the next closing parenthesis.
fn within<'a>(text: &'a str, opening: &str) -> Option<&'a str> {
    let (_, inside) = text.split_once(opening)?;
    inside.split(')').next()
}

/// The number at the start of a text: `0.3` of `0.3rows=1` and of `0.3..0.5`.
pub fn leading_number(text: &str) -> &str {
    let text = text.trim_start();
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let is_part = match byte {
            b'0'..=b'9' => true,
            b'-' | b'+' => end == 0 || matches!(bytes.get(end - 1), Some(b'e' | b'E')),
            b'.' => bytes.get(end + 1) != Some(&b'.'),
            b'e' | b'E' => {
                bytes.get(end + 1).is_some_and(|b| b.is_ascii_digit() || *b == b'+' || *b == b'-')
            }
            _ => false,
        };
        if !is_part {
            break;
        }
        end += 1;
    }
    text.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_names() {
        for (line, expected) in [
            ("Seq Scan on test t  (cost=0.00..3.40 rows=2 width=4)", "Seq Scan|test|t||"),
            (
                "Index Scan Backward using \"my on idx\" on \"S\".\"a b\" \"a b\"",
                "Index Scan Backward|S.a b||my on idx|",
            ),
            ("Bitmap Index Scan on poi_pkey", "Bitmap Index Scan|||poi_pkey|"),
            ("Custom Scan (ChunkAppend) on public.m", "Custom Scan (ChunkAppend)|public.m|||"),
            (
                "Function Scan on pg_catalog.generate_series i",
                "Function Scan|pg_catalog.generate_series|i||",
            ),
            (
                "Gather Motion 3:1  (slice1; segments: 3)  (cost=0..1 rows=1 width=1)",
                "Gather Motion 3:1  (slice1; segments: 3)||||",
            ),
            ("Seq Scan on a b c d", "Seq Scan|a|b||c d"),
            ("Foreign Scan", "Foreign Scan||||"),
        ] {
            let node = read(line);
            let own = |name: &Option<Box<str>>| name.as_deref().unwrap_or_default().to_owned();
            let got = [
                node.native.to_owned(),
                own(&node.relation),
                own(&node.alias),
                own(&node.index),
                node.rest.to_owned(),
            ];
            assert_eq!(got.join("|"), expected, "{line}");
        }
    }

    #[test]
    fn numbers_of_a_node() {
        let node =
            read("Sort  (cost=0.15..1e10 rows=5 width=8) (actual time=0.052..2.183rows=7 loops=3)");
        let cost = node.estimated;
        assert_eq!((cost.startup_cost, cost.total_cost), (Some(0.15), Some(1e10)));
        assert_eq!((cost.rows, cost.width_bytes), (Some(5.0), Some(8.0)));
        let Actual::Ran(ran) = node.actual else { panic!("{:?}", node.actual) };
        let value = |quantity: Option<crate::model::plan::Quantity>| quantity.map(|q| q.value);
        assert_eq!((ran.loops, value(ran.rows)), (3, Some(7.0)));
        assert_eq!((value(ran.first_ms), value(ran.total_ms)), (Some(0.052), Some(2.183)));
        assert_eq!(read("Sort  (cost=0.15..").estimated.startup_cost, Some(0.15));
        assert_eq!(read("Sort (actual rows=1.00 loops=0)").actual, Actual::Never);
        assert_eq!(read("Sort (never executed)").actual, Actual::Never);
    }
}
