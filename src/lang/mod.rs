//! What a query *is*: lexers, fingerprints, shapes and literals. The only room that knows the
//! syntax of SQL and of MongoDB commands; it knows nothing of files, logs or reports.

mod bytes;
pub mod id;
pub mod literals;
pub mod mongo;
pub mod sql;
