//! Why an archive, or a member of one, is not read (on).
//!
//! Owns [`ArchiveFault`]. It travels inside [`io::Error`] through the decoders that stand above an
//! archive (a gzip member of a tar file), and [`ArchiveFault::of_reading`] finds it there again.

use std::io;

use super::super::decompress::{Compression, Decoder};
use super::ArchiveKind;

/// Why an archive, or a member of one, is not read (on). Every text says what to do.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "fields are named by the texts")]
pub enum ArchiveFault {
    /// A container that is recognised, but for which there is no reader.
    #[error("is {what}, which is not read; unpack it and name what it holds")]
    NotRead { what: &'static str },
    /// A password is needed.
    #[error("is encrypted; unpack it with its password and name the result")]
    Encrypted,
    /// A packing method of zip that is not read.
    #[error("is packed by zip method {method}, which is not read; unpack it and name the result")]
    Method { method: u16 },
    /// Something that a format allows, and for which there is no reader.
    #[error("needs {what}, which is not read; unpack it and name the result")]
    Needs { what: &'static str },
    /// A 7z archive in another one or on standard input.
    #[error("is a 7z archive, which is read only where it is a file of its own; unpack it")]
    NeedsFile,
    /// A member with holes, whose map is not read.
    #[error("is stored as a sparse file, which is not read; unpack it and name the result")]
    Sparse,
    /// A member of which this archive holds a part.
    #[error("is continued from or in another volume; unpack all volumes and name the result")]
    Volumes,
    /// The third archive around each other.
    #[error("is an archive in an archive in an archive; unpack the outer ones and name it")]
    TooDeep,
    /// Nothing in it.
    #[error("is a {kind} archive that holds no file")]
    Empty { kind: ArchiveKind },
    /// More than can be kept in mind.
    #[error("holds more than {limit} files; unpack it and name its folder")]
    TooMany { limit: u32 },
    /// Members whose end is told by the table of contents, which comes last.
    #[error(
        "is a zip archive whose members cannot be told apart without its table of contents; name \
         the archive as a file, or unpack it"
    )]
    NeedsContents,
    /// The archive ends too early.
    #[error("the {kind} archive is cut short; fetch it again")]
    CutShort { kind: ArchiveKind },
    /// The archive contradicts itself.
    #[error("the {kind} archive is damaged ({what}); fetch it again")]
    Damaged { kind: ArchiveKind, what: &'static str },
    /// The compressed data around an archive ends too early.
    #[error("the {compression} data around the archive is cut short; fetch it again")]
    PackingCutShort { compression: Compression },
    /// The compressed data around an archive contradicts itself.
    #[error("the {compression} data around the archive is corrupt ({source}); fetch it again")]
    PackingCorrupt { compression: Compression, source: io::Error },
    /// Something follows the archive.
    #[error(
        "something that is no {kind} data follows the {kind} archive and was ignored; unpack the \
         archive and name what it holds if that belongs to it"
    )]
    Trailing { kind: ArchiveKind },
    /// The archive is another one than a moment ago.
    #[error("changed while it was read; read it again once nothing writes to it")]
    Changed,
    /// The system refused to read on.
    #[error("reading failed ({source}); try again")]
    Io { source: io::Error },
}

impl ArchiveFault {
    /// What an error of reading the bytes of an archive means.
    pub(in crate::read::input) fn of_reading(error: io::Error, archive: &Decoder) -> ArchiveFault {
        let compression = archive.compression();
        match error.downcast::<ArchiveFault>() {
            Ok(fault) => fault,
            Err(source) if compression == Compression::None || source.raw_os_error().is_some() => {
                ArchiveFault::Io { source }
            }
            Err(source) if source.kind() == io::ErrorKind::UnexpectedEof => {
                ArchiveFault::PackingCutShort { compression }
            }
            Err(source) => ArchiveFault::PackingCorrupt { compression, source },
        }
    }
}

impl From<ArchiveFault> for io::Error {
    fn from(fault: ArchiveFault) -> io::Error {
        match fault {
            ArchiveFault::Io { source } => source,
            fault => io::Error::other(fault),
        }
    }
}
