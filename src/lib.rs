//! querylens reads what a database leaves behind and says what to change.
//!
//! ```text
//!        read                          model                      judge                           report
//!     files ─▶ bytes ─▶ records ─▶ Event ─▶ Workload ─┐
//!     EXPLAIN documents ─────────▶ Plan trees ────────┼─▶ Facts ─▶ Evidence ─▶ rules ─▶ Findings ─▶ Report ─▶ markdown
//!     snapshots, DDL ──▶ Catalog, StatementCounters ──┘                   advice (fix, undo)         ├─▶ json
//!                                                                                                    └─▶ terminal
//! ```
//!
//! Four rooms, one direction, no way back: [`read`] turns bytes into facts, [`model`] holds the
//! facts, [`judge`] reads facts and finds faults, [`report`] tells. Under them lies [`lang`]: what
//! a query *is*. [`pipeline`] drives them in parallel; [`cli`] is the command line around it.
//!
//! ```no_run
//! use querylens::pipeline::{self, Request};
//!
//! let facts = pipeline::run(&Request::of_paths(["pg_log/"]))?;
//! println!("{} query classes", facts.classes());
//! # Ok::<(), querylens::error::Error>(())
//! ```

pub mod cli;
pub mod collect;
pub mod error;
pub mod judge;
pub mod lang;
pub mod model;
pub mod pipeline;
pub mod progress;
pub mod read;
pub mod report;
pub mod time;
