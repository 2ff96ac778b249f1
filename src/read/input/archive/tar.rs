//! tar: ustar, GNU, pax and the old form without a magic number, as one pass.
//!
//! Owns [`Tar`]. Each member is a header block of 512 bytes and its content, padded to whole
//! blocks. Extended headers (pax `x`, GNU `L`) rename or resize the member that follows; they are
//! read up to [`MAX_EXTENSION_BYTES`] and ignored beyond. Directories, links and devices have no
//! content and are passed over; links point to what is in the archive itself or was never in it.

mod header;

use std::io::{self, Read};

use super::super::decompress::Decoder;
use super::{ArchiveFault, ArchiveKind, Entry, Members};
use header::{BLOCK_BYTES, Extension, Header, Kind};

pub(in crate::read::input) use header::{BLOCK_BYTES as HEADER_BYTES, is_header};

/// An extended header larger than this is not believed: names have at most some kilobytes.
const MAX_EXTENSION_BYTES: u64 = 256 * 1024;

/// The members of a tar archive.
pub(in crate::read::input) struct Tar {
    archive: Decoder,
    /// Bytes of the current member that were not read yet.
    left: u64,
    /// Zeros behind the current member, up to the next whole block.
    padding: u64,
    /// The mark of the end, a block of zeros, was met.
    is_ended: bool,
}

impl Tar {
    pub fn new(archive: Decoder) -> Tar {
        Tar { archive, left: 0, padding: 0, is_ended: false }
    }

    fn damaged(what: &'static str) -> ArchiveFault {
        ArchiveFault::Damaged { kind: ArchiveKind::Tar, what }
    }

    fn cut_short() -> ArchiveFault {
        ArchiveFault::CutShort { kind: ArchiveKind::Tar }
    }

    fn failed(&self, error: io::Error) -> ArchiveFault {
        ArchiveFault::of_reading(error, &self.archive)
    }

    /// Goes behind the current member. That the padding is missing shows at the next header.
    fn leave_member(&mut self) -> Result<(), ArchiveFault> {
        let content = std::mem::take(&mut self.left);
        let skipped = self.archive.skip(content).map_err(|error| self.failed(error))?;
        if skipped < content {
            return Err(Tar::cut_short());
        }
        let padding = std::mem::take(&mut self.padding);
        self.archive.skip(padding).map_err(|error| self.failed(error))?;
        Ok(())
    }

    /// The next block, and how much of it is there.
    fn block(&mut self) -> Result<([u8; BLOCK_BYTES], usize), ArchiveFault> {
        let mut block = [0; BLOCK_BYTES];
        let mut filled = 0;
        while filled < BLOCK_BYTES {
            let count =
                self.archive.read(&mut block[filled..]).map_err(|error| self.failed(error))?;
            if count == 0 {
                break;
            }
            filled += count;
        }
        Ok((block, filled))
    }

    /// The next header; `None` at the end. Blocks of zeros end an archive, but another may follow.
    fn header(&mut self) -> Result<Option<Header>, ArchiveFault> {
        loop {
            let (block, there) = self.block()?;
            let is_zero = block[..there].iter().all(|&byte| byte == 0);
            let trailing = || Err(ArchiveFault::Trailing { kind: ArchiveKind::Tar });
            if there < BLOCK_BYTES {
                return match self.archive.trailing() {
                    _ if !self.is_ended || !is_zero => Err(Tar::cut_short()),
                    Some(_) => trailing(),
                    None => Ok(None),
                };
            }
            if is_zero {
                self.is_ended = true;
                continue;
            }
            return match Header::parse(&block) {
                Some(header) => {
                    self.is_ended = false;
                    Ok(Some(header))
                }
                None if self.is_ended => trailing(),
                None => Err(Tar::damaged("the checksum of a header does not fit")),
            };
        }
    }

    /// The content of an extended header, or nothing if it is too large to be one.
    fn extension(&mut self) -> Result<Vec<u8>, ArchiveFault> {
        let mut content = Vec::new();
        if self.left <= MAX_EXTENSION_BYTES {
            let wanted = self.left;
            self.read_content(&mut content, wanted)?;
        }
        self.leave_member()?;
        Ok(content)
    }

    /// Passes over the blocks in which the map of a sparse file goes on.
    fn leave_map(&mut self, mut has_more: bool) -> Result<(), ArchiveFault> {
        while has_more {
            let (block, there) = self.block()?;
            if there < BLOCK_BYTES {
                return Err(Tar::cut_short());
            }
            has_more = block[504] != 0;
        }
        Ok(())
    }

    fn read_content(&mut self, content: &mut Vec<u8>, wanted: u64) -> Result<(), ArchiveFault> {
        let count = (&mut self.archive).take(wanted).read_to_end(content);
        let count = count.map_err(|error| self.failed(error))? as u64;
        self.left -= count;
        if count < wanted { Err(Tar::cut_short()) } else { Ok(()) }
    }
}

impl Members for Tar {
    fn next(&mut self) -> Result<Option<Entry>, ArchiveFault> {
        self.leave_member()?;
        let mut extension = Extension::default();
        loop {
            let Some(header) = self.header()? else { return Ok(None) };
            let size_bytes = match header.kind {
                Kind::LongName | Kind::Pax | Kind::Aside => header.size_bytes,
                Kind::HardLink => 0,
                _ => extension.size_bytes.unwrap_or(header.size_bytes),
            };
            self.left = size_bytes;
            self.padding = self.left.wrapping_neg() % BLOCK_BYTES as u64;
            let refused = match header.kind {
                Kind::File if extension.is_sparse => Some(ArchiveFault::Sparse),
                Kind::File => None,
                Kind::Sparse => {
                    self.leave_map(header.has_more_map)?;
                    Some(ArchiveFault::Sparse)
                }
                Kind::Continued => Some(ArchiveFault::Volumes),
                Kind::Nothing | Kind::HardLink => {
                    self.leave_member()?;
                    extension = Extension::default();
                    continue;
                }
                Kind::LongName => {
                    extension.read_gnu(&self.extension()?);
                    continue;
                }
                Kind::Pax => {
                    extension.read_pax(&self.extension()?);
                    continue;
                }
                Kind::Aside => {
                    self.leave_member()?;
                    continue;
                }
            };
            let name = extension.name.take().unwrap_or(header.name);
            return Ok(Some(Entry { name, size_bytes: Some(size_bytes), refused }));
        }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, ArchiveFault> {
        let wanted = usize::try_from(self.left).unwrap_or(usize::MAX).min(out.len());
        let count = self.archive.read(&mut out[..wanted]).map_err(|error| self.failed(error))?;
        self.left -= count as u64;
        if count == 0 && wanted > 0 { Err(Tar::cut_short()) } else { Ok(count) }
    }
}
