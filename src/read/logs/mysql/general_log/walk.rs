//! The walk over a general log, piece by piece, which the cut between chunks and the parser share:
//! records, what the server writes when it opens the file, and what belongs to neither. Every piece
//! ends where a record or a banner begins.

use super::super::banner::{Banner, begins_banner, line_at};
use super::super::ends::{Doubt, End, statement_end};
use super::head::Head;
use super::state::State;
use crate::read::logs::walk_cut::Walk;
use memchr::memchr_iter;

/// What a piece is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    /// A record.
    Record(Head<'a>, Doubt),
    /// What the server writes when it opens the file.
    Banner(Banner<'a>),
    /// Neither.
    Unknown,
}

/// The piece at the start of a text and its end, where the text `is_whole`; else `None` if more text
/// is needed to know it.
pub(super) fn piece<'a>(
    text: &'a [u8],
    is_whole: bool,
    state: &State,
) -> Option<(Piece<'a>, usize)> {
    let head = Head::read(text);
    if let Some(head) = head.filter(Head::has_statement) {
        let End { at, doubt } = statement_end(text, head.len, is_whole, state.credit, &begins)?;
        return Some((Piece::Record(head, doubt), at));
    }
    let starts = memchr_iter(b'\n', text).map(|at| at + 1);
    let next = starts.into_iter().find(|at| text.get(*at..).is_some_and(begins));
    let end = next.or_else(|| is_whole.then_some(text.len()))?;
    let piece = match head {
        Some(head) => Piece::Record(head, Doubt::None),
        None => Banner::read(text).map_or(Piece::Unknown, Piece::Banner),
    };
    Some((piece, end))
}

/// Whether a record or a banner begins at the start of a text.
fn begins(text: &[u8]) -> bool {
    if matches!(text.first(), None | Some(b'\t' | b'0'..=b'9')) {
        return Head::read(text).is_some();
    }
    let (line, size) = line_at(text, 0);
    line.len() < size && begins_banner(line)
}

impl Walk for State {
    fn pass(&mut self, text: &[u8]) -> Option<usize> {
        let (piece, size) = piece(text, false, self)?;
        if let Piece::Record(head, doubt) = piece {
            let argument = text.get(head.len..size).unwrap_or_default();
            self.meet(&head);
            self.learn(&head, argument);
            self.leave(&head, argument);
            self.credit.pay(size, doubt);
        }
        Some(size)
    }

    fn context(&self) -> Box<[u8]> {
        self.encode()
    }
}
