//! Where a chunk of carried text may end.
//!
//! At the start of a record inside, as the reader inside finds it, where no part behind belongs to a
//! record before: neither one in the buffer nor, since [`HORIZON_BYTES`] behind are seen, one that
//! comes later. Only a window at the buffer's end is taken out of the carrier; it grows until it
//! shows such a place.

use super::Envelope;
use super::unwrap::{HORIZON_BYTES, Order, Unwrapped, unwrap_within};
use crate::read::input::{Cut, Taken};
use crate::read::logs::text::Role;
use std::sync::Arc;

/// First size of the window, and how it grows.
const WINDOW_BYTES: usize = 64 * 1024;
const WIDER: usize = 4;

/// Cuts the source of a carrier.
pub(super) struct EnvelopeCut {
    envelope: Arc<dyn Envelope>,
    inner: Box<dyn Cut + Send>,
    /// The window may begin in the midst of records.
    anywhere: bool,
    window_bytes: usize,
    horizon_bytes: usize,
}

impl EnvelopeCut {
    /// A cut that asks the cut of the reader inside.
    pub fn new(envelope: Arc<dyn Envelope>, inner: Box<dyn Cut + Send>, anywhere: bool) -> Self {
        EnvelopeCut {
            envelope,
            inner,
            anywhere,
            window_bytes: WINDOW_BYTES,
            horizon_bytes: HORIZON_BYTES,
        }
    }

    /// Where a window of about some size begins: at an entry.
    fn window(&self, buf: &[u8], window_bytes: usize) -> usize {
        let from = buf.len().checked_sub(window_bytes).filter(|from| *from > 0 && self.anywhere);
        let entry = from.and_then(|from| self.envelope.entry_behind(buf, from));
        entry.filter(|entry| *entry < buf.len()).unwrap_or(0)
    }

    /// The last good place behind a byte at which an entry begins.
    fn cut_behind(&mut self, buf: &[u8], from: usize) -> Option<usize> {
        let stretch = buf.get(from..)?;
        let inside =
            unwrap_within(self.envelope.as_ref(), stretch, Order::ButLast, self.horizon_bytes);
        let place = match self.envelope.newest_first() {
            true => self.reversed(&inside, from),
            false => self.forward(&inside, from),
        };
        place.map(|place| from + place)
    }

    fn forward(&mut self, inside: &Unwrapped, from: usize) -> Option<usize> {
        let (text, marks) = (inside.text.as_slice(), &inside.marks);
        let horizon = if self.envelope.has_parts() { self.horizon_bytes + 1 } else { 0 };
        let latest = inside.taken_bytes.checked_sub(horizon)?;
        // How far the records up to here reach in the source: no cut before that.
        let mut reach = if from == 0 { 1 } else { inside.unsettled_bytes };
        let mut apart = Vec::new();
        for (at, mark) in marks.iter().enumerate() {
            if mark.role != Role::Continues && (reach..=latest).contains(&mark.entry) {
                apart.push((at, mark));
            }
            reach = reach.max(mark.entry_end());
        }
        // The last of these places that begins a record inside.
        let mut limit = text.len();
        while let Some((at, mark)) = apart.pop() {
            if mark.start >= limit {
                continue;
            }
            let end = marks.get(at + 1).map_or(text.len(), |next| next.start).min(limit);
            let start = self.inner.cut(text.get(..end)?, 0, false).filter(|start| *start > 0)?;
            // What the cut found may be the end of what it was shown.
            limit = if start == end { start - 1 } else { start };
            apart.truncate(apart.partition_point(|(_, mark)| mark.start <= start));
            if start == mark.start {
                return Some(mark.entry);
            }
            match apart.last() {
                Some((_, earlier)) if earlier.start == start => return Some(earlier.entry),
                _ if start > mark.start => apart.push((at, mark)),
                _ => {}
            }
        }
        None
    }

    /// The same where later entries were written earlier: a chunk ends behind the entry that begins
    /// a record.
    fn reversed(&mut self, inside: &Unwrapped, from: usize) -> Option<usize> {
        let mut text = inside.text.as_slice();
        loop {
            let cut = self.inner.cut(text, 0, false).filter(|cut| *cut > 0)?;
            let at = inside.marks.partition_point(|mark| mark.start < cut);
            let end = inside.marks.get(at).filter(|mark| mark.start == cut);
            let end = end.map(|mark| mark.entry_end());
            if let Some(end) = end.filter(|end| from + end > 0) {
                return Some(end);
            }
            text = text.get(..cut - 1)?;
        }
    }
}

impl Cut for EnvelopeCut {
    fn cut(&mut self, buf: &[u8], _scanned: usize, eof: bool) -> Option<usize> {
        if eof {
            return None;
        }
        let mut window_bytes = self.window_bytes;
        loop {
            let from = self.window(buf, window_bytes);
            let place = self.cut_behind(buf, from);
            if from == 0 || place.is_some() {
                return place.filter(|place| *place > 0);
            }
            window_bytes = window_bytes.saturating_mul(WIDER);
        }
    }

    fn forced(&mut self) {
        self.inner.forced();
    }

    /// Every answer is the last one of the cut inside, which knows the text before where that is
    /// what was written before.
    fn taken(&mut self) -> Taken {
        match self.envelope.newest_first() {
            true => Taken::default(),
            // Places in the text are none in the source.
            false => Taken { places: Box::default(), ..self.inner.taken() },
        }
    }
}

#[cfg(test)]
mod tests;
