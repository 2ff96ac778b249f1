//! Snapshots: what a server's views, settings and schema dumps say of its catalog.
//!
//! `tabular` takes rows out of any text that a client prints, `views` knows which view they are of
//! and what its columns mean, `file` brings both into the pipeline.

pub mod file;
pub mod tabular;
pub mod views;
