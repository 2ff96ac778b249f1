//! Documents in a text: one a line, spread over lines, or in arrays, with whatever a shell prints
//! between them.
//!
//! Owns the walk from document to document, which the cut between chunks and the parser share, and
//! the parser; what documents mean is left to a [`DocumentReader`]. A document begins with the bracket
//! that is the first of its line but for those of arrays, and ends with its last bracket. One that was
//! cut is ended where a line begins the next.

use crate::lang::mongo::shell::{Mark, Scan};
use crate::model::event::Sink;
use crate::read::logs::ChunkText;
use crate::read::logs::segment::{Reading, Segment};
use crate::read::logs::walk_cut::Walk;
use memchr::{memchr, memchr_iter, memmem};
use std::ops::Range;

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
pub(super) fn begin(text: &[u8]) -> Option<(usize, usize)> {
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

/// A document where it stands.
pub(super) struct Document<'c> {
    /// As it stands in the chunk's text.
    pub text: &'c [u8],
    /// Where that begins, in the chunk's text.
    pub start: usize,
    /// Its first line, counted from the start of the chunk.
    pub line: u32,
    /// It ends with its last bracket.
    pub is_whole: bool,
}

/// Why a document is not read.
pub(super) struct Refused {
    /// In words for people, without literals.
    pub why: &'static str,
    /// How many records are lost with it.
    pub records: u64,
}

impl Refused {
    /// It does not end.
    pub const UNENDED: Refused =
        Refused { why: "a document of which only the beginning is there", records: 1 };
    /// It is neither JSON nor a shell's text.
    pub const DAMAGED: Refused = Refused { why: "a document that cannot be read", records: 1 };
}

/// Reads what documents mean, one after another.
pub(super) trait DocumentReader {
    /// What is said of a line that belongs to no document.
    const NO_DOCUMENT: &'static str;

    /// Reads a document of a chunk; its records are counted in `reading`.
    fn read(
        &mut self,
        document: &Document<'_>,
        chunk: &ChunkText<'_>,
        reading: &mut Reading,
        sink: &mut dyn Sink,
    ) -> Result<(), Refused>;

    /// What the chunk gave.
    fn into_segment(self, reading: Reading) -> Segment;
}

/// Reads the documents of one chunk.
pub(super) struct TextParser<'c, R> {
    chunk: ChunkText<'c>,
    reader: R,
    reading: Reading,
    /// Whether a line is one that the shell prints beside documents.
    is_foreign: fn(&[u8]) -> bool,
    /// Lines before what is read next.
    line: u32,
}

impl<'c, R: DocumentReader> TextParser<'c, R> {
    /// For one chunk.
    pub fn new(chunk: ChunkText<'c>, reader: R, is_foreign: fn(&[u8]) -> bool) -> Self {
        TextParser { chunk, reader, reading: Reading::default(), is_foreign, line: 0 }
    }

    /// Reads all of it.
    pub fn run(mut self, sink: &mut dyn Sink) -> Segment {
        let mut at = 0;
        while let Some(rest) = self.chunk.bytes.get(at..).filter(|rest| !rest.is_empty()) {
            let Some(piece) = piece(rest) else { break };
            let Range { start, end } = piece.document();
            self.between(at..at + start);
            let is_whole = matches!(piece, Piece::Document(_));
            self.document(at + start..at + end, is_whole, sink);
            at += end;
        }
        self.rest(at, sink);
        self.reading.lines = u64::from(self.line);
        self.reader.into_segment(self.reading)
    }

    fn document(&mut self, range: Range<usize>, is_whole: bool, sink: &mut dyn Sink) {
        let text = self.chunk.bytes.get(range.clone()).unwrap_or_default();
        let document = Document { text, start: range.start, line: self.line, is_whole };
        match self.reader.read(&document, &self.chunk, &mut self.reading, sink) {
            Ok(()) => self.pass(text),
            Err(Refused { why, records }) => self.skip(range, why, records),
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
                self.skip(range, R::NO_DOCUMENT, 0);
            }
            at += line.len();
        }
    }

    /// What stands behind the last document, and a document that the text's end cuts.
    fn rest(&mut self, at: usize, sink: &mut dyn Sink) {
        let rest = self.chunk.bytes.get(at..).unwrap_or_default();
        let Some((start, _)) = begin(rest) else {
            return self.between(at..self.chunk.bytes.len());
        };
        self.between(at..at + start);
        self.document(at + start..self.chunk.bytes.len(), false, sink);
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

/// Whether a line is a prompt with or without a command, a hint, or what a shell says when it
/// starts.
pub(super) fn is_of_shell(line: &[u8]) -> bool {
    const BEGINNINGS: [&[u8]; 10] = [
        b"Type \"it\" for more",
        b"... ",
        b"Current Mongosh Log ID",
        b"Connecting to:",
        b"connecting to:",
        b"Using MongoDB:",
        b"Using Mongosh:",
        b"MongoDB shell version",
        b"MongoDB server version",
        b"switched to db",
    ];
    let prompt = memmem::find(line, b"> ").map(|end| line.get(..end).unwrap_or_default());
    // `replset [direct: primary] shop> `
    let is_name = |b: &u8| {
        b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' ' | b'[' | b']' | b':' | b'.')
    };
    let is_prompt = prompt.or(line.strip_suffix(b">")).is_some_and(|name| name.iter().all(is_name));
    is_prompt || line == b"it" || BEGINNINGS.iter().any(|beginning| line.starts_with(beginning))
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
