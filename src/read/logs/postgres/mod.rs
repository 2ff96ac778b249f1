//! PostgreSQL: three carriers of the same records, one meaning.
//!
//! [`stderr`], [`csvlog`] and [`jsonlog`] frame records and fill a [`record::Record`];
//! [`sessions`] brings together what one session wrote apart (DETAIL after LOG, a duration after
//! its statement), also across chunk borders; [`messages`] says what a complete record means.

mod clock;
pub mod csvlog;
mod foreign;
pub mod jsonlog;
mod mask;
pub mod messages;
pub mod prefix;
pub mod record;
pub mod redshift;
pub mod sessions;
mod spans;
pub mod stderr;
