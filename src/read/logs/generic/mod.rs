//! Query logs of any program, as CSV or JSON lines, whose columns the user names (`--map`): logs of
//! ORMs, proxies and of applications that use SQLite. A record is one run of a statement, or its
//! failure; what the columns mean is [`map::ColumnMap`], what a record means [`row`].

pub mod csv;
pub mod jsonl;
pub mod map;
mod mask;
mod row;
