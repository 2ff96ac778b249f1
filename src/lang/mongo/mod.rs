//! MongoDB commands as data: documents, the shape of a command and its canonical text, masking.
//!
//! Input: commands as Extended JSON text, whatever carrier they came in. Nothing here fails: what
//! is cut, elided or hostile has a shape of its own, which says so.

pub mod doc;
pub mod mask;
pub mod shape;
