//! SQL as text: tokens, fingerprints and the tags in comments.
//!
//! Input: the bytes of a statement and its [`lexer::Dialect`]. Nothing here parses a grammar: the
//! lexer and the fingerprint accept any bytes, so that cut, foreign and hostile text has a class of
//! its own instead of an error.

pub mod demand;
pub mod fingerprint;
pub mod lexer;
pub mod parameters;
pub mod pt;
pub mod rewrite;
pub mod shape;
pub mod statement_end;
pub mod tags;

mod keywords;
