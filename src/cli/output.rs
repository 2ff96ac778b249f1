//! Results to files and streams: files whole or not at all, a closed pipe quietly.

use crate::error::Error;
use std::fs::File;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

/// Writes a result to standard output.
pub(super) fn to_stdout(bytes: &[u8]) -> anyhow::Result<()> {
    let mut out = anstream::stdout().lock();
    out.write_all(bytes)?;
    out.flush()?;
    Ok(())
}

/// Writes a file beside its target and moves it there, so that a reader never sees half of it.
pub(super) fn to_file(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    let mut file = NewFile::create(path)?;
    file.write_all(bytes).map_err(|cause| Error::Output { path: path.to_owned(), cause })?;
    file.commit()
}

/// A file that is written piece by piece, beside its target: it takes the target's place when it is
/// committed, and is gone if it never is.
pub(super) struct NewFile {
    target: PathBuf,
    body: Body,
}

enum Body {
    Beside(tempfile::NamedTempFile),
    /// A device or a pipe (/dev/stdout) cannot be replaced.
    Direct(File),
}

/// The file that was begun and not committed, if any.
static UNFINISHED: Mutex<Option<PathBuf>> = Mutex::new(None);

fn unfinished() -> std::sync::MutexGuard<'static, Option<PathBuf>> {
    UNFINISHED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Removes what was begun, before the process ends without returning.
pub(super) fn discard_unfinished() {
    if let Some(path) = unfinished().take() {
        // It may be gone already; there is nobody to tell.
        let _ = std::fs::remove_file(path);
    }
}

impl NewFile {
    /// Begins a file.
    pub fn create(path: &Path) -> Result<NewFile, Error> {
        let failed = |cause: std::io::Error| Error::Output { path: path.to_owned(), cause };
        // The name of the temporary file would only confuse.
        let not_made = |error: std::io::Error| failed(error.kind().into());
        let folder = match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent,
            _ => Path::new("."),
        };
        let body = if std::fs::metadata(path).is_ok_and(|meta| !meta.is_file()) {
            Body::Direct(File::options().write(true).truncate(true).open(path).map_err(failed)?)
        } else {
            let file = tempfile::NamedTempFile::new_in(folder).map_err(not_made)?;
            *unfinished() = Some(file.path().to_owned());
            Body::Beside(file)
        };
        Ok(NewFile { target: path.to_owned(), body })
    }

    /// Puts the file in its place.
    pub fn commit(self) -> Result<(), Error> {
        let target = self.target;
        let failed = |cause: std::io::Error| Error::Output { path: target.clone(), cause };
        if let Body::Beside(file) = self.body {
            file.as_file().sync_all().map_err(failed)?;
            readable(&file).map_err(failed)?;
            file.persist(&target).map_err(|e| failed(e.error))?;
            *unfinished() = None;
        }
        Ok(())
    }
}

impl Write for NewFile {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        match &mut self.body {
            Body::Beside(file) => file.write(bytes),
            Body::Direct(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> std::io::Result<()> {
        match &mut self.body {
            Body::Beside(file) => file.flush(),
            Body::Direct(file) => file.flush(),
        }
    }
}

/// Temporary files are private; a report gets the usual permissions.
#[cfg(unix)]
fn readable(file: &tempfile::NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(std::fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &tempfile::NamedTempFile) -> std::io::Result<()> {
    Ok(())
}

/// Whether an error only says that nobody reads standard output any more.
pub(super) fn is_closed_pipe(error: &anyhow::Error) -> bool {
    let io = match error.downcast_ref::<Error>() {
        Some(Error::Write(cause)) => Some(cause),
        _ => error.downcast_ref::<std::io::Error>(),
    };
    io.is_some_and(|io| io.kind() == ErrorKind::BrokenPipe)
}
