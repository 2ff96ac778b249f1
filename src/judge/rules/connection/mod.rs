//! Rules about connections and sessions: one file each.

pub mod connection_churn;
pub mod connections_exhausted;
