//! Plans of MySQL and MariaDB, in all the forms that both print.

pub mod access;
