//! What passed of one source and was not written yet.

use crate::time::Timestamp;
use std::collections::VecDeque;

/// Bytes that pass, with the time by which they are merged with other sources.
#[derive(Default)]
pub(super) struct Ready {
    bytes: Vec<u8>,
    pieces: VecDeque<Piece>,
    /// Where the first piece begins in `bytes`.
    at: usize,
}

/// Bytes that are written together.
#[derive(Clone, Copy)]
pub(super) struct Piece {
    /// By which they are merged; never falls within a source.
    pub key: Option<Timestamp>,
    /// Where they begin in the source.
    pub offset: u64,
    /// Where the last of them ends in the source.
    pub end: u64,
    pub size_bytes: usize,
    pub records: u64,
}

impl Ready {
    /// Adds bytes behind all others.
    pub fn push(&mut self, key: Option<Timestamp>, offset: u64, records: u32, bytes: &[u8]) {
        let end = offset + bytes.len() as u64;
        // Nobody else's bytes come between two pieces of one source and time.
        let is_whole = self.bytes.last().is_none_or(|last| *last == b'\n');
        self.bytes.extend_from_slice(bytes);
        match self.pieces.back_mut() {
            Some(last) if last.key == key && (is_whole || last.end == offset) => {
                last.end = end;
                last.size_bytes += bytes.len();
                last.records += u64::from(records);
            }
            _ => {
                let (size_bytes, records) = (bytes.len(), u64::from(records));
                self.pieces.push_back(Piece { key, offset, end, size_bytes, records });
            }
        }
    }

    /// The first piece.
    pub fn first(&self) -> Option<Piece> {
        self.pieces.front().copied()
    }

    /// Takes the first piece.
    pub fn pop(&mut self) -> Option<(Piece, &[u8])> {
        let piece = self.pieces.pop_front()?;
        let begin = self.at;
        self.at += piece.size_bytes;
        Some((piece, self.bytes.get(begin..self.at).unwrap_or_default()))
    }

    /// Gives the memory of what was taken back, once nothing is left.
    pub fn recycle(&mut self, keep_bytes: usize) {
        if self.pieces.is_empty() {
            self.bytes.clear();
            self.bytes.shrink_to(keep_bytes);
            self.at = 0;
        }
    }
}
