//! The walk over mysqlbinlog's text, event by event, which the cut between chunks and the parser
//! share. An event ends where the next head stands in no literal.

use super::super::ends::{Doubt, End, statement_end};
use super::body::Body;
use super::head::{Head, Kind};
use super::state::State;
use crate::read::logs::walk_cut::Walk;
use memchr::memchr_iter;

/// What a piece is.
#[derive(Clone, Copy, Debug)]
pub(super) enum Piece<'a> {
    /// An event.
    Event(Head<'a>, Doubt),
    /// What stands before the first event, or behind a forced cut.
    Unknown,
}

/// The piece at the start of a text and its end, where the text `is_whole`; else `None` if more text
/// is needed to know it.
pub(super) fn piece<'a>(
    text: &'a [u8],
    is_whole: bool,
    state: &State,
) -> Option<(Piece<'a>, usize)> {
    let begins = |text: &[u8]| Head::read(text).is_some();
    if let Some(head) = Head::read(text) {
        let End { at, doubt } = statement_end(text, head.len, is_whole, state.credit, &begins)?;
        return Some((Piece::Event(head, doubt), at));
    }
    let mut starts = memchr_iter(b'\n', text).map(|at| at + 1);
    let next = starts.find(|at| text.get(*at..).is_some_and(begins));
    Some((Piece::Unknown, next.or_else(|| is_whole.then_some(text.len()))?))
}

impl Walk for State {
    fn pass(&mut self, text: &[u8]) -> Option<usize> {
        let (piece, size) = piece(text, false, self)?;
        if let Piece::Event(head, doubt) = piece {
            let body = text.get(head.len..size).filter(|_| head.kind() == Kind::Statement);
            self.learn(&head, body.map(Body::read).as_ref());
            self.credit.pay(size, doubt);
        }
        Some(size)
    }

    fn context(&self) -> Box<[u8]> {
        self.encode()
    }
}
