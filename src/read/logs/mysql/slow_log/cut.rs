//! Where a slow log may be cut: between records, as the parser will find them.

use super::record::{Heads, Known, Next, next};
use super::sticky::Sticky;
use crate::read::input::{Cut, Taken};

/// Cuts at the last record that is complete.
pub(super) struct SlowCut {
    heads: Heads,
    /// What holds at the start of the buffer.
    before: Sticky,
    /// Up to here the buffer's records are known …
    known: usize,
    /// … and this holds there.
    there: Sticky,
    /// Their outlines.
    places: Vec<u32>,
}

impl SlowCut {
    pub fn new(heads: Heads) -> Self {
        let (before, there) = (Sticky::default(), Sticky::default());
        SlowCut { heads, before, known: 0, there, places: Vec::new() }
    }
}

impl Cut for SlowCut {
    fn cut(&mut self, buf: &[u8], scanned: usize, eof: bool) -> Option<usize> {
        if scanned == 0 || self.known > buf.len() {
            self.forced();
        }
        if eof {
            return None;
        }
        loop {
            self.known = match next(buf, self.known, self.heads, false, &mut Known::default()) {
                Next::Record(record) => {
                    self.there.pass(&record, buf);
                    self.places.extend(record.outline().into_iter().flatten());
                    record.end
                }
                Next::Banner(end) => {
                    self.there = Sticky::default();
                    end
                }
                Next::Blank(end) | Next::Unknown(end) => end,
                Next::More => break,
            };
        }
        (self.known > 0).then_some(self.known)
    }

    fn taken(&mut self) -> Taken {
        self.before = self.there.clone();
        self.known = 0;
        let places = std::mem::take(&mut self.places).into_boxed_slice();
        Taken { context: self.before.encode(), places }
    }

    fn forced(&mut self) {
        self.known = 0;
        self.places.clear();
        self.there = self.before.clone();
    }
}
