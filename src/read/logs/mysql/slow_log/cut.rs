//! Where a slow log may be cut: between records, as the parser will find them.

use super::ends::Known;
use super::record::{Heads, Next, next};
use super::sticky::Sticky;
use crate::read::input::{Cut, Taken};

/// Cuts at the last record that is complete.
pub(super) struct SlowCut {
    heads: Heads,
    /// What holds at the start of the buffer.
    before: Sticky,
    /// What walks through the buffer left behind.
    walks: Known<'static>,
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
        let (walks, places) = (Known::default(), Vec::new());
        SlowCut { heads, before, walks, known: 0, there, places }
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
            self.known = match next(buf, self.known, self.heads, false, &mut self.walks) {
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
        self.walks.shift(std::mem::take(&mut self.known));
        let places = std::mem::take(&mut self.places).into_boxed_slice();
        Taken { context: self.before.encode(), places }
    }

    fn forced(&mut self) {
        self.walks = Known::default();
        self.known = 0;
        self.places.clear();
        self.there = self.before.clone();
    }
}

#[cfg(test)]
mod tests {
    use super::super::ends::Outline;
    use super::*;

    const HEAD: &str = "# Time: 2026-11-23T03:10:43.690849Z\n# User@Host: a[a] @ h [1.2.3.4]  Id: 4\n# Query_time: 0.1  Lock_time: 0.0 Rows_sent: 1  Rows_examined: 1\nSET timestamp=1795403443;\n";

    /// Places at which a text is cut by buffers that begin with so many bytes and hold 16 MiB at most,
    /// and the ends that were found.
    fn cuts(text: &[u8], chunk: usize) -> Vec<(usize, bool)> {
        let mut cut = SlowCut::new(Heads::of(text));
        let (mut ends, mut base, mut scanned, mut held) = (Vec::new(), 0, 0, chunk);
        loop {
            let buf = &text[base..text.len().min(base + held)];
            let eof = base + held >= text.len();
            match cut.cut(buf, scanned, eof) {
                Some(at) => {
                    let places = cut.taken().places;
                    let outlines = places.chunks_exact(Outline::PLACES).map(|outline| outline[2]);
                    ends.extend(outlines.map(|end| (base + (end >> 1) as usize, end & 1 == 1)));
                    (base, scanned) = (base + at, buf.len() - at);
                    held = chunk.max(scanned * 2).min(16 << 20);
                }
                None if eof => return ends,
                None => (scanned, held) = (buf.len(), (held * 2).min(16 << 20)),
            }
        }
    }

    #[test]
    fn thousands_of_literals_that_never_end_are_cut_alike() {
        let (mut text, mut forced) = (String::new(), Vec::new());
        for number in 0..2_000 {
            let open = if number % 7 == 0 { "\" \\\"" } else { "' C:\\'" };
            text += &format!("{HEAD}select {open}{};\n", " x".repeat(5_000));
            forced.push((text.len(), true));
        }
        let told = cuts(text.as_bytes(), 1 << 20);
        // The last buffer is left to the parser.
        assert!(told.len() > 300 && forced.starts_with(&told), "{:?}", told.len());
        for chunk in [512, 4096] {
            assert_eq!(cuts(text.as_bytes(), chunk), told, "{chunk}");
        }
    }
}
