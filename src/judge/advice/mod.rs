//! Advice: the texts that findings print to be run or written, one kind per file.
//!
//! Every name in them comes from a log, so it is data from strangers: [`ident`] quotes it, and no
//! name ever stands in an SQL comment. What a fix presumes is said in its note; what is left open
//! is a numbered placeholder, and the fix is then marked incomplete.

pub mod advisor;
pub mod alter;
pub mod catalog_names;
pub mod counter;
pub mod explain;
pub mod ident;
pub mod index;
pub mod known_index;
mod known_mongodb_index;
pub mod lookup;
pub mod memory;
pub mod mongodb_explain;
pub mod mongodb_index;
pub mod mongodb_lookup;
pub mod mongodb_names;
pub mod mysql_index;
pub mod mysql_lookup;
pub mod mysql_names;
pub mod mysql_setting;
pub mod names;
pub mod partitioned;
pub mod plan_index;
pub mod rewrite;
pub mod setting;
pub mod sqlite_index;
pub mod statistics;
pub mod verify;
