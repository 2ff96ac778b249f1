//! The statements and scripts that a report tells people to run, by engine.

pub mod mongodb;
pub mod mysql;
pub mod postgres;
