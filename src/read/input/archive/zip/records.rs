//! The records of a zip file: headers of members, the table of contents, and where that stands.
//!
//! Owns [`Record`] and [`Contents`]. Takes any bytes; that an offset leads nowhere is found out by
//! whoever follows it.

use std::fs::File;
use std::io::{self, BufRead, Read};
use std::sync::Arc;

use super::super::super::stored::Stored;
use super::super::{ArchiveFault, ArchiveKind};

pub(super) const LOCAL_MAGIC: &[u8; 4] = b"PK\x03\x04";
pub(super) const DESCRIPTOR_MAGIC: &[u8; 4] = b"PK\x07\x08";
const CENTRAL_MAGIC: &[u8; 4] = b"PK\x01\x02";
const END_MAGIC: &[u8; 4] = b"PK\x05\x06";
const END64_MAGIC: &[u8; 4] = b"PK\x06\x06";
const LOCATOR_MAGIC: &[u8; 4] = b"PK\x06\x07";

const END_BYTES: usize = 22;
const END64_BYTES: usize = 56;
const LOCATOR_BYTES: usize = 20;
/// The longest comment behind the end record.
const COMMENT_BYTES: usize = 0xffff;

/// Stands where a number is written in the extra field with 64 bits.
const IN_EXTRA_FIELD: u64 = u32::MAX as u64;

/// What a header says of a member.
#[derive(Debug)]
pub(super) struct Record {
    pub name: Vec<u8>,
    pub method: u16,
    pub is_encrypted: bool,
    /// Checksum and sizes follow the content; those of a local header may be zero.
    pub has_descriptor: bool,
    pub crc: u32,
    pub packed_bytes: u64,
    pub size_bytes: u64,
    /// Where the local header stands; only the table of contents knows.
    pub offset: u64,
    /// A folder, a link or a device.
    pub is_no_file: bool,
}

impl Record {
    /// Reads a local header from behind its magic number up to the content.
    pub fn read_local(from: &mut impl Read) -> io::Result<Record> {
        let mut fixed = [0; 26];
        from.read_exact(&mut fixed)?;
        let mut record = Record::of_common(&fixed, from)?;
        let extra = read_vec(from, u16_at(&fixed, 24))?;
        widen(&extra, [&mut record.size_bytes, &mut record.packed_bytes]);
        Ok(record)
    }

    /// Reads an entry of the table of contents; `None` for anything else.
    fn read_central(from: &mut impl Read) -> io::Result<Option<Record>> {
        let mut fixed = [0; 46];
        from.read_exact(&mut fixed)?;
        if !fixed.starts_with(CENTRAL_MAGIC) {
            return Ok(None);
        }
        let mut record = Record::of_common(&fixed[6..], from)?;
        let extra = read_vec(from, u16_at(&fixed, 30))?;
        read_vec(from, u16_at(&fixed, 32))?;
        record.offset = u64::from(u32_at(&fixed, 42));
        let Record { size_bytes, packed_bytes, offset, .. } = &mut record;
        widen(&extra, [size_bytes, packed_bytes, offset]);
        // Made on Unix, the upper half of the attributes is the mode. What was piped into an archive
        // is a pipe there, and has content.
        const UNIX: u8 = 3;
        let kind = u16_at(&fixed, 40) & 0o170_000;
        let has_content = [0, 0o100_000, 0o010_000].contains(&kind);
        record.is_no_file |= fixed[5] == UNIX && !has_content;
        Ok(Some(record))
    }

    /// The fields that both kinds of header share, from the version needed on, and the name, which
    /// follows the fixed part.
    fn of_common(fields: &[u8], from: &mut impl Read) -> io::Result<Record> {
        let flags = u16_at(fields, 2);
        let name = read_vec(from, u16_at(fields, 22))?;
        Ok(Record {
            method: u16_at(fields, 4),
            is_encrypted: flags & 1 != 0,
            has_descriptor: flags & 8 != 0,
            crc: u32_at(fields, 10),
            packed_bytes: u64::from(u32_at(fields, 14)),
            size_bytes: u64::from(u32_at(fields, 18)),
            offset: 0,
            is_no_file: name.ends_with(b"/"),
            name,
        })
    }
}

/// The table of contents of a zip file, read entry by entry.
pub(super) struct Contents {
    pub file: Arc<File>,
    pub file_bytes: u64,
    entries: Stored,
    /// What must be added to stated offsets: the length of what was put in front of the archive.
    shift: u64,
    /// Packed bytes of the entries so far.
    packed_bytes: u64,
}

impl Contents {
    /// Finds the table by the end record. `None` if there is none: the file is cut short.
    pub fn find(file: Arc<File>, file_bytes: u64) -> Result<Option<Contents>, ArchiveFault> {
        let tail_bytes = file_bytes.min((END_BYTES + COMMENT_BYTES) as u64);
        let tail_at = file_bytes - tail_bytes;
        let tail = read_range(&file, tail_at, file_bytes)?;
        let Some(end_in_tail) = memchr::memmem::rfind(&tail, END_MAGIC) else { return Ok(None) };
        let Some(end) = tail.get(end_in_tail..end_in_tail + END_BYTES) else { return Ok(None) };
        let mut end_at = tail_at + end_in_tail as u64;
        let mut is_split = u16_at(end, 4) != 0;
        let mut table_bytes = u64::from(u32_at(end, 12));
        let mut table_at = u64::from(u32_at(end, 16));
        if let Some((end64_at, end64)) = find_end64(&file, end_at)? {
            end_at = end64_at;
            is_split = u32_at(&end64, 16) != 0;
            table_bytes = u64_at(&end64, 40);
            table_at = u64_at(&end64, 48);
        }
        if is_split {
            return Err(ArchiveFault::Volumes);
        }
        let shift = end_at.checked_sub(table_bytes).and_then(|at| at.checked_sub(table_at));
        Ok(shift.map(|shift| Contents {
            entries: Stored::of_file(file.clone(), end_at - table_bytes..end_at),
            file,
            file_bytes,
            shift,
            packed_bytes: 0,
        }))
    }

    /// The next entry; `None` at the end.
    pub fn next(&mut self) -> Result<Option<Record>, ArchiveFault> {
        let damaged = |what| ArchiveFault::Damaged { kind: ArchiveKind::Zip, what };
        if self.entries.fill_buf().map_err(|source| ArchiveFault::Io { source })?.is_empty() {
            return Ok(None);
        }
        let record =
            Record::read_central(&mut self.entries).map_err(|source| match source.kind() {
                io::ErrorKind::UnexpectedEof => damaged("its table of contents breaks off"),
                _ => ArchiveFault::Io { source },
            })?;
        let Some(mut record) = record else {
            return Err(damaged("its table of contents breaks off"));
        };
        // Members that share their bytes unpack to squares of the archive's size.
        self.packed_bytes = self.packed_bytes.saturating_add(record.packed_bytes);
        if self.packed_bytes > self.file_bytes {
            return Err(damaged("its members lie upon one another"));
        }
        record.offset = record.offset.saturating_add(self.shift);
        Ok(Some(record))
    }
}

/// The end record of an archive beyond 4 GiB or 65,535 members, which stands before the old one.
fn find_end64(file: &Arc<File>, end_at: u64) -> Result<Option<(u64, Vec<u8>)>, ArchiveFault> {
    let Some(locator_at) = end_at.checked_sub(LOCATOR_BYTES as u64) else { return Ok(None) };
    let locator = read_range(file, locator_at, end_at)?;
    if locator.len() < LOCATOR_BYTES || !locator.starts_with(LOCATOR_MAGIC) {
        return Ok(None);
    }
    // The second place is where it stands if something was put in front of the archive.
    for at in [Some(u64_at(&locator, 8)), locator_at.checked_sub(END64_BYTES as u64)] {
        let Some(at) = at.filter(|at| *at < locator_at) else { continue };
        let end64 = read_range(file, at, at.saturating_add(END64_BYTES as u64))?;
        if end64.len() == END64_BYTES && end64.starts_with(END64_MAGIC) {
            return Ok(Some((at, end64)));
        }
    }
    Ok(None)
}

/// The bytes of a file from one offset to another, fewer only at its end.
fn read_range(file: &Arc<File>, start: u64, end: u64) -> Result<Vec<u8>, ArchiveFault> {
    let mut bytes = Vec::new();
    Stored::of_file(file.clone(), start..end)
        .read_to_end(&mut bytes)
        .map_err(|source| ArchiveFault::Io { source })?;
    Ok(bytes)
}

fn read_vec(from: &mut impl Read, len: u16) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; usize::from(len)];
    from.read_exact(&mut bytes)?;
    Ok(bytes)
}

/// Replaces the numbers that did not fit into 32 bits by those of the extra field, which holds
/// them in this order.
fn widen<const N: usize>(extra: &[u8], numbers: [&mut u64; N]) {
    const ZIP64: u16 = 1;
    let mut rest = extra;
    while let Some((head, tail)) = rest.split_at_checked(4) {
        let Some((field, next)) = tail.split_at_checked(usize::from(u16_at(head, 2))) else {
            return;
        };
        if u16_at(head, 0) == ZIP64 {
            let (wide, _) = field.as_chunks::<8>();
            let narrow = numbers.into_iter().filter(|number| **number == IN_EXTRA_FIELD);
            for (number, wide) in narrow.zip(wide) {
                *number = u64::from_le_bytes(*wide);
            }
            return;
        }
        rest = next;
    }
}

/// A number of 16 bits; 0 where there are no bytes.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u16::from_le_bytes(*b))
}

/// A number of 32 bits; 0 where there are no bytes.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u32::from_le_bytes(*b))
}

/// A number of 64 bits; 0 where there are no bytes.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    bytes.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |b| u64::from_le_bytes(*b))
}
