//! The logs of MySQL, MariaDB and their relatives.

pub mod slow_log;

mod banner;
mod user_host;
