//! What can go wrong with one input, in words a user can act on.
//!
//! Owns [`InputError`] and [`Fault`]. Every text says what failed, at which place, and what to do;
//! the path shown is the display path (no absolute path reaches a report), the path as opened stays
//! available for standard error.

use std::io;
use std::path::PathBuf;

use super::archive::ArchiveFault;
use super::decompress::Compression;

/// One input, or one stretch of it, that could not be read.
#[derive(Debug, thiserror::Error)]
#[error("{display}: {fault}")]
pub struct InputError {
    /// The path as it was opened.
    pub path: PathBuf,
    /// The path as it is shown, see [`super::paths::InputPath::display`].
    pub display: String,
    /// What failed.
    #[source]
    pub fault: Fault,
}

/// The kinds of failure. `offset` counts bytes of the decompressed, transcoded text up to the
/// failure, `stored_*` bytes as they lie on disk.
#[derive(Debug, thiserror::Error)]
#[expect(missing_docs, reason = "fields are named by the texts and by the unit rule above")]
pub enum Fault {
    /// Nothing is there.
    #[error("no such file or folder; check the spelling (a quoted pattern is not expanded)")]
    NotFound,
    /// A symbolic link leads nowhere.
    #[error("is a link whose target does not exist; remove the link or restore its target")]
    BrokenLink,
    /// A pipe, socket or device; opening one could wait for ever.
    #[error("is a {kind}, neither a file nor a folder; pipe its content in and name `-` instead")]
    Special { kind: &'static str },
    /// A folder where only a file can be opened.
    #[error("is a folder where a file is needed; name the files in it")]
    IsFolder,
    /// The system refused to open it.
    #[error("cannot be opened ({source}); check the permissions of the file and its folders")]
    Open { source: io::Error },
    /// The system refused to read on.
    #[error("reading failed at byte {offset} ({source}); what came before was used, try again")]
    Read { offset: u64, source: io::Error },
    /// The file was truncated between opening and reading.
    #[error(
        "became shorter while it was read: it ended at byte {offset} of its text, {stored_bytes} \
         bytes were stored when it was opened; what came before was used, read it again once \
         nothing writes to it"
    )]
    Shrank { offset: u64, stored_bytes: u64 },
    /// The compressed data ends too early.
    #[error(
        "the {compression} data is cut short after {offset} bytes of text; what came before was \
         used, fetch the whole file again"
    )]
    CutShort { compression: Compression, offset: u64 },
    /// The compressed data contradicts itself.
    #[error(
        "the {compression} data is corrupt after {offset} bytes of text ({source}); what came \
         before was used, fetch the file again"
    )]
    Corrupt { compression: Compression, offset: u64, source: io::Error },
    /// The compressed data may be good, but there is no reader for its kind.
    #[error(
        "the {compression} data asks for what is not read here ({source}); decompress it with its \
         own tool and name the result"
    )]
    NotRead { compression: Compression, offset: u64, source: io::Error },
    /// An archive or a member of one that gives nothing, or nothing more.
    #[error("{fault}")]
    Archive { fault: ArchiveFault },
    /// An archive that cannot be read to its end.
    #[error("{fault}; before that, {members} of its files were found")]
    ArchiveEnds { fault: ArchiveFault, members: u32 },
    /// A member of an archive that cannot be read to its end.
    #[error("{fault}; the {offset} bytes of text before that were used")]
    InArchive { fault: ArchiveFault, offset: u64 },
    /// Something follows the compressed data; the text itself is complete.
    #[error(
        "{stored_bytes} bytes after the end of the {compression} data, from stored byte \
         {stored_offset} on, are no {compression} data and were ignored; if they belong to the \
         log, decompress them separately"
    )]
    Trailing { compression: Compression, stored_offset: u64, stored_bytes: u64 },
}

impl Fault {
    /// What an error of reading means that comes from decompressing, or from below that.
    pub(super) fn of_reading(error: io::Error, compression: Compression, offset: u64) -> Fault {
        match error.downcast::<ArchiveFault>() {
            Ok(fault) => Fault::InArchive { fault, offset },
            Err(source) if compression == Compression::None || source.raw_os_error().is_some() => {
                Fault::Read { offset, source }
            }
            Err(source) => match source.kind() {
                io::ErrorKind::UnexpectedEof => Fault::CutShort { compression, offset },
                io::ErrorKind::Unsupported => Fault::NotRead { compression, offset, source },
                _ => Fault::Corrupt { compression, offset, source },
            },
        }
    }
}

impl InputError {
    /// The offset in the decompressed, transcoded text before which everything was delivered, if
    /// the input got that far at all.
    pub fn offset(&self) -> Option<u64> {
        match self.fault {
            Fault::Read { offset, .. }
            | Fault::Shrank { offset, .. }
            | Fault::CutShort { offset, .. }
            | Fault::Corrupt { offset, .. }
            | Fault::NotRead { offset, .. }
            | Fault::InArchive { offset, .. } => Some(offset),
            Fault::NotFound
            | Fault::BrokenLink
            | Fault::Special { .. }
            | Fault::IsFolder
            | Fault::Open { .. }
            | Fault::Archive { .. }
            | Fault::ArchiveEnds { .. }
            | Fault::Trailing { .. } => None,
        }
    }
}
