//! The logs of MySQL, MariaDB and their relatives.

pub mod binlog_text;
pub mod digests;
pub mod error_log;
pub mod general_log;
pub mod slow_log;
pub mod slow_table;

mod banner;
mod believed;
mod commands;
mod ends;
mod names;
mod user_host;
