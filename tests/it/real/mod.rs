//! What real servers wrote, read and compared with independent counts. The files are too large for
//! this repository: where the folder beside it is absent, the tests say so and pass.

mod mongodb;
mod mysql;
mod plans_metrics;
mod plans_mongodb;
mod plans_mysql_json;
mod plans_mysql_text;
mod plans_postgres_text;
mod plans_postgres_tree;
mod postgres;
mod tabular;

use std::path::PathBuf;

/// The folder of some real files of ours, if they are all there.
fn folder(name: &str, files: &[&str]) -> Option<PathBuf> {
    within("real", name, files)
}

/// The folder of some files of other projects, if they are all there.
fn corpus(name: &str, files: &[&str]) -> Option<PathBuf> {
    within("corpus", name, files)
}

fn within(kind: &str, name: &str, files: &[&str]) -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared");
    let folder = root.join(kind).join(name);
    let there = files.iter().all(|name| folder.join(name).is_file());
    if !there {
        eprintln!("SKIPPED: {} does not hold the real files", folder.display());
    }
    there.then_some(folder)
}
