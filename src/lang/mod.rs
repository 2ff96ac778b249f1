//! What a query *is*: lexers, fingerprints, shapes and literals. The only room that knows the
//! syntax of SQL and of MongoDB's commands; it knows nothing of files, logs or reports.

mod bytes;
pub mod deed;
pub mod facts;
pub mod fingerprint;
pub mod id;
pub(crate) mod json;
pub mod literals;
pub mod mongo;
pub mod sql;

use sql::lexer::Dialect;

/// The language of statements.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Language {
    /// SQL, in a dialect.
    Sql(Dialect),
    /// MongoDB's commands, as Extended JSON: one document each, with its `$db`.
    Mongo,
}
