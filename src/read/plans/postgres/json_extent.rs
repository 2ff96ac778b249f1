//! Where a JSON value in a text ends, and whether it surely is a plan of PostgreSQL: told from its
//! names alone, without reading it. What psql draws around lines does no harm.

use crate::lang::json::string_end;
use memchr::memmem;

/// Members that lead to a plan, in PostgreSQL's own documents and in what clients put around them.
const ON_THE_WAY: [&[u8]; 12] = [
    b"Plan",
    b"Plans",
    b"QUERY PLAN",
    b"QueryPlan",
    b"query plan",
    b"query_plan",
    b"queryPlan",
    b"plan",
    b"explain",
    b"execution_plan",
    b"rows",
    b"data",
];
/// Members of a record of a log: such a record is read as one, whatever plan it holds.
const OF_A_LOG: [&[u8]; 10] = [
    b"@timestamp",
    b"error_severity",
    b"jsonPayload",
    b"level",
    b"logger",
    b"message",
    b"msg",
    b"severity",
    b"textPayload",
    b"timestamp",
];

/// A value of a text.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    /// Where it ends, or where it stops being JSON.
    pub end: usize,
    /// Whether its end is there.
    pub is_whole: bool,
    /// Whether it surely is a plan.
    pub is_plan: bool,
}

/// A container that is open.
#[derive(Clone, Copy)]
struct Level {
    is_object: bool,
    /// Whether a plan may stand here.
    is_on_the_way: bool,
}

/// The value that begins at a bracket.
pub fn extent(text: &[u8], start: usize) -> Extent {
    let mut skimmer = Skimmer::default();
    let mut at = start;
    let is_whole = loop {
        let Some(byte) = text.get(at) else { break false };
        match byte {
            b' ' | b'\n' | b'\t' | b'\r' | b'0'..=b'9' | b'-' | b'.' | b'+' | b'|' => at += 1,
            // Box drawing and the signs psql ends lines with.
            0xe2 if text.len() - at >= 3 => at += 3,
            b'{' | b'[' => {
                skimmer.open(*byte == b'{');
                at += 1;
            }
            b'}' | b']' => {
                if !skimmer.close(*byte == b'}') {
                    break false;
                }
                at += 1;
                if skimmer.levels.is_empty() {
                    break true;
                }
            }
            b',' => {
                skimmer.is_value = false;
                at += 1;
            }
            b':' => {
                skimmer.is_value = true;
                at += 1;
            }
            b'"' => {
                let inside = text.get(at + 1..).unwrap_or_default();
                let Some(len) = string_end(inside) else {
                    at = text.len();
                    break false;
                };
                skimmer.string(inside.get(..len).unwrap_or_default());
                at += len + 2;
            }
            b'e' | b'E' if text.get(at - 1).is_some_and(u8::is_ascii_digit) => at += 1,
            _ => {
                let rest = &text[at..];
                let words: [&[u8]; 3] = [b"true", b"false", b"null"];
                let Some(word) = words.into_iter().find(|word| rest.starts_with(word)) else {
                    break false;
                };
                at += word.len();
            }
        }
    };
    let is_plan = skimmer.has_node && !skimmer.is_of_a_log;
    Extent { end: at.min(text.len()), is_whole, is_plan }
}

#[derive(Default)]
struct Skimmer {
    levels: Vec<Level>,
    /// The next string is a value, not a name.
    is_value: bool,
    /// The last name leads to a plan.
    leads: bool,
    has_node: bool,
    is_of_a_log: bool,
}

impl Skimmer {
    fn open(&mut self, is_object: bool) {
        let is_on_the_way = match self.levels.last() {
            None => true,
            Some(above) => above.is_on_the_way && (!above.is_object || self.leads),
        };
        self.levels.push(Level { is_object, is_on_the_way });
        self.is_value = false;
    }

    fn close(&mut self, is_object: bool) -> bool {
        self.is_value = false;
        self.levels.pop().is_some_and(|level| level.is_object == is_object)
    }

    fn string(&mut self, text: &[u8]) {
        let Some(level) = self.levels.last() else { return };
        if !level.is_object || !level.is_on_the_way {
            return;
        }
        if self.is_value {
            // A document in a text.
            if !self.has_node && self.leads {
                self.has_node = memmem::find(text, b"\\\"Node Type\\\"").is_some();
            }
            return;
        }
        if self.levels.len() <= 2 && OF_A_LOG.contains(&text) {
            self.is_of_a_log = true;
        }
        if !self.has_node {
            self.has_node = text == b"Node Type";
            self.leads = ON_THE_WAY.contains(&text);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_and_are_plans_or_not() {
        for (text, len, is_whole, is_plan) in [
            ("[{\"Plan\": {\"Node Type\": \"X\", \"F\": \"} \\\" ]\"}}] tail", 45, true, true),
            ("{\"Plans\": [{\"Node Type\": 1e5}], \"a\": null}", 42, true, true),
            ("{\"a\": {\"Node Type\": \"X\"}}", 25, true, false),
            ("{\"level\": 3, \"plan\": {\"Node Type\": \"X\"}}", 40, true, false),
            ("{\"plan\": {\"Node Type\": \"X\"}, \"msg\": \"\"}", 39, true, false),
            ("[{\"QUERY PLAN\": \"[{\\\"Node Type\\\": 1}]\"}]", 40, true, true),
            ("{\"Plan\": {\"Node Type\": \"X\"", 26, false, true),
            ("{\"Plan\": {\"Node Type\": \"X\",\nLOG: x", 28, false, true),
            ("[{   +\n | \"Node Type\": \"X\"   ↵\n}│]", 38, true, true),
            ("[2024-01-01 10:00 UTC] x", 18, false, false),
            ("[1}", 2, false, false),
        ] {
            let expected = Extent { end: len, is_whole, is_plan };
            assert_eq!(extent(text.as_bytes(), 0), expected, "{text}");
        }
    }
}
