//! Archives: what they are told by, and what each of them gives.
//!
//! Owns [`ArchiveKind`], [`detect`] and [`Members`], which every kind of archive implements. An
//! archive is never unpacked: it is gone through from its beginning to its end, member by member,
//! and whoever wants the content of a member reads it before the next is asked for ([`Walk`]). A run
//! does that twice, once to see what the members are and once to read them (and again only if
//! members may be copies of other inputs), however many members there are. Names of members are
//! shown and never used as paths.

mod fault;
mod seven;
mod tar;
#[cfg(test)]
pub(super) mod tests;
mod walk;
mod zip;

use std::fmt;
use std::fs::File;
use std::sync::Arc;

use super::decompress::Decoder;

pub use fault::ArchiveFault;
pub(super) use walk::{Content, Place};
pub use walk::{Member, Walk};

/// How much of the decompressed bytes [`detect`] wants to see.
pub(super) const HEAD_BYTES: usize = tar::HEADER_BYTES;

/// An archive format that is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArchiveKind {
    /// tar in any of its forms.
    Tar,
    /// zip.
    Zip,
    /// 7z.
    SevenZip,
}

impl fmt::Display for ArchiveKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            ArchiveKind::Tar => "tar",
            ArchiveKind::Zip => "zip",
            ArchiveKind::SevenZip => "7z",
        })
    }
}

/// What bytes are that may be an archive's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Detected {
    Archive(ArchiveKind),
    /// A container that is known and not read.
    NotRead(&'static str),
    No,
}

/// Containers for which there is no reader, by their first bytes.
const NOT_READ: &[(&[u8], &str)] = &[
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"MSCF\0\0\0\0", "a cabinet file"),
    (b"\x1f\x9d", "packed by compress"),
    (b"\x89LZO\0\r\n\x1a\n", "packed by lzop"),
    (b"LZIP\x01", "packed by lzip"),
];

/// Tells archives from their first bytes; `start` holds [`HEAD_BYTES`] unless there are no more.
pub(super) fn detect(start: &[u8]) -> Detected {
    const ZIP_MAGIC: [&[u8]; 4] =
        [b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08PK\x03\x04", b"PK00PK\x03\x04"];
    if ZIP_MAGIC.iter().any(|magic| start.starts_with(magic)) {
        Detected::Archive(ArchiveKind::Zip)
    } else if start.starts_with(b"7z\xbc\xaf\x27\x1c") {
        Detected::Archive(ArchiveKind::SevenZip)
    } else if tar::is_header(start) {
        Detected::Archive(ArchiveKind::Tar)
    } else {
        let known = NOT_READ.iter().find(|(magic, _)| start.starts_with(magic));
        known.map_or(Detected::No, |(_, what)| Detected::NotRead(what))
    }
}

/// What an archive says of a member.
pub(super) struct Entry {
    /// The path in the archive, as written there.
    pub name: Vec<u8>,
    /// The size of its content, where the archive says so beforehand; nothing relies on it.
    pub size_bytes: Option<u64>,
    /// Why its content cannot be had.
    pub refused: Option<ArchiveFault>,
}

/// The members of an archive, one after the other.
pub(super) trait Members: Send {
    /// Goes to the next member that is a file, whether the one before was read or not; `None` at
    /// the end. After an error there is no next.
    fn next(&mut self) -> Result<Option<Entry>, ArchiveFault>;

    /// Reads content of the current member; 0 at its end and for an empty `out`.
    fn read(&mut self, out: &mut [u8]) -> Result<usize, ArchiveFault>;
}

/// The members of an archive that comes as a stream.
pub(super) fn members(
    kind: ArchiveKind,
    archive: Decoder,
) -> Result<Box<dyn Members>, ArchiveFault> {
    match kind {
        ArchiveKind::Tar => Ok(Box::new(tar::Tar::new(archive))),
        ArchiveKind::Zip => Ok(Box::new(zip::Zip::of_stream(archive))),
        ArchiveKind::SevenZip => Err(ArchiveFault::NeedsFile),
    }
}

/// The members of an archive that is a file, not compressed itself. `None` for a kind that is
/// read as a stream anyway.
pub(super) fn members_of_file(
    kind: ArchiveKind,
    file: &Arc<File>,
    file_bytes: u64,
) -> Option<Result<Box<dyn Members>, ArchiveFault>> {
    match kind {
        ArchiveKind::Tar => None,
        ArchiveKind::Zip => {
            let zip = zip::Zip::of_file(file.clone(), file_bytes);
            Some(zip.map(|zip| Box::new(zip) as Box<dyn Members>))
        }
        ArchiveKind::SevenZip => Some(Ok(Box::new(seven::Seven::new(file.clone())))),
    }
}
