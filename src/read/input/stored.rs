//! The bytes of an input as they are stored, before decompression.
//!
//! Owns [`Stored`]: a buffered reader that can look ahead without consuming, counts what it has
//! read, and stops at the size a file had when it was opened (a growing file is read up to there).
//! A stretch of a file is skipped without reading it. It leaves decompression and text to others.

use std::fs::File;
use std::io::{self, BufRead, Read, Seek, SeekFrom};
use std::ops::Range;
use std::sync::Arc;

use super::lookahead::Lookahead;

/// Size of the read buffer in bytes: large enough that system calls do not count.
const BUFFER_BYTES: usize = 128 * 1024;

/// Where the bytes come from.
enum Inner {
    Reader(Box<dyn Read + Send>),
    /// A file and the offset of the next read; others may read the same file at other offsets,
    /// but not at the same time.
    File(Arc<File>, u64),
}

/// A buffered reader over stored bytes.
pub(super) struct Stored {
    inner: Inner,
    ahead: Lookahead,
    /// Bytes taken from `inner` so far.
    read_bytes: u64,
    /// The size at open; `None` where it is unknown (standard input).
    limit_bytes: Option<u64>,
    shrank: bool,
    /// Met by looking ahead; told by the read that comes to it.
    failure: Option<io::Error>,
}

impl Stored {
    /// Reads `inner` to its end, but not beyond `limit_bytes`.
    pub fn new(inner: Box<dyn Read + Send>, limit_bytes: Option<u64>) -> Stored {
        Stored::of(Inner::Reader(inner), limit_bytes)
    }

    /// Reads a stretch of a file.
    pub fn of_file(file: Arc<File>, stretch: Range<u64>) -> Stored {
        let len_bytes = stretch.end.saturating_sub(stretch.start);
        Stored::of(Inner::File(file, stretch.start), Some(len_bytes))
    }

    fn of(inner: Inner, limit_bytes: Option<u64>) -> Stored {
        Stored {
            inner,
            ahead: Lookahead::new(BUFFER_BYTES),
            read_bytes: 0,
            limit_bytes,
            shrank: false,
            failure: None,
        }
    }

    /// How many stored bytes were consumed.
    pub fn position(&self) -> u64 {
        self.read_bytes - self.ahead.rest().len() as u64
    }

    /// The size at open, when it is known and the input ended before it.
    pub fn missing_from(&self) -> Option<u64> {
        if self.shrank { self.limit_bytes } else { None }
    }

    /// The next bytes without consuming them: `wanted` of them, fewer only at the end of the input
    /// and before a failure.
    pub fn peek(&mut self, wanted: usize) -> &[u8] {
        while self.ahead.rest().len() < wanted {
            match self.refill(wanted) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) => {
                    self.failure = Some(error);
                    break;
                }
            }
        }
        self.ahead.first(wanted)
    }

    /// Consumes zeros; returns how many there were.
    pub fn skip_zeros(&mut self) -> io::Result<u64> {
        let mut bytes = 0;
        loop {
            let rest = self.fill_buf()?;
            let zeros = rest.iter().take_while(|&&byte| byte == 0).count();
            let is_end = zeros < rest.len() || rest.is_empty();
            bytes += zeros as u64;
            self.consume(zeros);
            if is_end {
                return Ok(bytes);
            }
        }
    }

    /// Consumes the rest of the input; returns how many bytes there were.
    pub fn drain(&mut self) -> io::Result<u64> {
        let mut bytes = 0;
        loop {
            let len = self.fill_buf()?.len();
            if len == 0 {
                return Ok(bytes);
            }
            bytes += len as u64;
            self.consume(len);
        }
    }

    /// Passes over `count` bytes; returns how many there were, fewer only at the end. A file that
    /// became shorter is met by the next read.
    pub fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        loop {
            let buffered = self.ahead.rest().len();
            let step = usize::try_from(left).unwrap_or(usize::MAX).min(buffered);
            self.consume(step);
            left -= step as u64;
            if left > 0
                && let (Inner::File(_, at), Some(limit)) = (&mut self.inner, self.limit_bytes)
            {
                let jump = left.min(limit - self.read_bytes);
                *at += jump;
                self.read_bytes += jump;
                left -= jump;
                return Ok(count - left);
            }
            if left == 0 || self.fill_buf()?.is_empty() {
                return Ok(count - left);
            }
        }
    }

    /// Reads more into the buffer, which makes room for `wanted` bytes; returns the number of new
    /// ones.
    fn refill(&mut self, wanted: usize) -> io::Result<usize> {
        let mut ahead = std::mem::replace(&mut self.ahead, Lookahead::new(0));
        let result = ahead.fill(wanted, |room| self.read_inner(room));
        self.ahead = ahead;
        result
    }

    /// One read from the inner reader that respects the limit and repeats what a signal
    /// interrupted.
    fn read_inner(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if let Some(error) = self.failure.take() {
            return Err(error);
        }
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
            let result = match &mut self.inner {
                Inner::Reader(reader) => reader.read(&mut out[..allowed]),
                Inner::File(file, at) => {
                    let mut file = file.as_ref();
                    let result = file
                        .seek(SeekFrom::Start(*at))
                        .and_then(|_| file.read(&mut out[..allowed]));
                    *at += *result.as_ref().unwrap_or(&0) as u64;
                    result
                }
            };
            match result {
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
        if self.ahead.is_empty() && out.len() >= BUFFER_BYTES {
            return self.read_inner(out);
        }
        self.fill_buf()?;
        Ok(self.ahead.take(out))
    }
}

impl BufRead for Stored {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.ahead.is_empty() {
            self.refill(0)?;
        }
        Ok(self.ahead.rest())
    }

    fn consume(&mut self, count: usize) {
        self.ahead.consume(count);
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
        assert_eq!(stored.peek(3), b"abc");
        assert_eq!(stored.position(), 0);
        stored.consume(2);
        assert_eq!(stored.peek(9), b"cdef");
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
        assert_eq!(shrunk.drain().unwrap(), 3);
        assert_eq!(shrunk.missing_from(), Some(4));
        let mut padded = drip(&[0, 0, 7], None);
        assert_eq!((padded.skip_zeros().unwrap(), padded.drain().unwrap()), (2, 1));
    }
}
