//! Bytes that were read and not consumed yet.
//!
//! Owns [`Lookahead`], which whoever reads ahead keeps: the stored bytes, and the decompressed ones.

/// A buffer that is filled at its end and consumed at its beginning.
#[derive(Debug)]
pub(super) struct Lookahead {
    /// Only `buffer[start..end]` has a meaning.
    buffer: Vec<u8>,
    start: usize,
    end: usize,
    usual_bytes: usize,
}

impl Lookahead {
    /// A buffer of usually so many bytes, allocated at its first use.
    pub fn new(usual_bytes: usize) -> Lookahead {
        Lookahead { buffer: Vec::new(), start: 0, end: 0, usual_bytes }
    }

    /// What was not consumed.
    pub fn rest(&self) -> &[u8] {
        &self.buffer[self.start..self.end]
    }

    /// The first `wanted` bytes of the rest, or all of it.
    pub fn first(&self, wanted: usize) -> &[u8] {
        let rest = self.rest();
        &rest[..rest.len().min(wanted)]
    }

    pub fn is_empty(&self) -> bool {
        self.start == self.end
    }

    /// Consumes up to `count` bytes.
    pub fn consume(&mut self, count: usize) {
        self.start += count.min(self.end - self.start);
        if self.start == self.end {
            (self.start, self.end) = (0, 0);
        }
    }

    /// Moves bytes into `out`; returns how many.
    pub fn take(&mut self, out: &mut [u8]) -> usize {
        let rest = self.first(out.len());
        let count = rest.len();
        out[..count].copy_from_slice(rest);
        self.consume(count);
        count
    }

    /// Lets `read` write behind the rest, where there is room until `wanted` bytes are there, for
    /// one at least. Returns what `read` says is the number of bytes it wrote.
    pub fn fill<E>(
        &mut self,
        wanted: usize,
        read: impl FnOnce(&mut [u8]) -> Result<usize, E>,
    ) -> Result<usize, E> {
        let needed = wanted.max(self.end - self.start + 1);
        if self.buffer.len() - self.start < needed {
            self.buffer.copy_within(self.start..self.end, 0);
            self.end -= self.start;
            self.start = 0;
            if self.buffer.is_empty() {
                // Fresh zeroed memory costs nothing until it is touched.
                self.buffer = vec![0; needed.max(self.usual_bytes)];
            } else if self.buffer.len() < needed {
                self.buffer.resize(needed, 0);
            }
        }
        let count = read(&mut self.buffer[self.end..])?;
        self.end = self.buffer.len().min(self.end + count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_come_out_as_they_went_in() {
        let text: Vec<u8> = (0..=255).collect();
        let mut next = 0;
        let mut ahead = Lookahead::new(8);
        let mut found = Vec::new();
        // Reads of 1 to 5 bytes, a wish beyond the usual size, and rests of any length.
        for round in 0..200 {
            let wanted = [0, 3, 20][round % 3];
            let read = |room: &mut [u8]| {
                let count = room.len().min(round % 5 + 1).min(text.len() - next);
                room[..count].copy_from_slice(&text[next..next + count]);
                next += count;
                Ok::<usize, ()>(count)
            };
            ahead.fill(wanted, read).unwrap();
            let mut out = vec![0; round % 4];
            let count = ahead.take(&mut out);
            found.extend_from_slice(&out[..count]);
        }
        found.extend_from_slice(ahead.rest());
        assert_eq!(found, text);
    }
}
