//! The bytes of an input as they are stored, before decompression.
//!
//! Owns [`Stored`]: a buffered reader that can look ahead without consuming, counts what it has
//! read, and stops at the size a file had when it was opened (a growing file is read up to there).
//! It leaves decompression and text to others.

use std::io::{self, BufRead, Read};

/// Size of the read buffer in bytes: large enough that system calls do not count.
const BUFFER_BYTES: usize = 128 * 1024;

/// A buffered reader over stored bytes.
pub(super) struct Stored {
    inner: Box<dyn Read + Send>,
    buffer: Vec<u8>,
    /// `buffer[start..end]` is read but not consumed.
    start: usize,
    end: usize,
    /// Bytes taken from `inner` so far.
    read_bytes: u64,
    /// The size at open; `None` where it is unknown (standard input).
    limit_bytes: Option<u64>,
    shrank: bool,
}

impl Stored {
    /// Reads `inner` to its end, but not beyond `limit_bytes`.
    pub fn new(inner: Box<dyn Read + Send>, limit_bytes: Option<u64>) -> Stored {
        Stored {
            inner,
            buffer: Vec::new(),
            start: 0,
            end: 0,
            read_bytes: 0,
            limit_bytes,
            shrank: false,
        }
    }

    /// How many stored bytes were consumed.
    pub fn position(&self) -> u64 {
        self.read_bytes - (self.end - self.start) as u64
    }

    /// The size at open, when it is known and the input ended before it.
    pub fn missing_from(&self) -> Option<u64> {
        if self.shrank { self.limit_bytes } else { None }
    }

    /// The next bytes without consuming them: `wanted` of them, fewer only at the end of the input.
    pub fn peek(&mut self, wanted: usize) -> io::Result<&[u8]> {
        while self.end - self.start < wanted {
            if self.start > 0 {
                self.buffer.copy_within(self.start..self.end, 0);
                self.end -= self.start;
                self.start = 0;
            }
            let size = BUFFER_BYTES.max(wanted);
            if self.buffer.len() < size {
                self.buffer.resize(size, 0);
            }
            if self.refill()? == 0 {
                break;
            }
        }
        let shown = (self.end - self.start).min(wanted);
        Ok(&self.buffer[self.start..self.start + shown])
    }

    /// Consumes the rest of the input. Returns how many bytes there were and whether all of them
    /// were zero.
    pub fn drain(&mut self) -> io::Result<(u64, bool)> {
        let mut bytes = 0;
        let mut all_zero = true;
        loop {
            let rest = self.fill_buf()?;
            if rest.is_empty() {
                return Ok((bytes, all_zero));
            }
            let len = rest.len();
            all_zero = all_zero && rest.iter().all(|&byte| byte == 0);
            bytes += len as u64;
            self.consume(len);
        }
    }

    /// Appends to the buffer, which must have room; returns the number of new bytes.
    fn refill(&mut self) -> io::Result<usize> {
        let end = self.end;
        let mut buffer = std::mem::take(&mut self.buffer);
        let result = self.read_inner(&mut buffer[end..]);
        self.buffer = buffer;
        self.end += *result.as_ref().unwrap_or(&0);
        result
    }

    /// One read from the inner reader that respects the limit and repeats what a signal
    /// interrupted.
    fn read_inner(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let allowed = match self.limit_bytes {
            Some(limit) => {
                usize::try_from(limit - self.read_bytes).unwrap_or(usize::MAX).min(out.len())
            }
            None => out.len(),
        };
        if allowed == 0 {
            return Ok(0);
        }
        loop {
            match self.inner.read(&mut out[..allowed]) {
                Ok(count) => {
                    self.read_bytes += count as u64;
                    self.shrank = count == 0 && self.limit_bytes.is_some();
                    return Ok(count);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }
}

impl Read for Stored {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.start == self.end && out.len() >= BUFFER_BYTES {
            return self.read_inner(out);
        }
        let available = self.fill_buf()?;
        let count = available.len().min(out.len());
        out[..count].copy_from_slice(&available[..count]);
        self.consume(count);
        Ok(count)
    }
}

impl BufRead for Stored {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.start == self.end {
            self.start = 0;
            self.end = 0;
            if self.buffer.is_empty() {
                self.buffer.resize(BUFFER_BYTES, 0);
            }
            self.refill()?;
        }
        Ok(&self.buffer[self.start..self.end])
    }

    fn consume(&mut self, count: usize) {
        self.start = self.end.min(self.start + count);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Gives one byte per read, as a slow pipe does.
    struct Drip(io::Cursor<Vec<u8>>);

    impl Read for Drip {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let count = out.len().min(1);
            self.0.read(&mut out[..count])
        }
    }

    fn drip(bytes: &[u8], limit: Option<u64>) -> Stored {
        Stored::new(Box::new(Drip(io::Cursor::new(bytes.to_vec()))), limit)
    }

    #[test]
    fn looking_ahead_consumes_nothing() {
        let mut stored = drip(b"abcdef", None);
        assert_eq!(stored.peek(3).unwrap(), b"abc");
        assert_eq!(stored.position(), 0);
        stored.consume(2);
        assert_eq!(stored.peek(9).unwrap(), b"cdef");
        let mut rest = Vec::new();
        stored.read_to_end(&mut rest).unwrap();
        assert_eq!((rest.as_slice(), stored.position()), (&b"cdef"[..], 6));
        assert_eq!(stored.missing_from(), None);
    }

    #[test]
    fn the_size_at_open_is_the_end() {
        let mut grown = drip(b"abcdef", Some(4));
        let mut rest = Vec::new();
        grown.read_to_end(&mut rest).unwrap();
        assert_eq!((rest.as_slice(), grown.missing_from()), (&b"abcd"[..], None));

        let mut shrunk = drip(b"abc", Some(4));
        assert_eq!(shrunk.drain().unwrap(), (3, false));
        assert_eq!(shrunk.missing_from(), Some(4));
        assert_eq!(drip(&[0, 0], None).drain().unwrap(), (2, true));
    }
}
