//! Bytes in: from the paths a user names to chunks of text that begin at record starts.
//!
//! This room knows bytes only: nothing of log formats, which reach it as a `Cut` (where may a
//! chunk end?).
//!
//! ```text
//! arguments ─ paths ─▶ InputPath ─ open ─▶ Source ─ chunk ─▶ Chunk, Chunk, …
//!                          │         │       │
//!                          │         │       ├─ plain files: mapped windows or buffers
//!                          │         │       └─ all others: stored → decompress → text
//!                          │         └─ archives: stored → decompress → archive → a Source per member
//!                          └─ copies, names
//! ```
//!
//! | file | owns |
//! |---|---|
//! | `paths` | arguments to inputs: folders, links, display names |
//! | `stored`, `lookahead` | the bytes as stored, with a look at what comes next |
//! | `decompress` | gzip, zstd, bzip2, xz, lzma, lz4 by content |
//! | `archive` | tar and zip by content, member by member |
//! | `text` | byte order marks, UTF-16 to UTF-8 |
//! | `stream` | the three above in a row, errors kept until the bytes before them are used |
//! | `open` | a path becomes a source or a walk over an archive |
//! | `source` | one opened input, samples, mapped windows (the one `unsafe`) |
//! | `chunk`, `pool` | cutting at record starts, recycled buffers |
//! | `copies`, `names` | inputs with the same content; names for inputs of the same name |

mod archive;
mod chunk;
mod copies;
mod decompress;
mod error;
mod lookahead;
mod names;
mod open;
mod paths;
mod pool;
mod source;
mod stored;
mod stream;
mod text;

pub use archive::{ArchiveFault, ArchiveKind, Member, Walk};
pub use chunk::{Chunk, Chunks, Cut, LineCut, Taken, last_start};
pub use copies::{Copy, Prints, find_copies};
pub use decompress::Compression;
pub use error::{Fault, InputError};
pub use names::disambiguate;
pub use open::{Opened, Opener, open, open_reader};
pub use paths::{Discovery, InputPath, STDIN_NAME, discover};
pub use pool::BufferPool;
pub use source::{ReadPolicy, Sample, Source};
pub use text::Encoding;
