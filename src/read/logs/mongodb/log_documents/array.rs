//! The array `log` of what `getLog` answers: its items as they stand in the document, which may be
//! JSON or a shell's text, and may end early.

use crate::lang::mongo::shell::{self, Mark, Scan};
use crate::read::logs::json::{Str, string_end};
use std::ops::Range;

/// An item of the array.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Item {
    /// A line of the log, with its quotes.
    Line(Range<usize>),
    /// What a shell prints for lines that it leaves out.
    Elided(Range<usize>),
    /// None of these.
    Other(Range<usize>),
}

/// The items of the array, in order; ranges are those of the document.
pub(super) struct LogArray<'a> {
    document: &'a [u8],
    scan: Scan<'a>,
    /// Behind the bracket or the comma before the next item.
    at: usize,
    /// Where the array's bracket closes, once that is known.
    end: Option<usize>,
}

impl<'a> LogArray<'a> {
    /// The array of a document, of which only the beginning may be there; `None` if that has none.
    pub fn find(document: &'a [u8]) -> Option<LogArray<'a>> {
        let mut scan = Scan::new(document);
        let (mut depth, mut member) = (0usize, 0);
        loop {
            let (mark, at) = scan.next()?;
            match mark {
                Mark::Open if depth == 1 && is_log(document.get(member..=at)?) => {
                    return Some(LogArray { document, scan, at: at + 1, end: None });
                }
                Mark::Open => {
                    depth += 1;
                    member = at + 1;
                }
                Mark::Close => depth = depth.checked_sub(1).filter(|depth| *depth > 0)?,
                Mark::Comma if depth == 1 => member = at + 1,
                Mark::Comma | Mark::Line => {}
            }
        }
    }

    /// Where the next item, or the end of the array, may begin.
    pub fn position(&self) -> usize {
        self.at
    }

    /// Whether the array's end was reached.
    pub fn is_whole(&self) -> bool {
        self.end.is_some()
    }

    fn item(&self, range: Range<usize>) -> Option<Item> {
        let text = self.document.get(range.clone())?;
        let start = range.end - text.trim_ascii_start().len();
        let range = start..start + text.trim_ascii().len();
        let text = text.trim_ascii();
        Some(match text.first()? {
            b'"' | b'\'' | b'`' => Item::Line(range),
            b'.' if text.starts_with(b"...") => Item::Elided(range),
            _ => Item::Other(range),
        })
    }
}

impl Iterator for LogArray<'_> {
    type Item = Item;

    fn next(&mut self) -> Option<Item> {
        let mut depth = 0usize;
        while self.end.is_none() {
            let (mark, at) = self.scan.next()?;
            match mark {
                Mark::Open => depth += 1,
                Mark::Close if depth == 0 => {
                    self.end = Some(at);
                    let last = self.item(self.at..at);
                    self.at = at;
                    return last;
                }
                Mark::Close => depth -= 1,
                Mark::Comma if depth == 0 => {
                    let item = self.item(self.at..at);
                    self.at = at + 1;
                    if item.is_some() {
                        return item;
                    }
                }
                Mark::Comma | Mark::Line => {}
            }
        }
        None
    }
}

/// Whether a member's text up to the bracket of its value is that of the array.
fn is_log(text: &[u8]) -> bool {
    let name = text.strip_suffix(b"[").map(<[u8]>::trim_ascii_end);
    let name = name.and_then(|name| name.strip_suffix(b":")).unwrap_or_default().trim_ascii();
    matches!(name, b"log" | b"\"log\"" | b"'log'")
}

/// Appends the line that an item holds, without blanks at its end.
pub(super) fn push_line(item: &[u8], line: &mut Vec<u8>) {
    let start = line.len();
    let inside = item.get(1..).unwrap_or_default();
    match (item.first(), string_end(inside)) {
        (Some(b'"'), Some(bytes)) if bytes + 2 == item.len() => {
            Str::whole(inside.get(..bytes).unwrap_or_default()).push_to(line);
        }
        _ => {
            let text = [b"[", item, b"]"].concat();
            let mut ejson = Vec::new();
            shell::to_ejson(&text, &mut ejson);
            let inside = ejson.get(2..).unwrap_or_default();
            let bytes = string_end(inside).unwrap_or(0);
            Str::whole(inside.get(..bytes).unwrap_or_default()).push_to(line);
        }
    }
    let bytes = line.get(start..).unwrap_or_default().trim_ascii_end().len();
    line.truncate(start + bytes);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn items_of_every_printer() {
        fn told(document: &str) -> Option<(Vec<String>, bool)> {
            let mut array = LogArray::find(document.as_bytes())?;
            let items = array.by_ref().map(|item| match item {
                Item::Line(range) => {
                    let mut line = Vec::new();
                    push_line(document[range].as_bytes(), &mut line);
                    String::from_utf8(line).expect("UTF-8")
                }
                Item::Elided(range) => format!("elided {}", &document[range]),
                Item::Other(range) => format!("other {}", &document[range]),
            });
            let items = items.collect();
            Some((items, array.is_whole()))
        }
        for (document, items, is_whole) in [
            (
                r#"{"totalLinesWritten":{"$numberInt":"2"},"log":["{\"a\":\"],\"}","b\n"],"ok":1}"#,
                &[r#"{"a":"],"}"#, "b"][..],
                true,
            ),
            ("{\n\t\"ok\" : 1,\n\t\"log\" : [\n\t\t\"it's\"\n\t]\n}", &["it's"], true),
            (
                "{ a: [ 1 ], log: [\n  '{\"a\":\"b\"}',\n  `'\"`,\n  'x\\n' +\n    'y',\n  ... 9 more items\n ], ok: 1 }",
                &["{\"a\":\"b\"}", "'\"", "x\ny", "elided ... 9 more items"],
                true,
            ),
            (
                "{ log: [ 'a', { b: [ 1, 2 ] }, 3 ] }",
                &["a", "other { b: [ 1, 2 ] }", "other 3"],
                true,
            ),
            ("{ log: [], ok: 1 }", &[], true),
            ("{ log: [ 'a', ], ok: 1 }", &["a"], true),
            ("{ log: [ 'a', 'b', 'c", &["a", "b"], false),
            ("{ log: [ 'a... ]", &[], false),
        ] {
            let items = items.iter().map(|item| (*item).to_owned()).collect();
            assert_eq!(told(document), Some((items, is_whole)), "{document}");
        }
        for document in
            ["{ a: { log: [ 'a' ] } }", "{ log: 'a' }", "{ blog: [ 'a' ] }", "{} { log: [] }"]
        {
            assert_eq!(told(document), None, "{document}");
        }
    }
}
