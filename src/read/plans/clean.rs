//! What clients do to a document before a person copies it, undone: frames of psql in every border
//! style and of the MySQL client, marks of continued lines, quotes around rows or around the whole,
//! carriage returns. All plan readers share it.
//!
//! In: the text of one document. Out: the same lines as the server sent them, borrowed where nothing
//! had to change. Lines that a terminal or a mail program wrapped are left to the readers: only they
//! know where a line of theirs begins. Deterministic and linear.

mod frame;
mod quotes;

pub use frame::{is_bar, is_footer, is_header, is_rule, without_header};

use std::borrow::Cow;

/// A document without what clients put around its lines.
pub fn unframed(document: &str) -> Cow<'_, str> {
    let mut text = Cow::Borrowed(document);
    for step in [carriage_returns, frame::without_bars, frame::without_marks, quotes::unquoted] {
        if let Some(cleaned) = step(&text) {
            text = Cow::Owned(cleaned);
        }
    }
    text
}

/// A line without the blanks, bars, quotes and marks around it: for looking at a line, not for
/// reading it.
pub fn bare(line: &str) -> &str {
    let is_around = |c: char| c.is_whitespace() || frame::is_bar(c) || c == '"' || c == '\'';
    without_header(line)
        .trim_start_matches(is_around)
        .trim_end_matches(|c| is_around(c) || c == '+' || c == '↵')
}

fn carriage_returns(text: &str) -> Option<String> {
    memchr::memchr(b'\r', text.as_bytes())?;
    Some(text.replace("\r\n", "\n").replace('\r', "\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_of_every_frame_are_the_same() {
        let plan = " Sort  (cost=1)\n   Sort Key: \"a b\"\n   ->  Seq Scan on t  (cost=1)\n";
        for framed in [
            " Sort  (cost=1)\n   Sort Key: \"a b\"\n   ->  Seq Scan on t  (cost=1)\n",
            " Sort  (cost=1)\r\n   Sort Key: \"a b\"\r\n   ->  Seq Scan on t  (cost=1)\r\n",
            "+----+\n|   QUERY PLAN   |\n+----+\n| Sort  (cost=1)               |\n|   Sort Key: \"a b\"             |\n\
             |   ->  Seq Scan on t  (cost=1) |\n+----+\n(3 rows)\n",
            "┌────┐\n│ QUERY PLAN │\n├────┤\n│ Sort  (cost=1)               │\n│   Sort Key: \"a b\"             │\n\
             │   ->  Seq Scan on t  (cost=1) │\n└────┘\n(3 Zeilen)\n",
            "-[ RECORD 1 ]--\nQUERY PLAN | Sort  (cost=1)\n-[ RECORD 2 ]--\nQUERY PLAN |   Sort Key: \"a b\"\n\
             -[ RECORD 3 ]--\nQUERY PLAN |   ->  Seq Scan on t  (cost=1)\n",
            "╔═[ RECORD 1 ]═╗\n║ QUERY PLAN ║ Sort  (cost=1) ║\n╠═[ RECORD 2 ]═╣\n║ QUERY PLAN ║   Sort Key: \"a b\" ║\n\
             ╠═[ RECORD 3 ]═╣\n║ QUERY PLAN ║   ->  Seq Scan on t  (cost=1) ║\n╚═══╝\n",
            "\" Sort  (cost=1)\"\n\"   Sort Key: \"\"a b\"\"\"\n\"   ->  Seq Scan on t  (cost=1)\"\n",
            "' Sort  (cost=1)'\n'   Sort Key: \"a b\"'\n'   ->  Seq Scan on t  (cost=1)'\n",
            "\" Sort  (cost=1)\n   Sort Key: \"\"a b\"\"\n   ->  Seq Scan on t  (cost=1)\"\n",
            " Sort  (cost=1)              +\n   Sort Key: \"a b\"            +\n   ->  Seq Scan on t  (cost=1)\n",
            " Sort  (cost=1)              ↵\n   Sort Key: \"a b\"            ↵\n   ->  Seq Scan on t  (cost=1)\n",
            " Sort  (cost=1)\n   Sort Key: \"a b\"\n   ->  Seq Scan .\n.on t  (cost=1)\n",
        ] {
            let rows: Vec<String> = unframed(framed)
                .lines()
                .filter(|line| {
                    !line.trim().is_empty()
                        && !is_rule(line)
                        && !is_header(line)
                        && !is_footer(line)
                })
                .map(|line| format!(" {}\n", line.trim_end().trim_start_matches(' ')))
                .collect();
            let expected: Vec<_> =
                plan.lines().map(|line| format!(" {}\n", line.trim_start_matches(' '))).collect();
            assert_eq!(rows, expected, "{framed}");
        }
    }

    #[test]
    fn documents_that_need_nothing_are_borrowed() {
        for text in [
            "",
            "Seq Scan on t  (cost=0.00..1.00 rows=1 width=4)\n  Filter: (a = '|'::text)\n",
            "[\n  {\n    \"Plan\": {\"Filter\": \"(a ||\\n b)\"}\n  }\n]",
        ] {
            assert!(matches!(unframed(text), Cow::Borrowed(_)), "{text}");
        }
    }
}
