//! Where a chunk of the text form may end: before the head of a record that stands in nothing quoted.
//! A deadlock's records may be cut apart: the carry brings them together.

use super::head::{Head, When};
use super::quoted::free_of_quotes;
use crate::read::input::Cut;
use crate::time::{StampParser, ZoneTable};
use memchr::memrchr;
use std::sync::Arc;

/// Finds record starts, from the last line back.
pub(super) struct RecordCut {
    pub zones: Arc<ZoneTable>,
}

impl Cut for RecordCut {
    fn cut(&mut self, buf: &[u8], _scanned: usize, eof: bool) -> Option<usize> {
        let mut stamps = StampParser::new(&self.zones);
        let mut end = memrchr(b'\n', buf).filter(|_| !eof)?;
        loop {
            let start = memrchr(b'\n', &buf[..end]).map_or(0, |at| at + 1);
            if start == 0 {
                return None;
            }
            let head = Head::read(buf[start..end].trim_ascii_end(), &mut stamps);
            // Who has no date takes it from the record before.
            end = match head.filter(|head| matches!(head.when, When::At(..))) {
                None => start - 1,
                Some(_) => match free_of_quotes(buf, start) {
                    Ok(()) => return Some(start),
                    // Lines between are no better.
                    Err(opening) => memrchr(b'\n', &buf[..opening])?,
                },
            };
        }
    }
}
