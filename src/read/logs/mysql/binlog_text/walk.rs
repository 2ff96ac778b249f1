//! The walk over mysqlbinlog's text, event by event, which the cut between chunks and the parser
//! share. An event ends where the next head stands in no literal.

use super::super::ends::{Doubt, End, statement_end};
use super::body::Body;
use super::head::{Head, Kind};
use super::state::State;
use crate::read::input::{Cut, Taken};
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

/// Cuts before the last event that begins for certain, and hands on what is known there.
#[derive(Default)]
pub(super) struct EventCut {
    state: State,
    /// Start of the piece that is not whole yet, in the buffer.
    at: usize,
}

impl Cut for EventCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if scanned == 0 {
            self.at = 0;
        }
        while let Some(rest) = buf.get(self.at..).filter(|rest| !rest.is_empty()) {
            let Some((piece, end)) = piece(rest, false, &self.state) else { break };
            if let Piece::Event(head, doubt) = piece {
                let body = rest.get(head.len..end).filter(|_| head.kind() == Kind::Statement);
                self.state.learn(&head, body.map(Body::read).as_ref());
                self.state.credit.pay(end, doubt);
            }
            self.at += end;
        }
        let cut = if eof { 0 } else { std::mem::take(&mut self.at) };
        (cut > 0).then_some(cut)
    }

    fn forced(&mut self) {
        self.at = 0;
    }

    fn taken(&mut self) -> Taken {
        self.state.encode().into()
    }
}
