//! Documents in a text: one a line, spread over lines, or in arrays, with whatever a shell prints
//! between them.
//!
//! Owns the walk from document to document, which the cut between chunks and the parser share, and
//! the parser. A document begins with the bracket that is the first of its line but for those of
//! arrays, and ends with its last bracket. One that was cut is ended where a line begins the next.

use super::document::{Documents, Found};
use crate::lang::mongo::shell::{self, End, Mark, Scan};
use crate::model::event::Sink;
use crate::read::logs::ChunkText;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::walk_cut::Walk;
use crate::time::ZoneTable;
use memchr::{memchr, memchr_iter};
use std::ops::Range;

/// Why a document is not read, whatever follows it.
const UNENDED: &str = "a document of which only the beginning is there";

/// What stands between the end of a document and the end of the next.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// A whole document.
    Document(Range<usize>),
    /// A document that another one follows before it ends.
    Broken(Range<usize>),
}

impl Piece {
    fn document(&self) -> Range<usize> {
        match self {
            Piece::Document(range) | Piece::Broken(range) => range.clone(),
        }
    }
}

/// The document that comes next in a text, which begins outside of documents; `None` where the text
/// ends before the document does.
pub(super) fn piece(text: &[u8]) -> Option<Piece> {
    let (start, indent) = begin(text)?;
    let document = text.get(start..)?;
    let mut depth = 0usize;
    // Whether a line can show that the document was cut: not if all its lines begin alike.
    let mut is_indented = None;
    for (mark, at) in Scan::new(document) {
        match mark {
            Mark::Open => depth += 1,
            Mark::Close if depth <= 1 => return Some(Piece::Document(start..start + at + 1)),
            Mark::Close => depth -= 1,
            Mark::Comma => {}
            Mark::Line => {
                let line = document.get(at + 1..)?;
                let blanks = line.iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                let first = line.get(blanks)?;
                let is_indented = *is_indented.get_or_insert_with(|| {
                    let opening = document.get(1..at).unwrap_or_default();
                    !opening.trim_ascii().is_empty() || blanks > indent
                });
                if is_indented && *first == b'{' && blanks <= indent {
                    return Some(Piece::Broken(start..start + at + 1));
                }
            }
        }
    }
    None
}

/// Where a document begins, and how many blanks stand before it if nothing else does on its line.
fn begin(text: &[u8]) -> Option<(usize, usize)> {
    let mut line = 0;
    loop {
        let rest = text.get(line..)?;
        let is_array = |b: &u8| matches!(b, b' ' | b'\t' | b'\r' | b'[' | b']' | b',');
        let before = rest.iter().take_while(|b| is_array(b)).count();
        if *rest.get(before)? == b'{' {
            let brackets = rest.get(..before)?.trim_ascii();
            return Some((line + before, if brackets.is_empty() { before } else { 0 }));
        }
        line += memchr(b'\n', rest)? + 1;
    }
}

/// The walk over the documents of a text; nothing needs to be known of those before.
pub(super) struct TextWalk;

impl Walk for TextWalk {
    fn pass(&mut self, text: &[u8]) -> Option<usize> {
        piece(text).map(|piece| piece.document().end)
    }

    fn context(&self) -> Box<[u8]> {
        Box::default()
    }
}

/// Reads the documents of one chunk.
pub(super) struct TextParser<'c, 'z> {
    chunk: ChunkText<'c>,
    documents: Documents<'z>,
    reading: Reading,
    /// A document as Extended JSON.
    ejson: Vec<u8>,
    /// Whether a line is one that the shell prints beside documents.
    is_foreign: fn(&[u8]) -> bool,
    /// Lines before what is read next.
    line: u32,
}

impl<'c, 'z> TextParser<'c, 'z> {
    /// For one chunk, as much as the sink wants of it.
    pub fn new(
        chunk: ChunkText<'c>,
        zones: &'z ZoneTable,
        is_foreign: fn(&[u8]) -> bool,
        sink: &dyn Sink,
    ) -> Self {
        TextParser {
            chunk,
            documents: Documents::new(zones, sink.wants_spans()),
            reading: Reading::default(),
            ejson: Vec::new(),
            is_foreign,
            line: 0,
        }
    }

    /// Reads all of it.
    pub fn run(mut self, sink: &mut dyn Sink) -> Segment {
        let mut at = 0;
        while let Some(rest) = self.chunk.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(piece) = piece(rest) else { break };
            let Range { start, end } = piece.document();
            self.between(at..at + start);
            let range = at + start..at + end;
            match piece {
                Piece::Document(_) => self.document(range, sink),
                Piece::Broken(_) => self.skip(range, UNENDED, 1),
            }
            at += end;
        }
        self.rest(at);
        self.reading.lines = u64::from(self.line);
        self.documents.into_segment(self.reading)
    }

    fn document(&mut self, range: Range<usize>, sink: &mut dyn Sink) {
        let text = self.chunk.bytes.get(range.clone()).unwrap_or_default();
        self.ejson.clear();
        let read = shell::to_ejson(text, &mut self.ejson);
        if read.end != End::Closed {
            return self.skip(range, "a document that cannot be read", 1);
        }
        let place = self.chunk.place(range.start, self.line);
        let found = Found { text, start: range.start, place, is_elided: read.elided };
        if self.documents.tell(&self.ejson, &found, &mut self.reading, sink) {
            self.pass(text);
        } else {
            self.skip(range, "a document, but none of the profiler's: no op, ns and millis", 0);
        }
    }

    /// What no document has: the brackets of arrays, and lines that a shell prints.
    fn between(&mut self, range: Range<usize>) {
        let text = self.chunk.bytes.get(range.clone()).unwrap_or_default();
        let mut at = range.start;
        for line in text.split_inclusive(|b| *b == b'\n') {
            let is_array = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'[' | b']' | b',');
            let range = at..at + line.len();
            if line.iter().all(is_array) {
                self.pass(line);
            } else if (self.is_foreign)(line.trim_ascii()) {
                let bytes = self.chunk.source_bytes(range, self.line);
                self.reading.leave_to_others(bytes, 1);
                self.pass(line);
            } else {
                self.skip(range, "no document of the profiler", 0);
            }
            at += line.len();
        }
    }

    /// What stands behind the last document, and a document that the text's end cuts.
    fn rest(&mut self, at: usize) {
        let rest = self.chunk.bytes.get(at..).unwrap_or_default();
        let Some((start, _)) = begin(rest) else {
            return self.between(at..self.chunk.bytes.len());
        };
        self.between(at..at + start);
        self.skip(at + start..self.chunk.bytes.len(), UNENDED, 1);
    }

    fn skip(&mut self, range: Range<usize>, why: &'static str, records: u64) {
        let size_bytes = self.chunk.source_bytes(range.clone(), self.line);
        let place = self.chunk.skipped(range.start, self.line, why);
        self.reading.skip(place, size_bytes, records);
        self.pass(self.chunk.bytes.get(range).unwrap_or_default());
    }

    fn pass(&mut self, text: &[u8]) {
        let lines = memchr_iter(b'\n', text).count();
        self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_are_found_in_any_text() {
        fn pieces(text: &str) -> Vec<String> {
            let mut rest = text;
            let mut found = Vec::new();
            while let Some(piece) = piece(rest.as_bytes()) {
                let mark = if matches!(piece, Piece::Broken(_)) { "!" } else { "" };
                let range = piece.document();
                found.push(format!("{mark}{}", &rest[range.clone()].trim_end()));
                rest = &rest[range.end..];
            }
            found
        }
        for (text, expected) in [
            ("{\"a\":1}\n{\"a\":\"}\"}\n", &["{\"a\":1}", "{\"a\":\"}\"}"][..]),
            ("[{\"a\":1},{\"a\":2}]", &["{\"a\":1}", "{\"a\":2}"]),
            (
                "[\n  {\n    a: 1\n  },\n  {\n    a: 2\n  }\n]\n",
                &["{\n    a: 1\n  }", "{\n    a: 2\n  }"],
            ),
            ("[{\n  \"a\": 1\n}, {\n  \"a\": 2\n}]", &["{\n  \"a\": 1\n}", "{\n  \"a\": 2\n}"]),
            ("db> db.c.find({ a: 1 })\n{ a: 1 }\nType \"it\" for more\n", &["{ a: 1 }"]),
            ("{\n\"a\": [\n{\n\"b\": 1\n}\n]\n}\n", &["{\n\"a\": [\n{\n\"b\": 1\n}\n]\n}"]),
            ("{\"a\": {\"b\": 1\n{\"a\": 2}\n", &["!{\"a\": {\"b\": 1", "{\"a\": 2}"]),
            ("{\n  a: {\n    b: 'x\n{\n  a: 1\n}\n", &["!{\n  a: {\n    b: 'x", "{\n  a: 1\n}"]),
            (
                " {\n   a: [\n     { b: 1 },\n {\n   a: 1\n }",
                &["!{\n   a: [\n     { b: 1 },", "{\n   a: 1\n }"],
            ),
            ("{ a: 1", &[]),
            ("nothing", &[]),
        ] {
            assert_eq!(pieces(text), expected, "{text}");
        }
    }
}
