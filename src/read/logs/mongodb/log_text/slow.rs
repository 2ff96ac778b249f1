//! The line of a slow operation, taken apart:
//!
//! ```text
//! command shop.orders appName: "web" command: find { find: "orders", … } planSummary: IXSCAN { a: 1 } keysExamined:9 … 12ms
//! kind    ns          appName        name          document                           plan            counters        duration
//! ```
//!
//! Which of the parts a line has depends on its version and on the operation; their order does not
//! change. Documents are brought to Extended JSON on the way, since only that tells where they end.
//! What the parts mean is left to `attr`. A line that was longer than the server writes has a hole in
//! its middle: what stands before it and behind it is read as far as it goes.

use super::counters::{Counters, bracketed_len, is_counter};
use crate::lang::mongo::shell::{End, to_ejson};
use crate::read::logs::mongodb::wire::is_withheld;
use memchr::{memchr, memmem};
use std::ops::Range;

/// The first words of operations' lines.
const KINDS: [&[u8]; 9] = [
    b"command",
    b"query",
    b"getmore",
    b"insert",
    b"update",
    b"remove",
    b"killcursors",
    b"transaction",
    b"none",
];

/// What stands before a line that was cut, and where its middle was.
const CUT_LINE: &[u8] = b"warning: log line attempted (";
const CUT_LINE_END: &[u8] = b"printing beginning and end ... ";
const HOLE: &[u8] = b" .......... ";

/// A document of a line.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Document {
    /// Where it stands in the message.
    pub place: Range<usize>,
    /// Where its Extended JSON stands in the buffer.
    pub json: Range<usize>,
}

/// A slow operation, as its line says it.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Slow<'a> {
    /// `command`, `query`, `update` …
    pub kind: &'a [u8],
    /// The namespace, such as `shop.orders` or `shop.$cmd`.
    pub namespace: &'a [u8],
    /// The application's name, escaped, without its quotes.
    pub app_name: Option<&'a [u8]>,
    /// The command's name before its document, where the version writes it.
    pub command_name: &'a [u8],
    /// The document behind `command:`.
    pub command: Option<Document>,
    /// The document behind `query:`, before 3.2.
    pub query: Option<Document>,
    /// The document behind `update:`, before 3.6.
    pub update: Option<Document>,
    /// The command that opened the cursor.
    pub originating: Option<Document>,
    /// The plan, such as `IXSCAN { a: 1 }`.
    pub plan_summary: Option<&'a [u8]>,
    /// What follows, up to the duration.
    pub counters: &'a [u8],
    /// How long it took, in milliseconds; `None` where the line ends before it says.
    pub duration_ms: Option<u64>,
    /// The line, or a part of it, was cut.
    pub is_cut: bool,
}

impl<'a> Slow<'a> {
    /// Reads a message; `None` if it tells of no operation that ended. The Extended JSON of its
    /// documents replaces what `json` holds.
    #[inline]
    pub fn read(message: &'a [u8], json: &mut Vec<u8>) -> Option<Slow<'a>> {
        let (before, duration_ms) = duration(message.trim_ascii_end());
        let (before, has_hole) = match before.strip_prefix(CUT_LINE) {
            Some(cut) => {
                let at = memmem::find(cut.get(..cut.len().min(100))?, CUT_LINE_END)?;
                (cut.get(at + CUT_LINE_END.len()..)?, true)
            }
            None => (before, false),
        };
        let kind_len = memchr(b' ', before.get(..before.len().min(12))?)?;
        let kind = before.get(..kind_len).filter(|kind| KINDS.contains(kind))?;
        let mut slow = Slow { kind, duration_ms, is_cut: has_hole, ..Slow::default() };
        let mut rest = before.get(kind_len..)?;
        if kind != b"transaction" {
            let (namespace, behind) = namespace(rest)?;
            slow.namespace = namespace;
            rest = behind;
        }
        json.clear();
        let mut parts = Parts { slow, message, json };
        match has_hole {
            true => parts.read_around(rest),
            false => parts.read(rest),
        }
        // Other messages begin with these words, too.
        let is_one = duration_ms.is_some() || parts.slow.has_document();
        parts.slow.is_cut |= duration_ms.is_none();
        is_one.then_some(parts.slow)
    }

    fn has_document(&self) -> bool {
        self.command.is_some() || self.query.is_some() || self.update.is_some()
    }

    /// What is said behind the documents and the plan.
    pub fn counters(&self) -> Counters<'a> {
        Counters::new(self.counters)
    }
}

/// Reads the parts of a line.
struct Parts<'a, 'j> {
    slow: Slow<'a>,
    message: &'a [u8],
    json: &'j mut Vec<u8>,
}

impl<'a> Parts<'a, '_> {
    /// Reads what follows the namespace.
    fn read(&mut self, text: &'a [u8]) {
        let mut rest = text.trim_ascii_start();
        while let Some(part) = Part::of(rest) {
            let behind = rest.get(part.label().len()..).unwrap_or_default();
            let taken = match part {
                Part::AppName => {
                    let len = quoted_len(behind);
                    self.slow.app_name = behind.get(..len).filter(|name| !name.is_empty());
                    len + 1
                }
                Part::PlanSummary => {
                    let len = plan_len(behind);
                    self.slow.plan_summary = behind.get(..len);
                    len
                }
                Part::Command | Part::Query | Part::Originating | Part::Update => {
                    self.read_document(part, behind)
                }
            };
            rest = behind.get(taken..).unwrap_or_default().trim_ascii_start();
        }
        self.slow.counters = rest;
    }

    /// Reads a document, and the name before it; returns what they take.
    fn read_document(&mut self, part: Part, text: &'a [u8]) -> usize {
        let name = match part {
            Part::Command => text.iter().take_while(|byte| byte.is_ascii_alphanumeric()).count(),
            _ => 0,
        };
        let at = name + usize::from(name > 0);
        let from = text.get(at..).unwrap_or_default();
        if !from.starts_with(b"{") {
            // `command: unrecognized`
            return 0;
        }
        if part == Part::Command {
            self.slow.command_name = text.get(..name).unwrap_or_default();
        }
        let start = self.json.len();
        let read = to_ejson(from, self.json);
        let mut len = read.consumed;
        let is_whole = read.end == End::Closed && matches!(from.get(len), None | Some(b' '));
        if !is_whole {
            // Its end cannot be told by itself, but what may follow it can.
            self.json.truncate(start);
            len = next_part(from);
            to_ejson(from.get(..len).unwrap_or_default(), self.json);
        }
        let is_withheld = self.json.get(start..).is_some_and(is_withheld);
        self.slow.is_cut |= !is_whole || read.elided || is_withheld;
        let place = offset_in(self.message, from);
        let document = Document { place: place..place + len, json: start..self.json.len() };
        match part {
            Part::Query => self.slow.query = Some(document),
            Part::Update => self.slow.update = Some(document),
            Part::Originating => self.slow.originating = Some(document),
            _ => self.slow.command = Some(document),
        }
        at + len
    }

    /// Reads a line with a hole: its documents have no ends, or no beginnings.
    fn read_around(&mut self, text: &'a [u8]) {
        let hole = memmem::find(text, HOLE).unwrap_or(text.len());
        let (before, behind) = text.split_at_checked(hole).unwrap_or((text, b""));
        self.read(before);
        if self.slow.counters.is_empty() {
            self.read(behind.get(next_part(behind)..).unwrap_or_default());
        }
    }
}

/// Where a part of a text begins in it.
fn offset_in(text: &[u8], part: &[u8]) -> usize {
    part.as_ptr().addr().saturating_sub(text.as_ptr().addr())
}

/// Where the first part or counter begins behind a document without an end.
fn next_part(text: &[u8]) -> usize {
    let begins = |at: &usize| {
        text.get(at + 1..).is_some_and(|rest| {
            rest.starts_with(Part::PlanSummary.label())
                || rest.starts_with(Part::Originating.label())
                || is_counter(rest)
        })
    };
    memchr::memchr_iter(b' ', text).find(begins).unwrap_or(text.len())
}

/// How far a text goes up to a quote that is not escaped.
pub(super) fn quoted_len(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        match text.get(at) {
            Some(b'\\') => at += 2,
            Some(b'"') => return at,
            Some(_) => at += 1,
            None => return text.len(),
        }
    }
}

/// A part of a line that has a label.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Part {
    AppName,
    Command,
    Query,
    Originating,
    PlanSummary,
    Update,
}

impl Part {
    const ALL: [Part; 6] = [
        Part::AppName,
        Part::Command,
        Part::Query,
        Part::Originating,
        Part::PlanSummary,
        Part::Update,
    ];

    fn label(self) -> &'static [u8] {
        match self {
            Part::AppName => b"appName: \"",
            Part::Command => b"command: ",
            Part::Query => b"query: ",
            Part::Originating => b"originatingCommand: ",
            Part::PlanSummary => b"planSummary: ",
            Part::Update => b"update: ",
        }
    }

    fn of(text: &[u8]) -> Option<Part> {
        Part::ALL.into_iter().find(|part| text.starts_with(part.label()))
    }
}

/// What stands before ` 123ms`, and the number; all of the message where it does not end so.
#[inline]
fn duration(message: &[u8]) -> (&[u8], Option<u64>) {
    let ended = || {
        let before = message.strip_suffix(b"ms")?;
        let digits = before.iter().rev().take(18).take_while(|byte| byte.is_ascii_digit()).count();
        let (before, digits) = before.split_at_checked(before.len().checked_sub(digits)?)?;
        let ms = std::str::from_utf8(digits).ok()?.parse().ok()?;
        Some((before.strip_suffix(b" ")?, Some(ms)))
    };
    ended().unwrap_or((message, None))
}

/// The namespace that follows the kind, and what follows it. A collection's name may hold blanks; a
/// command on no database has an empty one.
fn namespace(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let text = text.strip_prefix(b" ")?;
    let is_end = |at: usize| {
        let behind = text.get(at + 1..).unwrap_or_default().trim_ascii_start();
        behind.is_empty() || Part::of(behind).is_some() || is_counter(behind)
    };
    let end = memchr::memchr_iter(b' ', text).take(16).find(|at| is_end(*at))?;
    let (name, rest) = text.split_at_checked(end)?;
    // Messages of old versions begin with the same words, and damage may put anything there.
    let is_name = memchr(b'.', name).is_some() && !name.iter().any(|byte| b"\"{}:".contains(byte));
    (name.is_empty() || is_name).then_some((name, rest))
}

/// What a plan takes: stages with the pattern of their index, and commas.
fn plan_len(text: &[u8]) -> usize {
    let mut end = 0;
    loop {
        let rest = text.get(end..).unwrap_or_default();
        let stage = rest.iter().take_while(|b| b.is_ascii_uppercase() || is_of_stage(**b)).count();
        if stage == 0 {
            return text.get(..end).map_or(0, |plan| plan.trim_ascii_end().len());
        }
        end += stage;
        let rest = text.get(end..).unwrap_or_default();
        if let Some(keys) = rest.strip_prefix(b" ").filter(|rest| rest.starts_with(b"{")) {
            let len = bracketed_len(keys);
            if !keys.get(..len).is_some_and(is_key_pattern) {
                return end;
            }
            end += 1 + len;
        }
        match text.get(end..) {
            Some([b',', b' ', ..]) => end += 2,
            Some([b',', ..]) => end += 1,
            _ => return end,
        }
    }
}

/// Whether a document may be the pattern of an index: what is quoted in it is a kind of index.
fn is_key_pattern(text: &[u8]) -> bool {
    const KINDS: [&[u8]; 5] = [b"text", b"hashed", b"2d", b"2dsphere", b"geoHaystack"];
    let mut quoted = text.split(|byte| *byte == b'"').skip(1).step_by(2);
    quoted.all(|kind| KINDS.contains(&kind))
}

fn is_of_stage(byte: u8) -> bool {
    byte == b'_' || byte.is_ascii_digit()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> &str {
        std::str::from_utf8(bytes).expect("a test's text")
    }

    fn told(line: &str) -> String {
        let mut json = Vec::new();
        let Some(slow) = Slow::read(line.as_bytes(), &mut json) else { return "none".to_owned() };
        let mut out = format!("{} {}", text(slow.kind), text(slow.namespace));
        let place = |document: Option<Document>| document.map(|d| &line[d.place]);
        for (name, part) in [
            ("app", slow.app_name.map(text)),
            ("command", place(slow.command)),
            ("query", place(slow.query)),
            ("origin", place(slow.originating)),
            ("plan", slow.plan_summary.map(text)),
            ("update", place(slow.update)),
        ] {
            let named = if name == "command" { text(slow.command_name) } else { "" };
            out.extend(part.map(|part| format!(" | {name}={named}{part}")));
        }
        let cut = if slow.is_cut { " cut" } else { "" };
        let duration = slow.duration_ms.map_or("-".to_owned(), |ms| ms.to_string());
        format!("{out} | {} | {duration}{cut}", text(slow.counters))
    }

    #[test]
    fn takes_lines_of_every_version_apart() {
        for (line, expected) in [
            (
                "command admin.$cmd command: { ping: 1 } ntoreturn:1 keyUpdates:0  reslen:37 903ms",
                "command admin.$cmd | command={ ping: 1 } | ntoreturn:1 keyUpdates:0  reslen:37 | 903",
            ),
            (
                "update shop.orders query: { _id: 7 } update: { $set: { b: \"x } y\" } } nscanned:1 nupdated:1 keyUpdates:0 locks(micros) w:156 294ms",
                "update shop.orders | query={ _id: 7 } | update={ $set: { b: \"x } y\" } } | nscanned:1 nupdated:1 keyUpdates:0 locks(micros) w:156 | 294",
            ),
            (
                "query shop.orders query: { a: 1 } planSummary: IXSCAN { a: 1, b.c: -1 }, COLLSCAN ntoskip:0 0ms",
                "query shop.orders | query={ a: 1 } | plan=IXSCAN { a: 1, b.c: -1 }, COLLSCAN | ntoskip:0 | 0",
            ),
            (
                "getmore shop.my orders cursorid:5 ntoreturn:0 nreturned:1 reslen:2 3ms",
                "getmore shop.my orders | cursorid:5 ntoreturn:0 nreturned:1 reslen:2 | 3",
            ),
            (
                r#"command shop.orders appName: "a \" b" command: getMore { getMore: 5 } originatingCommand: { find: "orders" } planSummary: COLLSCAN keysExamined:0 12ms"#,
                r#"command shop.orders | app=a \" b | command=getMore{ getMore: 5 } | origin={ find: "orders" } | plan=COLLSCAN | keysExamined:0 | 12"#,
            ),
            (
                "transaction parameters:{ a: 1 }, readTimestamp:Timestamp(0, 0), nMatched:1 5ms",
                "transaction  | parameters:{ a: 1 }, readTimestamp:Timestamp(0, 0), nMatched:1 | 5",
            ),
            ("insert shop.orders ninserted:1 7ms", "insert shop.orders | ninserted:1 | 7"),
            (
                "command  command: isMaster { isMaster: 1 } numYields:0 7ms",
                "command  | command=isMaster{ isMaster: 1 } | numYields:0 | 7",
            ),
            (
                "command shop.$cmd command: unrecognized numYields:0 7ms",
                "command shop.$cmd | unrecognized numYields:0 | 7",
            ),
            // What cannot be told, and what was cut.
            (
                "query shop.orders query: { a: \"}{, b\", c: function(){ if(x){ } planSummary: COLLSCAN ntoskip:0 9ms",
                "query shop.orders | query={ a: \"}{, b\", c: function(){ if(x){ } | plan=COLLSCAN | ntoskip:0 | 9 cut",
            ),
            (
                "warning: log line attempted (11kB) over max size (10kB), printing beginning and end ... command shop.orders command: find { find: \"orders\", filter: { a: { $in: [ 1, 2, .......... 9 ] } }, $db: \"shop\" } planSummary: IXSCAN { a: 1 } keysExamined:3 12ms",
                "command shop.orders | command=find{ find: \"orders\", filter: { a: { $in: [ 1, 2, | plan=IXSCAN { a: 1 } | keysExamined:3 | 12 cut",
            ),
            (
                "warning: log line attempted (11k) over max size(10k), printing beginning and end ... insert shop.orders query: { a: \"x .......... y\" } ninserted:1 12ms",
                "insert shop.orders | query={ a: \"x | ninserted:1 | 12 cut",
            ),
            (
                "update shop.orders query: { a: 1 } update: { $set: { b: \"x",
                "update shop.orders | query={ a: 1 } | update={ $set: { b: \"x |  | - cut",
            ),
            // No operations.
            ("query shop.orders que: { a: \"x\" } planSummary: IXSCAN { a: 1 } 4ms", "none"),
            ("collection version was loaded at version 1|1||53460d, took 4ms", "none"),
            ("update of config took 4ms", "none"),
            ("query shop.orders 4ms", "none"),
            ("DNS resolution while connecting to ABC took 5000ms", "none"),
            ("command ms", "none"),
            ("12ms", "none"),
        ] {
            assert_eq!(told(line), expected, "{line}");
        }
    }
}
