//! 7z, as one pass on a thread of its own.
//!
//! Owns [`Seven`]. A 7z archive packs many files as one block, which the library hands out file by
//! file to a callback; a thread turns that round. Pieces of content wait for the reader in a short
//! queue, so memory is the window of the packing and a few pieces. The table of contents stands at
//! the end, so the archive must be a file. A block that cannot be read costs its files only.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SendError, SyncSender, sync_channel};
use std::thread;

use sevenz_rust2::{Archive, ArchiveEntry, BlockDecoder, Error, Password};

use super::super::decompress::WINDOW_LIMIT_KIB;
use super::{ArchiveFault, ArchiveKind, Entry, Members};

/// Size of a piece of content in bytes.
const PIECE_BYTES: usize = 64 * 1024;

/// How many pieces may wait for the reader.
const WAITING_PIECES: usize = 4;

/// The largest table of contents, unpacked, in KiB: ten thousand long names. Its every second
/// byte may stand for a file, which takes two hundred.
const CONTENTS_LIMIT_KIB: usize = 2048;

/// Signature, version, and where the table of contents stands.
const HEAD_BYTES: u64 = 32;

const CUT_SHORT: ArchiveFault = ArchiveFault::CutShort { kind: ArchiveKind::SevenZip };

/// The members of a 7z archive.
pub(in crate::read::input) struct Seven {
    /// Not read from yet.
    file: Option<Arc<File>>,
    pieces: Option<Receiver<Piece>>,
    /// `piece[piece_at..]` is content of the current member.
    piece: Vec<u8>,
    piece_at: usize,
    /// What follows the current member.
    next: Option<Entry>,
    is_ended: bool,
}

/// What the thread sends: each member, followed by its content.
enum Piece {
    Member(Entry),
    Content(Vec<u8>),
    /// The rest of the current member cannot be had.
    Broken(ArchiveFault),
    /// The rest of the archive cannot be had.
    Failed(ArchiveFault),
    /// All was sent.
    End,
}

impl Seven {
    pub fn new(file: Arc<File>) -> Seven {
        Seven {
            file: Some(file),
            pieces: None,
            piece: Vec::new(),
            piece_at: 0,
            next: None,
            is_ended: false,
        }
    }

    /// Starts the thread at the first use, for a file may be opened only to see what it is.
    fn receive(&mut self) -> Piece {
        if let Some(file) = self.file.take() {
            let (sender, receiver) = sync_channel(WAITING_PIECES);
            thread::spawn(move || {
                // An error means that nobody wants more.
                let _ = send_archive(&file, &sender);
            });
            self.pieces = Some(receiver);
        }
        let received = self.pieces.as_ref().and_then(|pieces| pieces.recv().ok());
        received.unwrap_or(Piece::Failed(damaged("its reader gave up")))
    }
}

impl Members for Seven {
    fn next(&mut self) -> Result<Option<Entry>, ArchiveFault> {
        self.piece_at = self.piece.len();
        if let Some(entry) = self.next.take() {
            return Ok(Some(entry));
        }
        while !self.is_ended {
            match self.receive() {
                Piece::Member(entry) => return Ok(Some(entry)),
                // The reader of that member has met it, or did not want it.
                Piece::Content(_) | Piece::Broken(_) => {}
                Piece::Failed(fault) => return Err(fault),
                Piece::End => self.is_ended = true,
            }
        }
        Ok(None)
    }

    fn read(&mut self, out: &mut [u8]) -> Result<usize, ArchiveFault> {
        while self.piece_at == self.piece.len() && self.next.is_none() && !self.is_ended {
            match self.receive() {
                Piece::Content(piece) => {
                    self.piece = piece;
                    self.piece_at = 0;
                }
                Piece::Member(entry) => self.next = Some(entry),
                Piece::Broken(fault) | Piece::Failed(fault) => return Err(fault),
                Piece::End => self.is_ended = true,
            }
        }
        let rest = &self.piece[self.piece_at..];
        let count = rest.len().min(out.len());
        out[..count].copy_from_slice(&rest[..count]);
        self.piece_at += count;
        Ok(count)
    }
}

type Sent = Result<(), SendError<Piece>>;

/// Sends a whole archive, as long as somebody receives it.
fn send_archive(file: &File, to: &SyncSender<Piece>) -> Sent {
    match is_cut_short(file) {
        Ok(false) => {}
        Ok(true) => return to.send(Piece::Failed(CUT_SHORT)),
        Err(error) => return to.send(Piece::Failed(io_fault(&error))),
    }
    let mut file = file;
    let password = Password::empty();
    let contents = Archive::read_with_memory_limit(&mut file, &password, CONTENTS_LIMIT_KIB);
    let archive = match contents {
        Ok(archive) => archive,
        Err(Error::MaxMemLimited { .. }) => {
            return to.send(Piece::Failed(ArchiveFault::Needs {
                what: "a table of contents of more than 2 MiB",
            }));
        }
        Err(error) => return to.send(Piece::Failed(fault(&error))),
    };
    for block in 0..archive.blocks.len() {
        // How many of the block's entries were met.
        let mut met = 0;
        let mut sent = Ok(());
        let read = decoder(block, &archive, &password, &mut file).for_each_entries(
            &mut |entry, content| {
                met += 1;
                if is_file(entry) && entry.has_stream {
                    sent = send_member(entry, content, to);
                }
                Ok(sent.is_ok())
            },
        );
        sent?;
        if let Err(error) = read {
            if met > 0 {
                to.send(Piece::Broken(fault(&error)))?;
            }
            for entry in decoder(block, &archive, &password, &mut file).entries().iter().skip(met) {
                if is_file(entry) && entry.has_stream {
                    to.send(Piece::Member(told(entry, Some(fault(&error)))))?;
                }
            }
        }
    }
    for entry in archive.files.iter().filter(|entry| is_file(entry) && !entry.has_stream) {
        to.send(Piece::Member(told(entry, None)))?;
    }
    to.send(Piece::End)
}

/// Whether the table of contents lies beyond the end.
fn is_cut_short(mut file: &File) -> io::Result<bool> {
    let file_bytes = file.seek(SeekFrom::End(0))?;
    file.seek(SeekFrom::Start(0))?;
    let mut head = Vec::new();
    file.take(HEAD_BYTES).read_to_end(&mut head)?;
    let number = |at| head.get(at..).and_then(<[u8]>::first_chunk).map(|n| u64::from_le_bytes(*n));
    let end = number(12).zip(number(20)).and_then(|(offset, bytes)| offset.checked_add(bytes));
    Ok(end.is_none_or(|end| end > file_bytes.saturating_sub(HEAD_BYTES)))
}

fn decoder<'a, 'f>(
    block: usize,
    archive: &'a Archive,
    password: &'a Password,
    file: &'a mut &'f File,
) -> BlockDecoder<'a, &'f File> {
    let limit = WINDOW_LIMIT_KIB as usize;
    BlockDecoder::new_with_memory_limit(1, limit, block, archive, password, file)
}

fn send_member(entry: &ArchiveEntry, content: &mut dyn Read, to: &SyncSender<Piece>) -> Sent {
    to.send(Piece::Member(told(entry, None)))?;
    loop {
        let mut piece = Vec::new();
        let read = content.take(PIECE_BYTES as u64).read_to_end(&mut piece);
        let is_end = piece.is_empty();
        if !is_end {
            to.send(Piece::Content(piece))?;
        }
        match read {
            Ok(_) if is_end => return Ok(()),
            Ok(_) => {}
            Err(error) => return to.send(Piece::Broken(io_fault(&error))),
        }
    }
}

fn told(entry: &ArchiveEntry, refused: Option<ArchiveFault>) -> Entry {
    let name = entry.name.clone().into_bytes();
    Entry { name, size_bytes: Some(entry.size), refused }
}

/// Neither a folder nor a mark of deletion nor, where Unix attributes are kept, a link or device.
fn is_file(entry: &ArchiveEntry) -> bool {
    const HAS_UNIX_MODE: u32 = 0x8000;
    let attributes = entry.windows_attributes;
    let is_special = entry.has_windows_attributes
        && attributes & HAS_UNIX_MODE != 0
        && (attributes >> 16) & 0o170_000 != 0o100_000;
    !(entry.is_directory || entry.is_anti_item || is_special)
}

fn damaged(what: &'static str) -> ArchiveFault {
    ArchiveFault::Damaged { kind: ArchiveKind::SevenZip, what }
}

fn fault(error: &Error) -> ArchiveFault {
    match error {
        Error::PasswordRequired | Error::MaybeBadPassword(_) => ArchiveFault::Encrypted,
        Error::UnsupportedCompressionMethod(name) if name.contains("AES") => {
            ArchiveFault::Encrypted
        }
        Error::UnsupportedCompressionMethod(_)
        | Error::Unsupported(_)
        | Error::UnsupportedVersion { .. }
        | Error::ExternalUnsupported => {
            ArchiveFault::Needs { what: "a packing other than LZMA and LZMA2" }
        }
        Error::MaxMemLimited { .. } => {
            ArchiveFault::Needs { what: "a window of more than 128 MiB" }
        }
        Error::Io(source, _) => io_fault(source),
        Error::ChecksumVerificationFailed | Error::NextHeaderCrcMismatch => {
            damaged("a checksum does not fit")
        }
        _ => damaged("its table of contents contradicts itself"),
    }
}

fn io_fault(error: &io::Error) -> ArchiveFault {
    match (error.raw_os_error(), error.kind()) {
        (Some(code), _) => ArchiveFault::Io { source: io::Error::from_raw_os_error(code) },
        (None, io::ErrorKind::UnexpectedEof) => CUT_SHORT,
        (None, _) => damaged("its packed data is corrupt"),
    }
}
