//! Plans. For now those that PostgreSQL's auto_explain writes into its log, kept as documents.

pub mod captured;
