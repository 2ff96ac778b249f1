//! zip: through its table of contents where the archive is a file, else through the headers in
//! front of its members, as one pass.
//!
//! Owns [`Zip`]. Members are stored or deflated, and their checksums are tested. Methods whose
//! result says itself how it is packed (bzip2, zstd, xz) are handed out as they are, since every
//! member is looked at for compression anyway. Sizes that a header states are believed in no
//! allocation; members that lie upon one another are refused, so that no more is unpacked than a
//! thousand times the archive.

mod records;

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use flate2::{Crc, Decompress, FlushDecompress, Status};

use super::super::decompress::{Compression, Decoder};
use super::super::stored::Stored;
use super::{ArchiveFault, ArchiveKind, Entry, Members};
use records::{Contents, DESCRIPTOR_MAGIC, LOCAL_MAGIC, Record, u32_at, u64_at};

/// Packing methods by their number.
mod method {
    pub const STORED: u16 = 0;
    pub const DEFLATE: u16 = 8;
    pub const BZIP2: u16 = 12;
    pub const ZSTD: u16 = 93;
    pub const XZ: u16 = 95;
    /// Behind it stands the true method, encrypted.
    pub const AES: u16 = 99;
}

/// The members of a zip archive.
pub(in crate::read::input) struct Zip {
    /// With a table of contents: the file from the current member on. Without: what was not read.
    raw: Decoder,
    contents: Option<Contents>,
    body: Body,
}

/// The content of the current member.
struct Body {
    packing: Packing,
    /// Packed bytes that were not read yet; `None` where only the content says where it ends.
    left: Option<u64>,
    /// Packed bytes that were read, and what they became.
    packed_bytes: u64,
    size_bytes: u64,
    crc: Crc,
    /// The checksum and size that the header states, unless a descriptor does.
    stated: Option<(u32, u64)>,
    /// Checksum and sizes follow the content and must be passed over.
    has_descriptor: bool,
}

enum Packing {
    Stored,
    /// Its first bytes say how it is packed.
    Apparent,
    Deflate(Box<Decompress>),
    /// Not for reading.
    Opaque,
    /// All was read and tested.
    Ended,
}

impl Body {
    fn new(record: &Record, packing: Packing, has_descriptor: bool) -> Body {
        let is_known = !has_descriptor || record.packed_bytes > 0;
        Body {
            packing,
            left: is_known.then_some(record.packed_bytes),
            packed_bytes: 0,
            size_bytes: 0,
            crc: Crc::new(),
            stated: (!has_descriptor).then_some((record.crc, record.size_bytes)),
            has_descriptor,
        }
    }

    fn nothing() -> Body {
        Body {
            packing: Packing::Ended,
            left: Some(0),
            packed_bytes: 0,
            size_bytes: 0,
            crc: Crc::new(),
            stated: None,
            has_descriptor: false,
        }
    }
}

fn damaged(what: &'static str) -> ArchiveFault {
    ArchiveFault::Damaged { kind: ArchiveKind::Zip, what }
}

const CUT_SHORT: ArchiveFault = ArchiveFault::CutShort { kind: ArchiveKind::Zip };

/// Why a member cannot be read, or how it is.
fn packing_of(record: &Record) -> Result<Packing, ArchiveFault> {
    match record.method {
        method::AES => Err(ArchiveFault::Encrypted),
        _ if record.is_encrypted => Err(ArchiveFault::Encrypted),
        method::STORED => Ok(Packing::Stored),
        method::DEFLATE => Ok(Packing::Deflate(Box::new(Decompress::new(false)))),
        method::BZIP2 | method::ZSTD | method::XZ => Ok(Packing::Apparent),
        method => Err(ArchiveFault::Method { method }),
    }
}

impl Zip {
    /// Reads an archive that comes as a stream.
    pub fn of_stream(raw: Decoder) -> Zip {
        Zip { raw, contents: None, body: Body::nothing() }
    }

    /// Reads an archive that is a file, by its table of contents if it has one.
    pub fn of_file(file: Arc<File>, file_bytes: u64) -> Result<Zip, ArchiveFault> {
        let raw = Decoder::plain(Stored::of_file(file.clone(), 0..file_bytes));
        Ok(Zip { raw, contents: Contents::find(file, file_bytes)?, body: Body::nothing() })
    }

    /// The next member by the table of contents.
    fn next_listed(&mut self) -> Result<Option<Entry>, ArchiveFault> {
        let Some(contents) = &mut self.contents else { return Ok(None) };
        let record = loop {
            match contents.next()? {
                Some(record) if record.is_no_file => {}
                Some(record) => break record,
                None => return Ok(None),
            }
        };
        let refused = match packing_of(&record) {
            Ok(packing) => {
                let stretch = record.offset..contents.file_bytes;
                self.raw = Decoder::plain(Stored::of_file(contents.file.clone(), stretch));
                self.body = Body::new(&record, packing, false);
                self.enter_listed().err()
            }
            Err(fault) => Some(fault),
        };
        if refused.is_some() {
            self.body = Body::nothing();
        }
        Ok(Some(Entry { name: record.name, size_bytes: Some(record.size_bytes), refused }))
    }

    /// Passes over the local header, whose sizes may be missing.
    fn enter_listed(&mut self) -> Result<(), ArchiveFault> {
        let mut magic = [0; 4];
        let header =
            self.raw.read_exact(&mut magic).and_then(|()| Record::read_local(&mut self.raw));
        match header {
            Ok(_) if magic == *LOCAL_MAGIC => Ok(()),
            Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
                Err(ArchiveFault::of_reading(error, &self.raw))
            }
            _ => Err(damaged("its table of contents leads to no member")),
        }
    }

    /// The next member by the headers in front of each.
    fn next_in_line(&mut self) -> Result<Option<Entry>, ArchiveFault> {
        loop {
            self.leave_body()?;
            let magic = self.raw.peek(8);
            if magic.starts_with(DESCRIPTOR_MAGIC) && magic.ends_with(LOCAL_MAGIC) {
                // The mark of an archive that was meant for several disks and needed one.
                self.raw.consume(DESCRIPTOR_MAGIC.len());
            }
            match self.raw.peek(LOCAL_MAGIC.len()) {
                magic if magic == LOCAL_MAGIC => self.raw.consume(LOCAL_MAGIC.len()),
                magic if magic.len() < LOCAL_MAGIC.len() => return Err(self.early_end()),
                // The table of contents, or what may stand before it.
                [b'P', b'K', ..] => return Ok(None),
                _ => return Err(damaged("no header follows a member")),
            }
            let record = match Record::read_local(&mut self.raw) {
                Ok(record) => record,
                Err(error) => return Err(self.failed(error)),
            };
            let (packing, refused) = match packing_of(&record) {
                Ok(packing) => (packing, None),
                Err(fault) => (Packing::Opaque, Some(fault)),
            };
            let tells_its_end = matches!(packing, Packing::Deflate(_));
            self.body = Body::new(&record, packing, record.has_descriptor);
            if self.body.left.is_none() && !tells_its_end && refused.is_none() {
                return Err(ArchiveFault::NeedsContents);
            }
            if !record.is_no_file {
                let size_bytes = self.body.stated.map(|(_, size_bytes)| size_bytes);
                return Ok(Some(Entry { name: record.name, size_bytes, refused }));
            }
        }
    }

    /// Goes behind the current member.
    fn leave_body(&mut self) -> Result<(), ArchiveFault> {
        if matches!(self.body.packing, Packing::Deflate(_)) && self.body.has_descriptor {
            let mut scratch = [0; 8 * 1024];
            while self.read(&mut scratch)? > 0 {}
        }
        let Some(left) = self.body.left else { return Err(ArchiveFault::NeedsContents) };
        let is_ended = matches!(self.body.packing, Packing::Ended);
        let body = std::mem::replace(&mut self.body, Body::nothing());
        let skipped = self.raw.skip(left).map_err(|error| self.failed(error))?;
        if skipped < left {
            return Err(CUT_SHORT);
        }
        if body.has_descriptor && !is_ended {
            self.descriptor(body.packed_bytes + left, None)?;
        }
        Ok(())
    }

    /// Passes over the checksum and the sizes behind a member, in one of four forms; gives the
    /// checksum.
    fn descriptor(
        &mut self,
        packed_bytes: u64,
        size_bytes: Option<u64>,
    ) -> Result<u32, ArchiveFault> {
        let bytes = self.raw.peek(DESCRIPTOR_MAGIC.len() + 22);
        let marked = bytes.strip_prefix(DESCRIPTOR_MAGIC);
        let fields = marked.unwrap_or(bytes);
        let is_narrow = u64::from(u32_at(fields, 4)) == packed_bytes
            && size_bytes.is_none_or(|size_bytes| u64::from(u32_at(fields, 8)) == size_bytes);
        let is_wide = u64_at(fields, 4) == packed_bytes
            && size_bytes.is_none_or(|size_bytes| u64_at(fields, 12) == size_bytes);
        let ends_narrow = fields.get(12..).is_some_and(|rest| rest.starts_with(b"PK"));
        let len = match (is_narrow, is_wide) {
            (true, true) if !ends_narrow => 20,
            (true, _) => 12,
            (false, true) => 20,
            (false, false) => return Err(damaged("a size does not fit")),
        };
        let (crc, marked) = (u32_at(fields, 0), marked.is_some());
        self.raw.consume(len + if marked { DESCRIPTOR_MAGIC.len() } else { 0 });
        Ok(crc)
    }

    /// All of the current member was read: is it what was stated?
    fn test_body(&mut self) -> Result<(), ArchiveFault> {
        self.body.packing = match self.body.packing {
            Packing::Apparent | Packing::Opaque => return Ok(()),
            Packing::Stored | Packing::Deflate(_) | Packing::Ended => Packing::Ended,
        };
        let (crc, size_bytes) = match self.body.stated {
            Some(stated) => stated,
            None => {
                let size_bytes = self.body.size_bytes;
                (self.descriptor(self.body.packed_bytes, Some(size_bytes))?, size_bytes)
            }
        };
        if size_bytes != self.body.size_bytes {
            return Err(damaged("a size does not fit"));
        }
        if crc != self.body.crc.sum() {
            return Err(damaged("a checksum does not fit"));
        }
        Ok(())
    }

    /// Bytes as they are stored; 0 at the end of the member.
    fn read_stored(&mut self, out: &mut [u8]) -> Result<usize, ArchiveFault> {
        let left = self.body.left.unwrap_or(0);
        let wanted = usize::try_from(left).unwrap_or(usize::MAX).min(out.len());
        let count = self.raw.read(&mut out[..wanted]).map_err(|error| self.failed(error))?;
        if count == 0 && wanted > 0 {
            return Err(CUT_SHORT);
        }
        self.took(count);
        Ok(count)
    }

    /// Inflated bytes; 0 at the end of the member.
    fn inflate(&mut self, out: &mut [u8]) -> Result<usize, ArchiveFault> {
        loop {
            let packed = match self.raw.fill_buf() {
                Ok(packed) => packed,
                Err(error) => return Err(self.failed(error)),
            };
            let left = self.body.left.map(|left| usize::try_from(left).unwrap_or(usize::MAX));
            let packed = &packed[..left.unwrap_or(usize::MAX).min(packed.len())];
            let is_exhausted = packed.is_empty();
            let Packing::Deflate(state) = &mut self.body.packing else { return Ok(0) };
            let (in_before, out_before) = (state.total_in(), state.total_out());
            let status = state
                .decompress(packed, out, FlushDecompress::None)
                .map_err(|_| damaged("its deflate data is corrupt"))?;
            let consumed = (state.total_in() - in_before) as usize;
            let produced = (state.total_out() - out_before) as usize;
            self.raw.consume(consumed);
            self.took(consumed);
            if produced > 0 || status == Status::StreamEnd {
                if status == Status::StreamEnd {
                    self.body.left = Some(self.body.left.unwrap_or(0));
                }
                return Ok(produced);
            }
            if is_exhausted {
                return Err(match self.body.left {
                    Some(0) => damaged("its deflate data has no end"),
                    _ => CUT_SHORT,
                });
            }
        }
    }

    /// So many packed bytes of the member were read.
    fn took(&mut self, count: usize) {
        self.body.packed_bytes += count as u64;
        self.body.left = self.body.left.map(|left| left.saturating_sub(count as u64));
    }

    /// Why nothing follows.
    fn early_end(&mut self) -> ArchiveFault {
        match self.raw.skip(LOCAL_MAGIC.len() as u64) {
            Ok(_) => CUT_SHORT,
            Err(error) => self.failed(error),
        }
    }

    fn failed(&self, error: io::Error) -> ArchiveFault {
        match error.kind() {
            io::ErrorKind::UnexpectedEof if self.raw.compression() == Compression::None => {
                CUT_SHORT
            }
            _ => ArchiveFault::of_reading(error, &self.raw),
        }
    }
}

impl Members for Zip {
    fn next(&mut self) -> Result<Option<Entry>, ArchiveFault> {
        if self.contents.is_some() { self.next_listed() } else { self.next_in_line() }
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, ArchiveFault> {
        if out.is_empty() {
            return Ok(0);
        }
        let count = match self.body.packing {
            Packing::Stored | Packing::Apparent => self.read_stored(out)?,
            Packing::Deflate(_) => self.inflate(out)?,
            Packing::Opaque | Packing::Ended => return Ok(0),
        };
        if count == 0 {
            self.test_body()?;
        }
        self.body.crc.update(&out[..count]);
        self.body.size_bytes += count as u64;
        Ok(count)
    }
}
