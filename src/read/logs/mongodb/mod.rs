//! What MongoDB's servers write: structured and text logs, and the profiler's documents.
//!
//! Each carrier is brought to the `attr` object of a slow operation's log line, as Extended JSON;
//! from there on all are read alike, so that an operation means the same wherever it was found.

mod apart;
mod documents;
pub mod log_documents;
pub mod log_json;
pub mod log_text;
mod mask;
mod messages;
mod number;
mod operation;
mod pairs;
pub mod profile;
mod stamp;
mod statement;
mod tell;
mod walk;
mod wire;
