//! The cut of formats whose records can only be found by reading all text in order. In: the walk over
//! the pieces of a text, which the format's parser shares. Out: a cut behind the last whole piece,
//! which hands on what the walk knows there.

use crate::read::input::{Cut, Taken};

/// A walk over a text, piece by piece.
pub(super) trait Walk {
    /// Passes the piece that a text begins with; its size, or `None` if more text is needed.
    fn pass(&mut self, text: &[u8]) -> Option<usize>;

    /// What is known behind the pieces that were passed, as bytes for the parser.
    fn context(&self) -> Box<[u8]>;
}

/// Cuts behind the last piece that a walk has passed.
pub(super) struct WalkCut<W> {
    walk: W,
    /// Start of the piece that is not whole yet, in the buffer.
    at: usize,
}

impl<W: Walk> WalkCut<W> {
    /// A cut by a walk that stands at the start of the text.
    pub fn new(walk: W) -> Self {
        WalkCut { walk, at: 0 }
    }
}

impl<W: Walk> Cut for WalkCut<W> {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if scanned == 0 {
            self.at = 0;
        }
        while let Some(rest) = buf.get(self.at..).filter(|rest| !rest.is_empty()) {
            let Some(size) = self.walk.pass(rest) else { break };
            self.at += size;
        }
        let cut = if eof { 0 } else { std::mem::take(&mut self.at) };
        (cut > 0).then_some(cut)
    }

    fn forced(&mut self) {
        self.at = 0;
    }

    fn taken(&mut self) -> Taken {
        self.walk.context().into()
    }
}
