//! Snapshots: what a server's views, settings and schema dumps say of its catalog.
//!
//! `ddl` reads the statements of schema dumps; `tabular` takes rows out of any text that a client
//! prints, `views` knows which view they are of and what its columns mean, `file` brings both into
//! the pipeline. `bundles` reads what other tools collect of a server, and makes rows of its views of
//! it. `config` reads settings files, `application` what the source of an application says of its
//! clients.

pub mod application;
pub mod bundles;
pub mod config;
pub mod ddl;
pub mod file;
pub mod host;
pub mod innodb;
pub mod mongodb;
pub mod pooler;
pub mod secret;
mod stamps;
pub mod tabular;
mod tell;
pub mod views;
mod whole;
