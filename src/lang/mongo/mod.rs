//! MongoDB's commands as text: documents, shapes, fingerprints, and the literals in them.
//!
//! Input: one command document as Extended JSON, with its `$db`. All carriers are brought to that
//! form first (`shell`, `bson`), so that an operation has one class however it was written down.
//! Nothing here fails: what is cut, elided or hostile has a shape of its own, which says so.

pub mod bson;
pub mod doc;
pub(crate) mod ejson;
pub mod fingerprint;
pub mod mask;
mod scan;
pub mod shape;
pub mod shell;
