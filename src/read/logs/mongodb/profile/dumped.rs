//! Documents of BSON, one behind the other: where each ends, and where they go on behind damage.

use crate::lang::mongo::bson;
use memchr::memmem;

/// How the documents of the profiler begin, behind their size, in all versions.
const BEGINNINGS: [&[u8]; 3] = [b"\x02op\0", b"\x09ts\0", b"\x02ns\0"];

/// What a text of BSON begins with, and how many bytes that takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Piece {
    /// A document; whether it is well-formed is not known.
    Document(usize),
    /// A line end, as people or tools put between documents.
    Blank,
    /// Bytes up to the next document of the profiler.
    Broken(usize),
}

impl Piece {
    pub fn bytes(self) -> usize {
        match self {
            Piece::Document(bytes) | Piece::Broken(bytes) => bytes,
            Piece::Blank => 1,
        }
    }
}

/// The piece that a text begins with; `None` if more text is needed to know its end.
pub(super) fn piece(text: &[u8]) -> Option<Piece> {
    let kind = *text.get(4)?;
    let bytes = bson::document_bytes(text);
    match bytes.filter(|bytes| is_kind(kind) || (*bytes == 5 && kind == 0)) {
        Some(bytes) => match text.get(bytes - 1)? {
            0 => Some(Piece::Document(bytes)),
            _ => broken(text),
        },
        None if text.first() == Some(&b'\n') => Some(Piece::Blank),
        None => broken(text),
    }
}

/// A piece that ends where a document of the profiler begins; `None` if none does.
pub(super) fn broken(text: &[u8]) -> Option<Piece> {
    let starts = BEGINNINGS.iter().filter_map(|beginning| {
        let mut found = memmem::find_iter(text, beginning).filter_map(|at| at.checked_sub(4));
        found.find(|start| {
            let document = text.get(*start..).unwrap_or_default();
            *start > 0 && bson::document_bytes(document).is_some()
        })
    });
    starts.min().map(Piece::Broken)
}

/// Whether a document begins as those of the profiler do.
pub(super) fn begins_profile(document: &[u8]) -> bool {
    let elements = document.get(4..).unwrap_or_default();
    BEGINNINGS.iter().any(|beginning| elements.starts_with(beginning))
}

/// Whether elements of such a type exist.
fn is_kind(kind: u8) -> bool {
    matches!(kind, 0x01..=0x13 | 0x7f | 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn documents_go_on_behind_damage() {
        let one = b"\x0e\0\0\0\x02op\0\x01\0\0\0\0\0";
        let empty = b"\x05\0\0\0\0";
        let other = b"\x0a\0\0\0\x0aabcd\0";
        for (text, expected) in [
            (&one[..], Some(Piece::Document(14))),
            (empty, Some(Piece::Document(5))),
            (&one[..13], None),
            (&one[..4], None),
            (&other[..], Some(Piece::Document(10))),
            (&[b"\n", &one[..]].concat(), Some(Piece::Blank)),
            (&[b"\xff\xff\xff\xff", &one[..]].concat(), Some(Piece::Broken(4))),
            (&[b"\x07\0\0\0\x02xxx", &one[..]].concat(), Some(Piece::Broken(8))),
            (b"\x07\0\0\0\x02xxx", None),
        ] {
            assert_eq!(piece(text), expected, "{text:?}");
        }
    }
}
