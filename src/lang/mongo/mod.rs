//! MongoDB's commands as text: documents, shapes, fingerprints, and the literals in them.
//!
//! Input: one command document as Extended JSON, with its `$db`. All carriers are brought to that
//! form first (`shell`, `bson`), so that an operation has one class however it was written down.

pub mod bson;
mod ejson;
pub mod fingerprint;
pub mod shell;
