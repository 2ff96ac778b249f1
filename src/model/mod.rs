//! The facts: what was read, in a form that merges exactly and never grows with the bytes read.
//!
//! [`event::Event`] is what a reader emits, [`workload::Workload`] what events become, and
//! [`parts::Parts`] what merges until it is sealed into [`facts::Facts`], the whole that rules
//! judge and reports tell. Nothing here opens a file.

pub mod catalog;
pub mod event;
pub mod facts;
pub mod filter;
pub mod parts;
pub mod plan;
pub mod workload;
