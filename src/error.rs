//! The errors a caller sees: what failed, where, and what to do.

use crate::read::input::InputError;
use crate::time::TimeError;
use std::path::PathBuf;

/// Anything that stops a run. One bad input never does: it becomes a problem of that input.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No input path could be read at all.
    #[error("no input could be read\n{}", lines(.0))]
    NothingReadable(Vec<InputError>),
    /// Inputs were read, but none was recognised.
    #[error("{0}")]
    NothingRecognised(String),
    /// Inputs were recognised, but the filters left nothing.
    #[error("nothing is left: {0}")]
    NothingLeft(String),
    /// A request that cannot be carried out.
    #[error("{0}")]
    Usage(String),
    /// A time or zone that cannot be understood.
    #[error(transparent)]
    Time(#[from] TimeError),
    /// An output could not be written.
    #[error("cannot write {}: {cause}; nothing was left half-written", path.display())]
    Output {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// What was read could not be written to where it goes while it is read.
    #[error("cannot write: {0}")]
    Write(std::io::Error),
    /// The run was interrupted by the user.
    #[error("interrupted; no output was written")]
    Interrupted,
}

impl Error {
    /// The exit code for this error (see the command line's table of exit codes).
    pub fn exit_code(&self) -> u8 {
        match self {
            Error::NothingReadable(_)
            | Error::Usage(_)
            | Error::Time(_)
            | Error::Output { .. }
            | Error::Write(_) => 2,
            Error::NothingRecognised(_) | Error::NothingLeft(_) => 3,
            Error::Interrupted => 130,
        }
    }
}

fn lines(errors: &[InputError]) -> String {
    errors.iter().map(|e| format!("  {e}")).collect::<Vec<_>>().join("\n")
}
