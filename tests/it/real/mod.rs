//! What real servers wrote, read and compared with independent counts. The files are too large for
//! this repository: where the folder beside it is absent, the tests say so and pass.

mod mysql;
mod postgres;

use std::path::PathBuf;

/// The folder of some real files, if they are all there.
fn folder(name: &str, files: &[&str]) -> Option<PathBuf> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/real").join(name);
    let there = files.iter().all(|name| folder.join(name).is_file());
    if !there {
        eprintln!("SKIPPED: {} does not hold the real files", folder.display());
    }
    there.then_some(folder)
}
