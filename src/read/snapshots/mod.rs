//! Snapshots: what a server's catalog and its statistics say, read from files that clients wrote.

pub mod ddl;
