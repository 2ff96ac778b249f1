//! Documents of BSON, one behind the other: where each ends, and where they go on behind damage.

use crate::lang::mongo::bson;
use memchr::memmem;

/// The first element of the profiler's documents …
const FIRST: &[u8] = b"\x02op\0";
/// … but for those of old versions, which have a date before it …
const DATE: &[u8] = b"\x09ts\0";
const DATE_BYTES: usize = DATE.len() + 8;
/// … and the one that follows it.
const SECOND: &[u8] = b"\x02ns\0";
/// Its texts are short: `killcursors`.
const FIRST_MAX: u32 = 32;
/// So many bytes show how a document begins.
const BEGINNING_MAX: usize = 64;

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
    match document(text)? {
        Some(bytes) => Some(Piece::Document(bytes)),
        None if is_blank(text) => Some(Piece::Blank),
        None => broken(text, false),
    }
}

/// How many bytes the document takes that a text begins with; `Some(None)` if none does, `None` if
/// more text is needed to know it.
pub(super) fn document(text: &[u8]) -> Option<Option<usize>> {
    let kind = *text.get(4)?;
    let bytes = bson::document_bytes(text);
    let Some(bytes) = bytes.filter(|bytes| is_kind(kind) || (*bytes == 5 && kind == 0)) else {
        return Some(None);
    };
    Some((*text.get(bytes - 1)? == 0).then_some(bytes))
}

/// Whether a text that begins with no document begins with a line end before one, or before the end
/// of an archive's block.
pub(super) fn is_blank(text: &[u8]) -> bool {
    matches!(text, [b'\n', _, _, _, 0, ..] | [b'\n', 0xff, 0xff, 0xff, 0xff, ..])
}

/// A piece that ends where a document of the profiler begins; `None` if none does in a text that
/// `is_whole`, or if more of it is needed.
pub(super) fn broken(text: &[u8], is_whole: bool) -> Option<Piece> {
    let mut starts = memmem::find_iter(text, FIRST).filter_map(|at| {
        let date = at.checked_sub(DATE_BYTES).and_then(|date| text.get(date..));
        let elements = match date {
            Some(date) if date.starts_with(DATE) => at - DATE_BYTES,
            _ => at,
        };
        elements.checked_sub(4)
    });
    let is_start = |start: &usize| {
        let from = text.get(*start..).unwrap_or_default();
        *start > 0 && (begins_profile(from) || !is_whole && from.len() < BEGINNING_MAX)
    };
    let start = starts.find(is_start)?;
    let is_known = text.get(start..).is_some_and(begins_profile);
    is_known.then_some(Piece::Broken(start))
}

/// Whether a text begins with a document as the profiler writes them, as far as its second element.
pub(super) fn begins_profile(text: &[u8]) -> bool {
    let begins = || {
        bson::document_bytes(text)?;
        let elements = text.get(4..)?;
        let dated = if elements.starts_with(DATE) { DATE_BYTES } else { 0 };
        let first = elements.get(dated..)?.strip_prefix(FIRST)?;
        let bytes = u32::from_le_bytes(*first.first_chunk()?);
        let behind = first.get(4 + usize::try_from(bytes.min(FIRST_MAX)).ok()?..)?;
        behind.starts_with(SECOND).then_some(())
    };
    begins().is_some()
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
        let one = b"\x1d\0\0\0\x02op\0\x04\0\0\0foo\0\x02ns\0\x04\0\0\0a.b\0\0";
        let old =
            b"\x29\0\0\0\x09ts\0\x01\0\0\0\0\0\0\0\x02op\0\x04\0\0\0foo\0\x02ns\0\x04\0\0\0a.b\0\0";
        let empty = b"\x05\0\0\0\0";
        let other = b"\x0a\0\0\0\x0aabcd\0";
        let nested = b"\x0f\0\0\0\x02op\0\x02\0\0\0a\0\0";
        for (text, expected) in [
            (&one[..], Some(Piece::Document(29))),
            (old, Some(Piece::Document(41))),
            (empty, Some(Piece::Document(5))),
            (&one[..28], None),
            (&one[..4], None),
            (&other[..], Some(Piece::Document(10))),
            (&[b"\n", &one[..]].concat(), Some(Piece::Blank)),
            (&[b"\xff\xff\xff\xff", &one[..]].concat(), Some(Piece::Broken(4))),
            (&[b"\xff\xff", &nested[..], old, &[0; 64]].concat(), Some(Piece::Broken(17))),
            (&[b"\x07\0\0\0\x02xxx", &one[..]].concat(), Some(Piece::Broken(8))),
            (b"\x07\0\0\0\x02xxx", None),
        ] {
            assert_eq!(piece(text), expected, "{text:?}");
        }
    }
}
