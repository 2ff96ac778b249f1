//! The statements that a report tells people to run, by engine.

pub mod mysql;
pub mod postgres;
