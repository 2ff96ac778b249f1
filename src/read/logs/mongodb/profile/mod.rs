//! Documents of the profiler (`system.profile`), whatever they were exported as: one format each
//! for Extended JSON, for shell text, for BSON and for mongodump's archives.
//!
//! Every carrier's document is brought to Extended JSON by `lang::mongo` and then read like the
//! `attr` object of a log line: `document` owns that step, `text` takes documents out of a text,
//! `dumped` owns the walk over documents of BSON.

pub mod archive;
pub mod bson;
mod document;
mod dumped;
pub mod json;
mod mask;
mod old;
pub mod shell;
mod text;
