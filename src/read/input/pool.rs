//! Recycled buffers, so that memory is threads × chunk size however long the input is.
//!
//! Owns [`BufferPool`], which the caller may share between sources and threads, and [`Buffer`],
//! which returns to its pool when it is dropped.

use std::sync::{Arc, Mutex, PoisonError};

/// Buffers that grew beyond this multiple of the usual size are freed instead of kept.
const KEEP_FACTOR: usize = 2;

/// A shelf of buffers; clones share it.
#[derive(Clone, Debug)]
pub struct BufferPool(Arc<Shelf>);

#[derive(Debug)]
struct Shelf {
    free: Mutex<Vec<Vec<u8>>>,
    largest_kept_bytes: usize,
}

impl BufferPool {
    /// A pool for buffers of usually `buffer_bytes`.
    pub fn new(buffer_bytes: usize) -> BufferPool {
        let largest_kept_bytes = buffer_bytes.saturating_mul(KEEP_FACTOR);
        BufferPool(Arc::new(Shelf { free: Mutex::new(Vec::new()), largest_kept_bytes }))
    }

    /// An empty buffer.
    pub(super) fn take(&self) -> Buffer {
        let mut free = self.0.free.lock().unwrap_or_else(PoisonError::into_inner);
        Buffer { bytes: free.pop().unwrap_or_default(), len: 0, pool: self.clone() }
    }
}

/// A growing buffer. Its spare part stays initialised when it is recycled, so that reading needs no
/// clearing.
#[derive(Debug)]
pub(super) struct Buffer {
    /// As long as the buffer ever was; only `bytes[..len]` has a meaning.
    bytes: Vec<u8>,
    len: usize,
    pool: BufferPool,
}

impl Buffer {
    pub fn as_slice(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    pub fn extend(&mut self, bytes: &[u8]) {
        self.spare(self.len + bytes.len()).copy_from_slice(bytes);
        self.len += bytes.len();
    }

    /// The part between the content and `target` bytes, to be written to; then call
    /// [`Buffer::advance`].
    pub fn spare(&mut self, target: usize) -> &mut [u8] {
        if self.bytes.is_empty() {
            // Fresh zeroed memory costs nothing until it is touched.
            self.bytes = vec![0; target];
        } else if self.bytes.len() < target {
            self.bytes.resize(target, 0);
        }
        &mut self.bytes[self.len..target.max(self.len)]
    }

    /// `count` bytes of the spare part were written.
    pub fn advance(&mut self, count: usize) {
        self.len = (self.len + count).min(self.bytes.len());
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        let bytes = std::mem::take(&mut self.bytes);
        if !bytes.is_empty() && bytes.len() <= self.pool.0.largest_kept_bytes {
            self.pool.0.free.lock().unwrap_or_else(PoisonError::into_inner).push(bytes);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buffers_come_back_unless_they_grew_too_large() {
        let pool = BufferPool::new(8);
        let mut usual = pool.take();
        usual.extend(b"12345678");
        let address = usual.as_slice().as_ptr();
        drop(usual);
        let mut again = pool.take();
        assert_eq!(again.as_slice(), b"");
        again.extend(b"abc");
        assert_eq!((again.as_slice(), again.as_slice().as_ptr()), (&b"abc"[..], address));
        again.extend(&[0; 30]);
        drop(again);
        assert!(pool.0.free.lock().unwrap().is_empty());
    }
}
