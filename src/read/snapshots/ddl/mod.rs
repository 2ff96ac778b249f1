//! Schema dumps: what `pg_dump`, `mysqldump`, SQLite's shell or people wrote becomes a catalog.
//!
//! Input: the text of a dump or migration in one of three dialects. Output: what stands at its end,
//! each fact with its place. Data, rights, routines and comments are known and passed over. On the way:
//! [`splitter`] finds statements, [`statement`] says what each of them changes, [`draft`] applies the
//! changes in their order.

mod alter;
pub mod change;
mod column;
mod constraint;
mod cursor;
pub mod draft;
pub mod file;
mod guess;
mod head;
mod index;
mod pasted;
pub mod splitter;
pub mod statement;
mod table;
mod types;
