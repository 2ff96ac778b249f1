//! The index advisor: which indexes, built together, take most off the load.
//!
//! In: the classes of a server with what their statements ask of each table ([`demand`]), what plans
//! measured, what the catalog tells. Out: [`Advice`], a final set. The parts: [`tables`] how large
//! tables are, [`measured`] what plans tell, [`statement`] a class as sizes and shares,
//! [`cost`] what an access touches, [`order`] the cheapest order of joins, [`candidates`] what could
//! be built, [`choose`] the greedy choice. [`mongodb`] stands apart: its records count what was read
//! for nothing, so that no model of costs is needed.
//!
//! Costs are in the units of PostgreSQL's planner (a page in sequence is 1), as the choice must
//! foresee what a planner would use; they rank, and never reach a report as times.
//!
//! [`demand`]: crate::lang::sql::demand

pub mod candidates;
pub mod choose;
mod cost;
mod measured;
pub mod mongodb;
mod order;
pub mod statement;
pub mod tables;
